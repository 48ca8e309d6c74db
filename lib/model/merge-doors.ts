import type { DoorState, DoorSummary, Lean } from './egress'

const MAX_IPS = 8
const BESIDE: readonly DoorState[] = ['broken', 'no_rule', 'not_applicable', 'blocked']

/**
 * One door for several edges drawn as one, by the law of `summariseDoor` (lib/egress) without its tolerance: counts are sums; one
 * violation makes a violation; it is sanctioned only where every part that was to be judged is. Never a better state than a part
 * allows. Undefined without parts.
 */
export function mergeDoors(parts: readonly DoorSummary[]): DoorSummary | undefined {
  const [only] = parts
  if (parts.length < 2) return only
  const sorted = [...parts].sort((a, b) => totalOf(b) - totalOf(a) || (textOf(a) < textOf(b) ? -1 : 1))
  const counts = sumCounts(sorted)
  const state = stateOf(sorted)
  const deciding = sorted.filter((part) => part.state === state)
  const open = sorted.filter(isOpen)
  const isPartial = state === 'unverified' && sorted.some((part) => part.state === 'sanctioned')
  const reason = isPartial ? 'partial_coverage' : deciding.find((part) => part.reason !== undefined)?.reason
  const rule = deciding.find((part) => part.rule !== undefined)?.rule
  const violatingIps = firstOf(sorted.flatMap((part) => part.violatingIps ?? []))
  const startupRace = sum(sorted, (part) => part.startupRace)
  const formerViolations = sum(sorted, (part) => part.formerViolations)
  const confidence = confidenceOf(deciding, state)
  return {
    state,
    lean: state === 'unverified' ? leanOf(open) : 'none',
    ...(reason !== undefined && { reason }),
    counts,
    observedIps: firstOf(sorted.flatMap((part) => part.observedIps)),
    expected: deciding.find((part) => part.rule === rule)?.expected ?? [],
    ...(violatingIps.length > 0 && { violatingIps }),
    ...(startupRace > 0 && { startupRace }),
    ...(formerViolations > 0 && { formerViolations }),
    ...(rule !== undefined && { rule }),
    ...(confidence && { confidence }),
  }
}

function stateOf(parts: readonly DoorSummary[]): DoorState {
  const has = (state: DoorState) => parts.some((part) => part.state === state)
  if (has('violation')) return 'violation'
  if (has('unverified') || (has('sanctioned') && parts.some(isOpen))) return 'unverified'
  if (has('sanctioned')) return 'sanctioned'
  return BESIDE.find(has) ?? 'unverified'
}

/** Connections in it left without a judgement, more than its own summary tolerated. */
const isOpen = ({ state, counts }: DoorSummary): boolean =>
  state === 'unverified' || (state !== 'sanctioned' && counts.unverified + counts.no_rule > 0)

/** One accusation is enough to lean; to lean the other way, all that is open must. */
function leanOf(open: readonly DoorSummary[]): Lean {
  if (open.some((part) => part.lean === 'likely_violation')) return 'likely_violation'
  return open.length > 0 && open.every((part) => part.lean === 'likely_ok') ? 'likely_ok' : 'none'
}

const CONFIDENCE_ORDER = [
  'proven by provider',
  'observed at the final hop',
  'observed at the node (declared final)',
  'sampled',
  'declared only',
] as const

/** The strongest word of a violation, the weakest of an acquittal. */
function confidenceOf(deciding: readonly DoorSummary[], state: DoorState): DoorSummary['confidence'] {
  const words = new Set(deciding.map((part) => part.confidence))
  const order = state === 'violation' ? CONFIDENCE_ORDER : [...CONFIDENCE_ORDER].reverse()
  return order.find((word) => words.has(word))
}

function sumCounts(parts: readonly DoorSummary[]): Record<DoorState, number> {
  const of = (state: DoorState) => sum(parts, (part) => part.counts[state])
  return {
    violation: of('violation'),
    sanctioned: of('sanctioned'),
    unverified: of('unverified'),
    blocked: of('blocked'),
    broken: of('broken'),
    not_applicable: of('not_applicable'),
    no_rule: of('no_rule'),
  }
}

const totalOf = ({ counts }: DoorSummary): number => Object.values(counts).reduce((a, b) => a + b, 0)

/** Tells parts of equal weight apart, so that the answer does not depend on their order. */
const textOf = (part: DoorSummary): string => JSON.stringify([part.state, part.reason, part.rule, part.observedIps])

const firstOf = (texts: readonly string[]): string[] => [...new Set(texts)].slice(0, MAX_IPS)

const sum = (parts: readonly DoorSummary[], pick: (part: DoorSummary) => number | undefined): number =>
  parts.reduce((total, part) => total + (pick(part) ?? 0), 0)
