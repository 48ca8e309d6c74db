import 'server-only'
import type { TimeRange } from '@/lib/model/time-range'

/**
 * Stretches of time of one key that overlap, as one: what is looked for in each is then looked for once, however many rows of a
 * batch ask. `isSole`: one item is all that the stretch is made of; else the other fields are those of its earliest.
 */
export function mergeStretches<T extends TimeRange>(
  items: readonly T[],
  keyOf: (item: T) => string,
): (T & { readonly isSole: boolean })[] {
  const merged: (T & { toMs: number; isSole: boolean })[] = []
  const last = new Map<string, T & { toMs: number; isSole: boolean }>()
  for (const item of [...items].sort((a, b) => a.fromMs - b.fromMs)) {
    const key = keyOf(item)
    const open = last.get(key)
    if (open && item.fromMs <= open.toMs) {
      open.toMs = Math.max(open.toMs, item.toMs)
      open.isSole = false
      continue
    }
    const stretch = { ...item, isSole: true }
    last.set(key, stretch)
    merged.push(stretch)
  }
  return merged
}
