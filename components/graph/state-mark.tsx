import { EDGE_STATE_WORD, type EdgeState } from '@/lib/model/verdict'

/** Three cues per state: colour, glyph, word. */
export const STATE_MARK: Readonly<Record<EdgeState, { readonly glyph: string; readonly color: string }>> = {
  allowed_by_policy: { glyph: '●', color: 'var(--state-allowed)' },
  allowed_no_policy: { glyph: '◌', color: 'var(--state-default)' },
  denied_by_rule: { glyph: '⊘', color: 'var(--state-denied)' },
  denied_no_rule: { glyph: '⊖', color: 'var(--state-denied)' },
  mixed: { glyph: '◐', color: 'var(--state-mixed)' },
  would_be_denied: { glyph: '◇', color: 'var(--state-would)' },
  no_verdict: { glyph: '?', color: 'var(--state-none)' },
}

export function StateMark({ state, counts }: { state: EdgeState; counts?: string }) {
  const { glyph, color } = STATE_MARK[state]
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <span aria-hidden style={{ color }} className="w-3 text-center font-semibold">
        {glyph}
      </span>
      {EDGE_STATE_WORD[state]}
      {counts ? ` ${counts}` : ''}
    </span>
  )
}
