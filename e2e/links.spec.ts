import AxeBuilder from '@axe-core/playwright'
import type { Browser, Page, Response } from '@playwright/test'
import { expect, test } from './fixtures'

/** A browser that never was here: no storage, no cookies. Nothing moves in it, so that two pictures can be compared. */
async function freshPage(browser: Browser, baseURL: string | undefined): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
    ...(baseURL && { baseURL }),
  })
  return context.newPage()
}

/** What a person sees of the graph, and what a screen reader tells of it with the place of every node. */
async function seen(page: Page, url: string) {
  await page.goto(url)
  await expect(page.locator('[data-graph-state="drawn"]')).toBeVisible()
  await expect(page.locator('[data-graph-item^="node:"]').first()).toHaveAttribute('data-x', /\d/)
  // The timeline below takes its room when it has its bars.
  await expect(page.getByRole('region', { name: 'Timeline', exact: true }).getByText(/Connections per/)).toBeVisible()
  await page.evaluate(() => document.fonts.ready)
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
  return {
    url: page.url(),
    items: await page
      .locator('[data-graph-item]')
      .evaluateAll((all) => all.map((one) => [one.textContent, one.dataset.x, one.dataset.y].join(' '))),
    picture: await page.locator('[data-graph-state] > div').first().screenshot(),
  }
}

/** Views of the same data. Places are of a lens and a level, whatever filters. */
const VIEWS = ['', '&level=namespace', '&problems=1', '&find=ns+%3D+agents&f=any.namespace%3Dagents&quiet=dns'] as const

/** The page knows where nodes stand, and where nobody had laid them out, its own layout has been taken. */
async function placesTold(page: Page): Promise<void> {
  const isPlaces = (answer: Response) => answer.url().includes('/api/places')
  const isTaken = new Promise<void>((resolve) =>
    page.on('response', (answer) => isPlaces(answer) && answer.request().method() === 'PUT' && resolve()),
  )
  const known = await page.waitForResponse((answer) => isPlaces(answer) && answer.request().method() === 'GET')
  if ((await known.json()).nodes.length === 0) await isTaken
}

test('one link opened in browsers that never were here is the same picture, pixel by pixel, of the same data', async ({
  browser,
  baseURL,
  request,
}) => {
  test.setTimeout(180_000)
  expect((await request.post('/api/demo')).ok()).toBe(true)
  const { window } = await (await request.get('/api/graph?dataset=demo&from=now-1h&scope=all')).json()
  const fixed = `dataset=demo&from=${window.fromMs}&to=${window.toMs}&scope=all`
  /** What is drawn; judgements and findings of the demo come while one looks. */
  const data = async () => {
    const { nodes, edges } = await (await request.get(`/api/graph?${fixed}`)).json()
    return JSON.stringify({ nodes, edges })
  }
  await expect.poll(data, { timeout: 60_000 }).toContain('"state":"violation"')
  for (const part of VIEWS) {
    const look = async () => {
      const page = await freshPage(browser, baseURL)
      const [all] = await Promise.all([seen(page, `/graph?${fixed}${part}&v=2`), placesTold(page)])
      await page.context().close()
      return all
    }
    let looks: Awaited<ReturnType<typeof seen>>[] = []
    let before = ''
    // Until nothing came in between.
    for (let round = 0; round < 5 && before !== (await data()); round += 1) {
      before = await data()
      looks = [await look(), await look(), await look()]
    }
    const [first, second, third] = looks
    if (!first || !second || !third) throw new Error('three visitors')
    expect(first.items.length, part).toBeGreaterThan(2)
    expect(second.items, part).toEqual(first.items)
    expect(third.items, part).toEqual(first.items)
    expect(second.picture.equals(third.picture), `second and third visitor of ${part || 'all'}`).toBe(true)
    expect(first.picture.equals(second.picture), `first and second visitor of ${part || 'all'}`).toBe(true)
  }
})

const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  'safe\u202edekcolb',
  'pay\u200bments',
  'two\nlines',
  '__proto__',
  '"><script>alert(2)</script>',
  '=cmd|calc',
]

