import { readFile } from 'node:fs/promises'
import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { formatMoment } from '../lib/view/format'
import { expect, type Postern, test } from './fixtures'

const DEMO = 'dataset=demo&from=now-1h&scope=all'
const MANY = 10_000
const NOW = Date.now()
const WINDOW = `from=${NOW - 3_600_000}&to=${NOW}`
/** Of this run of the file: a worker that begins anew sends records of other times. */
const SET = `many-${NOW.toString(36)}`
const OF_MANY = `dataset=${SET}&scope=all&${WINDOW}`

/** Records of Hubble, every one of which is kept: denials, from a handful of workloads. */
const denial = (n: number) =>
  JSON.stringify({
    flow: {
      time: new Date(NOW - 1000 - n * 300).toISOString(),
      uuid: `22222222-2222-4222-8222-${String(n).padStart(12, '0')}`,
      verdict: 'DROPPED',
      drop_reason_desc: 'POLICY_DENIED',
      event_type: { type: 1 },
      traffic_direction: 'EGRESS',
      IP: { source: `10.1.0.${n % 5}`, destination: '10.2.0.1' },
      l4: { TCP: { source_port: 20_000 + (n % 40_000), destination_port: 8080, flags: { SYN: true } } },
      source: {
        ID: 100 + (n % 5),
        namespace: 'web',
        pod_name: `=app-${n % 5}-0`,
        workloads: [{ name: `app-${n % 5}`, kind: 'StatefulSet' }],
        labels: [],
      },
      destination: {
        ID: 7,
        namespace: 'db',
        pod_name: 'db-0',
        workloads: [{ name: 'db', kind: 'StatefulSet' }],
        labels: [],
      },
    },
  })

let isSent = false
async function sendMany(postern: Postern): Promise<void> {
  if (isSent) return
  for (let from = 0; from < MANY; from += 2500) {
    const lines = Array.from({ length: 2500 }, (_, n) => denial(from + n))
    const response = await postern.post(`${lines.join('\n')}\n`, { dataset: SET })
    expect(await response.json()).toMatchObject({ accepted: 2500 })
  }
  isSent = true
}

const rowsInDocument = (page: Page) => page.getByRole('region', { name: 'Flow records' }).locator('button[data-row]')
const count = (page: Page) => page.getByTestId('flow-count')

test('of 10,000 records only those in sight are in the document; keys and scrolling reach the last one', async ({
  page,
  postern,
}) => {
  await sendMany(postern)
  await page.goto(`/flows?${OF_MANY}`)
  await expect(count(page)).toContainText('10,000 flow records')
  await expect(count(page)).toContainText(`dataset ${SET}, of 5 edges`)
  const table = page.getByRole('table', { name: /Flow records/ })
  await expect(table).toHaveAttribute('aria-rowcount', '10001')
  await expect(rowsInDocument(page).first()).toBeVisible()
  expect(await rowsInDocument(page).count()).toBeLessThan(80)
  await rowsInDocument(page).first().focus()
  await page.keyboard.press('ArrowDown')
  await expect(page.locator('button[data-row="1"]')).toBeFocused()
  await page.keyboard.press('PageDown')
  await expect(page.locator('button[data-row="1"]')).not.toBeFocused()
  await page.keyboard.press('Home')
  await expect(page.locator('button[data-row="0"]')).toBeFocused()
  // A press anywhere on a row opens its record, as its first cell does.
  await table.getByRole('row').nth(2).getByRole('cell').nth(4).click()
  await expect(page.getByRole('dialog', { name: 'Flow record' })).toBeVisible()
  await page.keyboard.press('Escape')
  // The end of what is loaded asks for more, until these are all: ten pages of them.
  await page.goto(`/flows?${OF_MANY}&pod=app-3`)
  await expect(count(page)).toContainText('2,000 flow records')
  await rowsInDocument(page).first().focus()
  const end = page.getByText('These are all of them.')
  await expect(async () => {
    await page.keyboard.press('End')
    await expect(end).toBeVisible({ timeout: 500 })
  }).toPass({ timeout: 45_000 })
  await page.keyboard.press('End')
  await expect(page.locator('button[data-row="1999"]')).toBeFocused()
  await expect(page.getByText('These are all of them.')).toBeVisible()
  expect(await rowsInDocument(page).count()).toBeLessThan(80)
})

