import 'server-only'
import { compareGraphs } from '@/lib/graph/compare-graphs'
import { capComparison, cutAlike, unheardSources, untilFirstRecords } from '@/lib/graph/cut-alike'
import { markBoth, markChanges } from '@/lib/graph/mark-changes'
import type { GraphComparison } from '@/lib/model/comparison'
import type { GraphQuery } from '@/lib/model/graph'
import { LIMITS } from '@/lib/model/limits'
import { withSpan } from '@/lib/observability/tracer'
import { loadSilences } from '@/lib/store/load-silences'
import { queryWholeGraph } from './query-graph'
import { windowUntil } from './window-until'

/**
 * A view's window beside one of the same length that begins at `againstMs`: nodes and edges of both, and how they differ, with the
 * sources that did not cover either. Errors: `unavailable`.
 */
export const compareWindows = (query: GraphQuery, againstMs: number, nowMs: number): Promise<GraphComparison> =>
  withSpan('graph.compare', {}, async () => {
    const { dataset, cluster = '' } = query
    const window = windowUntil(query, nowMs)
    const against = { fromMs: againstMs, toMs: againstMs + window.toMs - window.fromMs }
    const [before, after] = await Promise.all(
      [against, window].map((range) => queryWholeGraph({ dataset, windowMs: 0, ...range }, nowMs)),
    )
    if (!before || !after) throw new Error('two windows were asked for')
    const silences =
      dataset === ''
        ? {
            before: untilFirstRecords(
              (await loadSilences(dataset, cluster, against, LIMITS.silences)).silences,
              before,
            ),
            after: untilFirstRecords((await loadSilences(dataset, cluster, window, LIMITS.silences)).silences, after),
          }
        : { before: unheardSources(before, after), after: unheardSources(after, before) }
    const marked = markBoth(before, after)
    const cut = cutAlike(marked.before, marked.after, query)
    const compared = compareGraphs(cut.before, cut.after, silences)
    const changed = new Set(compared.differences.map(({ edgeId }) => edgeId))
    // Of what is drawn, a bundle differs by its sums.
    const drawn = markChanges(compared.graph, compared.differences, against)
    return { ...compared, graph: capComparison(drawn, changed, query.isUncapped ?? false) }
  })
