import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { EdgeVariant } from '@/lib/model/graph'
import { type InventoryChange, type InventoryKind, type InventoryObject, WORKLOAD_KIND } from '@/lib/model/inventory'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { explainIsolation } from './explain-isolation'
import { keepInventory } from './keep-inventory'
import { loadPolicyDefinition } from './load-policy-definition'

const NOW = Date.parse('2026-11-24T12:00:00Z')
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

const keep = (...changes: readonly InventoryChange[]) =>
  keepInventory({ cluster, changes, synced: [{ kind: 'NetworkPolicy', atMs: NOW }], rejects: {}, gaps: [], nowMs: NOW })
const put = (
  kind: InventoryKind,
  name: string,
  body: Record<string, unknown>,
  atMs = NOW,
  extra: Partial<InventoryObject> = {},
): InventoryChange => ({
  what: 'object',
  atMs,
  object: { kind, namespace: 'ml', tier: '', name, uid: 'u', resourceVersion: '1', isUnchanged: false, body, ...extra },
})
const ask = (extra: Partial<Parameters<typeof loadPolicyDefinition>[0]> = {}) =>
  loadPolicyDefinition({ cluster, kind: 'NetworkPolicy', namespace: 'ml', tier: '', name: 'p', atMs: NOW, ...extra })

