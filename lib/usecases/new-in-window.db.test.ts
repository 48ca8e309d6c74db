import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { GraphQuery, ServiceGraph } from '@/lib/model/graph'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { forgetScene } from './__fixtures__/calico-scene'
import { type HubbleChange, hubbleLine, sendHubble } from './__fixtures__/facts-scene'
import { clusterFacts } from './cluster-facts'
import { compareWindows } from './compare-windows'
import { setEgressConfig } from './egress-config'
import { loadReplay } from './load-replay'
import { PINNED_LOOK_BACK_MS } from './new-in-window'
import { queryEdges, queryGraph, queryWholeGraph } from './query-graph'

const MINUTE = 60_000
/** The start of a slot of 15 seconds, so that what is a second before it is in another. */
const FROM = Math.floor(Date.now() / MINUTE) * MINUTE - 40 * MINUTE
const WINDOW = { fromMs: FROM, toMs: FROM + 15 * MINUTE }
const NOW = WINDOW.toMs

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
  await forgetScene()
  await query('TRUNCATE edge_first_seen')
})

const VAULT = { namespace: 'data', app: 'vault' }
const call = (app: string, atMs: number, part: Partial<HubbleChange> = {}) =>
  hubbleLine({ app, atMs, server: VAULT, serverPort: 8200, serverIp: '10.244.1.9', ...part })
const send = (lines: readonly string[], where = {}) => sendHubble(lines, NOW, where)
/** As detectors do at that moment: what they saw is remembered. */
const rememberAt = (nowMs: number) => clusterFacts(nowMs, 'all')
const view = (part: Partial<GraphQuery> = {}): GraphQuery => ({
  dataset: '',
  windowMs: 0,
  ...WINDOW,
  namespaces: [],
  scope: 'all',
  states: [],
  level: 'workload',
  ...part,
})
const newIn = ({ nodes, edges, newUnknownIn = [] }: ServiceGraph) => {
  const labels = new Map(nodes.map(({ id, label }) => [id, label]))
  return {
    edges: edges.flatMap((edge) => (edge.isNew ? [labels.get(edge.client)] : [])).sort(),
    nodes: nodes.flatMap((node) => (node.isNew ? [node.label] : [])).sort(),
    unknownIn: newUnknownIn,
  }
}

describe('what is new in a window of live data', () => {
  const seed = async () => {
    await send([call('steady', FROM - 30 * MINUTE)])
    await rememberAt(FROM - 10 * MINUTE)
    await send([
      call('steady', FROM + MINUTE),
      call('fresh', FROM + 2 * MINUTE),
      call('steady', FROM + 3 * MINUTE, { server: { namespace: 'data', app: 'queue' }, serverPort: 9 }),
    ])
    await rememberAt(FROM + 5 * MINUTE)
  }

  it('are edges that were not seen before it, and nodes all of whose edges are such', async () => {
    await seed()
    expect(newIn(await queryWholeGraph(view(), NOW))).toEqual({
      edges: ['ml / fresh', 'ml / steady'],
      nodes: ['data / queue', 'ml / fresh'],
      unknownIn: [],
    })
  })

  it('an edge that only rests in the window does not make a node of it new', async () => {
    await seed()
    // Of what steady calls in this window, all is new; it was seen before all the same.
    await query('TRUNCATE edge_bucket_15s')
    await send([call('steady', FROM + 4 * MINUTE, { server: { namespace: 'data', app: 'cache' }, serverPort: 6379 })])
    await rememberAt(FROM + 6 * MINUTE)
    expect(newIn(await queryWholeGraph(view(), NOW))).toEqual({
      edges: ['ml / steady'],
      nodes: ['data / cache'],
      unknownIn: [],
    })
  })

  it('is not known of a cluster of which nothing was remembered before the window', async () => {
    await seed()
    await send([call('stranger', FROM + 2 * MINUTE)], { cluster: 'other' })
    await rememberAt(FROM + 6 * MINUTE)
    const graph = await queryWholeGraph(view(), NOW)
    expect(newIn(graph)).toMatchObject({ edges: ['ml / fresh', 'ml / steady'], unknownIn: ['other'] })
    expect(newIn(await queryWholeGraph(view({ fromMs: FROM - 11 * MINUTE }), NOW))).toEqual({
      edges: [],
      nodes: [],
      unknownIn: ['demo', 'other'],
    })
  })

  it('is not claimed of an edge that nobody noted yet', async () => {
    await seed()
    await send([call('unnoted', FROM + 7 * MINUTE)])
    expect(newIn(await queryWholeGraph(view(), NOW)).edges).not.toContain('ml / unnoted')
  })

  it('is what hide and focus are asked with, and replays show', async () => {
    await seed()
    const focused = await queryGraph(view({ focus: 'is newcomer +0', hide: 'workload = queue' }), NOW)
    expect(focused.edges).toEqual([])
    const fresh = await queryGraph(view({ hide: 'not is new' }), NOW)
    expect(newIn(fresh).edges).toEqual(['ml / fresh', 'ml / steady'])
    expect(fresh.edges).toHaveLength(2)
    const replay = await loadReplay(view({ hide: 'not is new' }), NOW)
    expect(newIn(replay.graph).edges).toEqual(['ml / fresh', 'ml / steady'])
  })

  it('is not asked for where a panel wants a few edges', async () => {
    await seed()
    const { edges } = await queryWholeGraph(view(), NOW)
    const few = await queryEdges(
      '',
      WINDOW,
      edges.map(({ id }) => id),
    )
    expect(newIn(few)).toEqual({ edges: [], nodes: [], unknownIn: [] })
  })
})

