'use client'
import { useQuery } from '@tanstack/react-query'
import { fetchJson } from '@/components/providers/fetch-json'
import { LoadProblem } from '@/components/ui/load-problem'
import { Popover, PopoverClose, PopoverContent, PopoverTrigger } from '@/components/ui/popover'
import type { MismatchList as List, Mismatch } from '@/lib/model/mismatch'
import { MISMATCH_CAUSES, MISMATCH_WORD, mismatchSentence } from '@/lib/view/mismatch-words'

interface Props {
  /** How many the whole graph of the window has. */
  readonly count: number
  readonly params: string
  onOpen(edgeId: string): void
}

/** Beside the headline: how many workloads' flows and traces do not fit together, and on a press which. */
export function MismatchButton({ count, params, onOpen }: Props) {
  return (
    <Popover>
      <PopoverTrigger asChild>
        <button type="button" className="text-(--accent) underline">
          {count} {count === 1 ? 'mismatch' : 'mismatches'} between flows and traces
        </button>
      </PopoverTrigger>
      <PopoverContent
        align="start"
        aria-label="Mismatches between flows and traces"
        className="max-h-[70vh] w-[min(440px,90vw)] overflow-y-auto"
      >
        <MismatchList params={params} onOpen={onOpen} />
      </PopoverContent>
    </Popover>
  )
}

const KINDS = ['calls_without_span', 'spans_without_flow'] as const

/** Calls without a span and spans without a flow, each kind with what usually is behind it. */
function MismatchList({ params, onOpen }: Omit<Props, 'count'>) {
  const { data, error, refetch } = useQuery({
    queryKey: ['mismatches', params],
    queryFn: () => fetchJson<List>(`/api/graph/mismatches?${params}`),
  })
  if (error) return <LoadProblem text={error.message} onRetry={() => void refetch()} />
  if (!data) return <p className="text-(--text-muted)">Comparing flows and traces …</p>
  if (data.total === 0)
    return <p>Flows and traces fit together again, or one of them fell silent: of such clusters nothing is compared.</p>
  return (
    <div className="grid gap-3">
      {KINDS.map((kind) => (
        <Kind key={kind} kind={kind} rows={data.mismatches.filter((one) => one.kind === kind)} onOpen={onOpen} />
      ))}
      <p className="text-(--text-muted)">
        Compared of {data.clusters.join(', ')}, where both flow records and spans came in.
        {data.total > data.mismatches.length && ` ${data.total - data.mismatches.length} more are not listed.`}
      </p>
    </div>
  )
}

function Kind({
  kind,
  rows,
  onOpen,
}: {
  kind: Mismatch['kind']
  rows: readonly Mismatch[]
  onOpen: (edgeId: string) => void
}) {
  if (rows.length === 0) return null
  return (
    <section>
      <h2 className="font-semibold">
        {MISMATCH_WORD[kind]} ({rows.length})
      </h2>
      <ul className="mt-1 grid gap-1">
        {rows.map((row) => (
          <li key={`${row.clientId} ${row.providerId}`}>
            <PopoverClose asChild>
              <button
                type="button"
                className="w-full rounded-md border border-(--border) px-2 py-1 text-left break-words hover:bg-(--surface-2)"
                onClick={() => onOpen(row.edgeId)}
              >
                {mismatchSentence(row)}
              </button>
            </PopoverClose>
          </li>
        ))}
      </ul>
      <ul className="mt-1 ml-4 list-disc text-(--text-muted)">
        {MISMATCH_CAUSES[kind].map((cause) => (
          <li key={cause}>{cause}</li>
        ))}
      </ul>
    </section>
  )
}
