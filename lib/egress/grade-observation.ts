import type {
  Confidence,
  EgressConnection,
  EgressObservation,
  EgressPath,
  EgressPoint,
  EvidenceTier,
  Lean,
  ObservationKind,
  UnverifiedReason,
} from '@/lib/model/egress'
import { SECOND_MS } from '@/lib/model/units'
import { canonicalAddress, isPublicAddress } from './address'
import { isFinalHop } from './paths'
import { publicAddressBy } from './point-maps'

/** Clocks of hops, nodes and collectors may differ by this much (nat-evidence §3.2). */
export const CLOCK_SKEW_MS = 5 * SECOND_MS
/** A probe speaks for the path for this long. */
export const CANARY_TTL_S = 15 * 60

/** What one observation is worth for one connection. */
export interface Grade {
  readonly observation: EgressObservation
  /** Place in the order of precedence; higher wins. */
  readonly rank: number
  readonly isConclusive: boolean
  /** The public address that it shows, mapped where needed. */
  readonly publicIp?: string
  /** The provider refused the address: outside, whatever the address was. */
  readonly isRefusal: boolean
  /** Why it is not conclusive. */
  readonly reason?: UnverifiedReason
  /** What it would say if it were; `none` where it says nothing about the final address. */
  readonly lean: Lean
  readonly confidence?: Confidence
}

export interface GradeContext {
  readonly connection: EgressConnection
  /** Paths of the connection's cluster. */
  readonly paths: readonly EgressPath[]
  /** Egress points of the connection's cluster. */
  readonly points: readonly EgressPoint[]
  readonly requireEvidence: EvidenceTier
  /** True where the address is one that the rule accepts; undefined without a rule. */
  readonly isSanctioned?: (ip: string) => boolean
}

type Tier = EvidenceTier | 'D' | 'E'
const TIER: Readonly<Record<ObservationKind, Tier>> = {
  cloudtrail: 'A',
  'provider-audit': 'A',
  'provider-refusal': 'A',
  'gcp-cloud-nat': 'B',
  'aws-vpc-flow': 'B',
  'azure-natgw-flow': 'B',
  'conntrack-gw': 'B',
  'conntrack-node': 'C',
  'hubble-xlated': 'C',
  'gcp-vpc-flow': 'C',
  canary: 'D',
  'cegp-intent': 'E',
}
/** Logs of a NAT gateway itself: a private address in them is the gateway's own, so what is missing is the map. */
const NAT_GATEWAY_LOGS: ReadonlySet<ObservationKind> = new Set(['gcp-cloud-nat', 'aws-vpc-flow', 'azure-natgw-flow'])

/** A > B exact > B at IP level > C declared final > C by map > D > E > what may only accuse > what says nothing. */
const RANK = { A: 6, exactB: 5, B: 4, C: 3, mappedC: 2, D: 1, E: 0, untrusted: -1, ignored: -2 } as const

/** Grades one observation by the evidence model (nat-evidence §3.2): all five conditions hold, or the reason why not. */
export function gradeObservation(observation: EgressObservation, context: GradeContext): Grade {
  const seen = address(observation, context)
  const isRefusal = observation.kind === 'provider-refusal'
  const lean = isRefusal ? 'likely_violation' : leanOf(seen.publicIp, context)
  const known = { observation, isRefusal, ...(seen.publicIp !== undefined && { publicIp: seen.publicIp }) }
  const inconclusive = (rank: number, reason: UnverifiedReason, leaning: Lean, confidence?: Confidence): Grade => ({
    ...known,
    rank,
    isConclusive: false,
    reason,
    lean: leaning,
    ...(confidence && { confidence }),
  })

  const tier = TIER[observation.kind]
  // A reply's translated source is the service's address, not the way out.
  if (observation.isReply) {
    return {
      observation,
      isRefusal: false,
      rank: RANK.ignored,
      isConclusive: false,
      reason: 'no_nat_evidence',
      lean: 'none',
    }
  }
  if (tier === 'E') return intentGrade(observation, seen.publicIp, context)
  // What the workload may have written can accuse, never acquit.
  if (observation.trustedChannel !== true) {
    return inconclusive(RANK.untrusted, 'no_nat_evidence', lean === 'likely_violation' ? lean : 'none')
  }
  if (tier === 'D') return probeGrade(observation, lean)
  const rank = rankOf(tier, observation, seen.isMapped)
  const why = whyNotConclusive(observation, tier, seen, context)
  if (why) return inconclusive(rank, why, isInTime(observation, context.connection) ? lean : 'none')
  return { ...known, rank, isConclusive: true, lean, confidence: CONFIDENCE[tier] }
}

