import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { InventoryChange, InventoryKind } from '@/lib/model/inventory'
import { WORKLOAD_KIND } from '@/lib/model/inventory'
import { type PolicyLine, policyId } from '@/lib/model/policy-report'
import { useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { goldmaneLine, hubbleLine, sendGoldmaneLines, sendHubble } from './__fixtures__/facts-scene'
import { keepInventory } from './keep-inventory'
import { listPolicies } from './list-policies'
import { loadPolicyDetail } from './load-policy-detail'
import { queryWholeGraph } from './query-graph'

const NOW = Math.floor(Date.now() / 60_000) * 60_000
const MINUTE = 60_000
let database: Awaited<ReturnType<typeof createTestDatabase>>
let cluster = ''
let clusters = 0

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})
beforeEach(() => {
  clusters += 1
  cluster = `cluster-${clusters}`
})

const ask = () => ({ dataset: '', windowMs: 15 * MINUTE, cluster })
const list = async () => (await listPolicies(ask(), NOW)).lines
const lineOf = (lines: readonly PolicyLine[], name: string): PolicyLine => {
  const line = lines.find((one) => one.name === name)
  if (!line) throw new Error(`no line of ${name}`)
  return line
}
const put = (kind: InventoryKind, name: string, body: Record<string, unknown>, extra = {}): InventoryChange => ({
  what: 'object',
  atMs: NOW - 20 * MINUTE,
  object: { kind, namespace: 'ml', tier: '', name, uid: 'u', resourceVersion: '1', isUnchanged: false, body, ...extra },
})
const keep = (...changes: readonly InventoryChange[]) =>
  keepInventory({ cluster, changes, synced: [{ kind: 'NetworkPolicy', atMs: NOW }], rejects: {}, gaps: [], nowMs: NOW })
const workloads = [
  put(WORKLOAD_KIND, 'agent', { labels: { app: 'agent' }, serviceAccount: 'sa' }),
  put(WORKLOAD_KIND, 'web', { labels: { app: 'web' }, serviceAccount: 'sa' }),
  put('Namespace', 'ml', { metadata: { labels: {} } }, { namespace: '' }),
]
const cilium = (app: string) => ({ spec: { endpointSelector: { matchLabels: { app } }, egress: [{}] } })
const allowedBy = (name: string) => ({
  rest: { egress_allowed_by: [{ name, namespace: 'ml', kind: 'CiliumNetworkPolicy' }], policy_match_type: 2 },
})
const hubble = (lines: readonly string[]) => sendHubble(lines, NOW, { cluster })
const goldmane = (lines: readonly string[]) => sendGoldmaneLines(lines, NOW, cluster)
/** Policies are those of the server’s side of a workload's calls to the public internet; one connection each. */
const calico = (change: {
  readonly at?: number
  readonly enforced: readonly string[]
  readonly pending?: readonly string[]
  readonly action?: number
  readonly connections?: number
}) => {
  const line: unknown = JSON.parse(
    goldmaneLine({ startMs: NOW - (change.at ?? 5) * MINUTE, policies: change.enforced }),
  )
  if (typeof line !== 'object' || line === null || !('Key' in line) || typeof line.Key !== 'object') throw new Error()
  return JSON.stringify({
    ...line,
    num_connections_started: change.connections ?? 1,
    Key: {
      ...line.Key,
      action: change.action ?? 1,
      policies: { enforced_policies: change.enforced, pending_policies: change.pending ?? change.enforced },
    },
  })
}

