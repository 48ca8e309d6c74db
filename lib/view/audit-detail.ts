import { formatMoment } from './format'

const MOST_LINES = 30
const MOST_CHARS = 300
/** Beyond it a date cannot be written. */
const LAST_MS = 8_640_000_000_000_000

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
    const [old, now] = [textOf(before[key], key), textOf(after[key], key)]
    return old === now ? [] : [`${key}: ${old} → ${now}`]
  })
}

const one = (key: string, value: unknown): string[] => (value === undefined ? [] : [`${key}: ${textOf(value, key)}`])

/** A moment by the ending of its name, a list of words as words, anything else as JSON. */
function textOf(value: unknown, key = ''): string {
  if (value === undefined || value === null || value === '') return 'nothing'
  if (Array.isArray(value) && value.length === 0) return 'nothing'
  if (typeof value === 'number' && key.endsWith('Ms') && Math.abs(value) <= LAST_MS) return formatMoment(value)
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return cut(value.join(', '))
  return cut(typeof value === 'string' ? value : JSON.stringify(value))
}

const cut = (text: string): string => (text.length <= MOST_CHARS ? text : `${text.slice(0, MOST_CHARS)}…`)
