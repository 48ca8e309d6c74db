import { OPERATORS, type Operator } from './ast'
import {
  END_FIELDS,
  END_FLAGS,
  FIELDS,
  type FieldName,
  FLAGS,
  fieldOf,
  LINK_FLAGS,
  LINK_NUMBERS,
  LINK_TEXTS,
} from './fields'
import { operatorsOf, splitSide } from './parse'
import { quoted, type Token, tokenize } from './tokens'

export interface Candidate {
  /** What is written in place of the text from `start` to `end`. */
  readonly insert: string
  readonly label: string
  readonly hint: string
}

export interface Completion {
  readonly start: number
  readonly end: number
  readonly candidates: readonly Candidate[]
}

const MAX_CANDIDATES = 12
/** Fewer letters name half of what is there. */
const MIN_NAME_CHARS = 2
/** Fields by whose values a bare word may be completed. */
const NAMING: readonly FieldName[] = ['workload', 'namespace', 'host', 'provider', 'policy', 'model']
const FIELD_NAMES: readonly FieldName[] = [...END_FIELDS, ...LINK_TEXTS, ...LINK_NUMBERS]
const FLAG_NAMES = [...END_FLAGS, ...LINK_FLAGS]

const OPERATOR_HINT: Readonly<Record<Operator, string>> = {
  '=': 'is',
  '!=': 'is not',
  '~': 'contains',
  '!~': 'does not contain',
  '^=': 'begins with',
  '$=': 'ends with',
  '>': 'more than',
  '>=': 'at least',
  '<': 'less than',
  '<=': 'at most',
  in: 'is one of (a, b)',
}

/** What the grammar expects at a place, as far as what stands before it tells. */
type Expected =
  | { readonly what: 'term' | 'flag' | 'connective' }
  | { readonly what: 'operator' | 'value' | 'listOpen' | 'list' | 'listNext'; readonly field: FieldName }

/**
 * What may be written at a place of a text: fields, operators, values that `valuesOf` knows, connectives. The word around the place is
 * what is replaced. Works on what is not finished, or wrong further on.
 */