describe('what is new in a window of a pinned dataset', () => {
  const pinned = { dataset: 'pinned' }

  it('is what the day before it has no record of', async () => {
    await send([call('steady', FROM - 10 * MINUTE), call('edge', FROM - 1000)], pinned)
    await send([call('steady', FROM + MINUTE), call('edge', FROM + MINUTE), call('fresh', FROM + 1000)], pinned)
    expect(newIn(await queryWholeGraph(view(pinned), NOW))).toEqual({
      edges: ['ml / fresh'],
      nodes: ['ml / fresh'],
      unknownIn: [],
    })
  })

  it('is not known where that day has none at all, nor of live data by it', async () => {
    await send([call('steady', FROM + MINUTE)], pinned)
    expect(newIn(await queryWholeGraph(view(pinned), NOW))).toEqual({ edges: [], nodes: [], unknownIn: ['demo'] })
    await send([call('steady', FROM - PINNED_LOOK_BACK_MS - 5 * MINUTE)])
    expect(newIn(await queryWholeGraph(view(pinned), NOW)).unknownIn).toEqual(['demo'])
    await send([call('steady', FROM - PINNED_LOOK_BACK_MS - 5 * MINUTE)], pinned)
    expect(newIn(await queryWholeGraph(view(pinned), NOW)).unknownIn).toEqual(['demo'])
    await send([call('other', FROM - PINNED_LOOK_BACK_MS + 5 * MINUTE)], pinned)
    expect(newIn(await queryWholeGraph(view(pinned), NOW))).toMatchObject({ edges: ['ml / steady'], unknownIn: [] })
  })

  it('does not count a first record in the slot in which the window begins as seen before', async () => {
    await send([call('steady', FROM - 10 * MINUTE), call('fresh', FROM + 10_000)], pinned)
    const from = FROM + 5000
    expect(newIn(await queryWholeGraph(view({ ...pinned, fromMs: from }), NOW)).edges).toEqual(['ml / fresh'])
  })
})

describe('two windows compared', () => {
  const BEFORE = FROM - 15 * MINUTE
  const seed = () =>
    send([
      call('steady', BEFORE + MINUTE),
      call('steady', FROM + MINUTE),
      call('gone', BEFORE + MINUTE),
      call('came', FROM + MINUTE),
      call('refused', BEFORE + MINUTE),
      call('refused', FROM + MINUTE, { verdict: 'DROPPED' }),
    ])
  const changesOf = async (part: Partial<GraphQuery>) => {
    const { graph, differences } = await compareWindows(view(part), BEFORE, NOW)
    const labels = new Map(graph.nodes.map(({ id, label }) => [id, label]))
    const told = graph.edges.map(({ client, change }) => `${labels.get(client)} ${change ?? 'same'}`).sort()
    return { told, differences: differences.length, against: graph.against }
  }

  it('are asked how they differ by focus and hide, and each drawn edge says it', async () => {
    await seed()
    expect(await changesOf({})).toEqual({
      told: ['ml / came added', 'ml / gone removed', 'ml / refused verdict', 'ml / steady same'],
      differences: 3,
      against: { fromMs: BEFORE, toMs: FROM },
    })
    expect((await changesOf({ focus: 'change in (added, removed) +0' })).told).toEqual([
      'ml / came added',
      'ml / gone removed',
    ])
    expect((await changesOf({ hide: 'no change' })).told).toHaveLength(3)
    expect((await changesOf({ hide: 'has change' })).told).toEqual(['ml / steady same'])
  })

  it('ask of the drawn bundle what its sums say, where hide asks of its edges', async () => {
    await seed()
    const whole = await changesOf({ level: 'namespace' })
    expect(whole.told).toEqual(['ml verdict'])
    expect((await changesOf({ level: 'namespace', hide: 'change = verdict' })).told).toEqual(['ml same'])
  })

  it('and where nothing is compared, such an expression keeps everything', async () => {
    await seed()
    const [all, hidden] = await Promise.all([queryGraph(view(), NOW), queryGraph(view({ hide: 'no change' }), NOW)])
    expect(hidden.edges.map(({ id }) => id)).toEqual(all.edges.map(({ id }) => id))
  })
})
