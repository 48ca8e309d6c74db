import type { Outcome } from '@/lib/model/verdict'
import { OUTCOME_SIGN, OUTCOME_WORD } from '@/lib/view/flow-words'

const COLOR: Readonly<Record<Outcome, string>> = {
  allowed: '--state-allowed',
  denied: '--state-denied',
  dropped: '--state-mixed',
  error: '--state-mixed',
  observed: '--state-none',
  unknown: '--state-none',
}

/** What became of a record's connection: sign, colour of the sign, word. */
export function OutcomeMark({ outcome }: { outcome: Outcome }) {
  return (
    <span className="inline-flex items-center gap-1 whitespace-nowrap">
      <span aria-hidden className="w-3 text-center font-semibold" style={{ color: `var(${COLOR[outcome]})` }}>
        {OUTCOME_SIGN[outcome]}
      </span>
      {OUTCOME_WORD[outcome]}
    </span>
  )
}
