import { MINUTE_MS } from '@/lib/model/units'
import type { Step } from '../draft'

/** A record may be from this far ahead of our clock; further is a wrong clock. */
export const FUTURE_SKEW_MS = 5 * MINUTE_MS

/** Live records end within retention: an older one would be deleted at once. Pinned datasets take any time. */
export const dropTooOld: Step = ({ flow }, { context }) =>
  context.dataset === '' && flow.endMs < context.nowMs - context.retentionMs ? 'too_old' : undefined

/** Times are never clamped: a record from the future is refused, unless it is an import. */
export const dropInFuture: Step = ({ flow }, { context }) =>
  context.dataset === '' && flow.startMs > context.nowMs + FUTURE_SKEW_MS ? 'in_the_future' : undefined
