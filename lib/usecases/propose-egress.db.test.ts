import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEMO_EGRESS_YAML } from '@/lib/demo/demo-config'
import { type InventoryChange, type InventoryKind, WORKLOAD_KIND } from '@/lib/model/inventory'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { startEgressConfig } from './egress-config'
import { judgeEgress } from './judge-egress'
import { keepInventory } from './keep-inventory'
import { knownForEgress } from './known-for-egress'
import { loadDemo } from './load-demo'
import { proposeEgress } from './propose-egress'

const NOW = Date.parse('2026-11-24T12:00:00Z')
let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  await startEgressConfig({})
  await loadDemo({ nowMs: NOW, retentionMs: 3_600_000, defaultCluster: 'demo' })
  await judgeEgress()
}, 60_000)
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

const observed = async () =>
  (await proposeEgress('demo', NOW)).proposals
    .filter(({ source }) => source === 'observed')
    .map(({ point, path, warnings }) => ({
      address: point.publicCidrs[0],
      hops: path?.hops,
      isProven: !warnings.some((text) => text.startsWith('None of it is proven')),
    }))

describe('proposals', () => {
  it('without any path name the addresses that were seen, none as proven, and the hops that a path would have', async () => {
    const proposals = await observed()
    expect(proposals.map(({ address }) => address).sort()).toEqual(['203.0.113.10', '203.0.113.66'])
    for (const proposal of proposals) expect(proposal).toMatchObject({ hops: ['node', 'nat-gw'], isProven: false })
  })

  it('with a path say what is proven, and leave out what is declared', async () => {
    await startEgressConfig({
      fileText: 'paths: [{ name: demo, clusters: [demo], hops: [node, nat-gw], final: nat-gw }]',
    })
    await judgeEgress()
    expect((await observed()).every(({ isProven, hops }) => isProven && hops === undefined)).toBe(true)
    await startEgressConfig({ fileText: DEMO_EGRESS_YAML })
    await judgeEgress()
    expect((await observed()).map(({ address }) => address)).toEqual(['203.0.113.66'])
  })

  it('are made of egress gateways of the inventory that are in force, and are in force nowhere', async () => {
    const put = (
      kind: InventoryKind,
      namespace: string,
      name: string,
      body: Record<string, unknown>,
    ): InventoryChange => ({
      what: 'object',
      atMs: NOW,
      object: { kind, namespace, tier: '', name, uid: name, resourceVersion: '1', isUnchanged: false, body },
    })
    const keep = (...changes: readonly InventoryChange[]) =>
      keepInventory({
        cluster: 'prod',
        changes,
        synced: [{ kind: 'Namespace', atMs: NOW }],
        rejects: {},
        gaps: [],
        nowMs: NOW,
      })
    await keep(
      put('CiliumEgressGatewayPolicy', '', 'cegp', {
        spec: { selectors: [{}], destinationCIDRs: ['0.0.0.0/0'], egressGateway: { egressIP: '203.0.113.44' } },
      }),
      put('EgressGateway', 'calico-egress', 'egw', { spec: { ipPools: [{ name: 'pool' }] } }),
      put('IPPool', '', 'pool', { spec: { cidr: '10.9.0.0/28', natOutgoing: true } }),
      put(WORKLOAD_KIND, 'calico-egress', 'egw', { labels: { code: 'red' } }),
      put(WORKLOAD_KIND, 'ml', 'plain', { labels: {}, annotations: {} }),
      put('Namespace', '', 'ml', {
        metadata: { annotations: { 'egress.projectcalico.org/selector': "code == 'red'" } },
      }),
    )
    const entries = await query('SELECT * FROM egress_entry')
    const { proposals } = await proposeEgress('', NOW)
    expect(
      proposals.map(({ id, rules }) => ({ id, rules: rules.map(({ workloads }) => workloads?.namespaces) })),
    ).toEqual([
      { id: 'cilium/prod/cegp', rules: [[]] },
      { id: 'calico/prod/calico-egress/egw', rules: [['ml']] },
    ])
    expect(proposals[1]?.warnings.join()).toContain('natOutgoing: true')
    await keep({
      what: 'object-gone',
      key: { kind: 'CiliumEgressGatewayPolicy', namespace: '', tier: '', name: 'cegp' },
      atMs: NOW,
    })
    expect((await proposeEgress('', NOW)).proposals.map(({ id }) => id)).toEqual(['calico/prod/calico-egress/egw'])
    expect(await query('SELECT * FROM egress_entry')).toEqual(entries)
  })

  it('forms know the workloads that reach providers, and every provider of the catalogue', async () => {
    const known = await knownForEgress('demo', NOW)
    expect(known.namespaces).toContain('agents')
    expect(known.workloads).toContain('planner')
    expect(known.hops).toEqual(expect.arrayContaining(['node', 'nat-gw']))
    expect(known.providers.length).toBeGreaterThan(100)
    expect(await knownForEgress('', NOW)).toMatchObject({ workloads: [] })
  })
})