describe('counts', () => {
  it('of every policy that records name are those of the graph, by tier, rule and staged effect, and agree in the detail', async () => {
    await goldmane([
      calico({ at: 6, enforced: ['0|default|np:ml/allow|allow|2'], connections: 4 }),
      calico({
        at: 5,
        enforced: ['0|default|np:ml/allow|allow|0'],
        pending: ['0|security|snp:ml/lock-down|deny|1'],
        connections: 3,
      }),
      calico({ at: 4, enforced: ['0|security|np:ml/isolate|deny|-1'], action: 2, connections: 5 }),
    ])
    const lines = await list()
    expect(lineOf(lines, 'allow')).toMatchObject({
      engine: 'calico',
      tier: 'default',
      use: 'hit',
      counts: { allowed: 7, denied: 0, wouldDeny: 0 },
      edges: { decides: 1 },
    })
    expect(lineOf(lines, 'lock-down')).toMatchObject({
      kind: 'StagedNetworkPolicy',
      counts: { wouldDeny: 3, denied: 0 },
      edges: { decides: 0, wouldDeny: 1 },
    })
    expect(lineOf(lines, 'isolate').counts).toMatchObject({ denied: 0, deniedByDefault: 5 })
    expect(lines.find(({ kind }) => kind === 'EndOfTier')).toMatchObject({
      tier: 'security',
      counts: { deniedByDefault: 5 },
    })
    const graph = await queryWholeGraph(ask(), NOW)
    const edges = graph.edges.filter((edge) => edge.cluster === cluster)
    expect(edges.map(({ passed, denied }) => [passed, denied])).toEqual([[7, 5]])

    const detail = await loadPolicyDetail(ask(), lineOf(lines, 'allow').id, NOW)
    expect(detail.rules.map(({ direction, index, count }) => [direction, index, count])).toEqual([
      ['egress', 0, 3],
      ['egress', 2, 4],
    ])
    expect(detail.edges).toMatchObject([{ id: edges[0]?.id, counts: { allowed: 7 }, state: 'mixed' }])
    expect(detail.slots.reduce((sum, slot) => sum + slot.allowed, 0)).toBe(7)
    expect(detail.slots.find(({ startMs }) => startMs === NOW - 5 * MINUTE)?.allowed).toBe(3)
    const tier = await loadPolicyDetail(ask(), lines.find(({ kind }) => kind === 'EndOfTier')?.id ?? '', NOW)
    expect(tier.triggers).toMatchObject([{ name: 'isolate' }])
  })

  it('of a policy that the inventory knows stand beside its object: one line, matched by kind, and by the tier where it has one', async () => {
    await keep(
      ...workloads,
      put('CalicoNetworkPolicy', 'allow', { spec: { selector: 'all()', order: 7 } }, { tier: 'default' }),
      put('CalicoNetworkPolicy', 'allow', { spec: { selector: 'all()' } }, { tier: 'platform' }),
      put('Tier', 'default', { spec: { order: 200 } }, { namespace: '' }),
      put('Tier', 'platform', { spec: { order: 100 } }, { namespace: '' }),
    )
    await goldmane([calico({ enforced: ['0|default|np:ml/allow|allow|2'], connections: 4 })])
    const report = await listPolicies(ask(), NOW)
    expect(report.tierOrder).toEqual({ [cluster]: ['platform', 'default'] })
    const [hit, other] = report.lines.filter(({ name }) => name === 'allow')
    expect(hit).toMatchObject({
      tier: 'default',
      use: 'hit',
      object: { existsNow: true, order: 7 },
      selects: { workloads: 2 },
    })
    expect(other).toMatchObject({ tier: 'platform', use: 'never' })
  })
})

