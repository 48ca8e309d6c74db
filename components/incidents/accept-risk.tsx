'use client'
import { type FormEvent, useId, useState } from 'react'
import { Button } from '@/components/ui/button'
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover'
import { LIMITS } from '@/lib/model/limits'
import { FIELD } from './text-form'
import { useAct } from './use-act'

const DAY_MS = 24 * 60 * 60_000
const ENDS = [
  ['1', '1 day'],
  ['7', '7 days'],
  ['30', '30 days'],
  ['90', '90 days'],
  ['365', '1 year'],
  ['ended', 'until I end it'],
] as const

/** Takes the risk of a finding, with a reason and an end: neither can be left out. */
export function AcceptRisk({ findingId }: { findingId: string }) {
  const [isOpen, setIsOpen] = useState(false)
  const [reason, setReason] = useState('')
  const [end, setEnd] = useState('')
  const id = useId()
  const act = useAct(`/api/findings/${findingId}/accept`, () => setIsOpen(false))
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    act.mutate({ reason: reason.trim(), until: end === 'ended' ? 'ended' : Date.now() + Number(end) * DAY_MS })
  }
  return (
    <Popover open={isOpen} onOpenChange={setIsOpen}>
      <PopoverTrigger asChild>
        <Button>Accept the risk</Button>
      </PopoverTrigger>
      <PopoverContent className="w-96" aria-label="Accept the risk">
        <form onSubmit={submit} className="grid gap-2">
          <p>
            It is counted on and listed under Accepted, and nobody is alarmed while the acceptance lasts. When it is
            over, the finding comes back.
          </p>
          <label htmlFor={`${id}-reason`}>Reason</label>
          <textarea
            id={`${id}-reason`}
            rows={3}
            className={FIELD}
            maxLength={LIMITS.reasonChars}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <label htmlFor={`${id}-end`}>For how long</label>
          <select id={`${id}-end`} className={FIELD} value={end} onChange={(event) => setEnd(event.target.value)}>
            <option value="" disabled>
              choose
            </option>
            {ENDS.map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
          {act.error && <p role="alert">{act.error.message}</p>}
          <Button type="submit" variant="primary" disabled={act.isPending || reason.trim() === '' || end === ''}>
            Accept the risk
          </Button>
        </form>
      </PopoverContent>
    </Popover>
  )
}
