import type { FilterChip } from '@/lib/model/filter-chip'
import type { FilterNode } from './ast'
import { hasSide, swapSides } from './edit-chips'
import { compileFilter } from './evaluate'
import type { Matchable } from './matchable'

const NOWHERE = { start: 0, end: 0 }
const SIDE = { source: 'src', destination: 'dst', either: undefined } as const

/**
 * Whether all chips that are not disabled hold. Both ways, they may instead all hold with source and destination exchanged: then
 * what they say of two ends is said of A and B, whichever of them calls.
 */
export function compileChips(chips: readonly FilterChip[], isBothWays: boolean): (link: Matchable) => boolean {
  const applied = chips.filter((chip) => !chip.isDisabled)
  const forth = compileAll(applied)
  if (!isBothWays) return forth
  const back = compileAll(swapSides(applied))
  return (link) => forth(link) || back(link)
}

function compileAll(chips: readonly FilterChip[]): (link: Matchable) => boolean {
  const tests = chips.map((chip) => compileFilter(chipAst(chip)))
  return (link) => tests.every((test) => test.matches(link))
}

/** A chip as an expression: any of its values, exactly; of `text`, a part of it. */
function chipAst(chip: FilterChip): FilterNode {
  const side = hasSide(chip.field) ? SIDE[chip.side] : undefined
  const common = { kind: 'compare', ...(side && { side }), field: chip.field, span: NOWHERE } as const
  const parts = chip.values.map((value): FilterNode => ({ ...common, op: '~', values: [value] }))
  const [first] = parts
  const part: FilterNode =
    chip.field !== 'text' || !first
      ? { ...common, op: 'in', values: chip.values }
      : parts.length === 1
        ? first
        : { kind: 'or', parts, span: NOWHERE }
  return chip.isNegated ? { kind: 'not', part, span: NOWHERE } : part
}
