import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '@/lib/model/limits'
import { formatFilter } from './__fixtures__/format-filter'
import { type FilterNode, OPERATORS } from './ast'
import { END_FIELDS, END_FLAGS, FIELDS, isNumberField, LINK_FLAGS, LINK_NUMBERS, LINK_TEXTS } from './fields'
import { operatorsOf, parseFilter } from './parse'

/** An expression without where it stood. */
const bare = (text: string): unknown => withoutSpans(parseFilter(text).ast)
const withoutSpans = (node: unknown): unknown =>
  JSON.parse(JSON.stringify(node ?? null, (key, value: unknown) => (key === 'span' ? undefined : value)))
const said = (text: string): string => {
  const { error } = parseFilter(text)
  return error ? `${error.start}: ${error.message}` : 'no error'
}

const SPAN = { start: 0, end: 0 }
const values = fc.string({ maxLength: 12, unit: 'grapheme' })
const sides = fc.constantFrom(undefined, 'src' as const, 'dst' as const)
const compares = fc
  .tuple(fc.constantFrom(...END_FIELDS, ...LINK_TEXTS, ...LINK_NUMBERS), fc.constantFrom(...OPERATORS), sides)
  .filter(([field, op]) => operatorsOf(field).has(op))
  .chain(([field, op, side]) => {
    const { choices } = FIELDS[field]
    const value = isNumberField(field)
      ? fc.nat({ max: 1e9 }).map(String)
      : choices
        ? fc.constantFrom(...choices)
        : values
    return fc.array(value, { minLength: 1, maxLength: op === 'in' ? 3 : 1 }).map(
      (list): FilterNode => ({
        kind: 'compare',
        ...(side && FIELDS[field].of === 'end' && { side }),
        field,
        op,
        values: list,
        span: SPAN,
      }),
    )
  })
const terms: fc.Arbitrary<FilterNode> = fc.oneof(
  compares,
  fc.constantFrom(...END_FLAGS, ...LINK_FLAGS).map((flag): FilterNode => ({ kind: 'is', flag, span: SPAN })),
  fc
    .tuple(fc.constantFrom(...END_FIELDS), sides)
    .map(([field, side]): FilterNode => ({ kind: 'has', ...(side && { side }), field, span: SPAN })),
  values.map((value): FilterNode => ({ kind: 'text', value, span: SPAN })),
)
const asts = fc.letrec<{ node: FilterNode }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    terms,
    tie('node').map((part): FilterNode => ({ kind: 'not', part, span: SPAN })),
    fc
      .tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(tie('node'), { minLength: 2, maxLength: 3 }))
      .map(([kind, parts]): FilterNode => ({ kind, parts, span: SPAN })),
  ),
})).node

describe('what is written', () => {
  it('of any expression is read as that expression', () => {
    fc.assert(
      fc.property(
        asts.filter((ast) => formatFilter(ast).length <= LIMITS.filterChars),
        (ast) => {
          expect(bare(formatFilter(ast))).toEqual(withoutSpans(ast))
        },
      ),
      { numRuns: 500 },
    )
  })

  it('“and” binds tighter than “or”, “not” tighter than both, and parentheses tighter than all', () => {
    expect(bare('a or b and not c')).toEqual(bare('a or (b and (not c))'))
    expect(bare('(a or b) and c')).not.toEqual(bare('a or b and c'))
    expect(bare('a && b || !c')).toEqual(bare('a and b or not c'))
    expect(bare('NOT ns = shop')).toEqual(bare('not (namespace == "shop")'))
  })

  it.each([
    ['ns not in (a, b)', 'not ns in (a, b)'],
    ['no span', 'not has spans'],
    ['no denied', 'not is denied'],
    ['source.ns = a', 'src.namespace = a'],
    ['client.ns = a', 'src.namespace = a'],
    ['any.ns = a', 'ns = a'],
    ["ns='a b'", 'ns = "a b"'],
    ['port>=1024', 'port >= 1024'],
    ['host ^= api. and host $= .com', 'host ^= "api." and host $= ".com"'],
    ['  ', ''],
  ])('%s means %s', (short, long) => {
    expect(parseFilter(short).error).toBeUndefined()
    expect(bare(short)).toEqual(bare(long))
  })

  it('every part knows where it stands', () => {
    const { ast } = parseFilter('ns = a and (port > 1)')
    expect(ast?.kind === 'and' && ast.parts.map(({ span }) => span)).toEqual([
      { start: 0, end: 6 },
      { start: 11, end: 21 },
    ])
  })
})

