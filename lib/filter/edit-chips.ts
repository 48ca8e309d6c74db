import { type ChipField, type ChipSide, chipText, type FilterChip, MAX_CHIPS } from '@/lib/model/filter-chip'
import { isEndField } from './fields'

/** Whether a chip of this field says which end it means; the other fields are of the connection, and have no side. */
export const hasSide = (field: ChipField): boolean => isEndField(field)

/** The chips with one more, which applies; one that says the same, or was set aside, is not written twice. What is added to a full row is left out. */
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