test('an export has exactly as many records as the page counts: CSV, and NDJSON that says it is whole', async ({
  page,
  postern,
}) => {
  await sendMany(postern)
  await page.goto(`/flows?${OF_MANY}&pod=app-3`)
  await expect(count(page)).toContainText('2,000 flow records')
  await page.getByRole('button', { name: 'Export' }).click()
  const fileOf = async (name: string) => {
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name }).click()
    return readFile(await (await download).path(), 'utf8')
  }
  const csv = (await fileOf('Export as CSV')).split('\r\n')
  expect(csv).toHaveLength(2000 + 2)
  expect(csv[0]).toMatch(/^start,end,id,/)
  expect(csv.at(-1)).toBe('')
  // What a spreadsheet would run is text in it.
  expect(csv[1]).toContain(",'=app-3-0,")
  const lines = (await fileOf('Export as NDJSON')).trimEnd().split('\n')
  expect(lines).toHaveLength(2000 + 1)
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ postern_export: { complete: true, count: 2000 } })
  expect(new Set(lines.slice(0, -1).map((line) => JSON.parse(line).id)).size).toBe(2000)
})

test('columns are searched, shown, ordered and hidden by keys alone, and the browser remembers them', async ({
  page,
}) => {
  await page.request.post('/api/demo')
  await page.goto(`/flows?${DEMO}`)
  const heads = page.getByRole('table', { name: /Flow records/ }).getByRole('columnheader')
  await expect(heads.first()).toHaveText('Start')
  await page.getByRole('button', { name: 'Columns' }).focus()
  await page.keyboard.press('Enter')
  const chooser = page.getByRole('dialog', { name: 'Columns' })
  await chooser.getByRole('textbox', { name: 'Search columns' }).focus()
  await page.keyboard.type('client address')
  await chooser.getByRole('checkbox', { name: 'Client address' }).focus()
  await page.keyboard.press('Space')
  await expect(heads.last()).toHaveText('Client address')
  const up = chooser.getByRole('button', { name: 'Move Client address up' })
  await up.focus()
  for (let n = 0; n < 8; n += 1) {
    await page.keyboard.press('Enter')
    await expect(up).toBeFocused()
  }
  await expect(chooser.getByText('Client address is column 1 of 9.')).toBeAttached()
  await page.keyboard.press('Escape')
  await expect(heads.first()).toHaveText('Client address')
  await page.reload()
  await expect(heads.first()).toHaveText('Client address')
  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByRole('button', { name: 'Egress' }).click()
  await expect(heads.filter({ hasText: 'Left as address' })).toHaveCount(1)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Compact' }).click()
  await expect(page.getByRole('button', { name: 'Compact' })).toHaveAttribute('aria-pressed', 'false')
})

test('a stretch of the window is chosen by dragging over the bars, or with keys; a cell filters; a filter stays on the graph', async ({
  page,
  postern,
}) => {
  await sendMany(postern)
  await page.goto(`/flows?${OF_MANY}`)
  await expect(page.getByText('10,000 connections denied')).toBeVisible()
  const bars = page.getByTestId('flow-bars')
  // Each once the bars stand still where the pointer goes.
  const over = async (share: number) =>
    bars.hover({ position: { x: (await bars.evaluate(({ clientWidth }) => clientWidth)) * share, y: 20 } })
  await over(0.5)
  await page.mouse.down()
  for (const share of [0.6, 0.75]) await over(share)
  await page.mouse.up()
  await expect(page).not.toHaveURL(new RegExp(`to=${NOW}`))
  const counted = /^\d[\d,]* flow records? of/
  await expect(count(page)).toHaveText(counted)
  await expect(count(page)).not.toContainText('10,000')
  const before = await count(page).textContent()
  const zoomed = page.url()
  // Bars of another stretch begin without a choice: keys wait for those of this one.
  const from = page.getByRole('slider', { name: 'From' })
  await expect(from).toHaveAttribute('aria-valuetext', formatMoment(Number(new URL(zoomed).searchParams.get('from'))))
  await from.focus()
  for (let n = 0; n < 5; n += 1) await page.keyboard.press('ArrowRight')
  await page.getByRole('button', { name: 'Show this stretch' }).focus()
  await page.keyboard.press('Enter')
  await expect(page).not.toHaveURL(zoomed)
  await expect(count(page)).toHaveText(counted)
  await expect(count(page)).not.toHaveText(before ?? '')
  // The filter of a cell: of the row that the keys are on.
  await rowsInDocument(page).first().focus()
  await page.keyboard.press('Tab')
  await expect(page.locator(':focus')).toHaveAccessibleName(/Filter by workload web\/app-\d/)
  await page.keyboard.press('Enter')
  await page.getByRole('menuitem', { name: 'As source', exact: true }).first().click()
  await expect(page).toHaveURL(/f=src\.workload/)
  await expect(page.getByRole('list', { name: 'Filters of the view' })).toContainText('source workload is web/app-')
  await page.getByRole('link', { name: 'Graph', exact: true }).last().click()
  await expect(page).toHaveURL(/\/graph\?.*f=src\.workload/)
})

