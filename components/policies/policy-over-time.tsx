import type { PolicyDetail, PolicySlot } from '@/lib/model/policy-report'
import { formatCount, formatDuration, formatMoment, formatSecond } from '@/lib/view/format'

const PARTS = [
  ['allowed', 'allowed', 'var(--state-allowed)'],
  ['denied', 'denied', 'var(--state-denied)'],
  ['wouldDeny', 'would be denied', 'var(--state-would)'],
] as const

const WIDTH = 640
const HEIGHT = 64
const sumOf = ({ allowed, denied, wouldDeny }: PolicySlot): number => Math.max(allowed + denied, wouldDeny)

/**
 * Counts per step of time: what was allowed and denied stands stacked, what would be denied beside it, for it is a part of what was
 * allowed.
 */
export function PolicyOverTime({ detail }: { detail: PolicyDetail }) {
  const { slots, slotMs, isSlotsPart } = detail
  const most = Math.max(...slots.map(sumOf), 0)
  const first = slots[0]
  const last = slots.at(-1)
  if (most === 0 || !first || !last) return null
  const used = PARTS.filter(([key]) => slots.some((slot) => slot[key] > 0))
  const step = WIDTH / slots.length
  const height = (count: number) => (count / most) * HEIGHT
  return (
    <section>
      <h3 className="mb-1 font-semibold">Over time</h3>
      <p className="mb-1 flex flex-wrap gap-x-4 text-[12px] text-(--text-muted)">
        {used.map(([key, word, color]) => (
          <span key={key} className="inline-flex items-center gap-1">
            <span aria-hidden className="inline-block size-2.5 rounded-xs" style={{ background: color }} />
            {word}
          </span>
        ))}
        <span>
          in steps of {formatDuration(slotMs)}, at most {formatCount(most)}
        </span>
      </p>
      <svg
        role="img"
        aria-label={`Connections in steps of ${formatDuration(slotMs)}, at most ${formatCount(most)} in one`}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="h-16 w-full border-b border-(--border)"
      >
        {slots.map((slot, at) => (
          <g key={slot.startMs} transform={`translate(${at * step} 0)`}>
            <title>{slotWords(slot)}</title>
            <Bar
              x={0}
              width={step * 0.55}
              y={HEIGHT - height(slot.allowed)}
              height={height(slot.allowed)}
              color={PARTS[0][2]}
            />
            <Bar
              x={0}
              width={step * 0.55}
              y={HEIGHT - height(slot.allowed + slot.denied)}
              height={height(slot.denied)}
              color={PARTS[1][2]}
            />
            <Bar
              x={step * 0.6}
              width={step * 0.25}
              y={HEIGHT - height(slot.wouldDeny)}
              height={height(slot.wouldDeny)}
              color={PARTS[2][2]}
            />
          </g>
        ))}
      </svg>
      <p className="flex justify-between text-[11px] text-(--text-muted)">
        <span>{formatMoment(first.startMs)}</span>
        <span>{formatMoment(last.startMs + slotMs)}</span>
      </p>
      <details className="text-[12px]">
        <summary className="cursor-pointer text-(--text-muted)">As text</summary>
        <ul>
          {slots
            .filter((slot) => sumOf(slot) > 0)
            .map((slot) => (
              <li key={slot.startMs}>{slotWords(slot)}</li>
            ))}
        </ul>
      </details>
      {isSlotsPart && (
        <p className="text-[12px] text-(--text-muted)">Only a part of its edges is added up here: choose a cluster.</p>
      )}
    </section>
  )
}

function Bar({ x, y, width, height, color }: { x: number; y: number; width: number; height: number; color: string }) {
  return height > 0 ? <rect x={x} y={y} width={width} height={height} fill={color} /> : null
}

const slotWords = (slot: PolicySlot): string =>
  `${formatSecond(slot.startMs)}: ${
    PARTS.filter(([key]) => slot[key] > 0)
      .map(([key, word]) => `${formatCount(slot[key])} ${word}`)
      .join(', ') || 'nothing'
  }`
