import Link from 'next/link'
import type { PanelHistory } from '@/lib/model/panel-history'
import { formatCount, formatMoment } from '@/lib/view/format'
import { rowsHref } from '@/lib/view/panel-tabs'
import type { PanelContext } from './panel-context'

/** The bars as rows, newest first, those with something in them; each leads to its own stretch of time. */
export function HistoryRows({ history, context }: { history: PanelHistory; context: PanelContext }) {
  const busy = history.slots.filter(({ passed, denied }) => passed + denied > 0).reverse()
  if (busy.length === 0) return <p>Nothing was seen in this stretch.</p>
  const hrefOf = (startMs: number) => {
    const params = new URLSearchParams(context.params)
    params.set('from', String(startMs))
    params.set('to', String(startMs + history.slotMs))
    params.set('panel', 'flows')
    return rowsHref('/graph', params.toString(), context.view.selected)
  }
  return (
    <details>
      <summary className="cursor-pointer text-(--text-muted)">The same as rows ({busy.length})</summary>
      <table className="mt-1 w-full text-[12px]">
        <thead className="text-left text-(--text-muted)">
          <tr>
            <th scope="col" className="font-normal">
              From
            </th>
            <th scope="col" className="text-right font-normal">
              Passed
            </th>
            <th scope="col" className="text-right font-normal">
              Denied
            </th>
          </tr>
        </thead>
        <tbody>
          {busy.map(({ startMs, passed, denied }) => (
            <tr key={startMs} className="border-t border-(--border)">
              <td>
                <Link className="text-(--accent) underline" href={hrefOf(startMs)}>
                  {formatMoment(startMs)}
                </Link>
              </td>
              <td className="text-right">{formatCount(passed)}</td>
              <td className="text-right">{formatCount(denied)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}