test('a row opens the record: what decided it, what the source sent, its edge in the graph; Esc gives the focus back', async ({
  page,
  postern,
}) => {
  await sendMany(postern)
  await page.goto(`/flows?${OF_MANY}`)
  await rowsInDocument(page).first().focus()
  await page.keyboard.press('Enter')
  const sheet = page.getByRole('dialog', { name: 'Flow record' })
  await expect(sheet).toContainText('Denied at the client (egress)')
  await expect(sheet.locator('pre')).toContainText('"verdict": "DROPPED"')
  await expect(sheet.getByRole('button', { name: 'Copy JSON' })).toBeVisible()
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
  await page.keyboard.press('Escape')
  await expect(sheet).toHaveCount(0)
  await expect(rowsInDocument(page).first()).toBeFocused()
  await page.keyboard.press('Enter')
  await sheet.getByRole('link', { name: 'Open its edge in the graph' }).click()
  await expect(page).toHaveURL(/\/graph\?.*sel=edge/)
  await expect(page.getByRole('complementary', { name: 'Evidence of the edge' })).toBeVisible()
})

test('the dock shows records, denials and traces of the selected edge alone, in three heights, and is in the address', async ({
  page,
  postern,
}) => {
  await sendMany(postern)
  await page.goto(`/graph?${OF_MANY}&layout=table`)
  await page.getByRole('button', { name: 'Open the dock' }).click()
  await expect(page).toHaveURL(/dock=flows/)
  await expect(page.getByTestId('dock-count')).toHaveText('10,000 flow records of the view')
  await page.getByRole('button', { name: /Evidence of web \/ app-2 to/ }).click()
  await expect(page.getByTestId('dock-count')).toHaveText('2,000 flow records of the selected edge')
  const dock = page.getByRole('region', { name: 'Dock' })
  await expect(dock.getByRole('table').getByRole('cell', { name: 'web / app-2' }).first()).toBeVisible()
  await expect(dock.getByRole('table').getByRole('cell', { name: 'web / app-1' })).toHaveCount(0)
  await dock.getByRole('button', { name: 'Denies' }).click()
  await expect(page.getByTestId('dock-count')).toHaveText('2,000 flow records of the selected edge')
  await dock.getByRole('button', { name: 'Traces' }).click()
  await expect(dock.getByText('No span of the selected edge began in this window.')).toBeVisible()
  const handle = dock.getByRole('separator', { name: 'Height of the dock' })
  await handle.focus()
  await page.keyboard.press('End')
  await expect(handle).toHaveAttribute('aria-valuetext', 'high')
  await page.keyboard.press('ArrowDown')
  await expect(handle).toHaveAttribute('aria-valuetext', 'middle')
  await page.reload()
  await expect(dock.getByText('No span of the selected edge began in this window.')).toBeVisible()
  await dock.getByRole('button', { name: 'Close the dock' }).click()
  await expect(page).not.toHaveURL(/dock=/)
  await page.setViewportSize({ width: 900, height: 700 })
  await page.getByRole('button', { name: 'Close the panel' }).click()
  await page.getByRole('link', { name: 'Flow records of the view' }).click()
  await expect(count(page)).toContainText('10,000 flow records')
})

