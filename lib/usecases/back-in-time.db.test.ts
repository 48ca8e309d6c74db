import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { frameAt, frameGraph } from '@/lib/graph/replay-frames'
import type { GraphQuery } from '@/lib/model/graph'
import { addTraffic, addTrafficCounts, NO_TRAFFIC, trafficTotal } from '@/lib/model/traffic-count'
import { forgetBucketFloors } from '@/lib/store/bucket-floors'
import { query, useDatabase } from '@/lib/store/client'
import { rollUpBuckets } from '@/lib/store/roll-up-buckets'
import { createTestDatabase } from '@/lib/store/test-database'
import { forgetScene } from './__fixtures__/calico-scene'
import { goldmaneLine, type HubbleChange, hubbleLine, sendGoldmaneLines, sendHubble } from './__fixtures__/facts-scene'
import { requestOf } from './__fixtures__/flow-scene'
import { newObject } from './__fixtures__/plan-senders'
import { compareWindows } from './compare-windows'
import { setEgressConfig } from './egress-config'
import { keepInventory } from './keep-inventory'
import { flowHistogram } from './list-flows'
import { loadPolicyDetail } from './load-policy-detail'
import { loadReplay } from './load-replay'
import { loadTimeline } from './load-timeline'
import { queryWholeGraph } from './query-graph'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** Ten minutes into an hour that is over. */
const T0 = Math.floor(Date.now() / HOUR) * HOUR - 2 * HOUR + 10 * MINUTE
const WINDOW = { fromMs: T0, toMs: T0 + 15 * MINUTE }
const NOW = WINDOW.toMs
const THE_HOUR = { fromMs: T0 - 10 * MINUTE, toMs: T0 + 50 * MINUTE }

let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  setEgressConfig({ fileText: '' })
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})
beforeEach(async () => {
  forgetBucketFloors()
  await forgetScene()
  await query(
    'TRUNCATE inventory_object, inventory_sync, gap, source_minute, finding_event, finding, case_event, incident_case, storage_floor',
  )
})

const VAULT = { namespace: 'data', app: 'vault' }
const call = (part: Partial<HubbleChange> & { atMs: number }) =>
  hubbleLine({ server: VAULT, serverPort: 8200, serverIp: '10.244.1.9', ...part })
const calls = (app: string, atMs: number, count: number, part: Partial<HubbleChange> = {}) =>
  Array.from({ length: count }, (_, n) => call({ app, atMs: atMs + n * 10, ...part }))
const send = (lines: readonly string[], where = {}) => sendHubble(lines, NOW, where)
/** Minutes of receipt are those of the clock: tests say when a source spoke. */
const heardAt = (source: string, minutes: readonly number[]) =>
  query(
    `INSERT INTO source_minute (dataset, source, cluster, hop, minute, accepted, duplicates, rejected, last_received)
     SELECT '', $1, 'demo', '', to_timestamp(m / 1000), 1, 0, 0, to_timestamp(m / 1000) FROM unnest($2::float8[]) AS m`,
    [source, minutes],
  )
const everyMinute = (fromMs: number, toMs: number) =>
  Array.from({ length: Math.ceil((toMs - fromMs) / MINUTE) }, (_, n) => fromMs + n * MINUTE)
const forgetReceipts = () => query('TRUNCATE source_minute')
const view = (part: Partial<GraphQuery> = {}): GraphQuery => ({
  dataset: '',
  windowMs: 0,
  ...WINDOW,
  namespaces: [],
  scope: 'all',
  states: [],
  ...part,
})
const timeline = (part: Partial<Parameters<typeof loadTimeline>[0]> = {}) =>
  loadTimeline({ dataset: '', cluster: '', window: WINDOW, ...part })

