import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, test } from './fixtures'

interface Call {
  readonly cluster: string
  readonly from: string
  readonly to: string
  readonly isDenied?: boolean
}

let count = 0
/** A call inside a cluster, seen by the client's node, each with a namespace of its first letter. */
function call({ from, to, isDenied }: Omit<Call, 'cluster'>): string {
  count += 1
  const at = (name: string) => ({ namespace: `ns-${name[0]}`, pod_name: `${name}-0`, labels: [`k8s:app=${name}`] })
  return `${JSON.stringify({
    flow: {
      time: new Date(Date.now() - 2000).toISOString(),
      uuid: `00000000-0000-4000-a000-${String(count).padStart(12, '0')}`,
      verdict: isDenied ? 'DROPPED' : 'FORWARDED',
      ...(isDenied && { drop_reason_desc: 'POLICY_DENIED' }),
      event_type: { type: isDenied ? 5 : 4 },
      traffic_direction: 'EGRESS',
      IP: { source: `10.8.${count % 250}.1`, destination: `10.8.${count % 250}.2`, ipVersion: 'IPv4' },
      l4: { TCP: { source_port: 42_000 + count, destination_port: 8080, flags: { SYN: true } } },
      source: { ID: count, identity: 9, ...at(from) },
      destination: { identity: 8, ...at(to) },
    },
  })}\n`
}

const nodes = (page: Page) => page.locator('[data-graph-item^="node:"]')
const nodeNamed = (page: Page, name: string) => nodes(page).filter({ hasText: new RegExp(`/ ${name}(,|$)`) })

/** Where each node stands on screen, by its id: its place and the camera in one. */
const places = (page: Page): Promise<Record<string, string>> =>
  nodes(page).evaluateAll((all) =>
    Object.fromEntries(
      all.map((node) => [node.getAttribute('data-graph-item'), `${node.dataset.x},${node.dataset.y}`]),
    ),
  )

async function drag(page: Page, name: string, by: { readonly x: number; readonly y: number }): Promise<void> {
  const canvas = await page.locator('canvas').first().boundingBox()
  const node = nodeNamed(page, name)
  const [x, y] = [Number(await node.getAttribute('data-x')), Number(await node.getAttribute('data-y'))]
  const [left, top] = [(canvas?.x ?? 0) + x, (canvas?.y ?? 0) + y]
  await page.mouse.move(left, top)
  await page.mouse.down()
  await page.mouse.move(left + by.x, top + by.y, { steps: 5 })
  await page.mouse.up()
}

/** Drawn, and told to the server. */
async function openDrawn(page: Page, url: string): Promise<void> {
  const told = page.waitForResponse((response) => response.url().includes('/api/places'))
  await page.goto(url)
  await told
  await expect(page.locator('[data-graph-state="drawn"]')).toBeVisible()
}

const isMoved = (response: { request(): { method(): string; postData(): string | null }; url(): string }) =>
  response.request().method() === 'PUT' && (response.request().postData() ?? '').includes('"moved"')

test('while records come in no node moves and the camera stands, over many rounds, with new nodes in free space', async ({
  page,
  postern,
}) => {
  const headers = { 'x-postern-cluster': 'still' }
  const post = (...calls: Parameters<typeof call>[0][]) => postern.post(calls.map(call).join(''), { headers })
  await post({ from: 'alpha', to: 'beta' }, { from: 'beta', to: 'gamma' }, { from: 'apple', to: 'berry' })
  await openDrawn(page, '/graph?scope=all&cluster=still')
  await expect(nodes(page)).toHaveCount(5)
  // A camera of its own: a fit would be seen.
  await page.getByRole('button', { name: 'Zoom in' }).click()
  await page.getByRole('button', { name: 'Zoom in' }).click()
  await post({ from: 'alpha', to: 'a-first' })
  await expect(nodes(page)).toHaveCount(6)
  let before = await places(page)
  for (const [at, name] of ['a-one', 'b-two', 'g-three', 'd-four', 'a-five'].entries()) {
    await post({ from: 'beta', to: name, isDenied: at % 2 === 0 })
    await expect(nodes(page)).toHaveCount(7 + at)
    await expect(nodeNamed(page, name)).toHaveAttribute('data-x', /\d/)
    const after = await places(page)
    expect(after).toMatchObject(before)
    expect(new Set(Object.values(after)).size).toBe(7 + at)
    before = after
  }
  await expect(page.locator('[data-announced]')).toContainText(/new edge|denied|shown/)
})

