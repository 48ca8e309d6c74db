import 'server-only'

/**
 * Rows without repeats, in key order. Every statement of the write path that takes row locks does so in this order, and
 * every transaction visits the tables in one order: two writers may wait for each other, but never in a circle.
 */
export function byId<T>(items: readonly T[], key: (item: T) => string): T[] {
  const unique = new Map<string, T>()
  for (const item of items) unique.set(key(item), item)
  return [...unique].sort(([a], [b]) => compareText(a, b)).map(([, item]) => item)
}

export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