describe('the timeline', () => {
  it('counts connections where they were, each once though both ends report it, and marks the first denial of each edge', async () => {
    await send([
      ...calls('agent', T0 + 20_000, 3),
      ...calls('agent', T0 + 20_000, 3, { side: 'INGRESS' }),
      ...calls('stranger', T0 + 5 * MINUTE, 2, { verdict: 'DROPPED' }),
      ...calls('stranger', T0 + 8 * MINUTE, 4, { verdict: 'DROPPED' }),
    ])
    const { frames, counts, marks } = await timeline()
    expect(frames).toEqual({ fromMs: T0, stepMs: 15_000, count: 60 })
    expect(
      counts.flatMap(({ passed, denied }, at) =>
        trafficTotal(passed) + trafficTotal(denied) > 0 ? [[at, passed.connections, denied.connections]] : [],
      ),
    ).toEqual([
      [1, 3, 0],
      [20, 0, 2],
      [32, 0, 4],
    ])
    expect(marks).toMatchObject([
      { kind: 'deny', atMs: T0 + 5 * MINUTE, client: 'ml / stranger', server: 'data / vault', serverPort: 8200 },
    ])
    const whole = await queryWholeGraph(view(), NOW)
    expect(counts.reduce((sum, { passed, denied }) => sum + trafficTotal(passed) + trafficTotal(denied), 0)).toBe(
      whole.edges.reduce((sum, { passed, denied }) => sum + passed + denied, 0),
    )
  })

  it('of packets of connections that began before counts flow events, and says so; the bars of the flow table say the same', async () => {
    const packet = { event_type: { type: 4, sub_type: 3 }, trace_reason: 'ESTABLISHED' }
    await send([
      ...calls('old', T0 + 20_000, 3, { rest: packet }),
      ...calls('both', T0 + 20_000, 2, { rest: packet }),
      ...calls('both', T0 + 25_000, 1),
      ...calls('stranger', T0 + 5 * MINUTE, 2, { verdict: 'DROPPED' }),
      ...calls('stranger', T0 + 5 * MINUTE, 2, { rest: packet }),
      // Let go by the client, denied by the server: one connection each, and none passed.
      ...calls('refused', T0 + 9 * MINUTE, 4),
      ...calls('refused', T0 + 9 * MINUTE, 4, { side: 'INGRESS', verdict: 'DROPPED' }),
    ])
    const { counts } = await timeline()
    const { bars } = await flowHistogram(requestOf(WINDOW), NOW)
    const expected = {
      passed: { ...NO_TRAFFIC, connections: 1, events: 3 },
      denied: { ...NO_TRAFFIC, connections: 6 },
      other: NO_TRAFFIC,
    }
    const nothing = { passed: NO_TRAFFIC, denied: NO_TRAFFIC, other: NO_TRAFFIC }
    expect(counts.reduce(addTrafficCounts, nothing)).toEqual(expected)
    expect(bars.reduce(addTrafficCounts, nothing)).toEqual(expected)
  })

  it('says the same before and after buckets were added up, and of the cluster that is asked for alone', async () => {
    await send(calls('agent', T0 + 20_000, 3))
    await send(calls('agent', T0 + 7 * MINUTE, 5), { cluster: 'other' })
    const before = await timeline({ cluster: 'demo' })
    await rollUpBuckets({ nowMs: THE_HOUR.toMs + HOUR, hurry: THE_HOUR })
    expect((await timeline({ cluster: 'demo' })).counts).toEqual(before.counts)
    expect(before.counts.map(({ passed }) => passed).reduce(addTraffic, NO_TRAFFIC)).toEqual({
      ...NO_TRAFFIC,
      connections: 3,
    })
  })

  it('of what is kept by the hour alone has frames of an hour, and says from when on it knows more', async () => {
    await send(calls('agent', T0 + 20_000, 3))
    await rollUpBuckets({ nowMs: THE_HOUR.toMs + HOUR, hurry: THE_HOUR })
    await query(
      `INSERT INTO storage_floor (table_name, floor_ms) VALUES ('edge_bucket_15s', $1), ('edge_bucket_1m', $1)`,
      [T0 + 50 * MINUTE],
    )
    forgetBucketFloors()
    const { frames, counts, kept } = await timeline()
    expect(frames).toEqual({ fromMs: T0 - 10 * MINUTE, stepMs: HOUR, count: 1 })
    expect(counts).toEqual([{ passed: { ...NO_TRAFFIC, connections: 3 }, denied: NO_TRAFFIC, other: NO_TRAFFIC }])
    expect(kept).toEqual({ slotsMs: T0 + 50 * MINUTE, minutesMs: T0 + 50 * MINUTE })
  })

  it('tells policies that were created, changed and deleted from those that the inventory merely met', async () => {
    const policy = (name: string, body: Record<string, unknown>, atMs: number, extra = {}) =>
      newObject('NetworkPolicy', name, body, atMs, extra)
    const key = (name: string) => ({ kind: 'NetworkPolicy', namespace: 'ml', tier: '', name }) as const
    await keepInventory({
      cluster: 'demo',
      changes: [
        policy('old', { spec: 1 }, T0 - HOUR),
        policy('met', { spec: 1 }, T0 + MINUTE, { createdMs: T0 - 9 * HOUR }),
        policy('made', { spec: 1 }, T0 + 2 * MINUTE, { createdMs: T0 + 2 * MINUTE - 500 }),
        policy('old', { spec: 2 }, T0 + 3 * MINUTE),
        { what: 'object-gone', key: key('old'), atMs: T0 + 4 * MINUTE },
        newObject('Namespace', 'ml', { metadata: {} }, T0 + 5 * MINUTE, { namespace: '' }),
        policy('later', { spec: 1 }, WINDOW.toMs, { createdMs: WINDOW.toMs }),
      ],
      synced: [],
      rejects: {},
      gaps: [],
      nowMs: NOW,
    })
    const { marks } = await timeline()
    expect(
      marks.flatMap((mark) => (mark.kind === 'policy' ? [[mark.name, mark.change, (mark.atMs - T0) / MINUTE]] : [])),
    ).toEqual([
      ['met', 'known', 1],
      ['made', 'created', 2],
      ['old', 'changed', 3],
      ['old', 'deleted', 4],
    ])
    expect((await timeline({ cluster: 'other' })).marks).toEqual([])
  })

  it('a policy is marked with what the policies page opens it by, also one that is gone; a gateway, which the page has not, without', async () => {
    const key = { kind: 'NetworkPolicy', namespace: 'ml', tier: '', name: 'old' } as const
    await keepInventory({
      cluster: 'demo',
      changes: [
        newObject('NetworkPolicy', 'old', { spec: 1 }, T0 - HOUR),
        { what: 'object-gone', key, atMs: T0 + MINUTE },
        newObject('CiliumEgressGatewayPolicy', 'out', { spec: 1 }, T0 + 2 * MINUTE, { namespace: '' }),
      ],
      synced: [{ kind: 'NetworkPolicy', atMs: NOW }],
      rejects: {},
      gaps: [],
      nowMs: NOW,
    })
    const { marks } = await timeline()
    expect(marks).toMatchObject([{ name: 'old', change: 'deleted' }, { name: 'out' }])
    const [old, gateway] = marks.map((mark) => (mark.kind === 'policy' ? mark.policyId : ''))
    expect(gateway).toBeUndefined()
    const { line } = await loadPolicyDetail({ dataset: '', windowMs: 0, ...WINDOW }, old ?? '', NOW)
    expect(line).toMatchObject({ name: 'old', object: { existsNow: false, removedMs: T0 + MINUTE } })
  })

  it('marks findings and incidents that began or ended, not what people said of them', async () => {
    const id = '00000000-0000-4000-8000-000000000001'
    await query(
      `INSERT INTO finding (id, detector, dataset, cluster, edge_id, status, severity, title, workload, target, count, first_seen, last_seen)
       VALUES ($1, 'D0', '', 'demo', 1, 'open', 'critical', 'left by another address', 'w', 'x', 1, now(), now())`,
      [id],
    )
    await query(
      `INSERT INTO incident_case (id, dataset, cluster, cause, title, summary, status, opened_by, opened_at)
       VALUES ($1, '', 'demo', 'c', 'a bypass', 's', 'open', 'postern', now())`,
      [id],
    )
    await query(
      `INSERT INTO finding_event (dataset, finding_id, kind, at, position, actor, detail) SELECT '', $1, kind, to_timestamp(at / 1000), 0, 'a', '{}'
       FROM unnest($2::text[], $3::float8[]) AS e(kind, at)`,
      [id, ['opened', 'commented', 'resolved'], [T0 + MINUTE, T0 + 2 * MINUTE, T0 + 3 * MINUTE]],
    )
    await query(
      `INSERT INTO case_event (dataset, case_id, kind, at, position, actor, detail) VALUES ('', $1, 'opened', to_timestamp($2::float8 / 1000), 0, 'a', '{}')`,
      [id, T0 + MINUTE + 1],
    )
    expect((await timeline()).marks).toEqual([
      {
        kind: 'finding',
        atMs: T0 + MINUTE,
        cluster: 'demo',
        findingId: id,
        event: 'opened',
        title: 'left by another address',
        detector: 'D0',
        severity: 'critical',
      },
      { kind: 'incident', atMs: T0 + MINUTE + 1, cluster: 'demo', caseId: id, event: 'opened', title: 'a bypass' },
      {
        kind: 'finding',
        atMs: T0 + 3 * MINUTE,
        cluster: 'demo',
        findingId: id,
        event: 'resolved',
        title: 'left by another address',
        detector: 'D0',
        severity: 'critical',
      },
    ])
    expect((await timeline({ dataset: 'pinned' })).marks).toEqual([])
  })

  it('knows when a source said nothing, when it had not been heard of, and what it says it lost', async () => {
    await heardAt('hubble', [...everyMinute(T0 - HOUR, T0 + 4 * MINUTE), ...everyMinute(T0 + 10 * MINUTE, NOW)])
    await heardAt('calico', everyMinute(T0 + 5 * MINUTE, NOW))
    await heardAt('otlp', everyMinute(T0 - HOUR, NOW))
    // Sends every five minutes, and did.
    await heardAt(
      'nat',
      [-20, -15, -10, -5, 0, 5, 10].map((minute) => T0 + minute * MINUTE),
    )
    await query(
      `INSERT INTO gap (id, dataset, source, cluster, node, reason, at, end_at, lost)
       VALUES (1, '', 'hubble', 'demo', 'n1', 'ring buffer', to_timestamp($1::float8 / 1000), to_timestamp($2::float8 / 1000), 12)`,
      [T0 + MINUTE, T0 + 2 * MINUTE],
    )
    const { silences } = await timeline()
    expect(silences).toEqual([
      { source: 'calico', cluster: 'demo', kind: 'unheard', fromMs: T0, toMs: T0 + 5 * MINUTE },
      {
        source: 'hubble',
        cluster: 'demo',
        kind: 'loss',
        reason: 'ring buffer',
        lost: 12,
        fromMs: T0 + MINUTE,
        toMs: T0 + 2 * MINUTE,
      },
      { source: 'hubble', cluster: 'demo', kind: 'silent', fromMs: T0 + 4 * MINUTE, toMs: T0 + 10 * MINUTE },
    ])
    expect((await timeline({ cluster: 'other' })).silences).toEqual([])
  })

  it('a source that fell silent before the window is silent in all of it, one that began after it was not heard of', async () => {
    await heardAt('hubble', everyMinute(T0 - HOUR, T0 - 10 * MINUTE))
    await heardAt('calico', everyMinute(NOW + MINUTE, NOW + 5 * MINUTE))
    expect((await timeline()).silences).toEqual([
      { source: 'calico', cluster: 'demo', kind: 'unheard', ...WINDOW },
      { source: 'hubble', cluster: 'demo', kind: 'silent', ...WINDOW },
    ])
  })
})

