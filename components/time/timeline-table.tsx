import type { Timeline } from '@/lib/model/timeline'
import { type TrafficCount, trafficTotal } from '@/lib/model/traffic-count'
import { formatCount } from '@/lib/view/format'
import { clockText, markSentence, silenceWords, stretchText } from '@/lib/view/time-words'
import { trafficUnits, trafficWords, unitsPer } from '@/lib/view/traffic-words'

const CELL = 'px-2 py-0.5 text-left'

/** The timeline as tables: frames with anything in them, what happened, what was not seen. */
export function TimelineTable({ timeline: { window, frames, counts, marks, silences } }: { timeline: Timeline }) {
  const rows = counts.flatMap((count, index) => {
    const fromMs = frames.fromMs + index * frames.stepMs
    const isSeen = [count.passed, count.denied, count.other].some((one) => trafficTotal(one) > 0)
    return isSeen ? [{ ...count, fromMs, toMs: fromMs + frames.stepMs }] : []
  })
  const units = trafficUnits(counts)
  const said = (count: TrafficCount) =>
    units.length === 1 ? formatCount(trafficTotal(count)) : trafficWords(count, units[0], formatCount)
  const hasOther = counts.some(({ other }) => trafficTotal(other) > 0)
  return (
    <section
      aria-label="Timeline as a table"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within reach of keys
      tabIndex={0}
      className="mt-1 grid max-h-48 gap-4 overflow-auto border-t border-(--border) py-1 text-[12px] lg:grid-cols-3"
    >
      <table className="self-start">
        <caption className="text-left text-(--text-muted)">{unitsPer(units, 'frame')}; others had none</caption>
        <thead>
          <tr>
            {['Frame', 'Passed', 'Denied', ...(hasOther ? ['Dropped, failed or not told'] : [])].map((title) => (
              <th key={title} scope="col" className={`${CELL} font-medium`}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ fromMs, toMs, passed, denied, other }) => (
            <tr key={fromMs}>
              <th scope="row" className={`${CELL} font-normal`}>
                {stretchText({ fromMs, toMs }, window.toMs)}
              </th>
              <td className={CELL}>{said(passed)}</td>
              <td className={CELL}>{said(denied)}</td>
              {hasOther && <td className={CELL}>{said(other)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      <List
        title="What happened"
        none="Nothing of note."
        items={marks.map((mark) => `${clockText(mark.atMs, window.toMs)} ${markSentence(mark)}`)}
      />
      <List
        title="What was not seen"
        none="No source fell silent, none lost records."
        items={silences.map((silence) => `${stretchText(silence, window.toMs)} ${silenceWords(silence)}`)}
      />
    </section>
  )
}

function List({ title, none, items }: { title: string; none: string; items: readonly string[] }) {
  return (
    <div>
      <h3 className="text-(--text-muted)">{title}</h3>
      {items.length === 0 && <p>{none}</p>}
      <ul>
        {[...new Set(items)].map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
    </div>
  )
}