export function complete(text: string, caret: number, valuesOf: (field: FieldName) => readonly string[]): Completion {
  const { tokens } = tokenize(text)
  const current = tokens.find((token) => isTyped(token) && token.start < caret && caret <= token.end)
  const [start, end] = current ? [current.start, current.end] : [caret, caret]
  const typed = text.slice(start, caret).replace(/^["']/, '')
  const before = tokens.filter((token) => token.end <= start && token.kind !== 'end')
  const depth = before.reduce((sum, { kind }) => sum + (kind === '(' ? 1 : kind === ')' ? -1 : 0), 0)
  return {
    start,
    end,
    candidates: candidatesFor(expectedAfter(before), typed, depth, valuesOf).slice(0, MAX_CANDIDATES),
  }
}

/** A caret at the end of a sign is past it; within a word or a quoted text it is still being written. */
const isTyped = ({ kind }: Token): boolean =>
  kind !== 'end' && (kind === 'string' || /^[a-z]/.test(kind)) && kind !== 'operator'

function expectedAfter(tokens: readonly Token[]): Expected {
  let state: Expected = { what: 'term' }
  for (const token of tokens) state = step(state, token)
  return state
}

function step(state: Expected, token: Token): Expected {
  const { kind } = token
  switch (state.what) {
    case 'term': {
      if (kind === 'is' || kind === 'has' || kind === 'no') return { what: 'flag' }
      if (kind === 'string') return { what: 'connective' }
      const field = kind === 'word' ? fieldOf(splitSide(token.value).rest) : undefined
      if (field) return { what: 'operator', field }
      return { what: kind === 'word' ? 'connective' : 'term' }
    }
    case 'operator':
      if (kind === 'operator') return { what: 'value', field: state.field }
      if (kind === 'in') return { what: 'listOpen', field: state.field }
      return kind === 'not' ? state : { what: kind === ')' ? 'connective' : 'term' }
    case 'listOpen':
    case 'listNext':
      if (kind === ')') return { what: 'connective' }
      return kind === '(' || kind === ',' ? { what: 'list', field: state.field } : state
    case 'list':
      return { what: 'listNext', field: state.field }
    case 'value':
    case 'flag':
      return { what: 'connective' }
    case 'connective':
      return kind === 'and' || kind === 'or' ? { what: 'term' } : state
  }
}

function candidatesFor(
  state: Expected,
  typed: string,
  depth: number,
  valuesOf: (field: FieldName) => readonly string[],
): readonly Candidate[] {
  switch (state.what) {
    case 'term':
      return terms(typed, valuesOf)
    case 'flag':
      return flags(typed)
    case 'operator':
      return OPERATORS.filter((op) => operatorsOf(state.field).has(op)).map((op) => ({
        insert: op === 'in' ? 'in (' : `${op} `,
        label: op,
        hint: OPERATOR_HINT[op],
      }))
    case 'value':
    case 'list':
      return like(valuesOf(state.field), typed).map((value) => ({
        insert: state.what === 'list' ? quoted(value) : `${quoted(value)} `,
        label: value,
        hint: state.field,
      }))
    case 'listOpen':
      return [{ insert: '(', label: '(', hint: 'a list of values' }]
    case 'listNext':
      return [
        { insert: ', ', label: ',', hint: 'one more value' },
        { insert: ') ', label: ')', hint: 'the list ends' },
      ]
    case 'connective':
      return connectives(typed, depth)
  }
}

function terms(typed: string, valuesOf: (field: FieldName) => readonly string[]): readonly Candidate[] {
  const { side, rest } = splitSide(typed)
  const prefix = side ? `${side}.` : ''
  const fields = FIELD_NAMES.filter((name) => !side || FIELDS[name].of === 'end')
    .filter((name) => [name, ...FIELDS[name].aliases].some((word) => word.startsWith(rest.toLowerCase())))
    .map((name) => ({ insert: `${prefix}${name} `, label: `${prefix}${name}`, hint: FIELDS[name].help }))
  if (side) return fields
  const words = [
    { insert: 'is ', label: 'is …', hint: 'yes or no, such as: is denied' },
    { insert: 'has ', label: 'has …', hint: 'there is one, such as: has finding' },
    { insert: 'no ', label: 'no …', hint: 'there is none, such as: no span' },
    { insert: 'not ', label: 'not …', hint: 'the opposite' },
    { insert: 'src.', label: 'src. …', hint: 'of the source' },
    { insert: 'dst.', label: 'dst. …', hint: 'of the destination' },
  ]
  if (typed === '') return [...words.slice(0, 3), ...fields]
  const named =
    typed.length < MIN_NAME_CHARS
      ? []
      : NAMING.flatMap((field) =>
          like(valuesOf(field), typed)
            .slice(0, 4)
            .map((value) => ({
              insert: `${field} = ${quoted(value)} `,
              label: `${field} = ${quoted(value)}`,
              hint: '',
            })),
        )
  return [...words.filter(({ insert }) => insert.startsWith(typed.toLowerCase())), ...fields, ...named]
}

function flags(typed: string): readonly Candidate[] {
  const { side, rest } = splitSide(typed)
  const prefix = side ? `${side}.` : ''
  const names = side ? END_FLAGS : FLAG_NAMES
  const fields = FIELD_NAMES.filter((name) => !FLAG_NAMES.some((flag) => flag === name)).filter(
    (name) => !side || FIELDS[name].of === 'end',
  )
  const words = [
    ...names.map((name) => ({ word: name, hint: FLAGS[name].help })),
    ...fields.map((name) => ({
      word: FIELDS[name].aliases.find((alias) => name.startsWith(alias)) ?? name,
      hint: FIELDS[name].help,
    })),
  ].filter(({ word }) => word.startsWith(rest.toLowerCase()))
  // What is written whole is meant, not the longer word that begins with it.
  const isWhole = ({ word }: { readonly word: string }) => word === rest.toLowerCase()
  return [...words.filter(isWhole), ...words.filter((one) => !isWhole(one))].map(({ word, hint }) => ({
    insert: `${prefix}${word} `,
    label: `${prefix}${word}`,
    hint,
  }))
}

function connectives(typed: string, depth: number): readonly Candidate[] {
  return [
    { insert: 'and ', label: 'and', hint: 'both hold' },
    { insert: 'or ', label: 'or', hint: 'one of them holds' },
    ...(depth > 0 ? [{ insert: ') ', label: ')', hint: 'the parenthesis ends' }] : []),
  ].filter(({ label }) => label.startsWith(typed.toLowerCase()))
}

/** Values with what is typed in them, those that begin with it first. */
function like(values: readonly string[], typed: string): readonly string[] {
  const part = typed.toLowerCase()
  const matching = values.filter((value) => value.toLowerCase().includes(part))
  const begins = (value: string) => value.toLowerCase().startsWith(part)
  return [...matching.filter(begins), ...matching.filter((value) => !begins(value))]
}
