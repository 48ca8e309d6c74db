'use client'
import { useRouter } from 'next/navigation'
import { Button } from '@/components/ui/button'
import type { Finding } from '@/lib/model/finding'
import { LIMITS } from '@/lib/model/limits'
import { AcceptRisk } from './accept-risk'
import { CreateLink } from './create-link'
import { ActButton, TextPopover } from './text-form'
import { useAct } from './use-act'

/** What a person can do with a finding. */
export function FindingActions({ finding }: { finding: Finding }) {
  const path = `/api/findings/${finding.id}`
  const router = useRouter()
  const open = useAct<{ id: string }>('/api/cases', ({ id }) => router.push(`/incidents/${id}`))
  return (
    <div className="flex flex-wrap items-center gap-2">
      {finding.acknowledged ? (
        <ActButton path={`${path}/unacknowledge`}>Take the acknowledgement back</ActButton>
      ) : (
        <ActButton path={`${path}/acknowledge`}>Acknowledge</ActButton>
      )}
      <TextPopover
        key={finding.assignee ?? ''}
        button="Assign"
        path={`${path}/assign`}
        name="assignee"
        label="Who looks after it"
        submit="Assign"
        most={LIMITS.assigneeChars}
        initial={finding.assignee ?? ''}
        mayBeEmpty
        hint="A name or a team. Empty means nobody."
      />
      {finding.accepted ? (
        <ActButton path={`${path}/end-acceptance`}>End the acceptance</ActButton>
      ) : (
        <AcceptRisk findingId={finding.id} />
      )}
      {finding.caseId === undefined && (
        <Button disabled={open.isPending} onClick={() => open.mutate({ findingIds: [finding.id] })}>
          Open an incident
        </Button>
      )}
      {finding.edgeIds.length > 0 && <CreateLink findingId={finding.id} />}
      {open.error && <span role="alert">{open.error.message}</span>}
    </div>
  )
}
