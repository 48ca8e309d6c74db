import AxeBuilder from '@axe-core/playwright'
import type { Locator, Page } from '@playwright/test'
import { expect, test } from './fixtures'

const edgePanel = (page: Page) => page.getByRole('complementary', { name: 'Evidence of the edge' })
const nodePanel = (page: Page) => page.getByRole('complementary', { name: 'Facts of the node' })

/** The tabs, as the address names them. */
const PANEL_TABS = ['flows', 'policies', 'traces', 'history', 'egress', 'changes']

/** Opens an edge of the demo by its ends, from the table. */
async function openEdge(page: Page, ends: RegExp): Promise<void> {
  await page.goto('/graph?dataset=demo&from=now-1h&scope=all&layout=table')
  await page.getByRole('row', { name: ends }).getByRole('button').first().click()
  await expect(edgePanel(page).getByRole('tablist')).toBeVisible()
}

test.beforeEach(async ({ request }) => {
  expect((await request.post('/api/demo')).ok()).toBe(true)
})

test('a denied edge says who, what and why in a sentence, opens on its policies, and has both evaluations as tables', async ({
  page,
}) => {
  await openEdge(page, /agents \/ support-agent.*shop \/ postgres/)
  const panel = edgePanel(page)
  await expect(panel.getByRole('list', { name: 'In words' })).toContainText(
    'agents / support-agent → shop / postgres: denied',
  )
  await expect(panel.getByRole('tab', { name: 'Policies' })).toHaveAttribute('aria-selected', 'true')
  await expect(panel.getByRole('heading', { name: 'Client side: egress' })).toBeVisible()
  await expect(panel.getByRole('heading', { name: 'Server side: ingress' })).toBeVisible()
  await page.keyboard.press('Escape')
  await page
    .getByRole('row', { name: /inference \/ batch-agent.*data \/ feature-store/ })
    .getByRole('button')
    .first()
    .click()
  const pending = panel.getByRole('table', { name: 'Pending policies' }).last()
  for (const column of ['Name', 'Action', 'Rule', 'Tier', 'Namespace', 'Kind'])
    await expect(pending.getByRole('columnheader', { name: column, exact: true })).toHaveCount(1)
  // What no hit tells would push the others out of sight.
  await expect(pending.getByRole('columnheader', { name: 'Triggered by' })).toHaveCount(0)
  await expect(pending.getByRole('row', { name: /lock-down|end of tier/ }).last()).toContainText('decides')
  await expect(panel.getByRole('table', { name: 'Enforced policies' }).first()).toBeVisible()
})

test('tabs are walked by arrows, stand in the address, and are what a link opens', async ({ page }) => {
  await openEdge(page, /agents \/ planner.*OpenAI/)
  const panel = edgePanel(page)
  await expect(panel.getByRole('tab', { name: 'Egress' })).toHaveAttribute('aria-selected', 'true')
  await panel.getByRole('tab', { name: 'Egress' }).focus()
  await page.keyboard.press('ArrowRight')
  await expect(panel.getByRole('tab', { name: 'What changed' })).toHaveAttribute('aria-selected', 'true')
  await expect(page).toHaveURL(/panel=changes/)
  await expect(panel.getByRole('heading', { name: 'Against the window before' })).toBeVisible()
  await page.keyboard.press('Home')
  await expect(page).toHaveURL(/panel=flows/)
  await page.reload()
  await expect(panel.getByRole('tab', { name: 'Flows' })).toHaveAttribute('aria-selected', 'true')
  await page.keyboard.press('Escape')
  await expect(panel).toHaveCount(0)
})