describe('the text of a policy', () => {
  it('is the one that was in force at the time, with the rule that decided marked', async () => {
    const spec = (ports: readonly number[]) => ({
      kind: 'NetworkPolicy',
      spec: { egress: ports.map((port) => ({ ports: [{ port }] })) },
    })
    await keep(
      put('NetworkPolicy', 'p', spec([1]), NOW - 60_000),
      put('NetworkPolicy', 'p', spec([2, 3]), NOW - 30_000),
      { what: 'object-gone', key: { kind: 'NetworkPolicy', namespace: 'ml', tier: '', name: 'p' }, atMs: NOW },
    )
    expect(await ask({ atMs: NOW - 45_000 })).toMatchObject({
      isExact: true,
      validFromMs: NOW - 60_000,
      validToMs: NOW - 30_000,
      yaml: expect.stringContaining('port: 1'),
    })
    const { yaml, marks } = await ask({
      atMs: NOW - 30_000,
      mark: { direction: 'egress', action: 'allow', index: 1 },
    })
    expect(yaml).toMatch(/port: 2[\s\S]*# the rule that decided\n[\s\S]*port: 3/)
    const [mark] = marks ?? []
    expect(marks).toHaveLength(1)
    expect(
      yaml
        ?.split('\n')
        .slice((mark?.fromLine ?? 0) - 1, mark?.toLine)
        .join('\n'),
    ).toMatch(/^ *- ports:\n *- port: 3$/)
    await expect(ask({ atMs: NOW })).rejects.toMatchObject({ code: 'not_found' })
    await expect(ask({ atMs: NOW - 90_000 })).rejects.toMatchObject({ code: 'not_found' })
  })

  it('of a time before we knew it is the oldest known one, and said to be that; of a policy that never changed it is exact', async () => {
    const createdMs = NOW - 3_600_000
    await keep(
      put('NetworkPolicy', 'changed', { spec: {} }, NOW, { createdMs }),
      put('NetworkPolicy', 'unchanged', { spec: {} }, NOW, { createdMs, isUnchanged: true }),
    )
    expect(await ask({ name: 'changed', atMs: NOW - 1000 })).toMatchObject({ isExact: false, validFromMs: NOW })
    expect(await ask({ name: 'unchanged', atMs: NOW - 1000 })).toMatchObject({ isExact: true, validFromMs: createdMs })
    await expect(ask({ name: 'changed', atMs: createdMs - 1 })).rejects.toMatchObject({ code: 'not_found' })
  })

  it('is found by the tier that a source names for a policy that has none, and never across tiers', async () => {
    await keep(
      put('NetworkPolicy', 'p', { of: 'kubernetes' }),
      put('CalicoNetworkPolicy', 'p', { of: 'platform' }, NOW, { tier: 'platform' }),
      put('CalicoNetworkPolicy', 'p', { of: 'security' }, NOW, { tier: 'security' }),
    )
    expect((await ask({ tier: 'default' })).yaml).toContain('kubernetes')
    expect((await ask({ kind: 'CalicoNetworkPolicy', tier: 'security' })).yaml).toContain('security')
    await expect(ask({ kind: 'CalicoNetworkPolicy', tier: 'default' })).rejects.toMatchObject({ code: 'not_found' })
  })

  it('is stored whatever it holds, and bounded', async () => {
    await keep(put('NetworkPolicy', 'p', JSON.parse('{"a":"\\u0000\\ud800<script>","__proto__":{"x":1}}')))
    expect((await ask()).yaml).toContain('<script>')
    await keep(put('NetworkPolicy', 'p', {}, NOW + 1, { body: undefined }))
    expect(await ask({ atMs: NOW + 1 })).toMatchObject({ missing: expect.stringContaining('too large') })
  })

  it('an equal object makes no new version, another uid of the same name does', async () => {
    await keep(put('NetworkPolicy', 'p', { a: 1, b: 2 }), put('NetworkPolicy', 'p', { b: 2, a: 1 }, NOW + 5))
    await keep(put('NetworkPolicy', 'p', { a: 1, b: 2 }, NOW + 10))
    await keep(put('NetworkPolicy', 'p', { a: 1, b: 2 }, NOW + 20, { uid: 'another' }))
    const rows = await query<{ uid: string; open: boolean }>(
      'SELECT uid, valid_to IS NULL AS open FROM inventory_object WHERE cluster = $1 ORDER BY valid_from',
      [cluster],
    )
    expect(rows).toEqual([
      { uid: 'u', open: false },
      { uid: 'another', open: true },
    ])
  })
})

const denied = (extra: Partial<EdgeVariant> = {}): EdgeVariant => ({
  id: '1',
  source: 'hubble',
  observer: 'client',
  outcome: 'denied',
  basis: 'default',
  pending: 'same',
  layer: 'L4',
  enforced: [],
  counters: { connections: 1, events: 0, requests: 0, requestErrors: 0, spans: 0, bytesSent: 0, bytesReceived: 0 },
  firstMs: NOW,
  lastMs: NOW,
  ...extra,
})
const sides = () => ({ cluster, client: { namespace: 'ml', name: 'agent', labels: { tier: 'told-by-flows' } } })

describe('a denial without a rule', () => {
  it('is explained by the policies that isolated the workload then, by its own labels of then', async () => {
    await keep(
      put(WORKLOAD_KIND, 'agent', { labels: { app: 'agent' }, serviceAccount: 'sa' }, NOW - 1000),
      put('Namespace', 'ml', { metadata: { labels: { env: 'prod' } } }, NOW - 1000, { namespace: '' }),
      put(
        'CiliumNetworkPolicy',
        'mine',
        { spec: { endpointSelector: { matchLabels: { app: 'agent' } }, egress: [{}] } },
        NOW - 1000,
      ),
      put('CiliumNetworkPolicy', 'later', { spec: { endpointSelector: {}, egress: [{}] } }, NOW + 1000),
      put(
        'CiliumNetworkPolicy',
        'others',
        { spec: { endpointSelector: { matchLabels: { app: 'web' } }, egress: [{}] } },
        NOW - 1000,
      ),
      put('CiliumClusterwideNetworkPolicy', 'all', { spec: { endpointSelector: {}, ingress: [{}] } }, NOW - 1000, {
        namespace: '',
      }),
    )
    expect(await explainIsolation(sides(), [denied()])).toEqual([
      {
        side: 'client',
        direction: 'egress',
        atMs: NOW,
        isolating: [{ kind: 'CiliumNetworkPolicy', namespace: 'ml', tier: '', name: 'mine' }],
        undecided: [],
      },
    ])
  })

  it('is left alone where the source names the policy, where it is no denial, and where nothing is known', async () => {
    await keep(put('NetworkPolicy', 'p', { spec: { podSelector: {}, policyTypes: ['Egress'] } }, NOW - 1000))
    const trigger = { kind: 'NetworkPolicy', namespace: 'ml', tier: 'default', name: 'p' }
    const end = { kind: 'EndOfTier', namespace: '', tier: 'default', name: '', action: 'deny' } as const
    expect(await explainIsolation(sides(), [denied({ enforced: [{ ...end, trigger }] })])).toEqual([])
    expect(await explainIsolation(sides(), [denied({ basis: 'rule' })])).toEqual([])
    expect(await explainIsolation(sides(), [denied({ outcome: 'allowed' })])).toEqual([])
    expect(await explainIsolation({ ...sides(), cluster: 'nowhere' }, [denied()])).toEqual([])
    expect(await explainIsolation(sides(), [denied({ enforced: [end] })])).toMatchObject([
      { isolating: [{ name: 'p' }] },
    ])
    expect(await explainIsolation(sides(), [denied({ enforced: [{ ...end, tier: 'platform' }] })])).toEqual([])
  })

  it('says what it cannot decide where only flow records tell the labels', async () => {
    await keep(
      put(
        'NetworkPolicy',
        'p',
        { spec: { podSelector: { matchLabels: { app: 'agent' } }, policyTypes: ['Egress'] } },
        NOW - 1000,
      ),
      put(
        'NetworkPolicy',
        'q',
        { spec: { podSelector: { matchLabels: { tier: 'told-by-flows' } }, policyTypes: ['Egress'] } },
        NOW - 1000,
      ),
    )
    expect(await explainIsolation(sides(), [denied()])).toMatchObject([
      { isolating: [{ name: 'q' }], undecided: [{ name: 'p' }] },
    ])
  })
})
