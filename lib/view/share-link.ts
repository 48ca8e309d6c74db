import { type GraphView, serializeGraphView, windowOf } from './graph-view'
import { resolveTime } from './times'

/** As it moves: whoever opens it sees their own last 15 minutes. Exact: the window as it stands now, for good. */
export type LinkTimes = 'moving' | 'exact'

/** Longer ones break in chats and mails; a short link is offered in their place. */
export const LONG_LINK_CHARS = 200

/** Whether the two kinds of link differ: some time of the view is relative to now. */
export const hasMovingTimes = ({ from, to, against, at }: GraphView): boolean =>
  [from, to, against, at].some((text) => text.startsWith('now'))

/** Path and parameters that open this view of a page again. */
export function linkPath(pathname: string, view: GraphView, times: LinkTimes, nowMs: number): string {
  const params = serializeGraphView(times === 'exact' ? fixed(view, nowMs) : view).toString()
  return params ? `${pathname}?${params}` : pathname
}

function fixed(view: GraphView, nowMs: number): GraphView {
  const { window } = windowOf(serializeGraphView(view), nowMs)
  const text = (time: string) => (time === '' ? '' : String(Math.round(resolveTime(time, nowMs) ?? nowMs)))
  return {
    ...view,
    from: String(Math.floor(window.fromMs)),
    to: String(Math.ceil(window.toMs)),
    at: text(view.at),
    against: text(view.against),
  }
}
