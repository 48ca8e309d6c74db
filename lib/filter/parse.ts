import { LIMITS } from '@/lib/model/limits'
import type { FilterError, FilterNode, Operator, Span, TermSide } from './ast'
import { nearest } from './did-you-mean'
import {
  FIELDS,
  type FieldName,
  FLAGS,
  type FlagName,
  fieldOf,
  fieldWords,
  flagOf,
  flagWords,
  isNumberField,
} from './fields'
import { numberOf } from './numbers'
import { type Token, tokenize } from './tokens'

export type Parsed =
  /** `ast` undefined: an empty text, which asks nothing. */
  | { readonly ast: FilterNode | undefined; readonly error?: never }
  | { readonly error: FilterError; readonly ast?: never }

/** A text of the filter language (docs/filter.md). Never throws: a text that is none says where, and what was expected. */
export function parseFilter(text: string): Parsed {
  const { tokens, error } = tokenize(text.slice(0, LIMITS.filterChars + 1))
  if (text.length > LIMITS.filterChars)
    return {
      error: { start: LIMITS.filterChars, end: text.length, message: `at most ${LIMITS.filterChars} characters` },
    }
  try {
    const parser = new Parser(tokens)
    const ast = parser.whole()
    // What the grammar has to say is nearer to what was meant than an open quote at the end.
    return error ? { error } : { ast }
  } catch (caught) {
    if (!(caught instanceof Refusal)) throw caught
    return { error: error && error.start <= caught.error.start ? error : caught.error }
  }
}

class Refusal extends Error {
  constructor(readonly error: FilterError) {
    super(error.message)
  }
}

const NUMBER_OPERATORS: ReadonlySet<Operator> = new Set<Operator>(['=', '!=', '>', '>=', '<', '<=', 'in'])
const CHOICE_OPERATORS: ReadonlySet<Operator> = new Set<Operator>(['=', '!=', '~', '!~', '^=', '$=', 'in'])
const SIDES: ReadonlyMap<string, TermSide | ''> = new Map([
  ['src', 'src'],
  ['source', 'src'],
  ['client', 'src'],
  ['dst', 'dst'],
  ['destination', 'dst'],
  ['server', 'dst'],
  ['any', ''],
])

/** Operators that a field can be compared with. */
export const operatorsOf = (field: FieldName): ReadonlySet<Operator> =>
  isNumberField(field) ? NUMBER_OPERATORS : CHOICE_OPERATORS

/** `src.namespace` in its parts; what has no known prefix is whole. */
export function splitSide(word: string): { readonly side?: TermSide; readonly rest: string } {
  const dot = word.indexOf('.')
  const side = dot < 0 ? undefined : SIDES.get(word.slice(0, dot).toLowerCase())
  if (side === undefined) return { rest: word }
  return { rest: word.slice(dot + 1), ...(side && { side }) }
}

class Parser {
  private at = 0
  private depth = 0

  constructor(private readonly tokens: readonly Token[]) {}

  whole(): FilterNode | undefined {
    if (this.peek().kind === 'end') return undefined
    const ast = this.either()
    const rest = this.peek()
    if (rest.kind === ')') throw refusal(rest, 'this ) closes nothing')
    if (rest.kind !== 'end') throw refusal(rest, '“and” or “or” expected; a text with spaces stands in quotes')
    return ast
  }

  private either(): FilterNode {
    return this.list('or', () => this.list('and', () => this.unary()))
  }

  private list(kind: 'and' | 'or', read: () => FilterNode): FilterNode {
    const first = read()
    const parts = [first]
    while (this.peek().kind === kind) {
      this.next()
      parts.push(read())
    }
    const last = parts.at(-1) ?? first
    return parts.length === 1 ? first : { kind, parts, span: { start: first.span.start, end: last.span.end } }
  }

  private unary(): FilterNode {
    const token = this.peek()
    if (token.kind === 'not') {
      this.next()
      const part = this.deeper(token, () => this.unary())
      return { kind: 'not', part, span: { start: token.start, end: part.span.end } }
    }
    if (token.kind === '(') {
      this.next()
      const inner = this.deeper(token, () => this.either())
      const close = this.peek()
      if (close.kind !== ')') throw refusal(close, '“and”, “or” or ) expected')
      this.next()
      return { ...inner, span: { start: token.start, end: close.end } }
    }
    return this.term()
  }

  private deeper(token: Span, read: () => FilterNode): FilterNode {
    this.depth += 1
    if (this.depth > LIMITS.filterNesting) throw refusal(token, `more than ${LIMITS.filterNesting} levels deep`)
    const node = read()
    this.depth -= 1
    return node
  }

  private term(): FilterNode {
    const token = this.peek()
    if (token.kind === 'string') {
      this.next()
      if (this.isComparison()) throw refusal(token, 'a field expected before the operator, not a text in quotes')
      return { kind: 'text', value: token.value, span: spanOf(token) }
    }
    if (token.kind === 'is' || token.kind === 'has' || token.kind === 'no') return this.flag(token)
    if (token.kind !== 'word') throw refusal(token, 'a field, a text, “is”, “has”, “no”, “not” or ( expected')
    this.next()
    if (!this.isComparison()) return { kind: 'text', value: token.value, span: spanOf(token) }
    return this.comparison(token, token.value)
  }

