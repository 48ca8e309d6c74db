import type { ReactNode } from 'react'
import type { ServiceGraph } from '@/lib/model/graph'
import { formatShare } from '@/lib/view/format'
import type { GraphView } from '@/lib/view/graph-view'

interface Props {
  readonly graph: ServiceGraph
  /** What the numbers are of, where the view shows a part of it. */
  readonly of?: 'view' | 'cluster' | 'window'
  /** Shows what is behind a number; absent where numbers only stand there. */
  change?(part: Partial<GraphView>): void
}

/** The three headline numbers: violations never stand alone. Each leads to the edges behind it. */
export function Headline({ graph, of = 'view', change }: Props) {
  const { violations, verifiedShare, unnamedShare } = graph.headline
  const find = (expression: string) => change && (() => change(behind(graph, expression)))
  return (
    <p>
      <Figure
        value={String(violations)}
        means="Edges to AI providers that left by another address than the egress rules name, with proof"
        onOpen={violations > 0 ? find('is violation') : undefined}
      >
        {violations === 1 ? 'violation' : 'violations'}
      </Figure>{' '}
      ·{' '}
      <Figure
        value={formatShare(verifiedShare)}
        means="Of the connections to AI providers: the share whose address of leaving is proven"
        onOpen={verifiedShare === undefined ? undefined : find('is unverified')}
      >
        verified
      </Figure>{' '}
      ·{' '}
      <Figure
        value={formatShare(unnamedShare)}
        means="Of the connections of AI workloads out of the cluster: the share whose destination no source names"
        onOpen={unnamedShare ? find('is unnamed') : undefined}
      >
        unnamed
      </Figure>
      {of !== 'view' && <span className="text-(--text-muted)"> in the whole {of}</span>}
      <span className="ml-2 text-(--text-muted)">
        {graph.coverage.some((source) => source.source === 'nat')
          ? ''
          : 'No NAT evidence is connected: nothing can be verified.'}
      </span>
    </p>
  )
}

/** Marks the edges that an expression means; the only violation is opened at once, with its evidence. */
function behind(graph: ServiceGraph, find: string): Partial<GraphView> {
  const violating = graph.edges.filter(({ door }) => door?.state === 'violation')
  const [only] = violating
  if (find === 'is violation' && only && violating.length === 1)
    return { find, selected: `edge:${only.id}`, panel: 'egress' }
  return { find }
}

function Figure({
  value,
  means,
  onOpen,
  children,
}: {
  readonly value: string
  readonly means: string
  readonly onOpen: (() => void) | undefined
  readonly children: ReactNode
}) {
  if (!onOpen)
    return (
      <span title={means}>
        <strong>{value}</strong> {children}
      </span>
    )
  return (
    <button
      type="button"
      title={means}
      className="decoration-dotted underline-offset-4 hover:underline"
      onClick={onOpen}
    >
      <strong>{value}</strong> {children}
    </button>
  )
}