test('a colleague sees the same picture: two first visitors end with one layout, and who drags a node drags it for all', async ({
  browser,
  postern,
}) => {
  const headers = { 'x-postern-cluster': 'shared' }
  const calls = ['beta', 'cello', 'delta', 'echo', 'fox'].map((to) => call({ from: 'alpha', to }))
  await postern.post(calls.join(''), { headers })
  const contexts = await Promise.all([browser.newContext(), browser.newContext()])
  try {
    const [mine, theirs] = await Promise.all(contexts.map((context) => context.newPage()))
    if (!mine || !theirs) throw new Error('two pages')
    const url = '/graph?scope=all&cluster=shared'
    await Promise.all([openDrawn(mine, url), openDrawn(theirs, url)])
    await expect.poll(() => places(theirs)).toEqual(await places(mine))
    const before = await places(mine)
    const told = mine.waitForResponse(isMoved)
    await drag(mine, 'fox', { x: 40, y: 120 })
    await told
    await Promise.all([openDrawn(mine, url), openDrawn(theirs, url)])
    const after = await places(mine)
    expect(after).not.toEqual(before)
    expect(await places(theirs)).toEqual(after)
  } finally {
    for (const context of contexts) await context.close()
  }
})

/** What the server remembers of the picture that a page shows, by node. */
async function layoutOf(page: Page): Promise<Record<string, string>> {
  const told = page.waitForResponse(
    (response) => response.url().includes('/api/places') && response.request().method() === 'GET',
  )
  await page.reload()
  const { nodes } = await (await told).json()
  await expect(page.locator('[data-graph-state="drawn"]')).toBeVisible()
  return Object.fromEntries(nodes.map(([id, x, y]: [string, number, number]) => [id, `${x},${y}`]))
}

test('people who move different nodes at the same time both keep what they did', async ({ browser, postern }) => {
  const headers = { 'x-postern-cluster': 'both' }
  await postern.post(['beta', 'cello', 'delta'].map((to) => call({ from: 'alpha', to })).join(''), { headers })
  const contexts = await Promise.all([browser.newContext(), browser.newContext()])
  try {
    const [one, other] = await Promise.all(contexts.map((context) => context.newPage()))
    if (!one || !other) throw new Error('two pages')
    const url = '/graph?scope=all&cluster=both'
    await openDrawn(one, url)
    await openDrawn(other, url)
    const ids = await Promise.all(['beta', 'delta'].map((name) => nodeNamed(one, name).getAttribute('data-graph-item')))
    const before = await layoutOf(one)
    const told = [one.waitForResponse(isMoved), other.waitForResponse(isMoved)]
    // Sideways, and not as far: whichever of them stands above the other, they do not meet.
    await drag(one, 'beta', { x: 60, y: 0 })
    await drag(other, 'delta', { x: 140, y: 0 })
    await Promise.all(told)
    await Promise.all([openDrawn(one, url), openDrawn(other, url)])
    expect(await places(other)).toEqual(await places(one))
    const after = await layoutOf(one)
    for (const id of Object.keys(before)) expect(after[id] === before[id], id).toBe(!ids.includes(`node:${id}`))
  } finally {
    for (const context of contexts) await context.close()
  }
})

test('by keyboard alone: arrows go to the node that way, ] walks its edges, Enter opens the evidence, Esc returns', async ({
  page,
  request,
}) => {
  expect((await request.post('/api/demo')).ok()).toBe(true)
  await openDrawn(page, '/graph?dataset=demo&from=now-1h')
  const active = () => page.evaluate(() => document.activeElement?.getAttribute('data-graph-item') ?? '')
  const tabStops = page.locator('[data-graph-item][tabindex="0"]')
  await expect(tabStops).toHaveCount(1)
  const planner = nodes(page).filter({ hasText: 'agents / planner' })
  await tabStops.focus()
  // Each arrow goes to a node that stands that way.
  const at = async () => {
    const item = page.locator(`[data-graph-item="${await active()}"]`)
    return { x: Number(await item.getAttribute('data-x')), y: Number(await item.getAttribute('data-y')) }
  }
  const start = await at()
  await page.keyboard.press('ArrowRight')
  expect((await at()).x).toBeGreaterThan(start.x)
  const right = await at()
  await page.keyboard.press('ArrowLeft')
  expect((await at()).x).toBeLessThan(right.x)
  await planner.focus()
  const seen = new Set<string>()
  for (let step = 0; step < 30; step += 1) {
    await page.keyboard.press(']')
    const item = await active()
    if (seen.has(item)) break
    seen.add(item)
    const text = await page.locator(`[data-graph-item="${item}"]`).textContent()
    if (text?.includes('Left by another address')) break
  }
  const edge = await active()
  expect(edge).toMatch(/^edge:/)
  await expect(page.locator(`[data-graph-item="${edge}"]`)).toContainText(
    /agents \/ planner to OpenAI.*Left by another address/,
  )
  await page.keyboard.press('Enter')
  const panel = page.getByRole('complementary', { name: 'Evidence of the edge' })
  await expect(panel.getByText(/connections? left by 203\.0\.113\.66, not by nat-a/)).toBeVisible()
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
  await page.keyboard.press('Escape')
  await expect(panel).toHaveCount(0)
  expect(await active()).toBe(edge)
  await page.keyboard.press('Escape')
  expect(await active()).toBe(await planner.getAttribute('data-graph-item'))
  await page.keyboard.press('[')
  expect(await active()).toMatch(/^edge:/)
})

