/** Which end of an edge a chip speaks of. */
export const CHIP_SIDES = ['source', 'destination', 'either'] as const
export type ChipSide = (typeof CHIP_SIDES)[number]

/**
 * What a chip compares, each a field of the filter language. `port protocol verdict door policy` are of the edge, whatever the
 * side; the others are of an end, and `text` is found anywhere in its names.
 */
export const CHIP_FIELDS = [
  'cluster',
  'namespace',
  'workload',
  'pod',
  'host',
  'provider',
  'role',
  'class',
  'text',
  'port',
  'protocol',
  'verdict',
  'door',
  'policy',
] as const
export type ChipField = (typeof CHIP_FIELDS)[number]

/** A view holds no more. */
export const MAX_CHIPS = 20

/** One filter that a person put on the view; all chips that are not disabled must hold. */
export interface FilterChip {
  readonly side: ChipSide
  readonly field: ChipField
  /** Any of them; at least one. */
  readonly values: readonly string[]
  readonly isNegated: boolean
  /** Kept, but not applied. */
  readonly isDisabled: boolean
}

const SIDE_TEXT: Readonly<Record<ChipSide, string>> = { source: 'src', destination: 'dst', either: 'any' }
/** Values of one chip. */
export const MAX_VALUES = 20
/** Of a name as records are kept with it. */
export const MAX_NAME_CHARS = 256
/** `namespace/workload`, the longest that a cell or a node offers to filter by. */
const MAX_VALUE = 2 * MAX_NAME_CHARS + 1

/** A chip as a link carries it: `[~][!]src.namespace=agents,shop`; `~` is disabled, `!` negated, values are percent-encoded. */
export function chipText({ side, field, values, isNegated, isDisabled }: FilterChip): string {
  const marks = `${isDisabled ? '~' : ''}${isNegated ? '!' : ''}`
  return `${marks}${SIDE_TEXT[side]}.${field}=${values.map(encodeURIComponent).join(',')}`
}

/** The inverse of `chipText`; undefined where the text is no chip. At most 20 values of 513 characters (two names and what stands between them). */
export function parseChip(text: string): FilterChip | undefined {
  const [, disabled, negated, sideText, fieldText, list] = /^(~?)(!?)(src|dst|any)\.([a-z]+)=(.+)$/.exec(text) ?? []
  const side = CHIP_SIDES.find((one) => SIDE_TEXT[one] === sideText)
  const field = CHIP_FIELDS.find((one) => one === fieldText)
  const values = (list ?? '').split(',').flatMap((value) => decoded(value) ?? [])
  if (!side || !field || values.length === 0 || values.length > MAX_VALUES) return undefined
  if (values.some((value) => value === '' || value.length > MAX_VALUE)) return undefined
  return { side, field, values, isNegated: negated === '!', isDisabled: disabled === '~' }
}

/** A chip of one value that applies: what a cell or a node is pressed for. */
export const chipOf = (side: ChipSide, field: ChipField, value: string, isNegated = false): FilterChip => ({
  side,
  field,
  values: [value],
  isNegated,
  isDisabled: false,
})

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
