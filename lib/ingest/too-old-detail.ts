import { DAY_MS, HOUR_MS, MINUTE_MS, type Millis, type UnixMillis } from '@/lib/model/units'
import type { IngestContext } from './draft'

/** How old a record is that is refused as `too_old`, and how far back live data go: "it ended 393 d ago; live data go back 14 d". */
export const tooOldDetail = (endMs: UnixMillis, context: Pick<IngestContext, 'nowMs' | 'retentionMs'>): string =>
  `it ended ${inWords(context.nowMs - endMs)} ago; live data go back ${inWords(context.retentionMs)}`

/** In the largest unit of which there are two. */
function inWords(ms: Millis): string {
  if (ms >= 2 * DAY_MS) return `${Math.floor(ms / DAY_MS)} d`
  return ms >= 2 * HOUR_MS ? `${Math.floor(ms / HOUR_MS)} h` : `${Math.floor(ms / MINUTE_MS)} min`
}
