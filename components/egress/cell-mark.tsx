import { CircleDashed, Minus, Scale, ShieldCheck, ShieldOff, ShieldQuestionMark, Unplug } from 'lucide-react'
import type { DoorState } from '@/lib/model/egress'
import { CELL_WORD } from '@/lib/view/matrix-words'

const ICON = {
  violation: ShieldOff,
  sanctioned: ShieldCheck,
  unverified: ShieldQuestionMark,
  blocked: Minus,
  broken: Unplug,
  not_applicable: CircleDashed,
  no_rule: Scale,
} as const satisfies Readonly<Record<DoorState, unknown>>

/** State of a cell: glyph and word. Only a violation has a colour; sanctioned is never green. */
export function CellMark({ state }: { state: DoorState }) {
  const Icon = ICON[state]
  const isViolation = state === 'violation'
  return (
    <span className={`inline-flex items-center gap-1 whitespace-nowrap ${isViolation ? 'font-semibold' : ''}`}>
      <Icon aria-hidden size={13} style={isViolation ? { color: 'var(--state-violation)' } : undefined} />
      {CELL_WORD[state]}
    </span>
  )
}
