import type { GraphEdge, GraphNode, ServiceGraph } from '@/lib/model/graph'
import type { FrameEdge, FrameGrid, Replay } from '@/lib/model/timeline'
import { EDGE_STATES } from '@/lib/model/verdict'
import { isNeverHidden } from './needs-person'

/**
 * A frame of a window that had no room for all: what the window draws, and what is never left out. Nothing changes where the window has
 * all.
 */
export function withinDrawn(frame: ServiceGraph, window: ServiceGraph): ServiceGraph {
  if (!window.hidden.by?.limit) return frame
  const drawn = new Set(window.edges.map(({ id }) => id))
  const edges = frame.edges.filter((edge) => drawn.has(edge.id) || isNeverHidden(edge))
  const nodes = new Set(window.nodes.map(({ id }) => id))
  for (const { client, server } of edges) nodes.add(client).add(server)
  return { ...frame, edges, nodes: frame.nodes.filter(({ id }) => nodes.has(id)) }
}

/** The graphs of frames, cut by one view, as one answer: what an edge is once, what it did per frame. */
export function packFrames(
  window: ServiceGraph,
  frames: readonly ServiceGraph[],
  whole: ServiceGraph,
): Pick<Replay, 'graph' | 'edges'> {
  const nodes = new Map<string, GraphNode>(window.nodes.map((node) => [node.id, node]))
  const edges = new Map<string, GraphEdge>(window.edges.map((edge) => [edge.id, edge]))
  const wholeEdges = new Map(whole.edges.map((edge) => [edge.id, edge]))
  for (const frame of frames) {
    for (const node of frame.nodes) if (!nodes.has(node.id)) nodes.set(node.id, node)
    // A frame can show what the window's own view does not, such as an edge in the state that is asked for.
    for (const edge of frame.edges) if (!edges.has(edge.id)) edges.set(edge.id, wholeEdges.get(edge.id) ?? edge)
  }
  const all = [...edges.values()].sort(byId)
  const indexOf = new Map(all.map((edge, index) => [edge.id, index]))
  return {
    graph: { ...window, nodes: [...nodes.values()].sort(byId), edges: all },
    edges: frames.map((frame) => frame.edges.map((edge) => packEdge(edge, indexOf.get(edge.id) ?? 0))),
  }
}

function packEdge(edge: GraphEdge, index: number): FrameEdge {
  const { state, passed, denied, wouldBeDenied, dropped, counters, bundle } = edge
  const figures = [passed, denied, wouldBeDenied, dropped] as const
  const { connections, events, requests, requestErrors, bytesSent, bytesReceived } = counters
  const counts = [connections, events, requests, requestErrors, bytesSent, bytesReceived] as const
  const packed = [index, EDGE_STATES.indexOf(state), ...figures, ...counts] as const
  return bundle ? [...packed, bundle] : packed
}

/**
 * The graph of one frame, on all nodes of the replay, so that none appears or goes: edges are those with a record in the frame,
 * with its verdict and counters. Doors, AI facts and findings are those of the window; calls of traces belong to no frame.
 */
export function frameGraph(replay: Replay, index: number): ServiceGraph {
  const { graph, frames } = replay
  const fromMs = frames.fromMs + index * frames.stepMs
  const window = { fromMs, toMs: fromMs + frames.stepMs }
  const edges = (replay.edges[index] ?? []).flatMap((packed) => {
    const edge = graph.edges[packed[0]]
    return edge ? [unpackEdge(edge, packed, window)] : []
  })
  return { ...graph, window, edges }
}

function unpackEdge(edge: GraphEdge, packed: FrameEdge, window: ServiceGraph['window']): GraphEdge {
  const [
    ,
    state,
    passed,
    denied,
    wouldBeDenied,
    dropped,
    connections,
    events,
    requests,
    errors,
    sent,
    received,
    bundle,
  ] = packed
  return {
    ...edge,
    state: EDGE_STATES[state] ?? 'no_verdict',
    passed,
    denied,
    wouldBeDenied,
    dropped,
    counters: {
      connections,
      events,
      requests,
      requestErrors: errors,
      spans: 0,
      spanErrors: 0,
      bytesSent: sent,
      bytesReceived: received,
    },
    ...(bundle && { bundle }),
    firstMs: Math.max(edge.firstMs, window.fromMs),
    lastMs: Math.min(edge.lastMs, window.toMs),
  }
}

/** The frame that holds a moment; the nearest where none does. */
export const frameAt = ({ fromMs, stepMs, count }: FrameGrid, atMs: number): number =>
  Math.min(count - 1, Math.max(0, Math.floor((atMs - fromMs) / stepMs)))

const byId = (a: { readonly id: string }, b: { readonly id: string }): number =>
  a.id < b.id ? -1 : a.id > b.id ? 1 : 0
