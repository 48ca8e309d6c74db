'use client'
import { useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import { fetchJson } from '@/components/providers/fetch-json'
import { WhyEmpty } from '@/components/sources/why-empty'
import { Button } from '@/components/ui/button'
import { LoadProblem } from '@/components/ui/load-problem'
import { type EgressMatrix, MATRIX_BOUNDS } from '@/lib/model/matrix'
import { formatCount } from '@/lib/view/format'
import type { CellKey } from '@/lib/view/matrix-view'
import { MatrixFilters } from './matrix-filters'
import { MatrixGrid } from './matrix-grid'
import { MatrixHeadline } from './matrix-headline'
import type { EgressView } from './use-matrix-view'

/** A window that moves is asked again so often. */
const AGAIN_MS = 10_000

/** The matrix of a view; a window that ends now is loaded again every few seconds, the old one staying until the new one is there. */
export function useMatrix(egress: EgressView, isShown: boolean) {
  const { matrixParams, view } = egress
  return useQuery({
    queryKey: ['egress-matrix', matrixParams],
    queryFn: () => fetchJson<EgressMatrix>(`/api/egress/matrix?${matrixParams}`),
    enabled: isShown,
    placeholderData: (before) => before,
    ...(view.to === 'now' && { refetchInterval: AGAIN_MS }),
  })
}

interface Props {
  readonly egress: EgressView
  readonly windowWords: string
  readonly answer: ReturnType<typeof useMatrix>
}

/** The matrix tab: headline, what narrows it, the grid, and what is cut. */
export function MatrixSection({ egress, windowWords, answer }: Props) {
  const { data: matrix, error, refetch } = answer
  const { change } = egress
  const select = useCallback((cell: CellKey | undefined) => change({ cell, selected: '' }), [change])
  if (error && !matrix)
    return <LoadProblem text={`The matrix could not be loaded: ${error.message}`} onRetry={() => void refetch()} />
  if (!matrix) return <p className="text-(--text-muted)">Loading the matrix …</p>
  return (
    <div className="space-y-3">
      {error && <p role="alert">What you see may be old: {error.message}</p>}
      <MatrixHeadline matrix={matrix} windowWords={windowWords} />
      <MatrixFilters matrix={matrix} egress={egress} />
      {matrix.isPartial && (
        <p role="status">
          More was judged in this window than one matrix adds up ({formatCount(MATRIX_BOUNDS.sums)} sums): a part is
          missing. Choose a shorter window.
        </p>
      )}
      {matrix.cells.length === 0 ? (
        <Nothing matrix={matrix} egress={egress} />
      ) : (
        <>
          <MatrixGrid matrix={matrix} selected={egress.matrix.cell} onSelect={select} />
          <Pages matrix={matrix} onTurn={(fromRow) => change({ fromRow })} />
        </>
      )}
    </div>
  )
}

function Nothing({ matrix, egress }: { matrix: EgressMatrix; egress: EgressView }) {
  const isNarrowed = matrix.choices.providers.length > 0
  return (
    <>
      <p className="text-(--text-muted)">
        {isNarrowed
          ? 'No cell of this window matches what is chosen.'
          : 'No call to an AI provider was seen in this window. Calls are known by the name of their host, so flow records need DNS names: the Sources page says how.'}
      </p>
      {!isNarrowed && <WhyEmpty view={egress.view} />}
    </>
  )
}

/** Which rows and columns are shown, of how many. */
function Pages({ matrix, onTurn }: { matrix: EgressMatrix; onTurn: (fromRow: number) => void }) {
  const { from, rows, rowsTotal, columns, columnsTotal } = matrix
  const hasPages = rowsTotal > MATRIX_BOUNDS.rows
  const isCutAcross = columnsTotal > columns.length
  return (
    <div className="flex flex-wrap items-center gap-2 text-(--text-muted)">
      <span>
        {hasPages
          ? `Workloads ${formatCount(from + 1)}–${formatCount(from + rows.length)} of ${formatCount(rowsTotal)}, most urgent first`
          : `${formatCount(rowsTotal)} ${rowsTotal === 1 ? 'workload' : 'workloads'}`}
        , {isCutAcross ? `${columns.length} of ` : ''}
        {formatCount(columnsTotal)} {columnsTotal === 1 ? 'provider' : 'providers'}
        {isCutAcross ? ': choose a provider to see the others' : ''}
      </span>
      {hasPages && (
        <>
          <Button disabled={from === 0} onClick={() => onTurn(Math.max(0, from - MATRIX_BOUNDS.rows))}>
            Earlier rows
          </Button>
          <Button disabled={from + rows.length >= rowsTotal} onClick={() => onTurn(from + MATRIX_BOUNDS.rows)}>
            Further rows
          </Button>
        </>
      )}
    </div>
  )
}
