import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, test } from './fixtures'

const now = () => new Date(Date.now() - 2000).toISOString()

/** A call inside the cluster, seen by the client's node. */
const call = (id: number, from: string, to: string) =>
  `${JSON.stringify({
    flow: {
      time: now(),
      uuid: `00000000-0000-4000-9000-${String(id).padStart(12, '0')}`,
      verdict: 'FORWARDED',
      event_type: { type: 4 },
      traffic_direction: 'EGRESS',
      IP: { source: `10.9.0.${id}`, destination: `10.9.1.${id}`, ipVersion: 'IPv4' },
      l4: { TCP: { source_port: 41_000 + id, destination_port: 8080, flags: { SYN: true } } },
      source: { ID: id, identity: 9, namespace: 'canvas', pod_name: `${from}-0`, labels: [`k8s:app=${from}`] },
      destination: { identity: 8, namespace: 'canvas', pod_name: `${to}-0`, labels: [`k8s:app=${to}`] },
    },
  })}\n`

const nodes = (page: Page) => page.locator('[data-graph-item^="node:"]')

/** Where each node stands on the canvas, by its name. */
async function places(page: Page): Promise<Record<string, string>> {
  const all = await nodes(page).all()
  const entries = await Promise.all(
    all.map(async (node) => [
      // Without how many edges it has.
      ((await node.textContent()) ?? '').split(',')[0] ?? '',
      `${await node.getAttribute('data-x')},${await node.getAttribute('data-y')}`,
    ]),
  )
  return Object.fromEntries(entries)
}

test('a new node appears by itself in free space while every other node stays where it stands', async ({
  page,
  postern,
}) => {
  const headers = { 'x-postern-cluster': 'canvas' }
  await postern.post(call(1, 'alpha', 'beta') + call(2, 'beta', 'gamma'), { headers })
  await page.goto('/graph?scope=all&cluster=canvas')
  await expect(nodes(page)).toHaveCount(3)
  const before = await places(page)
  expect(Object.values(before).every((at) => /^-?\d+,-?\d+$/.test(at))).toBe(true)
  await postern.post(call(3, 'beta', 'delta'), { headers })
  await expect(nodes(page)).toHaveCount(4)
  await expect(nodes(page).filter({ hasText: 'delta' })).toHaveAttribute('data-x', /\d/)
  const after = await places(page)
  expect(after).toMatchObject(before)
  expect(Object.values(before)).not.toContain(after['canvas / delta'])
})

test('a press on a drawn edge opens its evidence and puts it into the address; Esc closes it', async ({
  page,
  request,
}) => {
  expect((await request.post('/api/demo')).ok()).toBe(true)
  await page.goto('/graph?dataset=demo&from=now-1h')
  const item = page.locator('[data-graph-item^="edge:"]', { hasText: 'Left by another address' })
  await expect(item).toHaveAttribute('data-x', /\d/)
  // What comes later than the drawing takes no room from it that it had.
  await expect(page.getByRole('region', { name: 'Timeline' }).getByText(/Connections per/)).toBeVisible()
  const canvas = await page.locator('canvas').first().boundingBox()
  const [x, y] = [Number(await item.getAttribute('data-x')), Number(await item.getAttribute('data-y'))]
  await page.mouse.click((canvas?.x ?? 0) + x, (canvas?.y ?? 0) + y)
  const panel = page.getByRole('complementary', { name: 'Evidence of the edge' })
  await expect(panel.getByText(/connections? left by 203\.0\.113\.66, not by nat-a/)).toBeVisible()
  await expect(page).toHaveURL(/sel=edge/)
  await page.keyboard.press('Escape')
  await expect(panel).toHaveCount(0)
})

test('by keyboard alone: the drawing is one stop of Tab, Enter opens a node, its edges lead on', async ({
  page,
  request,
}) => {
  expect((await request.post('/api/demo')).ok()).toBe(true)
  await page.goto('/graph?dataset=demo&from=now-1h')
  const planner = nodes(page).filter({ hasText: 'agents / planner' })
  await expect(planner).toHaveAttribute('data-x', /\d/)
  await expect(page.locator('[data-graph-item][tabindex="0"]')).toHaveCount(1)
  await planner.focus()
  await page.keyboard.press('Enter')
  const panel = page.getByRole('complementary', { name: 'Facts of the node' })
  await expect(panel.getByRole('heading', { name: 'agents / planner' })).toBeVisible()
  await panel.getByRole('button', { name: /OpenAI/ }).click()
  await expect(page.getByRole('complementary', { name: 'Evidence of the edge' })).toContainText('203.0.113.66')
  const axe = await new AxeBuilder({ page }).analyze()
  expect(axe.violations).toEqual([])
})

test('Tidy lays the graph out anew, and Undo brings every node back', async ({ page, request }) => {
  expect((await request.post('/api/demo')).ok()).toBe(true)
  await page.goto('/graph?dataset=demo&from=now-1h&scope=all')
  await expect(nodes(page).first()).toHaveAttribute('data-x', /\d/)
  const first = nodes(page).first()
  // What comes later than the drawing takes no room from it that it had.
  await expect(page.getByRole('region', { name: 'Timeline' }).getByText(/Connections per/)).toBeVisible()
  const canvas = await page.locator('canvas').first().boundingBox()
  const [x, y] = [Number(await first.getAttribute('data-x')), Number(await first.getAttribute('data-y'))]
  const [left, top] = [canvas?.x ?? 0, canvas?.y ?? 0]
  await page.mouse.move(left + x, top + y)
  await page.mouse.down()
  await page.mouse.move(left + x + 60, top + y + 90, { steps: 4 })
  await page.mouse.up()
  await page.keyboard.press('t')
  await expect(page.getByRole('table')).toBeVisible()
  await page.keyboard.press('g')
  await expect(nodes(page).first()).toHaveAttribute('data-x', /\d/)
  const dragged = await places(page)
  await page.getByRole('button', { name: 'Tidy' }).click()
  await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible()
  await expect.poll(() => places(page)).not.toEqual(dragged)
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(() => places(page)).toEqual(dragged)
})
