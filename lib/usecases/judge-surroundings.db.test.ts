import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { summariseDoor } from '@/lib/egress/summarise-door'
import type { Judgement } from '@/lib/model/egress'
import { query, useDatabase } from '@/lib/store/client'
import { loadDoors } from '@/lib/store/load-doors'
import { createTestDatabase } from '@/lib/store/test-database'
import {
  AT,
  BAD,
  GATEWAY,
  GOOD,
  keep,
  NOW,
  podSince,
  SETTINGS,
  sendCall,
  sendNat,
  sendRefusal,
} from './__fixtures__/egress-scene'
import { drawNatEdges } from './draw-nat-edges'
import { setEgressConfig } from './egress-config'
import { judgeEgress } from './judge-egress'
import { recordProbe } from './record-probe'

const SECOND = 1000
const MINUTE = 60 * SECOND
let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  setEgressConfig(SETTINGS)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})
beforeEach(() =>
  query(
    'TRUNCATE ingest_batch, nat_record, egress_connection, source_minute, flow_record, edge_bucket_15s, edge_bucket_1m, edge_bucket_1h, bucket_change, judgement_history, judged_edge, pod_ip_lease, address_change, gap, inventory_object, span, canary_probe',
  ),
)

/** Judgements in force, by client port. */
async function judged(): Promise<Readonly<Record<number, Judgement>>> {
  await judgeEgress()
  const rows = await query<{ port: number; judgement: Judgement }>(
    'SELECT client_port AS port, judgement FROM egress_connection ORDER BY 1',
  )
  return Object.fromEntries(rows.map(({ port, judgement }) => [port, judgement]))
}
const history = async (port: number): Promise<string[]> =>
  (
    await query<{ state: string }>(
      `SELECT concat_ws(' ', h.judgement->>'state', h.judgement->>'reason', h.judgement->>'cause') AS state FROM judgement_history h
       JOIN egress_connection c ON c.id = h.connection_id AND c.first_at = h.first_at WHERE c.client_port = $1 ORDER BY h.at`,
      [port],
    )
  ).map(({ state }) => state)
const door = async () => {
  const [only] = [...(await loadDoors('', { fromMs: NOW - 60 * MINUTE, toMs: NOW })).values()]
  return summariseDoor(only ?? [])
}

describe('the startup race of an egress gateway', () => {
  const EARLY = AT
  const LATER = AT + 2 * MINUTE
  const early = async () => {
    await sendCall({ atMs: EARLY, port: 1001 })
    await sendNat({ atMs: EARLY, port: 1001, to: BAD })
  }
  const later = async (to = GOOD) => {
    await sendCall({ atMs: LATER, port: 1002 })
    await sendNat({ atMs: LATER, port: 1002, to })
  }
  const begin = () => keep(podSince(EARLY - 20 * SECOND), ...GATEWAY)
  const RACE = { state: 'violation', observedIp: BAD, cause: 'startup_race' }

  it.each<[string, readonly (() => Promise<unknown>)[]]>([
    ['as it happens', [begin, early, judged, later]],
    [
      'with records late',
      [begin, () => sendCall({ atMs: EARLY, port: 1001 }), later, judged, () => sendNat({ port: 1001 })],
    ],
    ['with the inventory last', [early, later, judged, begin]],
    ['with the later connection first', [begin, later, judged, early]],
  ])('is a violation with its cause, told apart in the door: %s', async (_, steps) => {
    for (const step of steps) await step()
    expect(await judged()).toMatchObject({ 1001: RACE, 1002: { state: 'sanctioned' } })
    expect(await door()).toMatchObject({ state: 'violation', counts: { violation: 1, sanctioned: 1 }, startupRace: 1 })
  })
  it('has no cause until a later connection left rightly, and the change is appended', async () => {
    await begin()
    await early()
    expect((await judged())[1001]?.cause).toBeUndefined()
    await later()
    expect((await judged())[1001]).toMatchObject(RACE)
    expect(await history(1001)).toEqual(['violation', 'violation startup_race'])
    expect((await door()).startupRace).toBe(1)
  })
  it.each<[string, () => Promise<unknown>]>([
    ['a pod that began two minutes before', () => keep(podSince(EARLY - 2 * MINUTE), ...GATEWAY)],
    ['a pod that no gateway covers', () => keep(podSince(EARLY - 20 * SECOND))],
    [
      'an address that was two pods’',
      () => keep(podSince(EARLY - 20 * SECOND), podSince(EARLY + 1, 'uid-2'), ...GATEWAY),
    ],
  ])('is not told of %s', async (_, surroundings) => {
    await surroundings()
    await early()
    await later()
    const all = await judged()
    expect(all[1001]).toMatchObject({ state: 'violation' })
    expect(all[1001]?.cause).toBeUndefined()
  })
  it('is not told where the later ones leave wrongly too', async () => {
    await begin()
    await early()
    await later(BAD)
    const all = await judged()
    expect([all[1001]?.cause, all[1002]?.cause]).toEqual([undefined, undefined])
    expect(await door()).toMatchObject({ counts: { violation: 2 } })
  })
  it('is told no more once the later connection is in doubt', async () => {
    await begin()
    await early()
    await later()
    await judged()
    await sendNat({ atMs: LATER + 10, port: 1002, to: BAD })
    expect((await judged())[1002]?.state).toBe('unverified')
    expect((await judged())[1001]?.cause).toBeUndefined()
  })
})

