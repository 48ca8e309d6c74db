const MOST_LINES = 30
const MOST_CHARS = 300

type Json = Readonly<Record<string, unknown>>

const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The detail of an entry in lines: of `before` and `after` what differs, everything else as it is. */
export function detailLines(detail: Json): string[] {
  const { before, after, ...rest } = detail
  const changes =
    isRecord(before) && isRecord(after) ? changesOf(before, after) : one('before', before).concat(one('after', after))
  const lines = [...changes, ...Object.entries(rest).flatMap(([key, value]) => one(key, value))]
  return lines.length <= MOST_LINES ? lines : [...lines.slice(0, MOST_LINES), `… and ${lines.length - MOST_LINES} more`]
}

function changesOf(before: Json, after: Json): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return keys.flatMap((key) => {
    const [old, now] = [textOf(before[key]), textOf(after[key])]
    return old === now ? [] : [`${key}: ${old} → ${now}`]
  })
}

const one = (key: string, value: unknown): string[] => (value === undefined ? [] : [`${key}: ${textOf(value)}`])

function textOf(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'nothing'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length <= MOST_CHARS ? text : `${text.slice(0, MOST_CHARS)}…`
}