test('the table follows what comes in, and pauses itself where a record is opened or the list is scrolled', async ({
  page,
  postern,
}) => {
  const send = async (n: number) => {
    const line = denial(n).replace(/"time":"[^"]+"/, `"time":"${new Date().toISOString()}"`)
    expect((await postern.post(`${line}\n`, { headers: { 'x-postern-cluster': 'follow' } })).ok).toBe(true)
  }
  for (let n = 0; n < 60; n += 1) await send(50_000 + n)
  await page.goto('/flows?scope=all&cluster=follow&from=now-15m')
  await expect(count(page)).toContainText('60 flow records of the last 15 min, live data', { timeout: 30_000 })
  const status = page.getByRole('status').filter({ hasText: /Following|Paused/ })
  await expect(status).toHaveText('● Following, newest first')
  await send(60_000)
  await expect(count(page)).toContainText('61 flow records', { timeout: 40_000 })
  await rowsInDocument(page).first().click()
  // Behind the open record.
  await expect(page.getByText('○ Paused: a record is open')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(status).toHaveText('● Following, newest first')
  await page.getByRole('region', { name: 'Flow records' }).evaluate((list) => list.scrollTo({ top: 200 }))
  await expect(status).toHaveText('○ Paused: you scrolled away from the newest')
  await page.getByRole('button', { name: 'Follow', exact: true }).click()
  await expect(status).toHaveText('● Following, newest first')
  await page.getByRole('button', { name: 'Pause' }).click()
  await expect(status).toHaveText('○ Paused')
})

test('where no record fits, the page says why and offers what would help; a broken cursor is refused', async ({
  page,
  postern,
  request,
}) => {
  await sendMany(postern)
  await page.goto(`/flows?dataset=${SET}&${WINDOW}`)
  await expect(page.getByText('No edge of this window fits the view, which shows AI traffic alone.')).toBeVisible()
  await page.getByRole('button', { name: 'Show all traffic' }).click()
  await expect(count(page)).toContainText('10,000')
  await page.getByRole('combobox', { name: 'Verdict' }).selectOption('Allowed')
  await expect(page.getByText('no kept record of them fits the filter of records')).toBeVisible()
  await page.getByRole('button', { name: 'Clear the filter of records' }).click()
  await expect(count(page)).toContainText('10,000')
  for (const path of ['?cursor=x', '?limit=0', '/export?format=exe', '/record?at=1'])
    expect((await request.get(`/api/flows${path}`)).status()).toBe(400)
})

for (const [scheme, width, height] of [
  ['light', 1440, 900],
  ['dark', 900, 700],
] as const)
  test(`the flow table and the dock are free of axe violations in ${scheme}, ${width} px wide`, async ({
    browser,
    baseURL,
  }) => {
    const context = await browser.newContext({
      colorScheme: scheme,
      viewport: { width, height },
      ...(baseURL && { baseURL }),
    })
    const page = await context.newPage()
    await page.request.post('/api/demo')
    await page.goto(`/flows?${DEMO}`)
    await expect(rowsInDocument(page).first()).toBeVisible()
    await expect(page.getByText(/\d connections? passed/)).toBeVisible()
    await page.screenshot({ path: test.info().outputPath(`flows-${scheme}-${width}.png`) })
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
    await page.getByRole('button', { name: 'Columns' }).click()
    await page.screenshot({ path: test.info().outputPath(`columns-${scheme}-${width}.png`) })
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
    await page.keyboard.press('Escape')
    await rowsInDocument(page).first().click()
    await expect(page.getByRole('dialog', { name: 'Flow record' }).locator('pre')).toBeVisible()
    await page.screenshot({ path: test.info().outputPath(`record-${scheme}-${width}.png`) })
    await page.goto(`/graph?${DEMO}&dock=flows`)
    if (width >= 1024) await expect(page.getByTestId('dock-count')).toBeVisible()
    else await expect(page.getByRole('link', { name: 'Flow records of the view' })).toBeVisible()
    await page.screenshot({ path: test.info().outputPath(`dock-${scheme}-${width}.png`) })
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
    await context.close()
  })