test('names that were made to break the page, or to lie in it, are text: in the drawing, the table, the panel and the flow table', async ({
  page,
  postern,
}) => {
  const dialogs: string[] = []
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message())
    void dialog.dismiss()
  })
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  const lines = HOSTILE.map((name, at) =>
    JSON.stringify({
      flow: {
        time: new Date(Date.now() - 2000).toISOString(),
        uuid: `11111111-0000-4000-8000-${String(at).padStart(12, '0')}`,
        verdict: 'DROPPED',
        drop_reason_desc: 'POLICY_DENIED',
        event_type: { type: 1 },
        traffic_direction: 'EGRESS',
        IP: { source: `10.6.0.${at + 1}`, destination: '10.6.1.1' },
        l4: { TCP: { source_port: 20_000 + at, destination_port: 8080, flags: { SYN: true } } },
        source: {
          ID: at + 1,
          identity: 9,
          namespace: name,
          pod_name: `${name}-0`,
          workloads: [{ name, kind: 'StatefulSet' }],
          labels: [`k8s:app=${name}`],
        },
        destination: { identity: 8, namespace: 'victim', pod_name: 'db-0', labels: ['k8s:app=db'] },
      },
    }),
  )
  const sent = await postern.post(`${lines.join('\n')}\n`, { headers: { 'x-postern-cluster': 'hostile' } })
  expect(await sent.json()).toMatchObject({ accepted: HOSTILE.length })
  const view = 'scope=all&cluster=hostile'

  await page.goto(`/graph?${view}&level=workload`)
  const edges = page.locator('[data-graph-item^="edge:"]')
  await expect(edges).toHaveCount(HOSTILE.length)
  for (const text of [
    '<img src=x onerror=alert(1)>',
    'safe⟨U+202E⟩dekcolb',
    'pay⟨U+200B⟩ments',
    // The reader keeps no line end.
    'twolines',
    '__proto__',
  ])
    await expect(edges.filter({ hasText: `${text} / ${text} to victim / db, port 8080: Denied` })).toHaveCount(1)
  // What can be read; the values of choices are the names as they are.
  await expect(page.locator('body')).not.toHaveText(/[\u202a-\u202e\u2066-\u2069]/, { useInnerText: true })
  await page.keyboard.press('t')
  await page.getByRole('button', { name: /^Evidence of safe/ }).click()
  const panel = page.getByRole('complementary', { name: 'Evidence of the edge' })
  await expect(panel.getByRole('tablist')).toBeVisible()
  await expect(panel.getByRole('list', { name: 'In words' })).toContainText('safe⟨U+202E⟩dekcolb → victim / db: denied')
  await page.goto(`/flows?${view}`)
  await expect(page.getByTestId('flow-count')).toContainText(`${HOSTILE.length} flow records`)
  await page.goto(`/graph?${view}&level=namespace&layout=table`)
  await expect(page.getByRole('row', { name: /safe⟨U\+202E⟩dekcolb/ })).toHaveCount(1)
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
  // The figure of a line that stands for several leads to the records of these alone.
  await page.getByRole('button', { name: /^Evidence of safe/ }).click()
  await page.getByRole('link', { name: 'Denied: 1. Show the rows behind it' }).click()
  await expect(page).toHaveURL(/\/flows\?.*outcome=denied/)
  await expect(page.getByTestId('flow-count')).toContainText('1 flow record')
  expect(await page.locator('img[src="x"], script:text("alert(2)")').count()).toBe(0)
  expect([dialogs, problems]).toEqual([[], []])
})

test('links that were made to break the page open the graph as far as they can be read', async ({ page, request }) => {
  expect((await request.post('/api/demo')).ok()).toBe(true)
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  const cut = encodeURIComponent(`${'a'.repeat(127)}😀`)
  for (const part of [
    `q=${cut}`,
    `in=${'a'.repeat(1499)}%F0%9F%98%80`,
    `cluster=${cut}&ns=%00,__proto__`,
    `find=${encodeURIComponent('('.repeat(400))}&hide=${encodeURIComponent('a or '.repeat(90))}b&focus=${encodeURIComponent('!'.repeat(300))}a`,
    `${'f=src.namespace%3Da&'.repeat(60)}both=1`,
    `sel=edge:99999999999999999999&panel=__proto__&dock=constructor&at=now-999999y&against=9999-12-31`,
    'from=9999-12-31&to=0001-01-01&tz=%00',
  ]) {
    await page.goto(`/graph?dataset=demo&scope=all&${part}`)
    // The page lives: it answers a key.
    await expect(page.getByRole('button', { name: /^Time range/ })).toBeEnabled()
    await page.keyboard.press('?')
    await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible()
  }
  expect(problems).toEqual([])
})
