import type {
  EgressConfig,
  EgressConnection,
  EgressObservation,
  EgressRule,
  Judgement,
  Lean,
  UnverifiedReason,
} from '@/lib/model/egress'
import { isPublicAddress, parseAddress } from './address'
import { type Grade, gradeObservation } from './grade-observation'
import { isCertainProvider } from './match-provider'
import { pathsOfCluster } from './paths'
import { pointsOfCluster } from './point-maps'
import { type SanctionedSet, sanctionedSet } from './sanctioned-set'
import { type RuleChoice, selectRule } from './select-rule'

/**
 * Judges one connection by everything observed of it (nat-evidence §3.2). Pure, and independent of the observations' order.
 * `sanctioned` and `violation` come from conclusive observations only: at the final hop, joined, in time, over a channel that
 * the workload cannot forge, of a provider known by host. Two of them that show different addresses decide nothing.
 */
export function judgeConnection(
  connection: EgressConnection,
  observations: readonly EgressObservation[],
  config: EgressConfig,
): Judgement {
  const choice = selectRule(connection, config.rules)
  const rule = choice.kind === 'one' ? choice.rule : undefined
  const sanctioned = rule && sanctionedSet(rule, config, connection.cluster)
  const grades = grade(connection, observations, config, rule, sanctioned)
  const observedIp = grades.find((one) => one.rank >= 0 && one.publicIp !== undefined)?.publicIp
  const point = observedIp === undefined ? undefined : sanctioned?.pointOf(observedIp)
  const base = {
    lean: 'none' as Lean,
    configVersion: config.version,
    observations: grades.map((one) => one.observation),
    ...(rule && { rule: rule.name, expected: sanctioned?.expected ?? [] }),
    ...(observedIp !== undefined && { observedIp }),
    ...(point !== undefined && { egressPoint: point }),
  }
  return { ...base, ...(neverLeft(connection, grades) ?? byRule(connection, choice, sanctioned, grades)) }
}

type Verdict = Pick<Judgement, 'state'> &
  Partial<Pick<Judgement, 'reason' | 'lean' | 'confidence' | 'observedIp' | 'egressPoint'>>

/**
 * What ends a judgement before any evidence: nothing left, or nothing was translated on the way. A gateway that dropped packets of a
 * connection, and a last hop that saw it leave, contradict each other: that is told, and decides nothing.
 */
function neverLeft(
  { isBroken, isBlocked, serverIp, provider }: EgressConnection,
  grades: readonly Grade[],
): Verdict | undefined {
  const left = grades.find((one) => one.isConclusive)
  if (isBroken) return left ? { state: 'unverified', reason: 'conflicting', lean: left.lean } : { state: 'broken' }
  if (isBlocked) return { state: 'blocked' }
  const isPrivate = serverIp !== undefined && parseAddress(serverIp) !== undefined && !isPublicAddress(serverIp)
  if (isPrivate) return { state: 'not_applicable', reason: provider ? 'private_endpoint' : 'internal' }
  return undefined
}

function byRule(
  connection: EgressConnection,
  choice: RuleChoice,
  sanctioned: SanctionedSet | undefined,
  grades: readonly Grade[],
): Verdict {
  if (choice.kind === 'none') return { state: 'no_rule' }
  if (choice.kind === 'ambiguous' || !sanctioned?.isWhole) return { state: 'unverified', reason: 'rule_ambiguous' }
  const verdict = byEvidence(connection, grades, sanctioned)
  const { provider } = connection
  const isProviderKnown = choice.byHost || (provider !== undefined && isCertainProvider(provider))
  return isProviderKnown ? verdict : { state: 'unverified', reason: 'provider_unknown', lean: leanOfVerdict(verdict) }
}

function byEvidence(connection: EgressConnection, grades: readonly Grade[], sanctioned: SanctionedSet): Verdict {
  const conclusive = grades.filter((one) => one.isConclusive)
  const [deciding] = conclusive
  if (!deciding) return withoutProof(connection, grades)
  const ips = new Set(
    conclusive.flatMap(({ publicIp, isRefusal }) => (publicIp === undefined || isRefusal ? [] : [publicIp])),
  )
  const outside = conclusive.map(
    (one) => one.isRefusal || one.publicIp === undefined || sanctioned.pointOf(one.publicIp) === undefined,
  )
  const isAllOutside = outside.every(Boolean)
  if (ips.size > 1 || (outside.some(Boolean) && !isAllOutside)) {
    const lean = isAllOutside ? 'likely_violation' : outside.some(Boolean) ? 'none' : 'likely_ok'
    return { state: 'unverified', reason: 'conflicting', lean }
  }
  const [proven] = ips
  return {
    state: isAllOutside ? 'violation' : 'sanctioned',
    confidence: deciding.confidence,
    // A refusal tells no address: then none may be shown as the proven one.
    observedIp: proven,
    egressPoint: proven === undefined ? undefined : sanctioned.pointOf(proven),
  }
}

/** Reason of the best observation, lean of the best one that leans. The workload's accusation outranks both. */
function withoutProof({ refusedByProvider }: EgressConnection, grades: readonly Grade[]): Verdict {
  if (refusedByProvider) return { state: 'unverified', reason: 'provider_refused', lean: 'likely_violation' }
  const top = grades[0]
  if (!top) return { state: 'unverified', reason: 'no_nat_evidence' }
  const reasons = grades.filter(({ rank }) => rank === top.rank).map(({ reason }) => reason)
  const reason = REASON_ORDER.find((candidate) => reasons.includes(candidate)) ?? 'no_nat_evidence'
  return {
    state: 'unverified',
    reason,
    lean: combinedLean(grades),
    ...(top.confidence && { confidence: top.confidence }),
  }
}

/** Nearest to proof first. */
const REASON_ORDER: readonly UnverifiedReason[] = [
  'unmapped_nat_address',
  'join_too_weak',
  'partial_hop',
  'sampled_only',
  'stale_probe',
  'intent_only',
  'no_nat_evidence',
]

function combinedLean(grades: readonly Grade[]): Lean {
  const rank = grades.find(({ lean }) => lean !== 'none')?.rank
  const leans = new Set(grades.filter((one) => one.rank === rank).map(({ lean }) => lean))
  leans.delete('none')
  const [only] = leans
  return leans.size === 1 && only ? only : 'none'
}

function leanOfVerdict({ state, lean }: Verdict): Lean {
  if (state === 'violation') return 'likely_violation'
  return state === 'sanctioned' ? 'likely_ok' : (lean ?? 'none')
}

/** The deciding one first, then by precedence; the order is total, so that input order cannot matter. */
function grade(
  connection: EgressConnection,
  observations: readonly EgressObservation[],
  config: EgressConfig,
  rule: EgressRule | undefined,
  sanctioned: SanctionedSet | undefined,
): Grade[] {
  const context = {
    connection,
    paths: pathsOfCluster(config.paths, connection.cluster),
    points: pointsOfCluster(config.points, connection.cluster),
    requireEvidence: rule?.requireEvidence ?? 'C',
    ...(sanctioned && { isSanctioned: (ip: string) => sanctioned.pointOf(ip) !== undefined }),
  }
  return observations
    .map((observation) => ({ ...gradeObservation(observation, context), key: sortKey(observation) }))
    .sort(
      (left, right) =>
        Number(right.isConclusive) - Number(left.isConclusive) ||
        right.rank - left.rank ||
        (left.key < right.key ? -1 : left.key > right.key ? 1 : 0),
    )
}

const sortKey = (observation: EgressObservation): string =>
  JSON.stringify(Object.entries(observation).sort(([left], [right]) => (left < right ? -1 : 1)))
