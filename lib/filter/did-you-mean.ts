/** Longer words are not compared: nobody misspells a field by this much. */
const MAX_CHARS = 24

/** The word that somebody most likely meant: near in letters, or with the same beginning. Undefined where none is. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length > MAX_CHARS) return undefined
  const lower = word.toLowerCase()
  const ranked = known
    .map((one) => ({ one, steps: distance(lower, one), begins: commonStart(lower, one) }))
    .filter(
      ({ one, steps, begins }) =>
        steps <= Math.max(1, Math.floor(one.length / 3)) || (begins >= 3 && steps <= one.length / 2),
    )
    .sort((a, b) => a.steps - b.steps || b.begins - a.begins)
  return ranked[0]?.one
}

function commonStart(a: string, b: string): number {
  let at = 0
  while (at < a.length && a[at] === b[at]) at += 1
  return at
}

/** Letters to add, drop or change, by Levenshtein's table of one row. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
