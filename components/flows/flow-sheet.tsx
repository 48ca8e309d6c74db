'use client'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { fetchJson } from '@/components/providers/fetch-json'
import { Button, ButtonLink } from '@/components/ui/button'
import { CopyButton } from '@/components/ui/copy-button'
import { SideSheet } from '@/components/ui/side-sheet'
import type { FlowRow } from '@/lib/model/edge-detail'
import type { FlowListRow } from '@/lib/model/flow-list'
import type { PolicyHit } from '@/lib/model/policy'
import { seenJson, shownText } from '@/lib/model/shown-text'
import { flowTitle } from '@/lib/view/flow-words'
import { hitWords, reportSentence } from '@/lib/view/verdict-sentence'
import { COLUMNS } from './flow-columns'

interface Props {
  readonly row: FlowListRow
  readonly dataset: string
  /** Opens the record's edge in the graph, in the same view. */
  readonly edgeHref: string
  /** Shows the records of its edge alone. */
  onOnlyEdge(): void
  onClose(): void
  onGone(): void
}

/** One record, whole: the sentence of what decided it, every column, the evaluation of policies, and what the source sent. */
export function FlowSheet({ row, dataset, edgeHref, onOnlyEdge, onClose, onGone }: Props) {
  const place = new URLSearchParams({ at: row.startNs, key: row.recordKey, ...(dataset && { dataset }) })
  const { data, error } = useQuery({
    queryKey: ['flow-record', place.toString()],
    queryFn: () => fetchJson<FlowRow>(`/api/flows/record?${place}`),
  })
  const groups = [...new Set(COLUMNS.map(({ group }) => group))]
  const raw = data ? seenJson(JSON.stringify(data.flow.raw, null, 2)) : ''
  return (
    <SideSheet
      title="Flow record"
      description={flowTitle(row)}
      closeLabel="Close the record"
      onClose={onClose}
      onGone={onGone}
    >
      <div className="grid grid-cols-1 gap-4 overflow-y-auto p-4">
        <div className="flex flex-wrap gap-2">
          <ButtonLink href={edgeHref}>Open its edge in the graph</ButtonLink>
          <Button onClick={onOnlyEdge}>Only records of this edge</Button>
        </div>
        {error && <p role="alert">The record could not be read. {error.message}</p>}
        <Part title="What decided it">
          <p className="wrap-anywhere">
            {reportSentence(
              data ? { ...row, ...tracesOf(data) } : { ...row, ...(row.policy && { enforced: [row.policy] }) },
            )}
          </p>
          {data && <Trace title="Policies, in order" hits={data.flow.trace.enforced} />}
          {data && row.pending !== 'same' && <Trace title="With staged policies" hits={data.flow.trace.pending} />}
        </Part>
        {groups.map((group) => {
          const told = COLUMNS.filter((column) => column.group === group && column.text(row) !== '')
          return (
            told.length > 0 && (
              <Part key={group} title={group}>
                <dl className="grid grid-cols-[10rem_minmax(0,1fr)] gap-x-3">
                  {told.map(({ id, title, text }) => (
                    <div key={id} className="contents">
                      <dt className="text-(--text-muted)">{title}</dt>
                      <dd className="min-w-0 wrap-anywhere">{shownText(text(row))}</dd>
                    </div>
                  ))}
                </dl>
              </Part>
            )
          )
        })}
        <Part title="Raw record">
          <p className="mb-1 flex items-center justify-between gap-2 text-(--text-muted)">
            What {row.source === 'hubble' ? 'Hubble' : row.source === 'calico' ? 'Calico' : 'the NAT'} sent, without
            what Postern never keeps.
            {data && <CopyButton text={raw} label="Copy JSON" />}
          </p>
          {data ? (
            <pre className="rounded-md border border-(--border) bg-(--surface-2) p-2 text-[11px] break-all whitespace-pre-wrap">
              {raw}
            </pre>
          ) : (
            !error && <p className="text-(--text-muted)">Reading the record …</p>
          )}
        </Part>
      </div>
    </SideSheet>
  )
}

const tracesOf = ({ flow: { trace } }: FlowRow) => ({
  ...(trace.enforced && { enforced: trace.enforced }),
  ...(trace.pending && { pendingTrace: trace.pending }),
})

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className="mb-1 font-semibold">{title}</h3>
      {children}
    </section>
  )
}

function Trace({ title, hits }: { title: string; hits: readonly PolicyHit[] | undefined }) {
  return (
    <div className="mt-2">
      <h4 className="text-(--text-muted)">{title}</h4>
      {!hits && <p>The source did not report them.</p>}
      {hits?.length === 0 && <p>The source states that none applied.</p>}
      <ol className="ml-4 list-decimal">
        {hits?.map((hit, index) => (
          // Hits may repeat; their order is what they are.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <li key={index} className="break-words">
            {hitWords(hit)}
          </li>
        ))}
      </ol>
    </div>
  )
}
