import type { FieldName, FlagName } from './fields'

/** Where in the text something stands: offsets in UTF-16 units, half-open. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** The end that a term means; without one, either will do. */
export type TermSide = 'src' | 'dst'

/** `~` holds a part, `^=` begins with, `$=` ends with, `in` is any of a list. The negated ones are written with `not`. */
export const OPERATORS = ['=', '!=', '~', '!~', '^=', '$=', '>=', '<=', '>', '<', 'in'] as const
export type Operator = (typeof OPERATORS)[number]

/** An expression as it was read. `and` and `or` have at least two parts, a comparison at least one value. */
export type FilterNode =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly FilterNode[]; readonly span: Span }
  | { readonly kind: 'not'; readonly part: FilterNode; readonly span: Span }
  | {
      readonly kind: 'compare'
      readonly side?: TermSide
      readonly field: FieldName
      readonly op: Operator
      readonly values: readonly string[]
      readonly span: Span
    }
  | { readonly kind: 'has'; readonly side?: TermSide; readonly field: FieldName; readonly span: Span }
  | { readonly kind: 'is'; readonly side?: TermSide; readonly flag: FlagName; readonly span: Span }
  | { readonly kind: 'text'; readonly value: string; readonly span: Span }

/** Why a text is no expression, and where a person should look. */
export interface FilterError extends Span {
  readonly message: string
  /** It is well written, but asks what is known only while two windows are compared. */
  readonly needs?: 'comparison'
}