test('a number leads to the rows behind it', async ({ page }) => {
  await openEdge(page, /agents \/ support-agent.*shop \/ postgres/)
  const panel = edgePanel(page)
  await panel.getByRole('tab', { name: 'Flows' }).click()
  await panel.getByRole('button', { name: /^Denied: .* Show the rows behind it$/ }).click()
  await expect(panel.getByRole('button', { name: 'Denied', exact: true })).toHaveAttribute('aria-pressed', 'true')
  await expect(panel.getByText(/^Newest \d+ of/)).toBeVisible()
  for (const text of await panel.locator('summary', { hasText: 'UTC' }).allTextContents())
    expect(text).toContain('denied')
  const all = panel.getByRole('link', { name: 'All in the flow table' })
  await expect(all).toHaveAttribute('href', /^\/flows\?.*dataset=demo.*sel=edge%3A/)
})

test('the history has its bars as rows that lead to their own stretch of time', async ({ page }) => {
  await openEdge(page, /agents \/ planner.*OpenAI/)
  const panel = edgePanel(page)
  await panel.getByRole('tab', { name: 'History' }).click()
  await expect(panel.getByRole('img', { name: /passed, .* denied, in \d+ of 96 slots/ })).toBeVisible()
  await panel.getByText(/^The same as rows/).click()
  await panel.getByRole('table').getByRole('link').first().click()
  await expect(page).toHaveURL(/from=\d{13}&.*to=\d{13}/)
  await expect(panel.getByRole('tab', { name: 'Flows' })).toHaveAttribute('aria-selected', 'true')
})

const publicCall = (uuid: string) =>
  `${JSON.stringify({
    flow: {
      time: new Date(Date.now() - 2000).toISOString(),
      uuid,
      verdict: 'FORWARDED',
      event_type: { type: 5 },
      traffic_direction: 'EGRESS',
      IP: { source: '10.7.0.1', destination: '198.51.100.77', ipVersion: 'IPv4' },
      l4: { TCP: { source_port: 40_000, destination_port: 443, flags: { SYN: true } } },
      source: { ID: 9, identity: 9, namespace: 'lonely', pod_name: 'caller-0', labels: ['k8s:app=caller'] },
      destination: { identity: 2, labels: ['reserved:world'] },
    },
  })}\n`

test('an address that no source names is the public internet, unresolved, and says how to resolve it', async ({
  page,
  postern,
}) => {
  const sent = await postern.post(publicCall('00000000-0000-4000-8000-0000000000a7'), {
    headers: { 'x-postern-cluster': 'panel' },
  })
  expect(await sent.json()).toMatchObject({ accepted: 1 })
  await page.goto('/graph?scope=all&layout=table&cluster=panel')
  await page
    .getByRole('row', { name: /lonely \/ caller.*198\.51\.100\.77/ })
    .getByRole('button')
    .first()
    .click()
  await edgePanel(page).getByRole('button', { name: '198.51.100.77' }).click()
  const panel = nodePanel(page)
  await expect(panel.getByRole('heading', { name: 'Name: public internet (unresolved)' })).toBeVisible()
  for (const step of [/DNS logs/, /GlobalNetworkSet/, /server\.address/])
    await expect(panel.getByRole('listitem').filter({ hasText: step }).first()).toBeVisible()
})

for (const colorScheme of ['light', 'dark'] as const)
  test(`every tab of an edge and of a node is free of axe violations, ${colorScheme}`, async ({ page }) => {
    // Twelve looks at a page full of rows.
    test.setTimeout(240_000)
    await page.emulateMedia({ colorScheme })
    await openEdge(page, /agents \/ planner.*OpenAI/)
    const check = async (panel: ReturnType<typeof edgePanel>) => {
      for (const [index, tab] of (await panel.getByRole('tab').all()).entries()) {
        await tab.click()
        await expect(page).toHaveURL(new RegExp(`panel=${PANEL_TABS[index]}`))
        await expect(panel.getByText(/^(Loading|Comparing)/)).toHaveCount(0)
        const { violations } = await new AxeBuilder({ page }).include('aside').analyze()
        expect(violations, `${await tab.textContent()}`).toEqual([])
      }
    }
    await check(edgePanel(page))
    await edgePanel(page).getByRole('button', { name: 'agents / planner', exact: true }).click()
    await expect(nodePanel(page).getByRole('tablist')).toBeVisible()
    await check(nodePanel(page))
    const whole = await new AxeBuilder({ page }).analyze()
    expect(whole.violations).toEqual([])
  })

