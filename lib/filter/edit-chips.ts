import { type ChipField, type ChipSide, chipText, type FilterChip } from '@/lib/model/filter-chip'

/** A view holds no more; what is added to a full row is left out. */
export const MAX_CHIPS = 20

/** What of an end a chip can be made of; the other fields of a chip are of the connection, and have no side. */
const END_FIELDS: ReadonlySet<ChipField> = new Set<ChipField>([
  'cluster',
  'namespace',
  'workload',
  'pod',
  'host',
  'provider',
  'role',
  'class',
  'text',
])

/** Whether a chip of this field says which end it means. */
export const hasSide = (field: ChipField): boolean => END_FIELDS.has(field)

/** The chips with one more, which applies; one that says the same, or was set aside, is not written twice. */
export function addChip(chips: readonly FilterChip[], chip: FilterChip): readonly FilterChip[] {
  const key = chipText({ ...chip, isDisabled: false })
  const others = chips.filter((one) => chipText({ ...one, isDisabled: false }) !== key)
  return [...others, { ...chip, isDisabled: false }].slice(0, MAX_CHIPS)
}

/** The chips with the one at an index changed. */
export const changeChip = (
  chips: readonly FilterChip[],
  index: number,
  part: Partial<FilterChip>,
): readonly FilterChip[] => chips.map((chip, at) => (at === index ? { ...chip, ...part } : chip))

export const removeChip = (chips: readonly FilterChip[], index: number): readonly FilterChip[] =>
  chips.filter((_, at) => at !== index)

const OTHER_SIDE: Readonly<Record<ChipSide, ChipSide>> = {
  source: 'destination',
  destination: 'source',
  either: 'either',
}

/** Source and destination of every chip exchanged: swapping twice changes nothing. */
export const swapSides = (chips: readonly FilterChip[]): readonly FilterChip[] =>
  chips.map((chip) => ({ ...chip, side: OTHER_SIDE[chip.side] }))