const CONFIDENCE: Readonly<Record<EvidenceTier, Confidence>> = {
  A: 'proven by provider',
  B: 'observed at the final hop',
  C: 'observed at the node (declared final)',
}

function whyNotConclusive(
  observation: EgressObservation,
  tier: EvidenceTier,
  seen: SeenAddress,
  { connection, requireEvidence }: GradeContext,
): UnverifiedReason | undefined {
  const isRefusal = observation.kind === 'provider-refusal'
  if (seen.publicIp === undefined && !isRefusal) {
    const isGatewaysOwn = tier === 'A' || seen.isFinal || NAT_GATEWAY_LOGS.has(observation.kind)
    return isGatewaysOwn ? 'unmapped_nat_address' : 'partial_hop'
  }
  if (tier !== 'A' && !seen.isFinal) return 'partial_hop'
  if (observation.join !== 'J3' && observation.join !== 'J2') return 'join_too_weak'
  if (!isInTime(observation, connection)) return 'join_too_weak'
  return tier > requireEvidence ? 'partial_hop' : undefined
}

interface SeenAddress {
  readonly publicIp?: string
  readonly isMapped: boolean
  readonly isFinal: boolean
}

/** The public address and whether the hop that saw it is the last. An address in a path's map is the final hop's own. */
function address({ ip, hop, hopFinal, kind }: EgressObservation, { paths, points }: GradeContext): SeenAddress {
  const isFinal = hopFinal ?? isFinalHop(hop, paths)
  const canonical = ip === undefined ? undefined : canonicalAddress(ip)
  if (canonical === undefined) return { isMapped: false, isFinal }
  if (isPublicAddress(canonical)) return { publicIp: canonical, isMapped: false, isFinal }
  const mapped = publicAddressBy(canonical, hop, paths, points)
  if (mapped === undefined || !isPublicAddress(mapped)) return { isMapped: false, isFinal }
  return {
    publicIp: mapped,
    isMapped: true,
    isFinal: isFinal || (NAT_GATEWAY_LOGS.has(kind) && hopFinal === undefined),
  }
}

function rankOf(tier: EvidenceTier, { join }: EgressObservation, isMapped: boolean): number {
  if (tier === 'A') return RANK.A
  if (tier === 'B') return join === 'J3' ? RANK.exactB : RANK.B
  return isMapped ? RANK.mappedC : RANK.C
}

/** An observation without a time cannot be in time. */
function isInTime({ atMs, endMs }: EgressObservation, { firstMs, lastMs }: EgressConnection): boolean {
  if (atMs === undefined) return false
  return atMs <= lastMs + CLOCK_SKEW_MS && Math.max(atMs, endMs ?? atMs) >= firstMs - CLOCK_SKEW_MS
}

function leanOf(publicIp: string | undefined, { isSanctioned }: GradeContext): Lean {
  if (publicIp === undefined || !isSanctioned) return 'none'
  return isSanctioned(publicIp) ? 'likely_ok' : 'likely_violation'
}

/** A probe samples the way: its address leans, and is never told as the address that a connection left by. */
function probeGrade(observation: EgressObservation, lean: Lean): Grade {
  const isFresh = observation.ageSeconds !== undefined && observation.ageSeconds <= CANARY_TTL_S
  return {
    observation,
    isRefusal: false,
    rank: RANK.D,
    isConclusive: false,
    reason: isFresh ? 'sampled_only' : 'stale_probe',
    lean: isFresh ? lean : 'none',
    confidence: 'sampled',
  }
}

/** What is configured was not seen: its address leans, and is never told as the address that a connection left by. */
function intentGrade(observation: EgressObservation, configuredIp: string | undefined, context: GradeContext): Grade {
  const isByAddress = observation.covers === true && configuredIp !== undefined
  return {
    observation,
    isRefusal: false,
    rank: RANK.E,
    isConclusive: false,
    reason: 'intent_only',
    lean: isByAddress ? leanOf(configuredIp, context) : intentLean(observation.covers),
    confidence: 'declared only',
  }
}

function intentLean(covers: boolean | undefined): Lean {
  if (covers === undefined) return 'none'
  return covers ? 'likely_ok' : 'likely_violation'
}
