import AxeBuilder from '@axe-core/playwright'
import { expect, test } from './fixtures'

test('lines that are refused show on the sources page with their reason and how to fix the sender', async ({
  page,
  postern,
}) => {
  const headers = { 'x-postern-cluster': 'refused' }
  await page.goto('/sources?cluster=refused')
  await postern.post('garbage\nmore garbage\n{"other":{}}\n', { headers })
  const row = page.getByRole('row', { name: /hubble refused/ })
  // The page asks again by itself.
  await expect(row).toContainText('Sending, and everything is rejected')
  await expect(row).toContainText('not_json')
  await expect(page.getByRole('list', { name: 'Why nothing is shown' })).toContainText(
    'Everything that hubble of refused sent was rejected: 2 × not_json.',
  )
  const why = page.getByRole('button', { name: 'Why, for hubble of refused' })
  await why.focus()
  await page.keyboard.press('Enter')
  await expect(why).toHaveAttribute('aria-expanded', 'true')
  const reasons = page.getByRole('list', { name: 'Rejected, by reason' })
  await expect(reasons).toContainText('2 × not_json. Send one JSON object per line')
  await expect(reasons).toContainText('1 × no_flow. Send what hubble observe -o json')

  const answer = await postern.post(
    `{"flow":{"time":"${new Date().toISOString()}","verdict":"DROPPED","IP":{"source":"10.0.0.1","destination":"10.0.0.2"},"l4":{"TCP":{"source_port":4000,"destination_port":443}},"event_type":{"type":1},"traffic_direction":"EGRESS","source":{"namespace":"a","pod_name":"b"},"destination":{"namespace":"c","pod_name":"d"}}}\n`,
    { headers },
  )
  expect(await answer.json()).toMatchObject({ accepted: 1 })
  await expect(row).toContainText('Sending, last word')
  await expect(page.getByRole('list', { name: 'Why nothing is shown' })).toHaveCount(0)
})

for (const scheme of ['light', 'dark'] as const)
  test(`the sources page with its reasons open is free of axe violations and does not scroll sideways in ${scheme}`, async ({
    browser,
    baseURL,
    postern,
  }) => {
    await postern.post('garbage\n', { headers: { 'x-postern-cluster': 'axe' } })
    await postern.post(
      `{"node_name":"kind-worker","lost_events":{"source":"HUBBLE_RING_BUFFER","num_events_lost":3291},"time":"${new Date().toISOString()}"}\n`,
      { headers: { 'x-postern-cluster': 'axe' } },
    )
    const context = await browser.newContext({
      colorScheme: scheme,
      viewport: { width: 1280, height: 900 },
      ...(baseURL && { baseURL }),
    })
    const page = await context.newPage()
    await page.goto('/sources?cluster=axe')
    await page.getByRole('button', { name: 'Why, for hubble of axe' }).click()
    await expect(page.getByRole('list', { name: 'Lost at the source' })).toContainText(
      '3,291 records lost on kind-worker: the agent’s ring buffer was full (HUBBLE_RING_BUFFER).',
    )
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    expect(overflow).toBeLessThanOrEqual(0)
    await context.close()
  })

test('a view of a cluster that nobody sends for says which are heard', async ({ page, postern }) => {
  await postern.post('garbage\n', { headers: { 'x-postern-cluster': 'heard' } })
  await page.goto('/sources?cluster=unheard')
  await expect(page.getByRole('list', { name: 'Why nothing is shown' })).toContainText(
    'No source of cluster unheard has ever sent anything; those heard are of',
  )
})

test('Prometheus reads the lag, the losses and the rejects of a source', async ({ request, postern }) => {
  await postern.post('garbage\n', { headers: { 'x-postern-cluster': 'scraped' } })
  const text = await (await request.get('/metrics')).text()
  expect(text).toMatch(/^postern_ingest_rejects_total\{source="hubble",reason="not_json"\} \d+/m)
  expect(text).toMatch(/^postern_source_gaps\{source="hubble",cluster="scraped",hop=""\} 0$/m)
})