describe('never hit', () => {
  it('is said of a policy whose hits would have been named, and of none where traffic that it may select came without names', async () => {
    await keep(
      ...workloads,
      put('CiliumNetworkPolicy', 'for-agent', cilium('agent')),
      put('CiliumNetworkPolicy', 'for-web', cilium('web')),
      put('CiliumNetworkPolicy', 'for-nobody', cilium('nobody')),
    )
    await hubble([hubbleLine({ atMs: NOW - MINUTE, app: 'agent', ...allowedBy('for-agent') })])
    let lines = await list()
    expect(lineOf(lines, 'for-agent')).toMatchObject({
      use: 'hit',
      counts: { allowed: 1 },
      selects: { workloads: 1, undecided: 0 },
    })
    expect(lineOf(lines, 'for-web')).toMatchObject({ use: 'never', selects: { workloads: 1 } })
    expect(lineOf(lines, 'for-nobody')).toMatchObject({ use: 'never', selects: { workloads: 0 } })

    await hubble([hubbleLine({ atMs: NOW - MINUTE, app: 'web', rest: { egress_allowed_by: [] } })])
    lines = await list()
    expect(lineOf(lines, 'for-web')).toMatchObject({ use: 'unknown', whyUnknown: 'unnamed' })
    expect(lineOf(lines, 'for-nobody')).toMatchObject({ use: 'never' })
  })

  it('is not known where no source that names policies of the engine spoke, or only one that named none', async () => {
    await keep(...workloads, put('CiliumNetworkPolicy', 'a', cilium('agent')), put('NetworkPolicy', 'b', { spec: {} }))
    expect((await list()).map(({ use, whyUnknown }) => [use, whyUnknown])).toEqual([
      ['unknown', 'no-source'],
      ['unknown', 'no-source'],
    ])
    await hubble([hubbleLine({ atMs: NOW - MINUTE, app: 'web' })])
    const report = await listPolicies(ask(), NOW)
    expect(lineOf(report.lines, 'a')).toMatchObject({ use: 'unknown', whyUnknown: 'no-source' })
    expect(report.clusters).toEqual([
      { cluster, naming: [], silent: ['hubble'], unnamed: 1, hasPending: false, hasInventory: true },
    ])
  })

  it('is not known where the source lost records', async () => {
    await keep(...workloads, put('CiliumNetworkPolicy', 'for-nobody', cilium('nobody')))
    const lost = {
      lost_events: { source: 'HUBBLE_RING_BUFFER', num_events_lost: 5 },
      time: new Date(NOW - 2 * MINUTE).toISOString(),
      node_name: 'n',
    }
    await hubble([hubbleLine({ atMs: NOW - MINUTE, ...allowedBy('x') }), JSON.stringify(lost)])
    expect(lineOf(await list(), 'for-nobody')).toMatchObject({ use: 'unknown', whyUnknown: 'lost' })
  })

  it('of a staged policy needs records that tell what staged policies would do', async () => {
    const staged = put('StagedNetworkPolicy', 'later', { spec: { selector: "app == 'nobody'" } }, { tier: 'default' })
    await keep(...workloads, staged)
    await goldmane([goldmaneLine({ startMs: NOW - 5 * MINUTE, policies: ['0|default|np:ml/allow|allow|0'] })])
    expect(lineOf(await list(), 'later')).toMatchObject({ use: 'unknown', whyUnknown: 'no-pending' })
  })

  it('is never said of a policy whose name records tell under another kind: neither is merged with the other', async () => {
    await keep(
      ...workloads,
      put('NetworkPolicy', 'same', { spec: { podSelector: { matchLabels: { app: 'nobody' } } } }),
    )
    await hubble([hubbleLine({ atMs: NOW - MINUTE, app: 'agent', ...allowedBy('same') })])
    const [first, second] = (await list()).filter(({ name }) => name === 'same')
    expect(first).toMatchObject({ kind: 'CiliumNetworkPolicy', use: 'hit', namesakeKind: 'NetworkPolicy' })
    expect(first?.object).toBeUndefined()
    expect(second).toMatchObject({ kind: 'NetworkPolicy', use: 'unknown', whyUnknown: 'namesake' })
  })
})

describe('one policy', () => {
  it('that changed and went tells its versions, and that it is gone', async () => {
    const at = (change: InventoryChange, atMs: number): InventoryChange => ({ ...change, atMs })
    await keep(
      at(put('CiliumNetworkPolicy', 'p', cilium('a')), NOW - 9 * MINUTE),
      at(put('CiliumNetworkPolicy', 'p', cilium('b')), NOW - 6 * MINUTE),
      {
        what: 'object-gone',
        key: { kind: 'CiliumNetworkPolicy', namespace: 'ml', tier: '', name: 'p' },
        atMs: NOW - 3 * MINUTE,
      },
    )
    const line = lineOf(await list(), 'p')
    expect(line.object).toEqual({ existsNow: false, changedMs: NOW - 6 * MINUTE, removedMs: NOW - 3 * MINUTE })
    const { versions } = await loadPolicyDetail(ask(), line.id, NOW)
    expect(versions).toEqual([
      { fromMs: NOW - 6 * MINUTE, toMs: NOW - 3 * MINUTE },
      { fromMs: NOW - 9 * MINUTE, toMs: NOW - 6 * MINUTE },
    ])
  })

  it('that nothing has is not found, and a text that names none is refused', async () => {
    const id = policyId({ cluster, engine: 'hubble', kind: 'K', namespace: '', tier: '', name: 'x' })
    await expect(loadPolicyDetail(ask(), id, NOW)).rejects.toMatchObject({ code: 'not_found' })
    await expect(loadPolicyDetail(ask(), 'x', NOW)).rejects.toMatchObject({ code: 'bad_request' })
  })
})
