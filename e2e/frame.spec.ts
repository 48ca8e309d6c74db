import AxeBuilder from '@axe-core/playwright'
import { expect, test } from './fixtures'

const PAGES = [
  ['Graph', '/graph?dataset=demo&from=now-1h'],
  ['Flows', '/flows?dataset=demo&from=now-1h'],
  ['Egress', '/egress?dataset=demo&from=now-1h'],
  ['Incidents', '/incidents'],
  ['Policies', '/policies?dataset=demo&from=now-1h'],
  ['Providers', '/providers'],
  ['Sources', '/sources'],
  ['Datasets', '/datasets'],
  ['Settings', '/settings'],
] as const

for (const scheme of ['light', 'dark'] as const)
  test(`every page of the console is free of axe violations in ${scheme}`, async ({ browser, request, baseURL }) => {
    expect((await request.post('/api/demo')).ok()).toBe(true)
    const context = await browser.newContext({ colorScheme: scheme, ...(baseURL && { baseURL }) })
    const page = await context.newPage()
    for (const [name, path] of PAGES) {
      await page.goto(path)
      await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
      await expect(page.getByRole('link', { name })).toHaveAttribute('aria-current', 'page')
      await expect(page.getByText(/Loading|Laying out/)).toHaveCount(0)
      const axe = await new AxeBuilder({ page }).analyze()
      expect(axe.violations, name).toEqual([])
    }
    await context.close()
  })

test('a page that fails on an answer says so in its frame, and is whole again once the answer is', async ({
  page,
  request,
}) => {
  expect((await request.post('/api/demo')).ok()).toBe(true)
  await page.route('**/api/graph?*', (route) => route.fulfill({ json: { nodes: 5 } }))
  await page.route('**/api/graph/stream*', (route) => route.abort())
  await page.goto('/graph?dataset=demo&from=now-1h')
  await expect(page.getByRole('heading', { name: 'This page could not be shown' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'Sources', exact: true })).toBeVisible()
  const axe = await new AxeBuilder({ page }).analyze()
  expect(axe.violations).toEqual([])
  await page.unrouteAll()
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.locator('[data-graph-state="drawn"]')).toBeVisible()
})

test('a chosen theme is there after a reload, before anything is painted', async ({ page }) => {
  await page.goto('/settings')
  await page.getByRole('button', { name: 'Switch between dark and light' }).click()
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
  await page.reload({ waitUntil: 'commit' })
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
})

test('a window given by hand lands in the address and survives a reload; a wrong one says what is wrong', async ({
  page,
}) => {
  await page.goto('/egress')
  await page.getByRole('button', { name: /Time range/ }).click()
  await page.getByLabel('From').fill('2026-11-24 10:00')
  await page.getByLabel('To', { exact: true }).fill('2026-11-24 09:00')
  await page.getByRole('button', { name: 'Show this window' }).click()
  await expect(page.getByRole('dialog').getByRole('alert')).toContainText('before the end')
  await page.getByLabel('To', { exact: true }).fill('2026-11-24 11:00')
  await page.getByRole('button', { name: 'Show this window' }).click()
  await expect(page).toHaveURL(/from=\d{13}&to=\d{13}/)
  await page.reload()
  await expect(page.getByRole('button', { name: /Time range: 2026-11-24/ })).toBeVisible()
  await page.getByRole('button', { name: 'Back to live' }).click()
  await expect(page).not.toHaveURL(/from=/)
})

test('a token made on the settings page sends records of its cluster, is shown once, and can be revoked', async ({
  page,
  request,
}) => {
  await page.goto('/settings')
  await page.getByLabel('Name', { exact: true }).fill('journey')
  await page.getByLabel('Cluster of its records').fill('token-cluster')
  await page.getByRole('button', { name: 'Create token' }).click()
  const text = await page.getByText(/^pst_[0-9a-f]{12}_[\w-]{43}$/).textContent()
  const answer = await request.post('/api/ingest/hubble', {
    headers: { authorization: `Bearer ${text}` },
    data: '{"node_name":"n","lost_events":{"source":"HUBBLE_RING_BUFFER","num_events_lost":1},"time":"2026-11-24T10:00:00Z"}',
  })
  expect(answer.status()).toBe(200)
  await page.reload()
  await expect(page.getByText(/^pst_[0-9a-f]{12}_[\w-]{43}$/)).toHaveCount(0)
  const row = page.getByRole('row', { name: /journey/ })
  await expect(row).toContainText('token-cluster')
  await row.getByRole('button', { name: 'Revoke' }).click()
  await row.getByRole('button', { name: 'Revoke for good' }).click()
  await expect(row).toContainText('Revoked')
})

test('Prometheus reads what was ingested and what doors are known', async ({ request }) => {
  const text = await (await request.get('/metrics')).text()
  expect(text).toMatch(/^postern_ingest_records_total\{source="hubble",outcome="accepted"\} \d+/m)
  expect(text).toMatch(/^postern_findings_open\{detector="D0"\} \d+/m)
  expect(text).toMatch(/^postern_source_silent\{source="/m)
})
