'use client'
import { usePathname, useSearchParams } from 'next/navigation'
import { useCallback, useMemo } from 'react'
import { type GraphView, parseGraphView, serializeGraphView } from '@/lib/view/graph-view'
import { addMatrixView, type MatrixView, parseMatrixView } from '@/lib/view/matrix-view'

interface Changes extends Partial<GraphView>, Partial<Omit<MatrixView, 'cell'>> {
  readonly cell?: MatrixView['cell'] | undefined
}

export interface EgressView {
  /** Window, dataset, cluster, namespaces; and the edge that is open. */
  readonly view: GraphView
  readonly matrix: MatrixView
  /** What the graph is asked with. */
  readonly params: string
  /** What the matrix is asked with; with a cell, what that is asked with. */
  readonly matrixParams: string
  change(part: Changes): void
}

/** The view of the egress page lives in the URL and nowhere else. What narrows the rows turns back to their first page. */
export function useMatrixView(): EgressView {
  const search = useSearchParams()
  const pathname = usePathname()
  const query = search.toString()
  const view = useMemo(() => {
    const params = new URLSearchParams(query)
    // Here it is the matrix's; a graph would read a chip from it.
    params.delete('q')
    return parseGraphView(params)
  }, [query])
  const matrix = useMemo(() => parseMatrixView(new URLSearchParams(query)), [query])
  const params = useMemo(
    // A row is a workload, of however many: groups have no door of their own.
    () => serializeGraphView({ ...view, layout: 'graph', level: 'workload', selected: '', panel: '' }).toString(),
    [view],
  )
  const matrixParams = useMemo(() => {
    const { cell: _cell, ...rest } = matrix
    return addMatrixView(new URLSearchParams(params), { ...rest, tab: 'matrix' }).toString()
  }, [matrix, params])
  const change = useCallback(
    (part: Changes) => {
      const isPaging = part.fromRow !== undefined || part.cell !== undefined || 'cell' in part || 'selected' in part
      const { cell, ...rest } = { ...matrix, ...(isPaging ? {} : { fromRow: 0 }), ...part }
      const next = addMatrixView(serializeGraphView({ ...view, ...part }), {
        ...rest,
        ...(cell && { cell }),
      }).toString()
      // The page is the same whatever its address asks for: nothing of it waits for the server.
      window.history.replaceState(null, '', next ? `${pathname}?${next}` : pathname)
    },
    [view, matrix, pathname],
  )
  return { view, matrix, params, matrixParams, change }
}
