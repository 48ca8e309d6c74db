import 'server-only'
import { buildGraph } from '@/lib/graph/build-graph'
import { packFrames, withinDrawn } from '@/lib/graph/replay-frames'
import { viewGraph } from '@/lib/graph/view-graph'
import type { GraphQuery, ServiceGraph } from '@/lib/model/graph'
import type { GraphFacts, GraphInput } from '@/lib/model/graph-input'
import { LIMITS } from '@/lib/model/limits'
import type { Replay } from '@/lib/model/timeline'
import { withSpan } from '@/lib/observability/tracer'
import { loadGraph } from '@/lib/store/load-graph'
import { type FramedVariants, loadFramedVariants } from './frame-variants'
import { graphFacts } from './query-graph'
import { windowUntil } from './window-until'

/**
 * A window frame by frame, cut by a view: each frame's graph is made of its own records by the rules of any graph. Who is a provider, an AI
 * workload, a finding, and which door was taken, is as of the whole window. Errors: `unavailable`.
 */
export const loadReplay = (query: GraphQuery, nowMs: number): Promise<Replay> =>
  withSpan('graph.replay', {}, async () => {
    const window = windowUntil(query, nowMs)
    const input = await loadGraph(query.dataset, window)
    const facts = await graphFacts(input)
    const whole = buildGraph(input, facts)
    const shown = viewGraph(whole, query)
    const framed = await loadFramedVariants(
      { ...query, window },
      input.variants.map(({ id }) => id),
      LIMITS.replayFrames,
    )
    const view: GraphQuery = { ...query, isUncapped: true, ...(shown.level && { level: shown.level }) }
    const isAi = new Set(whole.edges.flatMap((edge) => (edge.isAi ? [edge.id] : [])))
    const frames = framed.variants.map((_, index) => viewGraph(frameOf(index, framed, input, facts, isAi), view))
    return {
      window,
      frames: framed.frames,
      ...packFrames(shown, query.isUncapped ? frames : frames.map((frame) => withinDrawn(frame, shown)), whole),
      hasLongRecords: framed.hasLongRecords,
      tracedOnly: shown.edges.filter(({ variants, bundle }) => variants.length === 0 && !bundle).length,
    }
  })

/** Calls of traces are not told apart by frames: what is AI by them alone is so by the whole window. */
function frameOf(
  index: number,
  framed: FramedVariants,
  input: GraphInput,
  facts: GraphFacts,
  isAi: ReadonlySet<string>,
): ServiceGraph {
  const variants = framed.variants[index] ?? new Map()
  const edges = [...variants.keys()].flatMap((id) => framed.edges.get(id) ?? [])
  const graph = buildGraph({ ...input, edges, variants: [...variants.values()].flat(), spanFacts: [] }, facts)
  return { ...graph, edges: graph.edges.map((edge) => (isAi.has(edge.id) ? { ...edge, isAi: true } : edge)) }
}
