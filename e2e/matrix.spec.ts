import AxeBuilder from '@axe-core/playwright'
import { expect, test } from './fixtures'

const DEMO = 'dataset=demo&from=now-1h'

test.beforeEach(async ({ request }) => {
  expect((await request.post('/api/demo')).ok()).toBe(true)
})

test('the matrix leads with the verified share, and a violation opens its sentence and the raw rows of both hops', async ({
  page,
}) => {
  await page.goto(`/egress?${DEMO}`)
  await expect(page.getByText(/^\d+ % verified$/)).toBeVisible()
  await expect(page.getByText(/\d of .* connections to providers, the last hour/)).toBeVisible()
  const grid = page.getByRole('grid', { name: 'Workloads by providers' })
  await expect(grid.getByRole('columnheader', { name: /OpenAI.*api\.openai\.com/ })).toBeVisible()
  // Violations come first.
  await expect(grid.getByRole('row').nth(1)).toContainText('planner')
  const violation = grid.getByRole('button', { name: /agents \/ planner to OpenAI: Violation, .* by 203\.0\.113\.66/ })
  await violation.click()
  await expect(page).toHaveURL(/cell=-?\d+(~|%7E)openai/)
  const panel = page.getByRole('complementary', { name: 'Evidence of the cell' })
  await expect(
    panel.getByText(
      /agents \/ planner \(cluster demo\) → OpenAI \(api\.openai\.com\): .* left by 203\.0\.113\.66, not by nat-a \(203\.0\.113\.10\).*Seen in the log of hop nat-gw/,
    ),
  ).toBeVisible()
  const gateway = panel.getByRole('listitem').filter({ hasText: /conntrack of a gateway, hop nat-gw/ })
  await gateway.getByText('Oldest').click()
  await expect(gateway.locator('details[open] pre').filter({ hasText: /src=10\.244.*dst=10\.0\.1\.5/ })).toBeVisible()
  await expect(gateway.locator('details[open] pre').filter({ hasText: 'dst=203.0.113.66' })).toBeVisible()
  await expect(panel.getByText(/ai-through-nat-a allows nat-a/)).toBeVisible()
  const axe = await new AxeBuilder({ page }).analyze()
  expect(axe.violations).toEqual([])
  await panel.getByRole('link', { name: 'Open the edge in the graph' }).click()
  await expect(page.getByRole('complementary', { name: 'Evidence of the edge' })).toContainText('planner')
})

test('an unverified cell says what to connect, in a text that names this server and the cluster', async ({
  page,
  baseURL,
}) => {
  await page.goto(`/egress?${DEMO}`)
  await page.getByRole('button', { name: /gateway \/ litellm to .*Bedrock: Unverified/ }).click()
  const panel = page.getByRole('complementary', { name: 'Evidence of the cell' })
  await expect(panel.getByText(/Not verified: no NAT evidence was received for it/)).toBeVisible()
  await expect(panel.getByRole('heading', { name: 'What would upgrade this' })).toBeVisible()
  await panel.getByText('conntrack of a node or a gateway').click()
  const snippet = panel.locator('pre').filter({ hasText: `${baseURL}/api/ingest/nat/conntrack?hop=nat-gw` })
  await expect(snippet).toBeVisible()
  await expect(snippet).toContainText('X-Postern-Cluster: demo')
  await panel
    .getByText(/CloudTrail/)
    .first()
    .click()
  await expect(panel.locator('pre').filter({ hasText: `${baseURL}/api/ingest/nat/cloudtrail` })).toBeVisible()
})

