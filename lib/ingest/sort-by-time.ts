import type { RejectReason } from '@/lib/model/decoded'
import type { UnixMillis } from '@/lib/model/units'
import type { IngestContext } from './draft'
import { FUTURE_SKEW_MS } from './steps/drop-out-of-time'
import { tooOldDetail } from './too-old-detail'

export interface SortedByTime<T> {
  readonly inTime: readonly T[]
  readonly refused: Readonly<Partial<Record<RejectReason, number>>>
  /** What was wrong with the first of each reason, where that says more than the reason. */
  readonly details: Readonly<Partial<Record<RejectReason, string>>>
}

/** The rule of `dropTooOld` and `dropInFuture` for records that are no flows: live ones lie within retention and skew. */
export function sortByTime<T>(
  records: readonly T[],
  times: (record: T) => { readonly startMs: UnixMillis; readonly endMs: UnixMillis },
  context: Pick<IngestContext, 'dataset' | 'nowMs' | 'retentionMs'>,
): SortedByTime<T> {
  const inTime: T[] = []
  const refused: Partial<Record<RejectReason, number>> = {}
  const details: Partial<Record<RejectReason, string>> = {}
  for (const record of records) {
    const reason = refusal(times(record), context)
    if (reason) refused[reason] = (refused[reason] ?? 0) + 1
    else inTime.push(record)
    if (reason === 'too_old') details.too_old ??= tooOldDetail(times(record).endMs, context)
  }
  return { inTime, refused, details }
}

/** 2200-01-01: nothing of ours is later, pinned or not. */
const LATEST_MS = 7_258_118_400_000

function refusal(
  { startMs, endMs }: { readonly startMs: UnixMillis; readonly endMs: UnixMillis },
  context: Pick<IngestContext, 'dataset' | 'nowMs' | 'retentionMs'>,
): RejectReason | undefined {
  if (!(startMs >= 0) || !(endMs >= startMs) || endMs > LATEST_MS) return 'bad_value'
  if (context.dataset !== '') return undefined
  if (endMs < context.nowMs - context.retentionMs) return 'too_old'
  return startMs > context.nowMs + FUTURE_SKEW_MS ? 'in_the_future' : undefined
}
