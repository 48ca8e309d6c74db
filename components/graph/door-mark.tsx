import { ShieldCheck, ShieldOff, ShieldQuestionMark } from 'lucide-react'
import type { DoorState } from '@/lib/model/egress'
import { DOOR_WORD } from '@/lib/view/door-sentence'

const ICON = { violation: ShieldOff, sanctioned: ShieldCheck, unverified: ShieldQuestionMark } as const

/** The door in words; only a violation has a colour, and sanctioned is never green. */
export function DoorMark({ state }: { state: DoorState }) {
  const isViolation = state === 'violation'
  const Icon = state === 'violation' || state === 'sanctioned' || state === 'unverified' ? ICON[state] : undefined
  return (
    <span className={`inline-flex items-center gap-1.5 whitespace-nowrap ${isViolation ? 'font-semibold' : ''}`}>
      {Icon ? (
        <Icon aria-hidden size={14} style={isViolation ? { color: 'var(--state-violation)' } : undefined} />
      ) : (
        <span aria-hidden className="w-3.5 text-center">
          ·
        </span>
      )}
      {DOOR_WORD[state]}
    </span>
  )
}
