import type { FlowListRow, FlowPage } from '@/lib/model/flow-list'

/** Rows that a table that follows keeps; older ones are read again when they are scrolled to. */
const MOST_FOLLOWED = 1000

/**
 * Pages with the newest page put before them: no record twice, in the order of the table. Where they do not meet, more came in than a page
 * holds: what was there goes, or the table would have a hole that nobody sees. What is too many goes as whole pages from the end.
 */
export function merged(pages: readonly FlowPage[], newest: FlowPage): FlowPage[] {
  const [first, ...others] = pages
  if (!first) return [newest]
  const known = new Set(pages.flatMap(({ rows }) => rows.map(keyOf)))
  const fresh = newest.rows.filter((row) => !known.has(keyOf(row)))
  if (fresh.length === 0) return [...pages]
  const doMeet = fresh.length < newest.rows.length || first.rows.length === 0 || newest.next === undefined
  if (!doMeet) return [newest]
  const rows = [...fresh, ...first.rows].sort(byPlace)
  const all = [{ ...first, rows, window: newest.window }, ...others]
  let [size, kept] = [0, 0]
  while (kept < all.length && (kept === 0 || size < MOST_FOLLOWED)) {
    size += all[kept]?.rows.length ?? 0
    kept += 1
  }
  const shown = all.slice(0, kept)
  return size <= MOST_FOLLOWED * 2 ? shown : [newest]
}

const keyOf = ({ startNs, recordKey }: FlowListRow): string => `${startNs}/${recordKey}`

function byPlace(a: FlowListRow, b: FlowListRow): number {
  const [startA, startB] = [BigInt(a.startNs), BigInt(b.startNs)]
  if (startA !== startB) return startA > startB ? -1 : 1
  const [keyA, keyB] = [BigInt(a.recordKey), BigInt(b.recordKey)]
  return keyA > keyB ? -1 : keyA < keyB ? 1 : 0
}
