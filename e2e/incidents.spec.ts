import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, test } from './fixtures'

const CLUSTER = { 'x-postern-cluster': 'demo' }
const ADDRESS = '203.0.113.88'

/** A call of blue-team/planner to OpenAI and what both hops log of it: it leaves by an address that nobody sanctioned. */
function bypass(port: number, atMs: number) {
  const line = (ms: number, from: string, fromPort: number, to: string, toPort: number) =>
    `[${(ms / 1000).toFixed(6)}]\t    [NEW] ipv4     2 tcp      6 120 SYN_SENT src=${from} dst=162.159.140.245 sport=${fromPort} dport=443 [UNREPLIED] src=162.159.140.245 dst=${to} sport=443 dport=${toPort} id=${toPort}\n`
  const flow = {
    time: new Date(atMs).toISOString(),
    uuid: `00000000-0000-4000-a000-${String(port).padStart(12, '0')}`,
    verdict: 'FORWARDED',
    IP: { source: '10.77.2.7', destination: '162.159.140.245' },
    l4: { TCP: { source_port: port, destination_port: 443, flags: { SYN: true } } },
    source: { ID: 1, namespace: 'blue-team', pod_name: 'planner-0', labels: ['k8s:app=planner'] },
    destination: { labels: ['reserved:world'] },
    destination_names: ['api.openai.com'],
    event_type: { type: 5 },
    traffic_direction: 'EGRESS',
  }
  return {
    flow: `${JSON.stringify({ flow })}\n`,
    node: line(atMs + 1, '10.77.2.7', port, '10.0.1.78', port + 1),
    gateway: line(atMs + 2, '10.0.1.78', port + 1, ADDRESS, port + 2),
  }
}

/** No accessibility problem in either theme, and a picture of each. */
async function look(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.screenshot({ path: test.info().outputPath(`${name}-${colorScheme}.png`) })
    expect.soft((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
  }
  await page.emulateMedia({ colorScheme: 'light' })
}

test('from a finding to its incident to an accepted risk, and back', async ({ page, postern }) => {
  // Every page is looked at twice, in both themes.
  test.setTimeout(150_000)

  for (const port of [46_100, 46_200, 46_300]) {
    const { flow, node, gateway } = bypass(port, Date.now() - 5000)
    expect((await postern.post(flow, { headers: CLUSTER })).ok).toBe(true)
    expect((await postern.post(node, { source: 'nat/conntrack?hop=node', headers: CLUSTER })).ok).toBe(true)
    expect((await postern.post(gateway, { source: 'nat/conntrack?hop=nat-gw', headers: CLUSTER })).ok).toBe(true)
  }

  await page.goto('/incidents')
  const row = page.getByRole('row').filter({ hasText: 'blue-team/planner' })
  await expect(row).toHaveCount(1, { timeout: 20_000 })
  await expect(row).toContainText(`left by ${ADDRESS}, not by nat-a (203.0.113.10)`)
  await expect(row.getByRole('cell', { name: '3', exact: true })).toBeVisible()
  await expect(page.getByText(/^Detectors.*: \d+ on/)).toBeVisible({ timeout: 45_000 })
  await look(page, 'incidents')

  // Filters and order.
  await page.getByLabel('Workload or target').fill('blue-team')
  await expect(page.getByRole('row')).toHaveCount(2)
  await page.getByRole('button', { name: 'Count' }).click()
  await expect(page.getByRole('columnheader', { name: 'Count' })).toHaveAttribute('aria-sort', /ascending|descending/)

  // The finding, seen and given to somebody.
  await row.getByRole('link', { name: /blue-team\/planner/ }).click()
  await page.waitForURL(/\/findings\//)
  await expect(page.getByRole('heading', { level: 2 })).toContainText('blue-team/planner')
  await page.getByRole('button', { name: 'Acknowledge' }).click()
  await expect(page.getByText('acknowledged by somebody on this machine')).toBeVisible()
  await page.getByRole('button', { name: 'Assign', exact: true }).click()
  await page.getByLabel('Who looks after it').fill('Ada')
  await page.getByRole('dialog').getByRole('button', { name: 'Assign' }).click()
  await expect(page.getByText('assigned to Ada')).toBeVisible()
  await look(page, 'finding')

  // Its incident: who, what, since when, how many, which evidence.
  await page.getByRole('link', { name: /blue-team\/planner reached/ }).click()
  await page.waitForURL(/\/incidents\//)
  const heading = page.getByRole('heading', { level: 2 })
  await expect(heading).toContainText(
    new RegExp(
      `^blue-team/planner reached OpenAI \\(api\\.openai\\.com\\) by ${ADDRESS} instead of nat-a since .* UTC; 3 connections`,
    ),
  )
  await page.getByRole('button', { name: 'Set an owner' }).click()
  await page.getByLabel('Who looks after it').fill('Platform team')
  await page.getByRole('button', { name: 'Save the owner' }).click()
  await expect(page.getByText('owner Platform team')).toBeVisible()
  await page.getByLabel('Comment').fill('The route table of zone b lost its default.')
  await page.getByRole('button', { name: 'Comment' }).click()
  const timeline = page.getByRole('region', { name: 'Timeline' })
  await expect(timeline).toContainText('The route table of zone b lost its default.')
  await expect(timeline).toContainText('First seen on the wire')
  await page.getByRole('button', { name: 'Create incident link' }).click()
  await page.getByRole('button', { name: 'Freeze and create' }).click()
  await expect(page.getByRole('textbox', { name: 'Incident link' })).toHaveValue(/\/share\//)
  await page.keyboard.press('Escape')
  await expect(timeline).toContainText('Evidence was frozen', { timeout: 15_000 })
  await look(page, 'incident')

  // The risk is taken, with a reason and an end.
  await page.getByRole('button', { name: 'Accept the risk' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('button', { name: 'Accept the risk' })).toBeDisabled()
  await dialog.getByLabel('Reason').fill('Zone b moves on Monday.')
  await dialog.getByLabel('For how long').selectOption('7 days')
  await look(page, 'accept')
  await dialog.getByRole('button', { name: 'Accept the risk' }).click()
  await expect(page.getByText('Somebody on this machine accepted the risk until').first()).toBeVisible()
  await expect(page.getByText('Resolved', { exact: true })).toBeVisible()
  await expect(timeline).toContainText('Resolved: every finding is resolved or accepted.')

  await page.goto('/incidents')
  await expect(page.getByRole('row').filter({ hasText: 'blue-team/planner' })).toHaveCount(0)
  await page.getByRole('button', { name: /^Accepted/ }).click()
  await expect(row).toContainText('accepted until')

  // While it lasts the finding counts on; once it is ended the incident is open again.
  await row.getByRole('link', { name: /blue-team\/planner/ }).click()
  await page.getByRole('button', { name: 'End the acceptance' }).click()
  await expect(page.getByRole('button', { name: 'Accept the risk' })).toBeVisible()
  await expect(page.getByText('Part of the open incident')).toBeVisible()
})

test('a finding or an incident that does not exist leads to all of them, and offers nothing that cannot help', async ({
  page,
}) => {
  for (const [path, words] of [
    ['findings', 'There is no such finding.'],
    ['incidents', 'There is no such incident.'],
  ]) {
    await page.goto(`/${path}/00000000-0000-4000-8000-000000000000`)
    const alert = page.getByRole('main').getByRole('alert')
    await expect(alert).toContainText(words ?? '')
    await expect(page.getByRole('button', { name: 'Try again' })).toHaveCount(0)
    await alert.getByRole('link').click()
    await expect(page).toHaveURL(/\/incidents$/)
  }
})
