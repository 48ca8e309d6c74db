import type { DatasetName, LiveTier, RowCount } from '@/lib/model/dataset'
import { formatCount, formatDuration, formatMoment } from './format'

/** What people call a dataset. */
export const datasetTitle = ({ name, title }: Pick<DatasetName, 'name' | 'title'>): string => title ?? name

/** A count, with "about" where it is an estimate. */
export const countWords = ({ rows, isEstimate }: RowCount): string =>
  isEstimate ? `about ${formatCount(rows)}` : formatCount(rows)

const TIER_WORD: Readonly<Record<LiveTier['kind'], string>> = {
  evidence: 'Evidence rows',
  buckets15s: 'Sums of 15 s',
  buckets1m: 'Sums of 1 min',
  buckets1h: 'Sums of 1 h',
}

/** "Evidence rows are kept for 7 d; the oldest is from …". */
export function tierWords({ kind, keptMs, oldestMs }: LiveTier): string {
  const oldest = oldestMs === undefined ? 'there are none yet' : `the oldest is from ${formatMoment(oldestMs)}`
  return `${TIER_WORD[kind]} are kept for ${formatDuration(keptMs)}; ${oldest}`
}
