import type { ChipField, ChipSide, FilterChip } from '@/lib/model/filter-chip'
import { EDGE_STATE_WORD, EDGE_STATES } from '@/lib/model/verdict'

/** How a chip's field is called on screen. */
export const CHIP_FIELD_WORD: Readonly<Record<ChipField, string>> = {
  cluster: 'cluster',
  namespace: 'namespace',
  workload: 'workload',
  pod: 'pod',
  host: 'host',
  provider: 'provider',
  role: 'AI role',
  class: 'kind of node',
  text: 'name',
  port: 'port',
  protocol: 'protocol',
  verdict: 'verdict',
  door: 'door',
  policy: 'policy',
}

/** Where both ways count there is no source any more, only two ends. */
const sideWord = (side: ChipSide, isBothWays = false): string => {
  if (side === 'either') return ''
  if (isBothWays) return side === 'source' ? 'end A' : 'end B'
  return side
}

/** A value as a person reads it: verdicts by the words of the legend. */
export function chipValueWord(field: ChipField, value: string): string {
  const state = field === 'verdict' ? EDGE_STATES.find((one) => one === value) : undefined
  return state ? EDGE_STATE_WORD[state] : field === 'door' ? value.replaceAll('_', ' ') : value
}

/** `source namespace is not agents or shop`: a chip in words, without whether it applies. */
export function chipWords(chip: FilterChip, isBothWays = false): string {
  const verb = chip.field === 'text' ? (chip.isNegated ? 'has not' : 'has') : chip.isNegated ? 'is not' : 'is'
  const values = chip.values.map((value) => chipValueWord(chip.field, value)).join(' or ')
  return [sideWord(chip.side, isBothWays), CHIP_FIELD_WORD[chip.field], verb, values].filter(Boolean).join(' ')
}
