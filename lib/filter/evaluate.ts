import type { FilterNode, Operator, TermSide } from './ast'
import {
  type EndField,
  FIELDS,
  type FieldName,
  isEndField,
  isEndFlag,
  isNumberField,
  type LinkNumber,
  type LinkText,
} from './fields'
import type { Matchable, MatchableEnd } from './matchable'
import { numberOf } from './numbers'

export interface CompiledFilter {
  /**
   * `end`: every term asks about an end without saying which, so that nodes match by themselves. `link`: something is asked of
   * the connection, or of its source or destination.
   */
  readonly subject: 'end' | 'link'
  /** A connection: terms of ends hold where they hold for the side that they name, or for either end. */
  matches(link: Matchable): boolean
  /** An end by itself: what is asked of connections does not hold. */
  matchesEnd(end: MatchableEnd): boolean
  /** An end together with one of its connections: terms of ends look at it, all others at the connection. */
  matchesEndOf(end: MatchableEnd, link: Matchable): boolean
}

/** What a term is asked about: a connection, an end that stands for itself, or both. */
type Test = (link: Matchable | undefined, self: MatchableEnd | undefined) => boolean
type ValueTest = (value: string) => boolean

/** An expression made ready to be asked many times: each time costs its length, whatever it is asked about. Total. */
export function compileFilter(ast: FilterNode): CompiledFilter {
  const test = compile(ast)
  return {
    subject: subjectOf(ast),
    matches: (link) => test(link, undefined),
    matchesEnd: (end) => test(undefined, end),
    matchesEndOf: (end, link) => test(link, end),
  }
}

function subjectOf(node: FilterNode): 'end' | 'link' {
  switch (node.kind) {
    case 'and':
    case 'or':
      return node.parts.every((part) => subjectOf(part) === 'end') ? 'end' : 'link'
    case 'not':
      return subjectOf(node.part)
    case 'text':
      return 'end'
    case 'is':
      return !node.side && isEndFlag(node.flag) ? 'end' : 'link'
    case 'compare':
    case 'has':
      return !node.side && isEndField(node.field) ? 'end' : 'link'
  }
}

function compile(node: FilterNode): Test {
  switch (node.kind) {
    case 'and': {
      const parts = node.parts.map(compile)
      return (link, self) => parts.every((part) => part(link, self))
    }
    case 'or': {
      const parts = node.parts.map(compile)
      return (link, self) => parts.some((part) => part(link, self))
    }
    case 'not': {
      const part = compile(node.part)
      return (link, self) => !part(link, self)
    }
    case 'text':
      return ofEnds(undefined, textOf('text', '~', [node.value]))
    case 'is': {
      const { flag } = node
      if (isEndFlag(flag)) return ofEnds(node.side, (end) => end.is(flag))
      return (link) => link?.is(flag) ?? false
    }
    case 'has': {
      const { field } = node
      if (isEndField(field)) return ofEnds(node.side, (end) => end.texts(field).some(Boolean))
      if (isNumberField(field)) return (link) => link?.numbers(field).some((value) => value > 0) ?? false
      return (link) => link?.texts(field).some(Boolean) ?? false
    }
    case 'compare':
      return comparison(node.field, node.op, node.values, node.side)
  }
}

function comparison(field: FieldName, op: Operator, values: readonly string[], side: TermSide | undefined): Test {
  // So that `x != y` is exactly `not x = y`, also where something has several values, or two ends.
  if (op === '!=' || op === '!~') {
    const positive = comparison(field, op === '!=' ? '=' : '~', values, side)
    return (link, self) => !positive(link, self)
  }
  if (isEndField(field)) return ofEnds(side, textOf(field, op, values))
  if (isNumberField(field)) return numberTest(field, op, values)
  const holds = valueTest(op, values)
  const name: LinkText = field
  return (link) => link?.texts(name).some(holds) ?? false
}

function ofEnds(side: TermSide | undefined, holds: (end: MatchableEnd) => boolean): Test {
  if (side === 'src') return (link) => link !== undefined && holds(link.source)
  if (side === 'dst') return (link) => link !== undefined && holds(link.destination)
  return (link, self) => {
    if (self) return holds(self)
    return link !== undefined && (holds(link.source) || holds(link.destination))
  }
}

function textOf(field: EndField, op: Operator, values: readonly string[]): (end: MatchableEnd) => boolean {
  const holds = valueTest(op, values)
  return (end) => end.texts(field).some(holds)
}

/** Texts are compared without regard to case. */
function valueTest(op: Operator, values: readonly string[]): ValueTest {
  const wanted = values.map((value) => value.toLowerCase())
  const [first = ''] = wanted
  switch (op) {
    case '~':
      return (value) => value.toLowerCase().includes(first)
    case '^=':
      return (value) => value.toLowerCase().startsWith(first)
    case '$=':
      return (value) => value.toLowerCase().endsWith(first)
    default: {
      const any = new Set(wanted)
      return (value) => any.has(value.toLowerCase())
    }
  }
}

function numberTest(field: LinkNumber, op: Operator, values: readonly string[]): Test {
  const kind = FIELDS[field].kind === 'bytes' ? 'bytes' : 'count'
  // A chip's value need not be a number; none equals it.
  const wanted = values.map((value) => numberOf(value, kind) ?? Number.NaN)
  const [first = Number.NaN] = wanted
  const holds = numberHolds(op, first, wanted)
  return (link) => link?.numbers(field).some(holds) ?? false
}

function numberHolds(op: Operator, first: number, wanted: readonly number[]): (value: number) => boolean {
  switch (op) {
    case '>':
      return (value) => value > first
    case '>=':
      return (value) => value >= first
    case '<':
      return (value) => value < first
    case '<=':
      return (value) => value <= first
    default:
      return (value) => wanted.includes(value)
  }
}
