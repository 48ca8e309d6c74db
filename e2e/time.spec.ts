import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, test } from './fixtures'

const MINUTE = 60_000
/** On the border of a minute, so that frames of the tests are whole. */
const T0 = Math.floor(Date.now() / MINUTE) * MINUTE - 40 * MINUTE
const LENGTH = 10 * MINUTE
const WINDOW = `from=${T0}&to=${T0 + LENGTH}&scope=all`

let made = 0
const flow = (app: string, atMs: number, verdict: 'FORWARDED' | 'DROPPED' = 'FORWARDED'): string => {
  made += 1
  return JSON.stringify({
    flow: {
      time: new Date(atMs).toISOString(),
      uuid: `71000000-0000-4000-8000-${String(made).padStart(12, '0')}`,
      verdict,
      ...(verdict === 'DROPPED' && { drop_reason_desc: 'POLICY_DENIED' }),
      event_type: { type: verdict === 'DROPPED' ? 1 : 5 },
      traffic_direction: 'EGRESS',
      IP: { source: '10.0.0.1', destination: '10.0.0.2', ipVersion: 'IPv4' },
      l4: { TCP: { source_port: 20_000 + made, destination_port: 8200, flags: { SYN: true } } },
      source: { ID: 1, identity: 9, namespace: 'ml', pod_name: `${app}-7d9c8b6f5-x2x5v`, labels: [`k8s:app=${app}`] },
      destination: {
        ID: 2,
        identity: 8,
        namespace: 'data',
        pod_name: 'vault-0',
        labels: ['k8s:app=vault'],
        workloads: [{ name: 'vault', kind: 'StatefulSet' }],
      },
    },
  })
}
const flows = (app: string, atMs: number, count: number, verdict?: 'DROPPED'): string[] =>
  Array.from({ length: count }, (_, n) => flow(app, atMs + n * 10, verdict))
/** Two windows, the second as the first but for one edge less, one more, one denied, one five times as busy. */
const SEEDED = [
  ...[T0 - LENGTH, T0].flatMap((start) => flows('steady', start + MINUTE, 5)),
  ...flows('gone', T0 - LENGTH + MINUTE, 5),
  ...flows('new', T0 + 2 * MINUTE, 5),
  ...flows('refused', T0 - LENGTH + MINUTE, 5),
  ...flows('refused', T0 + 4 * MINUTE, 5, 'DROPPED'),
  ...flows('busy', T0 - LENGTH + MINUTE, 10),
  ...flows('busy', T0 + 6 * MINUTE, 50),
].join('\n')

const datasets = new Set<string>()
async function seed(postern: { post(body: string, options: { dataset: string }): Promise<Response> }, dataset: string) {
  if (datasets.has(dataset)) return
  datasets.add(dataset)
  expect((await postern.post(`${SEEDED}\n`, { dataset })).ok).toBe(true)
}

const axe = async (page: Page) =>
  expect((await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa']).analyze()).violations).toEqual([])

/** Where the twin of the drawing has its nodes. */
const placesOf = (page: Page): Promise<Record<string, string>> =>
  page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll<HTMLElement>('[data-graph-item^="node:"]')].map((node) => [
        node.dataset.graphItem ?? '',
        `${node.dataset.x} ${node.dataset.y}`,
      ]),
    ),
  )

