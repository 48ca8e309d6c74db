'use client'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { fetchJson } from '@/components/providers/fetch-json'
import { Button } from '@/components/ui/button'
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover'
import type { CaseSummary, IncidentCase } from '@/lib/model/incident-case'
import { LIMITS } from '@/lib/model/limits'
import { ActButton, FIELD, TextPopover } from './text-form'
import { CASES_KEY, useAct } from './use-act'

/** What a person can do with an incident. */
export function CaseActions({ incident }: { incident: IncidentCase }) {
  const path = `/api/cases/${incident.id}`
  return (
    <div className="flex flex-wrap items-center gap-2">
      <TextPopover
        key={incident.owner ?? ''}
        button={incident.owner === undefined ? 'Set an owner' : 'Change the owner'}
        path={`${path}/own`}
        name="owner"
        label="Who looks after it"
        submit="Save the owner"
        most={LIMITS.assigneeChars}
        initial={incident.owner ?? ''}
        mayBeEmpty
        hint="A name or a team. Empty means nobody."
      />
      {incident.status === 'open' ? (
        <TextPopover
          button="Resolve"
          path={`${path}/resolve`}
          name="reason"
          label="Reason"
          submit="Resolve the incident"
          most={LIMITS.reasonChars}
          isLong
          hint="Its findings stay as they are. News of one of them opens the incident again."
        />
      ) : (
        <ActButton path={`${path}/reopen`}>Open again</ActButton>
      )}
      <Merge incident={incident} />
    </div>
  )
}

function Merge({ incident }: { incident: IncidentCase }) {
  const [isOpen, setIsOpen] = useState(false)
  const [into, setInto] = useState('')
  const id = useId()
  const others = useQuery({
    queryKey: [...CASES_KEY, incident.dataset],
    queryFn: () =>
      fetchJson<{ cases: CaseSummary[] }>(
        `/api/cases${incident.dataset === '' ? '' : `?${new URLSearchParams({ dataset: incident.dataset })}`}`,
      ),
    enabled: isOpen,
  })
  const merge = useAct(`/api/cases/${incident.id}/merge`, () => setIsOpen(false))
  const options = (others.data?.cases ?? []).filter(
    (one) => one.id !== incident.id && one.cluster === incident.cluster && one.status === 'open',
  )
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    merge.mutate({ into })
  }
  return (
    <Popover open={isOpen} onOpenChange={setIsOpen}>
      <PopoverTrigger asChild>
        <Button>Merge into another</Button>
      </PopoverTrigger>
      <PopoverContent className="w-96" aria-label="Merge into another incident">
        <form onSubmit={submit} className="grid gap-2">
          <p>All of its findings go into the other incident, and this one is resolved.</p>
          <label htmlFor={id}>Incident</label>
          <select id={id} className={FIELD} value={into} onChange={(event) => setInto(event.target.value)}>
            <option value="" disabled>
              {options.length === 0 ? 'no other open incident of this cluster' : 'choose'}
            </option>
            {options.map((one) => (
              <option key={one.id} value={one.id}>
                {one.title}
              </option>
            ))}
          </select>
          {merge.error && <p role="alert">{merge.error.message}</p>}
          <Button type="submit" variant="primary" disabled={into === '' || merge.isPending}>
            Merge
          </Button>
        </form>
      </PopoverContent>
    </Popover>
  )
}
