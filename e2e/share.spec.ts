import AxeBuilder from '@axe-core/playwright'
import { expect, test } from './fixtures'
import { paintedNodes } from './painted-nodes'

const CLUSTER = { 'x-postern-cluster': 'demo' }
const PORT = 45_678

/** A call of red-team/agent to OpenAI and what both hops log of it: it leaves by an address that nobody sanctioned. */
function bypass(atMs: number) {
  const stamp = (ms: number) => `[${(ms / 1000).toFixed(6)}]`
  const line = (ms: number, from: string, fromPort: number, to: string, toPort: number) =>
    `${stamp(ms)}\t    [NEW] ipv4     2 tcp      6 120 SYN_SENT src=${from} dst=162.159.140.245 sport=${fromPort} dport=443 [UNREPLIED] src=162.159.140.245 dst=${to} sport=443 dport=${toPort} id=${toPort}\n`
  const flow = {
    flow: {
      time: new Date(atMs).toISOString(),
      uuid: '00000000-0000-4000-a000-000000000001',
      verdict: 'FORWARDED',
      IP: { source: '10.77.1.7', destination: '162.159.140.245' },
      l4: { TCP: { source_port: PORT, destination_port: 443, flags: { SYN: true } } },
      source: { ID: 1, namespace: 'red-team', pod_name: 'agent-0', labels: ['k8s:app=agent'] },
      destination: { labels: ['reserved:world'] },
      destination_names: ['api.openai.com'],
      event_type: { type: 5 },
      traffic_direction: 'EGRESS',
    },
  }
  return {
    flow: `${JSON.stringify(flow)}\n`,
    node: line(atMs + 1, '10.77.1.7', PORT, '10.0.1.77', PORT + 1),
    gateway: line(atMs + 2, '10.0.1.77', PORT + 1, '203.0.113.99', PORT + 2),
  }
}

test('a violation opens a finding; its link shows the frozen evidence to a browser that never signed in; revoked, it answers 410', async ({
  page,
  browser,
  postern,
}) => {
  const { flow, node, gateway } = bypass(Date.now() - 5000)
  expect((await postern.post(flow, { headers: CLUSTER })).ok).toBe(true)
  expect((await postern.post(node, { source: 'nat/conntrack?hop=node', headers: CLUSTER })).ok).toBe(true)
  expect((await postern.post(gateway, { source: 'nat/conntrack?hop=nat-gw', headers: CLUSTER })).ok).toBe(true)

  await page.goto('/incidents')
  const finding = page.getByRole('row').filter({ hasText: 'red-team/agent' }).first()
  await expect(finding).toContainText('left by 203.0.113.99, not by nat-a (203.0.113.10)', { timeout: 20_000 })
  await expect(finding).toContainText('critical')
  await finding.getByRole('link', { name: /red-team\/agent/ }).click()
  await page.getByRole('button', { name: 'Create incident link' }).click()
  await page.getByRole('button', { name: 'Freeze and create' }).click()
  const url = await page.getByRole('textbox', { name: 'Incident link' }).inputValue()
  expect(url).toMatch(/\/share\/[\w-]{43}$/)
  await page.keyboard.press('Escape')
  const consoleAxe = await new AxeBuilder({ page }).analyze()
  expect(consoleAxe.violations).toEqual([])

  const stranger = await browser.newContext()
  const shared = await stranger.newPage()
  const opened = await shared.goto(url)
  expect(opened?.status()).toBe(200)
  expect(opened?.headers()['referrer-policy']).toBe('no-referrer')
  await expect(shared.getByRole('heading', { level: 1 })).toContainText('red-team/agent')
  await expect.poll(() => paintedNodes(shared)).toBeGreaterThan(0)
  await shared.getByText('2 raw rows').click()
  await expect(shared.getByText(/nat-gw: .*dst=203\.0\.113\.99/)).toBeVisible()
  const axe = await new AxeBuilder({ page: shared }).analyze()
  expect(axe.violations).toEqual([])

  await page.goto('/incidents')
  await page.getByRole('button', { name: 'Revoke link' }).first().click()
  await expect(page.getByText(/^Revoked/).first()).toBeVisible()
  const gone = await shared.goto(url)
  expect(gone?.status()).toBe(410)
  await expect(shared.getByRole('heading', { name: 'This link has ended' })).toBeVisible()
  await expect(shared.getByText('red-team')).toHaveCount(0)
  await stranger.close()
})

test('a token that never was one is not found', async ({ page }) => {
  const response = await page.goto(`/share/${'A'.repeat(43)}`)
  expect(response?.status()).toBe(404)
})