test('a stretch of the timeline is chosen by a drag, and by keys; what happened in it is told', async ({
  page,
  postern,
}) => {
  await seed(postern, 'time-1')
  await page.goto(`/graph?dataset=time-1&${WINDOW}`)
  const strip = page.getByRole('region', { name: 'Timeline', exact: true })
  await expect(strip).toContainText('5 denied in all')
  await strip.getByRole('button', { name: /first denial of the window/ }).click()
  await expect(page.getByText('ml / refused → data / vault, port 8200: first denial of the window.')).toBeVisible()
  await page.getByRole('button', { name: 'Open the edge' }).click()
  await expect(page).toHaveURL(/sel=edge/)
  // At once, while the panel is still on its way.
  await page.keyboard.press('Escape')
  await expect(page).not.toHaveURL(/sel=/)
  await expect(page.getByRole('complementary', { name: 'Evidence of the edge' })).toBeHidden()
  const slider = strip.getByRole('slider')
  const box = await slider.boundingBox()
  if (!box) throw new Error('the strip is not drawn')
  await page.mouse.move(box.x + box.width * 0.5 + 2, box.y + 10)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.8 - 2, box.y + 10, { steps: 4 })
  await page.mouse.up()
  await expect(page).toHaveURL(new RegExp(`from=${T0 + 5 * MINUTE}&to=${T0 + 8 * MINUTE}`))
  await expect(strip).toContainText('0 denied in all')
  await slider.focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('Shift+ArrowRight')
  await expect(slider).toHaveAttribute('aria-valuetext', /connections, 0 denied/)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(new RegExp(`from=${T0 + 5 * MINUTE}&to=${T0 + 5.5 * MINUTE}`))
  await strip.getByRole('button', { name: 'As a table' }).click()
  await expect(strip.getByRole('region', { name: 'Timeline as a table' })).toContainText('Nothing of note')
  await axe(page)
})

test('a replay is played by keys, frame by frame, and no node moves; it ends with the live graph', async ({
  page,
  postern,
}) => {
  await seed(postern, 'time-2')
  await page.goto(`/graph?dataset=time-2&${WINDOW}`)
  await expect(page.getByRole('button', { name: 'Tidy' })).toBeVisible()
  await page.getByRole('button', { name: 'Replay', exact: true }).click()
  const bar = page.getByRole('group', { name: 'Replay' })
  await expect(bar).toContainText('Frame 1 of 40')
  await expect(bar).toContainText('Doors, AI facts and findings are those of the whole window')
  await axe(page)
  const nodes = await placesOf(page)
  expect(Object.keys(nodes)).toHaveLength(5)
  await page.getByRole('heading', { level: 1 }).click()
  for (let frame = 1; frame <= 4; frame += 1) await page.keyboard.press('ArrowRight')
  await expect(bar).toContainText('Frame 5 of 40')
  await expect(bar).toContainText('1 edge with a record')
  await expect(page).toHaveURL(new RegExp(`at=${T0 + MINUTE}`))
  expect(await placesOf(page)).toEqual(nodes)
  const slider = page.getByRole('slider', { name: 'Frame of the replay' })
  await slider.focus()
  for (let step = 0; step < 12; step += 1) await page.keyboard.press('ArrowRight')
  await expect(bar).toContainText('Frame 17 of 40')
  await expect(slider).toHaveAttribute('aria-valuetext', /0 connections, 5 denied/)
  await bar.getByRole('combobox', { name: 'Speed' }).selectOption('fast')
  await page.getByRole('heading', { level: 1 }).click()
  await page.keyboard.press('Space')
  await expect(bar.getByRole('button', { name: 'Pause' })).toBeVisible()
  await expect(bar).not.toContainText('Frame 17 of 40')
  await page.keyboard.press('Space')
  await expect(bar.getByRole('button', { name: 'Play', exact: true })).toBeVisible()
  expect(await placesOf(page)).toEqual(nodes)
  await page.keyboard.press('t')
  await slider.focus()
  await page.keyboard.press('Home')
  for (let step = 0; step < 16; step += 1) await page.keyboard.press('ArrowRight')
  await expect(page.getByRole('row', { name: /ml \/ refused.*data \/ vault/ })).toContainText('Denied')
  await page.keyboard.press('g')
  await page.reload()
  await expect(bar).toContainText('Frame 17 of 40')
  await page.getByRole('button', { name: 'Back to live' }).click()
  await expect(bar).toHaveCount(0)
  await expect(page.getByText('● live')).toBeVisible()
})