/** How much of the traffic's canvas is painted. */
const painted = (page: Page): Promise<number> =>
  page.locator('canvas[data-traffic]').evaluate((canvas: HTMLCanvasElement) => {
    const { width, height } = canvas
    const data = width > 0 ? canvas.getContext('2d')?.getImageData(0, 0, width, height).data : undefined
    let sum = 0
    for (let at = 3; at < (data?.length ?? 0); at += 4) sum += data?.[at] === 0 ? 0 : 1
    return sum
  })

test('traffic moves, stops for one button or the space bar, and stays as a person left it', async ({
  page,
  request,
}) => {
  expect((await request.post('/api/demo')).ok()).toBe(true)
  await openDrawn(page, '/graph?dataset=demo&from=now-1h')
  await expect.poll(() => painted(page)).toBeGreaterThan(0)
  await page.getByRole('button', { name: 'Pause traffic' }).click()
  await expect(page.locator('canvas[data-traffic="still"]')).toHaveCount(1)
  expect(await painted(page)).toBe(0)
  await page.reload()
  await expect(page.locator('[data-graph-state="drawn"]')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Show traffic' })).toBeVisible()
  expect(await painted(page)).toBe(0)
  await page
    .locator('canvas')
    .first()
    .click({ position: { x: 5, y: 300 }, force: true })
  await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur())
  await page.keyboard.press(' ')
  await expect.poll(() => painted(page)).toBeGreaterThan(0)
})

test('where the system asks for little motion nothing moves, and Tidy jumps', async ({ page, request }) => {
  expect((await request.post('/api/demo')).ok()).toBe(true)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await openDrawn(page, '/graph?dataset=demo&from=now-1h')
  const button = page.getByRole('button', { name: 'Show traffic' })
  await expect(button).toBeDisabled()
  await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur())
  await page.keyboard.press(' ')
  expect(await painted(page)).toBe(0)
  await page.getByRole('button', { name: 'Tidy' }).click()
  await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible()
  const once = await places(page)
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
  expect(await places(page)).toEqual(once)
})

test('who looks at another lens, or at the table, and comes back finds the camera where it was', async ({
  page,
  request,
}) => {
  expect((await request.post('/api/demo')).ok()).toBe(true)
  await openDrawn(page, '/graph?dataset=demo&from=now-1h')
  const fitted = await places(page)
  await page.getByRole('button', { name: 'Zoom in' }).click()
  await page.keyboard.press('t')
  await expect(page.getByRole('table')).toBeVisible()
  await page.keyboard.press('g')
  await expect(page.locator('[data-graph-state="drawn"]')).toBeVisible()
  const before = await places(page)
  expect(before).not.toEqual(fitted)
  await page.getByRole('button', { name: 'All traffic', exact: true }).click()
  await expect.poll(async () => Object.keys(await places(page)).length).toBeGreaterThan(Object.keys(before).length)
  await page.getByRole('button', { name: 'AI traffic', exact: true }).click()
  await expect.poll(async () => Object.keys(await places(page)).length).toBe(Object.keys(before).length)
  await expect.poll(() => places(page)).toEqual(before)
})

test('colours that the system forces, and another theme, are drawn at once', async ({ page, request }) => {
  expect((await request.post('/api/demo')).ok()).toBe(true)
  await page.emulateMedia({ colorScheme: 'light' })
  await openDrawn(page, '/graph?dataset=demo&from=now-1h')
  await page.getByRole('button', { name: 'Pause traffic' }).click()
  const picture = () => page.locator('[data-graph-state] > div').first().screenshot()
  const light = await picture()
  await page.emulateMedia({ colorScheme: 'dark' })
  await expect.poll(async () => (await picture()).equals(light)).toBe(false)
  const dark = await picture()
  await page.emulateMedia({ colorScheme: 'light', forcedColors: 'active' })
  await expect.poll(async () => (await picture()).equals(dark)).toBe(false)
  const forced = await picture()
  expect(forced.equals(light)).toBe(false)
  // What is drawn beside the canvas has its colours: here all text is in one.
  const arrow = page
    .getByRole('button', { name: /^Allowed/ })
    .first()
    .locator('svg path')
    .first()
  const text = await page.locator('body').evaluate((body) => getComputedStyle(body).color)
  await expect(arrow).toHaveCSS('stroke', text)
})