describe('what a workload tells of a refused address', () => {
  const REFUSED = { state: 'unverified', reason: 'provider_refused', lean: 'likely_violation' }
  it.each<[string, readonly (() => Promise<unknown>)[]]>([
    ['before the flow', [sendRefusal, sendCall]],
    ['after it was judged', [sendCall, judged, sendRefusal]],
  ])('accuses its connections to that provider, told %s', async (_, steps) => {
    for (const step of steps) await step()
    expect((await judged())[41370]).toMatchObject(REFUSED)
  })
  it.each<[string, Parameters<typeof sendRefusal>[0]]>([
    ['another provider', { host: 'api.anthropic.com' }],
    ['another time', { atMs: AT - 11 * MINUTE }],
    ['another pod', { pod: 'agent-7d4b9c6f5-zzzzz' }],
  ])('says nothing of %s', async (_, refusal) => {
    await sendRefusal(refusal)
    await sendCall()
    expect((await judged())[41370]).toMatchObject({ state: 'unverified', reason: 'no_nat_evidence', lean: 'none' })
  })
  it('neither acquits nor convicts beside proof', async () => {
    await sendRefusal()
    await sendCall()
    await sendNat({ to: GOOD })
    expect((await judged())[41370]?.state).toBe('sanctioned')
  })
})

describe('a probe of the namespace', () => {
  const probe = (peer = BAD, { atMs = AT - MINUTE, node = 'n1', namespace = 'ml', told = '' } = {}) =>
    recordProbe({ cluster: 'prod', namespace, tokenId: 't', node, ...(told && { told }) }, { peer }, [], atMs)
  const SAMPLED = { state: 'unverified', reason: 'sampled_only', lean: 'likely_violation', confidence: 'sampled' }

  it.each<[string, readonly (() => Promise<unknown>)[]]>([
    ['before the flow', [probe, sendCall]],
    ['while the connection lives', [sendCall, judged, () => probe(BAD, { atMs: AT })]],
  ])('leans its connections, and proves nothing: %s', async (_, steps) => {
    for (const step of steps) await step()
    const { 41370: judgement } = await judged()
    expect(judgement).toMatchObject(SAMPLED)
    // It is the probe's address, not the connection's.
    expect(judgement?.observedIp).toBeUndefined()
  })
  it('of the pod’s own node stands above those of others', async () => {
    await keep(podSince(AT - MINUTE))
    await probe(GOOD, { node: 'n2' })
    await probe(BAD, { node: 'n1', atMs: AT - 5 * MINUTE })
    await sendCall()
    expect((await judged())[41370]).toMatchObject(SAMPLED)
  })
  it('of the pod’s own node is found once it is known, however late, on which node the pod was', async () => {
    await probe(GOOD, { node: 'n2' })
    await probe(BAD, { node: 'n1', atMs: AT - 5 * MINUTE })
    await sendCall()
    expect((await judged())[41370]).toMatchObject({ state: 'unverified', lean: 'none' })
    await keep(podSince(AT - MINUTE))
    await drawNatEdges({ nowMs: NOW, settleMs: MINUTE })
    expect((await judged())[41370]).toMatchObject(SAMPLED)
  })
  it.each<[string, () => Promise<unknown>, string, string]>([
    ['older than 15 minutes is stale', () => probe(BAD, { atMs: AT - 16 * MINUTE }), 'stale_probe', 'none'],
    ['of another namespace says nothing', () => probe(BAD, { namespace: 'web' }), 'no_nat_evidence', 'none'],
    ['that saw a private address shows nothing', () => probe('10.1.2.3'), 'no_nat_evidence', 'none'],
    ['after the connection says nothing', () => probe(BAD, { atMs: AT + MINUTE }), 'no_nat_evidence', 'none'],
    ['may accuse by its own word', () => probe('10.1.2.3', { told: BAD }), 'no_nat_evidence', 'likely_violation'],
    ['may not acquit by it', () => probe('10.1.2.3', { told: GOOD }), 'no_nat_evidence', 'none'],
  ])('%s', async (_, work, reason, lean) => {
    await work()
    await sendCall()
    expect((await judged())[41370]).toMatchObject({ state: 'unverified', reason, lean })
  })
  it('changes nothing that is proven', async () => {
    await probe(BAD)
    await sendCall()
    await sendNat({ to: GOOD })
    expect((await judged())[41370]?.state).toBe('sanctioned')
  })
})

describe('what an egress gateway dropped', () => {
  it.each(['NO_EGRESS_GATEWAY', 'DROP_NO_EGRESS_IP'])('%s is broken, and no violation', async (drop) => {
    await sendCall({ drop })
    expect((await judged())[41370]?.state).toBe('broken')
    expect(await door()).toMatchObject({ state: 'broken', counts: { broken: 1, violation: 0 } })
  })
  it('POLICY_DENIED is blocked, another drop neither', async () => {
    await sendCall({ drop: 'POLICY_DENIED', port: 1 })
    await sendCall({ drop: 'CT_MAP_INSERTION_FAILED', port: 2 })
    expect(await judged()).toMatchObject({ 1: { state: 'blocked' }, 2: { state: 'unverified' } })
  })
})

describe('a proven violation', () => {
  it('that later evidence puts in doubt stays in the history, and in the door as one that was', async () => {
    await sendCall()
    await sendNat({ to: BAD })
    expect((await judged())[41370]?.state).toBe('violation')
    await sendNat({ to: GOOD, atMs: AT + 20, toPort: 5 })
    expect((await judged())[41370]).toMatchObject({ state: 'unverified', wasViolation: true })
    expect(await history(41370)).toEqual(['violation', 'unverified join_too_weak'])
    expect(await door()).toMatchObject({ counts: { violation: 0 }, formerViolations: 1 })
  })
})