test('two windows compared list exactly what changed, each node stands where it stood, and each difference opens its edge', async ({
  page,
  postern,
}) => {
  await seed(postern, 'time-3')
  await page.goto(`/graph?dataset=time-3&${WINDOW}`)
  await expect(page.locator('[data-graph-state="drawn"]')).toBeVisible()
  // A camera of one's own stays, whatever opens beside the graph; the table and back makes the twin tell where all is.
  await page.getByRole('button', { name: 'Zoom in' }).click()
  await page.keyboard.press('t')
  await expect(page.getByRole('table')).toBeVisible()
  await page.keyboard.press('g')
  await expect(page.locator('[data-graph-state="drawn"]')).toBeVisible()
  const alone = await placesOf(page)
  expect(Object.keys(alone)).toHaveLength(5)
  await page.getByRole('button', { name: 'Compare', exact: true }).click()
  await page.getByRole('button', { name: 'The window before' }).click()
  const list = page.getByRole('complementary', { name: 'Comparison' })
  await expect(list.getByRole('heading', { name: '4 differences' })).toBeVisible()
  await expect(page).toHaveURL(new RegExp(`against=${T0 - LENGTH}`))
  await expect.poll(async () => Object.keys(await placesOf(page)).length).toBe(6)
  expect(await placesOf(page)).toMatchObject(alone)
  const items = (kind: string) => list.getByRole('region', { name: kind }).getByRole('button')
  await expect(items('Verdict changed')).toHaveText([/ml \/ refused → data \/ vault, port 8200.*Allowed.* → Denied/])
  await expect(items('Only in this window')).toHaveText([/ml \/ new → data \/ vault/])
  await expect(items('Only in the other window')).toHaveText([/ml \/ gone → data \/ vault/])
  await expect(items('Volume changed')).toHaveText([/ml \/ busy → data \/ vault.*5 × the connections: 10 → 50/])
  await axe(page)
  await items('Only in the other window').click()
  const panel = page.getByRole('complementary', { name: 'Evidence of the edge' })
  await expect(panel).toContainText('the other window')
  await page.keyboard.press('t')
  await expect(page.getByRole('row', { name: /ml \/ gone.*data \/ vault/ })).toContainText('Only in the other window')
  await expect(page.getByRole('row', { name: /ml \/ steady.*data \/ vault/ })).toContainText('–')
  await list.getByRole('button', { name: 'End comparison' }).click()
  await expect(list).toHaveCount(0)
})

test('where a source said nothing the axis is hatched, and words say who and when', async ({ page, postern }) => {
  // Live: when it was received says when the source spoke, and before this minute it never had.
  expect((await postern.post(`${flow('live', Date.now() - 2000)}\n`)).ok).toBe(true)
  await page.goto('/graph?from=now-1h&scope=all')
  const strip = page.getByRole('region', { name: 'Timeline', exact: true })
  await expect(strip.getByRole('list', { name: 'Not seen' })).toContainText('hubble default had not been heard of')
  await expect(strip.locator('[data-hatch="unheard"]').first()).toBeAttached()
  await strip.getByRole('button', { name: 'Timeline' }).click()
  await expect(strip.getByRole('slider')).toHaveCount(0)
  await page.reload()
  await expect(strip.getByRole('button', { name: 'Timeline' })).toHaveAttribute('aria-expanded', 'false')
  await strip.getByRole('button', { name: 'Timeline' }).click()
  await expect(strip.getByRole('slider')).toBeVisible()
})

test('old links keep what they mean; days, words and recent windows are chosen in the picker', async ({ page }) => {
  await page.goto('/graph?from=now-6h&to=now')
  await expect(page.getByRole('button', { name: 'Time range: the last 6 h' })).toBeVisible()
  await page.goto('/graph?from=1795416105&to=1795416705000')
  await expect(
    page.getByRole('button', { name: /Time range: 2026-11-23 06:41:45 UTC to 2026-11-23 06:51:45/ }),
  ).toBeVisible()
  const picker = page.getByRole('button', { name: /Time range/ })
  await picker.click()
  await page.getByRole('button', { name: 'Yesterday' }).click()
  await expect(page).toHaveURL(/from=now-1d%2Fd&to=now-1d%2Fd/)
  await expect(picker).toContainText('yesterday')
  await picker.click()
  await page.getByLabel('From').fill('monday 9:30')
  await page.getByLabel('To', { exact: true }).fill('now')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/from=\d{13}/)
  await picker.click()
  await expect(page.getByRole('dialog')).toContainText('Times in')
  await expect(page.getByRole('dialog').getByText('Recent')).toBeVisible()
  await axe(page)
})