/** What a part of the page hides of its own at its right. */
const beyond = (part: Locator) => part.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)

test('names without a place to break wrap, in the panel and in its tables: nothing of it is out of sight at the right', async ({
  page,
  postern,
}) => {
  const long = 'x'.repeat(253)
  const end = { namespace: long, pod_name: long, workloads: [{ name: long, kind: 'Deployment' }] }
  const line = JSON.stringify({
    flow: {
      time: new Date(Date.now() - 2000).toISOString(),
      uuid: '00000000-0000-4000-8000-0000000000a8',
      verdict: 'DROPPED',
      drop_reason_desc: 'POLICY_DENIED',
      event_type: { type: 5 },
      traffic_direction: 'EGRESS',
      IP: { source: '10.7.0.2', destination: '10.7.0.3', ipVersion: 'IPv4' },
      l4: { TCP: { source_port: 40_000, destination_port: 443, flags: { SYN: true } } },
      source: { ID: 9, identity: 9, labels: [`k8s:note=${long}`], ...end },
      destination: { ID: 10, identity: 10, labels: ['k8s:app=called'], ...end, namespace: 'called' },
      egress_denied_by: [{ kind: 'CiliumNetworkPolicy', namespace: long, name: long, labels: [] }],
    },
  })
  const sent = await postern.post(`${line}\n`, { headers: { 'x-postern-cluster': 'panel-names' } })
  expect(await sent.json()).toMatchObject({ accepted: 1 })
  await page.goto('/graph?scope=all&layout=table&cluster=panel-names')
  await page
    .getByRole('row', { name: /x{200}/ })
    .getByRole('button')
    .first()
    .click()
  const panel = edgePanel(page)
  for (const tab of ['Flows', 'Policies', 'Egress', 'What changed']) {
    await panel.getByRole('tab', { name: tab }).click()
    await expect(panel.getByText(/^(Loading|Comparing)/)).toHaveCount(0)
    expect(await beyond(panel), tab).toBe(0)
  }
  await panel.getByRole('tab', { name: 'Policies' }).click()
  expect(await beyond(panel.getByRole('region', { name: 'Enforced policies' }))).toBe(0)
  await panel.getByRole('button', { name: new RegExp(`^${long} / `) }).click()
  for (const tab of ['Flows', 'Policies']) {
    await nodePanel(page).getByRole('tab', { name: tab }).click()
    expect(await beyond(nodePanel(page)), tab).toBe(0)
  }
})

test('both evaluations of Calico are read without scrolling sideways', async ({ page }) => {
  await openEdge(page, /inference \/ batch-agent.*data \/ feature-store/)
  const tables = edgePanel(page).getByRole('region', { name: /policies$/ })
  await expect(tables).toHaveCount(4)
  for (const table of await tables.all()) expect(await beyond(table)).toBe(0)
})

test('calls seen by traces of a group’s edge lead to its spans', async ({ page }) => {
  await page.goto('/graph?dataset=demo&from=now-1h&scope=all&layout=table&level=namespace')
  await page
    .getByRole('row', { name: /gateway.*OpenAI/ })
    .getByRole('button')
    .first()
    .click()
  await edgePanel(page)
    .getByRole('link', { name: /^Calls seen by traces: .* Show the rows behind it$/ })
    .click()
  const rows = page.getByRole('region', { name: /^Spans/ }).getByRole('row')
  await expect(rows.filter({ hasText: 'openai' }).first()).toBeVisible()
  await expect(rows.filter({ hasText: 'anthropic' })).toHaveCount(0)
})
