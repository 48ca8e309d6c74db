'use client'
import { useRef, useState } from 'react'
import { LoadProblem } from '@/components/ui/load-problem'
import { EGRESS_KINDS, type EgressEntry, type EgressInputs, type EgressKind } from '@/lib/model/egress-entry'
import { isOf } from '@/lib/view/egress-words'
import { type Draft, EntrySheet } from './entry-sheet'
import { EntryTable } from './entry-table'
import { ProposalList } from './proposal-list'
import { useEgressEntries } from './use-egress-entries'

/** Egress points, paths, rules and denied providers: made, changed and taken away, each with a preview of what that changes. */
export function EgressEditor({ dataset }: { dataset: string }) {
  const { data, error, refetch } = useEgressEntries()
  const [queue, setQueue] = useState<readonly Draft[]>([])
  const [total, setTotal] = useState(0)
  const [said, setSaid] = useState('')
  const [draft] = queue
  const opener = useRef<Element | null>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const begin = (drafts: readonly Draft[]) => {
    opener.current = document.activeElement
    setQueue(drafts)
    setTotal(drafts.length)
    setSaid('')
  }
  // What was used may be gone by then, as the row of a deleted entry is.
  const goBack = () => {
    const used = opener.current
    const place = used instanceof HTMLElement && used.isConnected ? used : heading.current
    place?.focus()
  }
  if (error && !data)
    return (
      <LoadProblem text={`The doors and rules could not be loaded: ${error.message}`} onRetry={() => void refetch()} />
    )
  if (!data) return <p className="text-(--text-muted)">Loading the doors and rules …</p>
  const hasPoint = data.entries.some(({ kind }) => kind === 'point')
  const proposals = <ProposalList dataset={dataset} isFirst={!hasPoint} onUse={begin} />
  return (
    <section aria-labelledby="doors-and-rules" className="grid grid-cols-1 gap-3">
      <h2 id="doors-and-rules" ref={heading} tabIndex={-1} className="text-[15px] font-semibold outline-none">
        Doors and rules
      </h2>
      <p role="status" className={said ? '' : 'sr-only'}>
        {said}
      </p>
      {!hasPoint && proposals}
      {EGRESS_KINDS.map((kind) => (
        <EntryTable
          key={kind}
          kind={kind}
          entries={data.entries}
          onNew={() => begin([emptyDraft(kind)])}
          onEdit={(entry) => begin([draftOf(entry)])}
          onDelete={(entry) => begin([{ ...draftOf(entry), isRemoval: true }])}
        />
      ))}
      {hasPoint && proposals}
      {draft && (
        <EntrySheet
          // Each draft has a form of its own.
          key={total - queue.length}
          draft={draft}
          dataset={dataset}
          {...(total > 1 && { step: `step ${total - queue.length + 1} of ${total}` })}
          onClose={() => setQueue([])}
          onGone={goBack}
          onSaved={(name) => {
            setSaid(draft.isRemoval ? `${name} is deleted.` : `${name} is saved. What it concerns is judged again.`)
            setQueue(queue.slice(1).map((next) => renamed(next, draft, name)))
          }}
        />
      )}
    </section>
  )
}

/** A rule that is to come names the point by the name that it was given. */
function renamed(next: Draft, saved: Draft, name: string): Draft {
  if (next.kind !== 'rule' || saved.kind !== 'point') return next
  const egressPoints = next.initial.egressPoints?.map((point) => (point === saved.initial.name ? name : point))
  return { ...next, initial: { ...next.initial, ...(egressPoints && { egressPoints }) } }
}

const EMPTY: EgressInputs = {
  point: { name: '', publicCidrs: [] },
  path: { name: '', hops: [], final: '' },
  rule: { name: '', workloads: { aiOnly: true }, providers: [], egressPoints: [] },
  'denied-provider': { name: '' },
}

const emptyDraft = (kind: EgressKind): Draft => ({ kind, initial: EMPTY[kind], revision: null }) as Draft

function draftOf(entry: EgressEntry): Draft {
  const { revision } = entry
  if (isOf(entry, 'point')) return { kind: 'point', initial: entry.entry, revision }
  if (isOf(entry, 'path')) return { kind: 'path', initial: entry.entry, revision }
  if (isOf(entry, 'rule')) return { kind: 'rule', initial: entry.entry, revision }
  return { kind: 'denied-provider', initial: { name: entry.name }, revision }
}