test('the grid is walked by keys alone; filters and the open cell are in the address, and survive a reload', async ({
  page,
}) => {
  await page.goto(`/egress?${DEMO}`)
  const grid = page.getByRole('grid', { name: 'Workloads by providers' })
  await expect(grid).toBeVisible()
  const cells = grid.getByRole('button')
  await expect(grid.locator('button[tabindex="0"]')).toHaveCount(1)
  await cells.first().focus()
  await page.keyboard.press('Control+End')
  await expect(cells.last()).toBeFocused()
  await page.keyboard.press('Control+Home')
  await expect(cells.first()).toBeFocused()
  await page.keyboard.press('ArrowDown')
  await expect(cells.first()).not.toBeFocused()
  await page.keyboard.press('ArrowUp')
  await expect(cells.first()).toBeFocused()
  await page.keyboard.press('Enter')
  const panel = page.getByRole('complementary', { name: 'Evidence of the cell' })
  await expect(panel).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(panel).toHaveCount(0)
  await expect(cells.first()).toBeFocused()
  await page.getByRole('button', { name: /^Violation \d/ }).click()
  await expect(page).toHaveURL(/door=violation/)
  await expect(grid.getByRole('button')).toHaveCount(1)
  await page.reload()
  await expect(page.getByRole('button', { name: /^Violation \d/ })).toHaveAttribute('aria-pressed', 'true')
  await expect(grid.getByRole('button')).toHaveCount(1)
  await page.getByRole('button', { name: 'Show all' }).click()
  await page.getByRole('combobox', { name: 'Provider' }).selectOption({ label: 'Anthropic' })
  await expect(grid.getByRole('columnheader')).toHaveCount(3)
  await page.getByRole('button', { name: 'Doors' }).click()
  await expect(page.getByRole('row', { name: /planner.*OpenAI/ })).toContainText('Left by another address')
})

test('where no source of NAT evidence has spoken the page says that nothing can be proved', async ({
  page,
  postern,
}) => {
  const flow = {
    time: new Date(Date.now() - 5000).toISOString(),
    uuid: '00000000-0000-4000-d000-000000000001',
    verdict: 'FORWARDED',
    event_type: { type: 5 },
    traffic_direction: 'EGRESS',
    IP: { source: '10.90.0.1', destination: '198.51.100.20' },
    l4: { TCP: { source_port: 40_000, destination_port: 443, flags: { SYN: true } } },
    source: {
      ID: 7,
      namespace: 'alone',
      pod_name: 'bot-0',
      workloads: [{ name: 'bot', kind: 'StatefulSet' }],
      labels: [],
    },
    destination: { labels: ['reserved:world'] },
    destination_names: ['api.openai.com'],
  }
  await postern.post(`${JSON.stringify({ flow })}\n`, { dataset: 'nothing-connected' })
  await page.goto('/egress?dataset=nothing-connected&from=now-1h')
  await expect(page.getByText('0 % verified', { exact: true })).toBeVisible({ timeout: 20_000 })
  await expect(page.getByText(/nothing here can be proved/)).toBeVisible()
  const cell = page.getByRole('button', { name: /alone \/ bot to OpenAI: No rule/ })
  await cell.click()
  await expect(page.getByText(/No NAT evidence of cluster .* has come in this window/)).toBeVisible()
})

for (const scheme of ['light', 'dark'] as const)
  for (const width of [1440, 480])
    test(`the matrix and an open cell are free of axe violations in ${scheme}, ${width} px wide`, async ({
      browser,
      baseURL,
    }) => {
      const context = await browser.newContext({
        colorScheme: scheme,
        viewport: { width, height: 900 },
        ...(baseURL && { baseURL }),
      })
      const page = await context.newPage()
      await page.goto(`/egress?${DEMO}`)
      const grid = page.getByRole('grid', { name: 'Workloads by providers' })
      await expect(grid).toBeVisible()
      await page.screenshot({ path: test.info().outputPath(`matrix-${scheme}-${width}.png`) })
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
      await grid.getByRole('button').first().click()
      const panel = page.getByRole('complementary', { name: 'Evidence of the cell' })
      await expect(panel.getByRole('heading', { name: 'Evidence' })).toBeVisible()
      await page.screenshot({ path: test.info().outputPath(`cell-${scheme}-${width}.png`) })
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
      await context.close()
    })
