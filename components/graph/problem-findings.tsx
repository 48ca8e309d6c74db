'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { fetchJson } from '@/components/providers/fetch-json'
import type { Finding } from '@/lib/model/finding'
import type { GraphEdge } from '@/lib/model/graph'
import { shownText } from '@/lib/model/shown-text'
import { counted } from '@/lib/view/format'

type Named = Pick<Finding, 'id' | 'title' | 'edgeIds' | 'accepted'>

/** Names under one problem; the rest is behind the edge. */
const SHOWN = 2

/**
 * Open findings of a dataset by the edges that show them, loaded again whenever the counts of the edges differ. Undefined until they are there;
 * accepted ones are left out, as the counts leave them out.
 */
export function useOpenFindings(
  dataset: string,
  edges: readonly GraphEdge[],
): ReadonlyMap<string, readonly Named[]> | undefined {
  const counts = edges.map(({ id, openFindings }) => `${id} ${openFindings}`).join()
  const { data } = useQuery({
    queryKey: ['findings', dataset, 'open', counts],
    queryFn: () =>
      fetchJson<{ findings: readonly Named[] }>(`/api/findings?${new URLSearchParams({ dataset, status: 'open' })}`),
    select: byEdge,
    enabled: edges.length > 0,
    placeholderData: (before, query) => (query?.queryKey[1] === dataset ? before : undefined),
  })
  return data
}

function byEdge({ findings }: { readonly findings: readonly Named[] }): ReadonlyMap<string, readonly Named[]> {
  const found = new Map<string, Named[]>()
  for (const finding of findings)
    if (!finding.accepted)
      for (const id of finding.edgeIds) {
        const known = found.get(id)
        if (known) known.push(finding)
        else found.set(id, [finding])
      }
  return found
}

interface Props {
  readonly edge: GraphEdge
  readonly dataset: string
  /** Undefined where they are not known by name: an edge that stands for several, or one of more findings than a list has. */
  readonly findings: readonly Pick<Named, 'id' | 'title'>[] | undefined
  /** Those that stand behind the edge are wanted. */
  onAll(): void
}

/** The open findings of an edge by name, each leading to its page; where no name is known, their number leads to the list of all. */
export function ProblemFindings({ edge, dataset, findings = [], onAll }: Props) {
  if (edge.openFindings === 0) return null
  const count = counted(edge.openFindings, 'open finding', 'open findings')
  const more = edge.openFindings - Math.min(SHOWN, findings.length)
  return (
    <p className="px-3 pb-1.5 text-[12px] wrap-anywhere text-(--text-muted)">
      {findings.length === 0 ? (
        <Link
          className="text-(--accent) underline"
          href={`/incidents${dataset && `?${new URLSearchParams({ dataset })}`}#findings`}
        >
          {count}
        </Link>
      ) : (
        <>
          {count}:{' '}
          {findings.slice(0, SHOWN).map(({ id, title }, index) => (
            <span key={id}>
              {index > 0 && ' '}
              <Link className="text-(--accent) underline" href={`/findings/${id}`}>
                {shownText(title)}
              </Link>
            </span>
          ))}
          {more > 0 && (
            <>
              {' '}
              <button type="button" className="text-(--accent) underline" onClick={onAll}>
                {more} more
              </button>
            </>
          )}
        </>
      )}
    </p>
  )
}