describe('a replay', () => {
  it('draws each frame from its own records by the rules of any graph, on nodes that are the same in all', async () => {
    await send([
      ...calls('agent', T0 + 20_000, 3),
      ...calls('stranger', T0 + 5 * MINUTE, 2),
      ...calls('stranger', T0 + 8 * MINUTE, 4, { verdict: 'DROPPED' }),
    ])
    const replay = await loadReplay(view(), NOW)
    expect(replay.frames).toEqual({ fromMs: T0, stepMs: 15_000, count: 60 })
    const states = replay.edges.flatMap((edges, at) =>
      edges.length > 0
        ? [[at, ...frameGraph(replay, at).edges.map(({ state, passed, denied }) => [state, passed, denied])]]
        : [],
    )
    expect(states).toEqual([
      [1, ['allowed_by_policy', 3, 0]],
      [20, ['allowed_by_policy', 2, 0]],
      [32, ['denied_no_rule', 0, 4]],
    ])
    const ids = replay.graph.nodes.map(({ id }) => id)
    for (let at = 0; at < replay.frames.count; at += 1)
      expect(frameGraph(replay, at).nodes.map(({ id }) => id)).toEqual(ids)
    expect(replay.graph.edges.map(({ state }) => state).sort()).toEqual(['allowed_by_policy', 'mixed'])
    expect(frameAt(replay.frames, T0 + 8 * MINUTE + 1)).toBe(32)
    expect(frameAt(replay.frames, 0)).toBe(0)
  })

  it('shows in a frame what has the state that the view asks for, though the whole window is in another', async () => {
    await send([
      ...calls('stranger', T0 + 5 * MINUTE, 2),
      ...calls('stranger', T0 + 8 * MINUTE, 4, { verdict: 'DROPPED' }),
    ])
    const replay = await loadReplay(view({ states: ['denied_no_rule'] }), NOW)
    expect(replay.edges.flatMap((edges, at) => (edges.length > 0 ? [at] : []))).toEqual([32])
    expect(replay.graph.nodes.map(({ label }) => label).sort()).toEqual(['data / vault', 'ml / stranger'])
  })

  it('says that records longer than a frame are in it', async () => {
    await sendGoldmaneLines([goldmaneLine({ startMs: T0 + MINUTE, seconds: 300, set: 'x' })], NOW)
    expect((await loadReplay(view(), NOW)).hasLongRecords).toBe(true)
    await forgetScene()
    await send(calls('agent', T0 + 20_000, 3))
    expect((await loadReplay(view(), NOW)).hasLongRecords).toBe(false)
  })

  it('of a window that is not over ends now', async () => {
    const { window } = await loadReplay(view({ toMs: NOW + HOUR }), NOW)
    expect(window).toEqual(WINDOW)
  })
})