describe('what cannot be read', () => {
  it.each([
    ['namspace = a', '0: unknown field “namspace”: did you mean namespace?'],
    ['ns = a and por = 1', '11: unknown field “por”: did you mean port?'],
    ['zzzz = 1', '0: unknown field “zzzz”; the help lists them all'],
    ['ns =', '4: a value of namespace expected'],
    ['ns = and', '5: a value of namespace expected; the word “and” stands in quotes'],
    ['ns = a port = 1', '7: “and” or “or” expected; a text with spaces stands in quotes'],
    ['(ns = a', '7: “and”, “or” or ) expected'],
    ['ns = a)', '6: this ) closes nothing'],
    ['ns in a', '6: ( expected: a list such as (a, b)'],
    ['ns in (a b)', '9: “,” or ) expected'],
    ['ns in ()', '7: a value of namespace expected'],
    ['port ~ 4', '5: port is a number: = != > >= < <= or “in” expected'],
    ['ns > a', '3: namespace is a text: = != ~ !~ ^= $= or “in” expected'],
    ['port = http', '7: a number expected, such as 443 or 10k'],
    ['bytes > lots', '8: a size expected, such as 10MB'],
    ['verdict = deny', '10: unknown verdict “deny”: did you mean denied?'],
    ['change = add', '9: unknown change “add”: did you mean added?'],
    ['change = changed', '9: unknown change “changed”: added, removed, verdict, volume expected'],
    ['change > 1', '7: change is a text: = != ~ !~ ^= $= or “in” expected'],
    ['src.change = added', '0: change is of the whole connection: it stands without src.'],
    ['is dst.new', '3: new is of the whole connection: it stands without dst.'],
    ['is deneid', '3: unknown word “deneid”: did you mean denied?'],
    ['is', '2: a word such as “denied”, “ai” or “finding” expected after “is”'],
    ['src.port = 1', '0: port is of the whole connection: it stands without src.'],
    ['ns = "a', '5: the text in quotes has no end: " expected'],
    ['a & b', '2: && expected: one & means nothing'],
    ['= 1', '0: a field, a text, “is”, “has”, “no”, “not” or ( expected'],
    ['a and', '5: a field, a text, “is”, “has”, “no”, “not” or ( expected'],
    ['"ns" = a', '0: a field expected before the operator, not a text in quotes'],
    ['constructor = 1', '0: unknown field “constructor”; the help lists them all'],
    ['__proto__.ns = 1', '0: unknown field “__proto__.ns”; the help lists them all'],
  ])('%s says where and what was expected', (text, message) => {
    expect(said(text)).toBe(message)
  })

  it('too long or too deep a text is refused, and never overflows', () => {
    expect(said('a'.repeat(LIMITS.filterChars + 1))).toBe(`500: at most 500 characters`)
    expect(said('('.repeat(LIMITS.filterNesting + 1))).toContain('levels deep')
    expect(said(`${'!'.repeat(LIMITS.filterNesting + 1)}a`)).toContain('levels deep')
    expect(said(`${'('.repeat(LIMITS.filterNesting)}a${')'.repeat(LIMITS.filterNesting)}`)).toBe('no error')
    expect(said('('.repeat(1_000_000))).toContain('500')
  })

  it('any text at all is an expression, or an error within it', () => {
    const words = fc.constantFrom(
      'ns',
      '=',
      '(',
      ')',
      'and',
      'not',
      'in',
      '"',
      '!',
      ',',
      'is',
      'port',
      '>',
      '1',
      ' ',
      '\\',
    )
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(words, { maxLength: 30 }).map((list) => list.join(' ')),
    )
    fc.assert(
      fc.property(texts, (text) => {
        const { ast, error } = parseFilter(text)
        if (error) {
          expect(error.start).toBeGreaterThanOrEqual(0)
          expect(error.end).toBeLessThanOrEqual(text.length)
          expect(error.message.length).toBeLessThan(250)
        } else if (ast) expect(bare(formatFilter(ast))).toEqual(withoutSpans(ast))
      }),
      { numRuns: 400 },
    )
  })
})
