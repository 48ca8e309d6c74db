import {
  type Confidence,
  DOOR_STATES,
  type DoorState,
  type DoorSummary,
  type Judgement,
  type Lean,
} from '@/lib/model/egress'

/** What of a judgement a door needs, with the number of connections it stands for. Groups of a SQL query fit as well. */
export interface WeightedJudgement {
  readonly judgement: Pick<
    Judgement,
    'state' | 'reason' | 'lean' | 'observedIp' | 'rule' | 'expected' | 'confidence' | 'cause' | 'wasViolation'
  >
  /** Connections, ≥ 0. */
  readonly weight: number
}

/** Share of connections that may stay unjudged without taking `sanctioned` away. */
export const UNJUDGED_TOLERANCE = 0.01
const MAX_IPS = 8
/** What a door is where none of its connections was to be judged: what passed speaks before what was stopped. */
const BESIDE: readonly DoorState[] = ['broken', 'no_rule', 'not_applicable', 'blocked']
const CONFIDENCE_ORDER: readonly Confidence[] = [
  'proven by provider',
  'observed at the final hop',
  'observed at the node (declared final)',
  'sampled',
  'declared only',
]

/**
 * The state of one workload → provider edge in a window (ARCHITECTURE.md, "Evidence for the source IP"). One proven
 * violation makes the door a violation. It is sanctioned only if every connection that left is proven so, but for an
 * unjudged rest of at most `tolerance` (a share) of which nothing leans to violation. Without connections nothing is known.
 */
export function summariseDoor(judgements: readonly WeightedJudgement[], tolerance = UNJUDGED_TOLERANCE): DoorSummary {
  const rows = judgements.filter(({ weight }) => weight > 0)
  const counts = countStates(rows)
  const verdict = stateOf(rows, counts, tolerance)
  const deciding = rows.filter(({ judgement }) => judgement.state === verdict.state)
  const rule = heaviest(deciding, (judgement) => judgement.rule)[0]
  const confidence = confidenceOf(deciding, verdict.state)
  const violating = heaviest(
    rows.filter(({ judgement }) => judgement.state === 'violation'),
    ({ observedIp }) => observedIp,
  )
  const startupRace = weigh(rows, ({ state, cause }) => state === 'violation' && cause === 'startup_race')
  const formerViolations = weigh(rows, ({ wasViolation }) => wasViolation === true)
  return {
    ...verdict,
    counts,
    observedIps: heaviest(rows, (judgement) => judgement.observedIp).slice(0, MAX_IPS),
    expected: rows.find(({ judgement }) => judgement.rule === rule && judgement.expected)?.judgement.expected ?? [],
    ...(violating.length > 0 && { violatingIps: violating.slice(0, MAX_IPS) }),
    ...(startupRace > 0 && { startupRace }),
    ...(formerViolations > 0 && { formerViolations }),
    ...(rule !== undefined && { rule }),
    ...(confidence && { confidence }),
  }
}

const weigh = (
  rows: readonly WeightedJudgement[],
  is: (judgement: WeightedJudgement['judgement']) => boolean,
): number => rows.reduce((sum, { judgement, weight }) => sum + (is(judgement) ? weight : 0), 0)

function stateOf(
  rows: readonly WeightedJudgement[],
  counts: DoorSummary['counts'],
  tolerance: number,
): Pick<DoorSummary, 'state' | 'reason' | 'lean'> {
  if (counts.violation > 0) return { state: 'violation', lean: 'none' }
  const unjudged = rows.filter(({ judgement }) => judgement.state === 'unverified' || judgement.state === 'no_rule')
  const rest = counts.unverified + counts.no_rule
  const lean = leanOf(unjudged)
  if (counts.sanctioned > 0) {
    const isTolerable = rest <= tolerance * (counts.sanctioned + rest) && lean !== 'likely_violation'
    if (isTolerable) return { state: 'sanctioned', lean: 'none' }
    return { state: 'unverified', reason: 'partial_coverage', lean }
  }
  if (counts.unverified > 0) {
    const unverified = rows.filter(({ judgement }) => judgement.state === 'unverified')
    return { state: 'unverified', reason: heaviest(unverified, ({ reason }) => reason)[0] ?? 'no_nat_evidence', lean }
  }
  const state = BESIDE.find((candidate) => counts[candidate] > 0)
  if (!state) return { state: 'unverified', reason: 'no_nat_evidence', lean: 'none' }
  const reason = heaviest(
    rows.filter(({ judgement }) => judgement.state === state),
    (judgement) => judgement.reason,
  )[0]
  return { state, lean: 'none', ...(reason !== undefined && { reason }) }
}

/** One accusation is enough to lean; to lean the other way, all of the rest must. */
function leanOf(unjudged: readonly WeightedJudgement[]): Lean {
  if (unjudged.some(({ judgement }) => judgement.lean === 'likely_violation')) return 'likely_violation'
  return unjudged.length > 0 && unjudged.every(({ judgement }) => judgement.lean === 'likely_ok') ? 'likely_ok' : 'none'
}

function countStates(rows: readonly WeightedJudgement[]): Record<DoorState, number> {
  const counts: Record<DoorState, number> = {
    violation: 0,
    sanctioned: 0,
    unverified: 0,
    blocked: 0,
    broken: 0,
    not_applicable: 0,
    no_rule: 0,
  }
  for (const state of DOOR_STATES) {
    for (const { judgement, weight } of rows) if (judgement.state === state) counts[state] += weight
  }
  return counts
}

/** The strongest word of a violation; the weakest of an acquittal, which is only as good as its weakest proof. */
function confidenceOf(rows: readonly WeightedJudgement[], state: DoorState): Confidence | undefined {
  const words = new Set(rows.map(({ judgement }) => judgement.confidence))
  const order = state === 'violation' ? CONFIDENCE_ORDER : [...CONFIDENCE_ORDER].reverse()
  return order.find((word) => words.has(word))
}

/** Distinct values by total weight, heaviest first; equal weights in text order. */
function heaviest<T extends string>(
  rows: readonly WeightedJudgement[],
  pick: (judgement: WeightedJudgement['judgement']) => T | undefined,
): T[] {
  const weights = new Map<T, number>()
  for (const { judgement, weight } of rows) {
    const value = pick(judgement)
    if (value !== undefined) weights.set(value, (weights.get(value) ?? 0) + weight)
  }
  return [...weights].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([value]) => value)
}
