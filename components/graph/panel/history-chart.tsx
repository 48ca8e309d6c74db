import type { PanelHistory } from '@/lib/model/panel-history'
import { formatCount, formatMoment } from '@/lib/view/format'

const WIDTH = 368
const HEIGHT = 64
/** Seen, however little it is beside the peak. */
const LEAST = 2

/** One bar per slot: what passed, and on top of it what was denied, in the colours of the states. */
export function HistoryChart({ history }: { history: PanelHistory }) {
  const { slots, range } = history
  const peak = slots.reduce((most, { passed, denied }) => Math.max(most, passed + denied), 0)
  const step = WIDTH / Math.max(1, slots.length)
  const heightOf = (count: number) => (count === 0 ? 0 : Math.max(LEAST, (count / peak) * (HEIGHT - 2)))
  return (
    <figure>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="h-16 w-full border-b border-(--border)"
        role="img"
        aria-label={summary(history, peak)}
      >
        {slots.map(({ startMs, passed, denied }, index) => {
          const [up, top] = [heightOf(passed), heightOf(denied)]
          return passed + denied === 0 ? null : (
            <g key={startMs}>
              <title>{`${formatMoment(startMs)}: ${formatCount(passed)} passed, ${formatCount(denied)} denied`}</title>
              <rect x={index * step} y={HEIGHT - up} width={step * 0.8} height={up} fill="var(--state-allowed)" />
              <rect x={index * step} y={HEIGHT - up - top} width={step * 0.8} height={top} fill="var(--state-denied)" />
            </g>
          )
        })}
      </svg>
      <figcaption className="flex justify-between gap-2 text-[11px] text-(--text-muted)">
        <span>{formatMoment(range.fromMs)}</span>
        <span>peak {formatCount(peak)}</span>
        <span>{formatMoment(range.toMs)}</span>
      </figcaption>
    </figure>
  )
}

function summary({ slots, range }: PanelHistory, peak: number): string {
  const passed = slots.reduce((sum, slot) => sum + slot.passed, 0)
  const denied = slots.reduce((sum, slot) => sum + slot.denied, 0)
  const busy = slots.filter((slot) => slot.passed + slot.denied > 0).length
  return `${formatMoment(range.fromMs)} to ${formatMoment(range.toMs)}: ${formatCount(passed)} passed, ${formatCount(denied)} denied, in ${busy} of ${slots.length} slots; peak ${formatCount(peak)}.`
}
