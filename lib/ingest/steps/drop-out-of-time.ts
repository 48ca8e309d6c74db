import type { Gap } from '@/lib/model/flow'
import { MINUTE_MS } from '@/lib/model/units'
import type { IngestContext, Step } from '../draft'

/** A record may be from this far ahead of our clock; further is a wrong clock. */
export const FUTURE_SKEW_MS = 5 * MINUTE_MS

/** Live records end within retention: an older one would be deleted at once. Pinned datasets take any time. */
export const dropTooOld: Step = ({ flow }, { context }) =>
  context.dataset === '' && flow.endMs < context.nowMs - context.retentionMs ? 'too_old' : undefined

/** Times are never clamped: a record from the future is refused, unless it is an import. */
export const dropInFuture: Step = ({ flow }, { context }) =>
  context.dataset === '' && flow.startMs > context.nowMs + FUTURE_SKEW_MS ? 'in_the_future' : undefined

/** Losses where live data could have been: what was lost before retention would be gone anyway, and nobody counts it as refused. */
export const gapsInTime = (
  gaps: readonly Gap[],
  context: Pick<IngestContext, 'dataset' | 'nowMs' | 'retentionMs'>,
): readonly Gap[] =>
  context.dataset === ''
    ? gaps.filter(
        ({ atMs, endMs = atMs }) =>
          endMs >= context.nowMs - context.retentionMs && atMs <= context.nowMs + FUTURE_SKEW_MS,
      )
    : gaps
