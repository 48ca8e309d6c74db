import type { FilterError, Operator, Span } from './ast'

export type Token = Span &
  (
    | { readonly kind: 'word' | 'string'; readonly value: string }
    | { readonly kind: 'operator'; readonly value: Exclude<Operator, 'in'> }
    | { readonly kind: 'and' | 'or' | 'not' | 'in' | 'is' | 'has' | 'no' | '(' | ')' | ',' | 'end' }
  )

type Keyword = 'and' | 'or' | 'not' | 'in' | 'is' | 'has' | 'no'
const KEYWORDS: ReadonlyMap<string, Keyword> = new Map(
  (['and', 'or', 'not', 'in', 'is', 'has', 'no'] as const).map((word) => [word, word]),
)
const SIGNS: readonly (readonly [string, Exclude<Operator, 'in'>])[] = [
  ['==', '='],
  ['!=', '!='],
  ['!~', '!~'],
  ['^=', '^='],
  ['$=', '$='],
  ['>=', '>='],
  ['<=', '<='],
  ['=', '='],
  ['~', '~'],
  ['>', '>'],
  ['<', '<'],
]
/** A word goes on until one of these, or a sign of two characters that begins with `^` or `$`. */
const ENDS_WORD = /[\s()",'=!~<>&|]|[\^$]=/g

/** A text in tokens, the last of them `end`. Reads on past what it does not understand, so that completion works there too. */
export function tokenize(text: string): { readonly tokens: readonly Token[]; readonly error?: FilterError } {
  const tokens: Token[] = []
  let error: FilterError | undefined
  let at = 0
  while (at < text.length) {
    const char = text[at] ?? ''
    if (/\s/.test(char)) {
      at += 1
      continue
    }
    const read = char === '"' || char === "'" ? readString(text, at) : (readSign(text, at) ?? readWord(text, at))
    if (read.token) tokens.push(read.token)
    if (read.error) error ??= read.error
    at = (read.token ?? read.error).end
  }
  tokens.push({ kind: 'end', start: text.length, end: text.length })
  return error ? { tokens, error } : { tokens }
}

type Read =
  | { readonly token: Token; readonly error?: FilterError }
  | { readonly token?: never; readonly error: FilterError }

function readString(text: string, start: number): Read {
  const quote = text[start]
  let value = ''
  let at = start + 1
  while (at < text.length && text[at] !== quote) {
    if (text[at] === '\\' && at + 1 < text.length) at += 1
    value += text[at]
    at += 1
  }
  const isClosed = at < text.length
  const token: Token = { kind: 'string', value, start, end: isClosed ? at + 1 : at }
  return isClosed
    ? { token }
    : { token, error: { start, end: at, message: `the text in quotes has no end: ${quote} expected` } }
}

function readSign(text: string, start: number): Read | undefined {
  const two = text.slice(start, start + 2)
  if (two === '&&' || two === '||') return { token: { kind: two === '&&' ? 'and' : 'or', start, end: start + 2 } }
  const char = text[start] ?? ''
  if (char === '(' || char === ')' || char === ',') return { token: { kind: char, start, end: start + 1 } }
  const sign = SIGNS.find(([written]) => text.startsWith(written, start))
  if (sign) return { token: { kind: 'operator', value: sign[1], start, end: start + sign[0].length } }
  if (char === '!') return { token: { kind: 'not', start, end: start + 1 } }
  if (char === '&' || char === '|')
    return { error: { start, end: start + 1, message: `${char}${char} expected: one ${char} means nothing` } }
  return undefined
}

function readWord(text: string, start: number): Read {
  ENDS_WORD.lastIndex = start
  const end = ENDS_WORD.exec(text)?.index ?? text.length
  const value = text.slice(start, end)
  const keyword = KEYWORDS.get(value.toLowerCase())
  return { token: keyword ? { kind: keyword, start, end } : { kind: 'word', value, start, end } }
}

/** A value as it must be written to be read as itself: in quotes where a bare word would be something else. */
export function quoted(value: string): string {
  ENDS_WORD.lastIndex = 0
  const isBare = value !== '' && !ENDS_WORD.test(value) && !KEYWORDS.has(value.toLowerCase())
  return isBare ? value : `"${value.replace(/[\\"]/g, '\\$&')}"`
}
