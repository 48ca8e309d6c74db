import { describe, expect, it } from 'vitest'
import type { GraphEdge, GraphNode, ServiceGraph } from '@/lib/model/graph'
import type { Replay } from '@/lib/model/timeline'
import { frameAt, frameGraph, packFrames, withinDrawn } from './replay-frames'

const counters = (connections: number) => ({
  connections,
  events: 1,
  requests: 2,
  requestErrors: 3,
  spans: 7,
  bytesSent: 4,
  bytesReceived: 5,
})
const node = (id: string): GraphNode => ({ id, class: 'workload', cluster: 'c', namespace: 'n', name: id, label: id })
const edge = (id: string, part: Partial<GraphEdge> = {}): GraphEdge => ({
  id,
  client: `c${id}`,
  server: 's',
  cluster: 'c',
  protocol: 'TCP',
  serverPort: 443,
  state: 'mixed',
  passed: 9,
  denied: 9,
  wouldBeDenied: 0,
  dropped: 0,
  counters: counters(18),
  variants: [],
  isAi: true,
  openFindings: 2,
  firstMs: 0,
  lastMs: 60_000,
  ...part,
})
const graph = (edges: readonly GraphEdge[]): ServiceGraph => ({
  window: { fromMs: 0, toMs: 60_000 },
  dataset: '',
  nodes: [...edges.map(({ client }) => node(client)), node('s')],
  edges,
  hidden: { edges: 0, nodes: 0 },
  coverage: [],
  headline: { violations: 1, providerConnections: 0 },
  revision: '1',
})

describe('frames as one answer', () => {
  const bundle = { edges: 2, states: { mixed: 2 }, worst: 'mixed', ports: ['443/TCP'] } as const
  const inFrame = { ...bundle, edges: 1, states: { denied_by_rule: 1 }, worst: 'denied_by_rule' } as const
  const whole = graph([edge('1'), edge('2', { bundle }), edge('3')])
  const frames = [
    graph([edge('1', { state: 'allowed_by_policy', passed: 3, denied: 0, counters: counters(3) })]),
    graph([]),
    graph([edge('2', { state: 'denied_by_rule', passed: 0, denied: 4, bundle: inFrame }), edge('3')]),
  ]
  // The view shows the third edge in one frame alone.
  const packed = packFrames(graph([edge('1'), edge('2', { bundle })]), frames, whole)
  const replay: Replay = {
    window: whole.window,
    frames: { fromMs: 0, stepMs: 20_000, count: 3 },
    ...packed,
    hasLongRecords: false,
    tracedOnly: 0,
  }

  it('every frame has all nodes of the replay, and the edges of its own records with their verdicts', () => {
    const all = [0, 1, 2].map((index) => frameGraph(replay, index))
    for (const frame of all) expect(frame.nodes.map(({ id }) => id)).toEqual(['c1', 'c2', 'c3', 's'])
    expect(all.map(({ edges }) => edges.map(({ id, state, passed, denied }) => [id, state, passed, denied]))).toEqual([
      [['1', 'allowed_by_policy', 3, 0]],
      [],
      [
        ['2', 'denied_by_rule', 0, 4],
        ['3', 'mixed', 9, 9],
      ],
    ])
    expect(all[0]?.window).toEqual({ fromMs: 0, toMs: 20_000 })
  })

  it('counters are those of the frame, without calls of traces; findings are those of the window', () => {
    const [first] = frameGraph(replay, 0).edges
    expect(first?.counters).toEqual({ ...counters(3), spans: 0, spanErrors: 0 })
    expect(first).toMatchObject({ openFindings: 2, isAi: true, firstMs: 0, lastMs: 20_000 })
  })

  it('an edge that stands for several says how they were in the frame', () => {
    expect(frameGraph(replay, 2).edges[0]?.bundle).toEqual(inFrame)
    expect(replay.graph.edges[1]?.bundle).toEqual(bundle)
  })

  it('where the window had no room for all, frames draw what it draws, and what is never left out', () => {
    const quiet = { state: 'allowed_by_policy', denied: 0, isAi: false, openFindings: 0 } as const
    const frame = graph([edge('1', quiet), edge('2', quiet), edge('3', { ...quiet, isAi: true })])
    const window = graph([edge('1', quiet)])
    const hidden = { edges: 2, nodes: 2, by: { limit: { edges: 2, denied: 0, share: 0.5 } } }
    const within = withinDrawn(frame, { ...window, hidden })
    expect(within.edges.map(({ id }) => id)).toEqual(['1', '3'])
    expect(within.nodes.map(({ id }) => id)).toEqual(['c1', 'c3', 's'])
    expect(withinDrawn(frame, window)).toBe(frame)
  })

  it('a moment has the frame that holds it, or the nearest', () => {
    expect([-1, 0, 19_999, 20_000, 59_999, 60_000].map((at) => frameAt(replay.frames, at))).toEqual([0, 0, 0, 1, 2, 2])
    expect(frameGraph(replay, 99).edges).toEqual([])
  })
})