  /** Whether an operator comes next; `not in` counts as one. */
  private isComparison(): boolean {
    const { kind } = this.peek()
    return kind === 'operator' || kind === 'in' || (kind === 'not' && this.tokens[this.at + 1]?.kind === 'in')
  }

  private comparison(token: Span, word: string): FilterNode {
    const { side, field } = fieldAt(token, word)
    const isNegated = this.peek().kind === 'not'
    if (isNegated) this.next()
    const operator = this.next()
    const op: Operator = operator.kind === 'operator' ? operator.value : 'in'
    if (!operatorsOf(field).has(op))
      throw refusal(
        operator,
        isNumberField(field)
          ? `${field} is a number: = != > >= < <= or “in” expected`
          : `${field} is a text: = != ~ !~ ^= $= or “in” expected`,
      )
    const values = op === 'in' ? this.values(field) : [this.value(field, op)]
    const compare: FilterNode = {
      kind: 'compare',
      ...(side && { side }),
      field,
      op,
      values,
      span: { start: token.start, end: this.tokens[this.at - 1]?.end ?? token.end },
    }
    return isNegated ? { kind: 'not', part: compare, span: compare.span } : compare
  }

  private values(field: FieldName): readonly string[] {
    const open = this.next()
    if (open.kind !== '(') throw refusal(open, '( expected: a list such as (a, b)')
    const values = [this.value(field, 'in')]
    for (;;) {
      const token = this.next()
      if (token.kind === ')') return values
      if (token.kind !== ',') throw refusal(token, '“,” or ) expected')
      values.push(this.value(field, 'in'))
    }
  }

  private value(field: FieldName, op: Operator): string {
    const token = this.next()
    if (token.kind !== 'word' && token.kind !== 'string')
      throw refusal(
        token,
        token.kind === 'end' || !/^[a-z]/.test(token.kind)
          ? `a value of ${field} expected`
          : `a value of ${field} expected; the word “${token.kind}” stands in quotes`,
      )
    const { kind, choices } = FIELDS[field]
    if ((kind === 'count' || kind === 'bytes') && numberOf(token.value, kind) === undefined)
      throw refusal(token, kind === 'bytes' ? 'a size expected, such as 10MB' : 'a number expected, such as 443 or 10k')
    if (choices && (op === '=' || op === '!=' || op === 'in') && !choices.includes(token.value.toLowerCase())) {
      const meant = nearest(token.value, choices)
      throw refusal(
        token,
        `unknown ${field} “${short(token.value)}”: ${meant ? `did you mean ${meant}?` : `${choices.join(', ')} expected`}`,
      )
    }
    return token.value
  }

  private flag(lead: Token): FilterNode {
    this.next()
    const token = this.next()
    if (token.kind !== 'word')
      throw refusal(token, `a word such as “denied”, “ai” or “finding” expected after “${lead.kind}”`)
    const span = { start: lead.start, end: token.end }
    const { side, rest } = splitSide(token.value)
    const [flag, field] = [flagOf(rest), fieldOf(rest)]
    if (!flag && !field) throw unknown(token, rest, 'word', [...flagWords(), ...fieldWords()])
    checkSide(token, side, flag, field)
    const part: FilterNode = flag
      ? { kind: 'is', ...(side && { side }), flag, span }
      : { kind: 'has', ...(side && { side }), field: field ?? 'text', span }
    return lead.kind === 'no' ? { kind: 'not', part, span } : part
  }

  private peek(): Token {
    return this.tokens[this.at] ?? { kind: 'end', start: 0, end: 0 }
  }

  private next(): Token {
    const token = this.peek()
    if (token.kind !== 'end') this.at += 1
    return token
  }
}

function fieldAt(token: Span, word: string): { readonly side?: TermSide; readonly field: FieldName } {
  const { side, rest } = splitSide(word)
  const field = fieldOf(rest)
  if (!field) throw unknown(token, rest, 'field', fieldWords())
  checkSide(token, side, undefined, field)
  return { field, ...(side && { side }) }
}

function checkSide(token: Span, side: TermSide | undefined, flag: FlagName | undefined, field: FieldName | undefined) {
  const facts = flag ? FLAGS[flag] : field && FIELDS[field]
  if (side && facts?.of === 'link')
    throw refusal(token, `${flag ?? field} is of the whole connection: it stands without ${side}.`)
}

function unknown(token: Span, word: string, what: string, known: readonly string[]): Refusal {
  const meant = nearest(word, known)
  return refusal(
    token,
    `unknown ${what} “${short(word)}”${meant ? `: did you mean ${meant}?` : '; the help lists them all'}`,
  )
}

const short = (word: string): string => (word.length > 40 ? `${word.slice(0, 39)}…` : word)
const spanOf = ({ start, end }: Span): Span => ({ start, end })
const refusal = ({ start, end }: Span, message: string): Refusal => new Refusal({ start, end, message })
