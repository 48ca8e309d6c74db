import Link from 'next/link'
import type { GraphEdge } from '@/lib/model/graph'
import type { Outcome } from '@/lib/model/verdict'
import { formatBytes, formatCount } from '@/lib/view/format'

/** The rows behind a figure: flow records of an outcome ('' = all), those that staged policies would deny, spans, or those of failed calls. */
export type RowsOf =
  | { readonly what: 'flows'; readonly outcome: Outcome | '' }
  | { readonly what: 'staged' }
  | { readonly what: 'spans' }
  | { readonly what: 'failed' }

interface Figure {
  readonly name: string
  readonly text: string
  readonly rows: RowsOf
}

interface Props {
  readonly edge: GraphEdge
  /** Shows the rows beside the figure, where no other page has them. */
  onRows?(rows: RowsOf): void
  /** Where the rows are on another page; undefined where no page has them. */
  hrefOf?(rows: RowsOf): string | undefined
}

/** An edge's sums over the window; each leads to the rows behind it, where there is somewhere to lead. */
export function EdgeFigures({ edge, onRows, hrefOf }: Props) {
  return (
    <dl className="grid grid-cols-[1fr_auto] gap-x-4">
      {figuresOf(edge).map(({ name, text, rows }) => (
        <div key={name} className="contents">
          <dt className="text-(--text-muted)">{name}</dt>
          <dd className="text-right">
            {onRows && hrefOf?.(rows) === undefined ? (
              <button
                type="button"
                className="text-(--accent) underline"
                aria-label={`${name}: ${text}. Show the rows behind it`}
                onClick={() => onRows(rows)}
              >
                {text}
              </button>
            ) : (
              <Figured name={name} text={text} href={hrefOf?.(rows)} />
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Figured({ name, text, href }: { name: string; text: string; href: string | undefined }) {
  if (href === undefined) return text
  return (
    <Link className="text-(--accent) underline" aria-label={`${name}: ${text}. Show the rows behind it`} href={href}>
      {text}
    </Link>
  )
}

function figuresOf(edge: GraphEdge): readonly Figure[] {
  const { counters } = edge
  const flows = (outcome: Outcome | ''): RowsOf => ({ what: 'flows', outcome })
  const rows: readonly [string, number, string, RowsOf][] = [
    ['Connections', counters.connections, formatCount(counters.connections), flows('')],
    ['Requests', counters.requests, formatCount(counters.requests), flows('')],
    ['Requests that failed (5xx)', counters.requestErrors, formatCount(counters.requestErrors), flows('error')],
    ['Calls seen by traces', counters.spans, formatCount(counters.spans), { what: 'spans' }],
    [
      'Calls that failed, by traces',
      counters.spanErrors ?? 0,
      formatCount(counters.spanErrors ?? 0),
      { what: 'failed' },
    ],
    ['Other events', counters.events, formatCount(counters.events), flows('')],
    ['Denied', edge.denied, formatCount(edge.denied), flows('denied')],
    ['Would be denied', edge.wouldBeDenied, formatCount(edge.wouldBeDenied), { what: 'staged' }],
    ['Dropped for other causes', edge.dropped, formatCount(edge.dropped), flows('dropped')],
    ['Sent by the client', counters.bytesSent, formatBytes(counters.bytesSent), flows('')],
    ['Received by the client', counters.bytesReceived, formatBytes(counters.bytesReceived), flows('')],
  ]
  // Traces count calls: of connections they say nothing, not 0.
  return rows
    .filter(([, value], index) => value > 0 || (index === 0 && edge.variants.length > 0))
    .map(([name, , text, of]) => ({ name, text, rows: of }))
}
