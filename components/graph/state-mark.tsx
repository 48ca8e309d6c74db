import { EDGE_STATE_WORD, type EdgeState } from '@/lib/model/verdict'
import { STATE_LOOK } from '@/lib/view/state-colors'

/** Three cues per state, as the graph draws it: the line in its colour, width and dash, the glyph, and the word. */
export function StateMark({ state, counts }: { state: EdgeState; counts?: string }) {
  const { glyph, color, width, line } = STATE_LOOK[state]
  const stroke = `var(--state-${color})`
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <svg aria-hidden="true" width="22" height="8" viewBox="0 0 22 8">
        <path
          d="M0 4h16"
          stroke={stroke}
          strokeWidth={width}
          {...(line === 'dotted' && { strokeDasharray: '1.5 2.5' })}
        />
        <path d="M15 0.5L22 4L15 7.5z" fill={stroke} />
      </svg>
      {glyph && (
        <span aria-hidden style={{ color: stroke }} className="font-semibold">
          {glyph}
        </span>
      )}
      {EDGE_STATE_WORD[state]}
      {counts ? ` ${counts}` : ''}
    </span>
  )
}
