import AxeBuilder from '@axe-core/playwright'
import { hubbleLines } from '../lib/demo/hubble-lines'
import { expect, test } from './fixtures'

const flow = (uuid: string, part: Record<string, unknown> = {}) =>
  `${JSON.stringify({
    flow: {
      time: new Date(Date.now() - 2000).toISOString(),
      uuid,
      verdict: 'DROPPED',
      drop_reason_desc: 'POLICY_DENIED',
      event_type: { type: 5 },
      traffic_direction: 'INGRESS',
      IP: { source: '10.0.0.1', destination: '10.0.0.2', ipVersion: 'IPv4' },
      l4: { TCP: { source_port: 40_000, destination_port: 8080, flags: { SYN: true } } },
      source: { identity: 9, namespace: 'red', pod_name: 'stranger', labels: ['k8s:app=stranger'] },
      destination: {
        ID: 7,
        identity: 8,
        namespace: 'blue',
        pod_name: 'vault-0',
        labels: ['k8s:app=vault'],
        workloads: [{ name: 'vault', kind: 'StatefulSet' }],
      },
      ...part,
    },
  })}\n`

test('of a dataset that does not exist the page says so and offers the demo; its planted bypass is found, and the raw rows of both NAT hops prove it', async ({
  page,
}) => {
  await page.goto('/graph?dataset=unseen')
  await expect(page.getByRole('heading', { name: 'Dataset unseen does not exist' })).toBeVisible()
  await expect(page.getByText('is empty')).toBeHidden()
  await expect(page.getByRole('button', { name: 'Show live data' })).toBeVisible()
  await page.getByRole('button', { name: 'Load demo' }).click()
  await expect(page.getByText('dataset demo')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Tidy' })).toBeVisible()
  await page.keyboard.press('t')
  const bypass = page.getByRole('row', { name: /agents \/ planner.*OpenAI · api\.openai\.com/ })
  await expect(bypass).toContainText('Left by another address')
  await expect(page.getByRole('row', { name: /gateway \/ litellm.*Anthropic/ })).toContainText('Sanctioned')
  await expect(page.getByRole('row', { name: /gateway \/ litellm.*Bedrock/ })).toContainText('Unverified')
  await expect(page.getByText('1 violation ·')).toBeVisible()
  await bypass.getByRole('button', { name: /^Evidence of/ }).click()
  await expect(page.getByText(/connections? left by 203\.0\.113\.66, not by nat-a/)).toBeVisible()
  // Newer connections come in above the one that was opened: what counts is that this one shows its rows.
  await page.getByText('raw rows').first().click()
  await expect(page.locator('details[open]').getByText(/nat-gw: .*dst=203\.0\.113\.66/)).toBeVisible()
})

test('an agent refused by a policy is shown as denied, and the rest of the cluster stays out of the AI view', async ({
  page,
  request,
}) => {
  expect((await request.post('/api/demo')).ok()).toBe(true)
  await page.goto('/graph?dataset=demo&from=now-1h&scope=all&layout=table')
  await expect(page.getByRole('row', { name: /agents \/ support-agent.*shop \/ postgres/ })).toContainText(
    'Denied (no rule matched)',
  )
  await page.getByRole('button', { name: 'AI traffic' }).click()
  await expect(page.getByRole('row', { name: /shop \/ orders.*shop \/ postgres/ })).toHaveCount(0)
  await expect(page.getByText('more edges do not match this view')).toBeVisible()
})

test('a staged policy that would refuse a call is named before it is enforced, and a way out that nobody logs says what would verify it', async ({
  page,
  request,
}) => {
  expect((await request.post('/api/demo')).ok()).toBe(true)
  await page.goto('/graph?dataset=demo&from=now-1h&scope=all&layout=table')
  const staged = page.getByRole('row', { name: /inference \/ batch-agent.*data \/ feature-store/ })
  await expect(staged).toContainText('Would be denied')
  await staged.getByRole('button', { name: /^Evidence of/ }).click()
  const panel = page.getByRole('complementary', { name: 'Evidence of the edge' })
  await expect(panel.getByText(/^Allowed .*; would be denied by staged policy data\/lock-down\.$/)).toBeVisible()
  await page.keyboard.press('Escape')
  const unlogged = page.getByRole('row', { name: /gateway \/ litellm.*Bedrock/ })
  await expect(unlogged).toContainText('Unverified')
  await unlogged.getByRole('button', { name: /^Evidence of/ }).click()
  await expect(panel.getByRole('heading', { name: 'What would verify this' })).toBeVisible()
  await expect(panel).toContainText('model calls of anthropic.claude-sonnet-4')
})

test('a POST appears in an open page without a reload, and its evidence opens by keyboard alone', async ({
  page,
  postern,
}) => {
  await page.goto('/graph?scope=all&layout=table')
  await expect(page.getByText('● live')).toBeVisible()
  const response = await postern.post(flow('00000000-0000-4000-8000-000000000001'), {
    headers: { 'x-postern-cluster': 'test' },
  })
  expect(await response.json()).toMatchObject({ accepted: 1, duplicates: 0, rejected: 0 })
  const row = page.getByRole('button', { name: 'Evidence of red / stranger to blue / vault, port 8080' })
  await expect(row).toBeVisible()
  await row.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByText(/^Denied at the server \(ingress\): no rule allows it; denied because/)).toBeVisible()
  await expect(page).toHaveURL(/sel=edge/)
  const axe = await new AxeBuilder({ page }).analyze()
  expect(axe.violations).toEqual([])
})

test('the same body counts once, and a bad line is refused alone with its line number', async ({ postern }) => {
  const body = `${flow('00000000-0000-4000-8000-000000000002')}{"flow":{"cut\n`
  const first = await (await postern.post(body)).json()
  expect(first).toMatchObject({
    accepted: 1,
    rejected: 1,
    rejects: [{ reason: 'not_json', lines: [2] }],
    repeatedBatch: false,
  })
  const second = await (await postern.post(body)).json()
  expect(second).toMatchObject({ accepted: 0, duplicates: 1, repeatedBatch: true })
})

test('a body over 10 MB arrives whole', async ({ postern }) => {
  const endMs = Date.now()
  const lines = hubbleLines({ seed: 3, startMs: endMs - 2_000_000, endMs })
  const body = lines.join('\n')
  expect(body.length).toBeGreaterThan(10 * 1024 * 1024)
  const answer = await (await postern.post(body, { dataset: 'large' })).json()
  expect(answer).toMatchObject({ accepted: lines.length, rejected: 0 })
})

test('msgpack is answered with the setting that mends it; a foreign Host and a foreign Origin are refused', async ({
  postern,
  request,
}) => {
  const packed = await postern.post('x', { headers: { 'content-type': 'application/msgpack' } })
  expect(packed.status).toBe(415)
  expect(await packed.json()).toMatchObject({ hint: expect.stringContaining('json_lines') })
  const rebound = await request.get('/api/graph', { headers: { host: 'attacker.example' } })
  expect(rebound.status()).toBe(403)
  const forged = await request.post('/api/ingest/hubble', {
    headers: { origin: 'https://attacker.example' },
    data: '{}',
  })
  expect(forged.status()).toBe(403)
})