describe('two windows compared', () => {
  const BEFORE = T0 - 15 * MINUTE
  const seed = (where = {}) =>
    send(
      [
        ...calls('steady', BEFORE + MINUTE, 5),
        ...calls('steady', T0 + MINUTE, 6),
        ...calls('gone', BEFORE + MINUTE, 5),
        ...calls('new', T0 + MINUTE, 5),
        ...calls('refused', BEFORE + MINUTE, 5),
        ...calls('refused', T0 + MINUTE, 5, { verdict: 'DROPPED' }),
        ...calls('busy', BEFORE + MINUTE, 10),
        ...calls('busy', T0 + MINUTE, 50),
      ],
      where,
    )
  const kindsOf = ({ differences }: Awaited<ReturnType<typeof compareWindows>>) =>
    differences.map(({ kind, client, factor, uncovered }) => [kind, client, factor, uncovered.length])

  it('list exactly what was seeded', async () => {
    await seed()
    await forgetReceipts()
    await heardAt('hubble', everyMinute(BEFORE - HOUR, NOW))
    const compared = await compareWindows(view(), BEFORE, NOW)
    expect(kindsOf(compared)).toEqual([
      ['verdict', 'ml / refused', undefined, 0],
      ['added', 'ml / new', undefined, 0],
      ['removed', 'ml / gone', undefined, 0],
      ['volume', 'ml / busy', 5, 0],
    ])
    expect(compared.before).toMatchObject({ edges: 4, passed: 25, denied: 0, window: { fromMs: BEFORE, toMs: T0 } })
    expect(compared.after).toMatchObject({ edges: 4, passed: 61, denied: 5, window: WINDOW })
    expect(compared.graph.edges).toHaveLength(5)
    expect(compared.silences).toEqual({ before: [], after: [] })
  })

  it('an edge that changed its state is a changed verdict, not one that came, where a view shows one state', async () => {
    await seed()
    await forgetReceipts()
    const compared = await compareWindows(view({ states: ['denied_no_rule'] }), BEFORE, NOW)
    expect(kindsOf(compared)).toEqual([['verdict', 'ml / refused', undefined, 0]])
  })

  it('what a silent source would have seen is not gone', async () => {
    await seed()
    await forgetReceipts()
    await heardAt('hubble', everyMinute(BEFORE - HOUR, T0))
    const { differences } = await compareWindows(view(), BEFORE, NOW)
    expect(differences.find(({ kind }) => kind === 'removed')?.uncovered).toEqual([
      { source: 'hubble', cluster: 'demo', kind: 'silent', ...WINDOW },
    ])
    expect(differences.find(({ kind }) => kind === 'added')?.uncovered).toEqual([])
  })

  it('of a pinned dataset, its records say what a window covers', async () => {
    await send(calls('gone', BEFORE + MINUTE, 5), { dataset: 'pinned' })
    const { differences } = await compareWindows(view({ dataset: 'pinned' }), BEFORE, NOW)
    expect(differences).toMatchObject([
      { kind: 'removed', uncovered: [{ source: 'hubble', kind: 'unheard', ...WINDOW }] },
    ])
  })
})
