import 'server-only'

export interface SqlStatement {
  /** As written, without the semicolon and without what stands before its first word. */
  readonly text: string
  /** The same with one space for every comment and run of white space, and with `''` for every string: for looking at words. */
  readonly words: string
  /** Line of the first word, from 1. */
  readonly line: number
}

/** What is skipped whole. Strings with escapes (E'…') end at a quote that no backslash precedes. */
const TOKENS =
  /--[^\n]*|\/\*|(?<![\w$])[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(?<![\w$])\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|;|\s+|[^\s;'"$/-]+|[\s\S]/g

/**
 * Splits SQL into its statements, as the server would: semicolons in strings, quoted names, comments and dollar quotes end
 * nothing. Throws where a string, a comment or a dollar quote has no end, and at `BEGIN ATOMIC`, whose semicolons only a
 * whole grammar can tell.
 */
export function splitSql(sql: string): SqlStatement[] {
  const statements: SqlStatement[] = []
  const scan = new RegExp(TOKENS)
  let start = -1
  let words = ''
  const finish = (end: number) => {
    if (start < 0) return
    if (/\bBEGIN ATOMIC\b/i.test(words))
      throw new Error(`line ${lineAt(sql, start)}: write the body of the function in $$ … $$`)
    statements.push({ text: sql.slice(start, end).trim(), words: words.trim(), line: lineAt(sql, start) })
    start = -1
    words = ''
  }
  for (let match = scan.exec(sql); match; match = scan.exec(sql)) {
    const token = match[0]
    if (token === ';') {
      finish(match.index)
      continue
    }
    const isBlank = token.startsWith('--') || token === '/*' || /^\s/.test(token)
    if (!isBlank && start < 0) start = match.index
    if (token === '/*') scan.lastIndex = endOfComment(sql, match.index)
    else if (isDollar(token)) scan.lastIndex = endOfDollar(sql, match.index, token)
    else if (token === "'" || token === '"') throw unended(sql, match.index, 'a quote')
    if (isBlank) words = words === '' || words.endsWith(' ') ? words : `${words} `
    else words += isDollar(token) || /^[eE]?'/.test(token) ? "''" : token
  }
  finish(sql.length)
  return statements
}

const isDollar = (token: string): boolean => token.length > 1 && token.startsWith('$') && token.endsWith('$')

/** Comments nest. */
function endOfComment(sql: string, at: number): number {
  const marks = /\/\*|\*\//g
  marks.lastIndex = at
  let depth = 0
  for (let match = marks.exec(sql); match; match = marks.exec(sql)) {
    depth += match[0] === '/*' ? 1 : -1
    if (depth === 0) return marks.lastIndex
  }
  throw unended(sql, at, 'a comment')
}

function endOfDollar(sql: string, at: number, tag: string): number {
  const end = sql.indexOf(tag, at + tag.length)
  if (end < 0) throw unended(sql, at, tag)
  return end + tag.length
}

const lineAt = (sql: string, at: number): number => sql.slice(0, at).split('\n').length

const unended = (sql: string, at: number, what: string): Error =>
  new Error(`line ${lineAt(sql, at)}: ${what} has no end`)
