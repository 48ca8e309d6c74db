import type {
  DoorSummary,
  EgressObservation,
  Judgement,
  Lean,
  NotApplicableReason,
  ObservationKind,
  UnverifiedReason,
  ViolationCause,
} from '@/lib/model/egress'
import type { UnixMillis } from '@/lib/model/units'

/** How a time is written; the caller knows the reader's zone. */
export type FormatTime = (atMs: UnixMillis) => string

const REASON_WORDS: Readonly<Record<UnverifiedReason, string>> = {
  no_nat_evidence: 'no NAT evidence was received for it',
  partial_hop: 'it was seen before the last NAT only',
  unmapped_nat_address: 'the last NAT shows a private address that no path maps to a public one',
  join_too_weak: 'a record exists, but it cannot be tied to this connection',
  intent_only: 'only the configuration speaks of it, nothing was observed',
  sampled_only: 'only a probe went this way, not the connection itself',
  stale_probe: 'the last probe of this way is older than 15 minutes',
  conflicting: 'two conclusive records show different addresses',
  provider_unknown: 'the provider is likely, but not known by a host name',
  rule_ambiguous: 'no single complete rule speaks of it',
  provider_refused: 'the workload reports that the provider refused its address',
  partial_coverage: 'a part of its connections could not be judged',
}
const NOT_APPLICABLE_WORDS: Readonly<Record<NotApplicableReason, string>> = {
  private_endpoint: 'the provider was reached at a private address, so no NAT is involved',
  internal: 'the destination is private, so no NAT is involved',
}
const LEAN_WORDS: Readonly<Record<Lean, string>> = {
  none: '',
  likely_ok: ' It is likely sanctioned.',
  likely_violation: ' It is likely a violation.',
}
const KIND_WORDS: Readonly<Record<ObservationKind, string>> = {
  cloudtrail: 'in CloudTrail',
  'provider-audit': "in the provider's audit log",
  'provider-refusal': "in a log of the provider's refusal",
  'gcp-cloud-nat': 'in the Cloud NAT log',
  'aws-vpc-flow': 'in the VPC flow log',
  'gcp-vpc-flow': 'in the VPC flow log',
  'azure-natgw-flow': 'in the NAT gateway flow log',
  'conntrack-gw': 'in the log',
  'conntrack-node': 'in the log',
  'hubble-xlated': 'by Hubble',
  canary: 'by a probe',
  'cegp-intent': 'in the configuration',
}

/** What saw it is no hop of a path. */
const HOPLESS: ReadonlySet<ObservationKind> = new Set(['hubble-xlated', 'cloudtrail', 'provider-audit'])

/** What an unverified reason means, as the rest of a sentence: "… because REASON". */
export const reasonWords = (reason: UnverifiedReason): string => REASON_WORDS[reason]

/**
 * One connection's judgement as plain sentences: verdict, then where it was seen. "Left by 198.51.100.7, not by nat-a
 * (203.0.113.10). Seen in the log of hop aws-natgw, 14:02:11–14:07:40."
 */
export function explainJudgement(judgement: Judgement, formatTime: FormatTime): string {
  const seen =
    judgement.state === 'sanctioned' || judgement.state === 'violation' ? judgement.observations[0] : undefined
  const cause = judgement.cause === undefined ? '' : ` ${CAUSE_WORDS[judgement.cause]}`
  const past = judgement.wasViolation ? ` ${PAST_WORDS}` : ''
  return `${verdictOf(judgement)}${cause}${seen ? ` ${seenSentence(seen, formatTime)}` : ''}${past}${namedSentence(judgement)}`
}

const CAUSE_WORDS: Readonly<Record<ViolationCause, string>> = {
  startup_race:
    'A startup race: the pod had just begun, its egress gateway was not in force for it yet, and its later connections left rightly.',
}
const PAST_WORDS = 'It was a proven violation before; its history says by what.'

/** Said only where the name is weaker than an answer. */
function namedSentence({ named }: Judgement): string {
  if (named?.way !== 'dns-question') return ''
  const [host, ...others] = named.hosts
  return others.length === 0
    ? ` Named ${host ?? ''} by the pod's own question (CoreDNS log), not by an answer.`
    : ` The pod asked for ${named.hosts.join(', ')} shortly before; no answer tells which of them this is.`
}

/** One door's state with its counts, as plain sentences. Counts are of connections in the window that the caller shows. */
export function explainDoor(door: DoorSummary): string {
  const { sanctioned, violation, unverified, no_rule: noRule } = door.counts
  const all = sanctioned + violation + unverified + noRule
  const verdict = verdictOf({ ...door, observedIp: door.observedIps.length === 1 ? door.observedIps[0] : undefined })
  if (door.state === 'violation') {
    const ok = `${sanctioned} proven to have left rightly, ${unverified + noRule} not verified`
    return `${count(violation)} of ${all} left by ${addressWords(door.violatingIps)}${expectedWords(door.expected)}. ${ok}.${raceWords(door)}${formerWords(door)}`
  }
  if (door.state === 'sanctioned') {
    const rest = unverified + noRule > 0 ? `, ${unverified + noRule} not judged` : ''
    return `${count(sanctioned)} of ${all} proven to have left by a sanctioned address${rest}.${formerWords(door)}`
  }
  if (door.state === 'unverified' && all > 0)
    return `${verdict} ${sanctioned} of ${count(all)} verified.${formerWords(door)}`
  return `${verdict}${formerWords(door)}`
}

/** ` All of them are startup races …`: an edge whose only violations are such is told apart, never acquitted. */
function raceWords({ counts, startupRace = 0 }: DoorSummary): string {
  if (startupRace === 0) return ''
  const which = startupRace === counts.violation ? 'All' : String(startupRace)
  return ` ${which} of these violations came of a startup race: just after a pod began, before its egress gateway was in force.`
}

const formerWords = ({ formerViolations = 0 }: DoorSummary): string =>
  formerViolations === 0
    ? ''
    : ` ${count(formerViolations)} of it had been proven to violate, and is judged otherwise now.`

type Spoken = Pick<Judgement, 'state' | 'reason' | 'lean' | 'observedIp' | 'egressPoint' | 'expected'>

function verdictOf(spoken: Spoken): string {
  switch (spoken.state) {
    case 'violation': {
      if (spoken.observedIp === undefined) return 'The provider refused the address by which it left.'
      return `Left by ${spoken.observedIp}${expectedWords(spoken.expected)}.`
    }
    case 'sanctioned': {
      const point = spoken.egressPoint
      if (point === undefined) return `Left by ${spoken.observedIp ?? 'a sanctioned address'}, as it must.`
      return isAddressLike(point)
        ? `Left by ${spoken.observedIp}, which is sanctioned.`
        : `Left by ${point} (${spoken.observedIp}), as it must.`
    }
    case 'unverified':
      return `Not verified: ${reasonSentence(spoken.reason)}.${LEAN_WORDS[spoken.lean]}`
    case 'blocked':
      return 'A policy stopped it; it never left.'
    case 'broken':
      return 'The egress gateway had no node or no address; it never left.'
    case 'not_applicable':
      return `Not judged: ${reasonSentence(spoken.reason)}.`
    case 'no_rule':
      return spoken.observedIp === undefined
        ? 'No egress rule speaks of it.'
        : `Left by ${spoken.observedIp}; no egress rule speaks of it.`
  }
}

function reasonSentence(reason: Spoken['reason']): string {
  if (reason === undefined) return 'the reason is not known'
  return reason === 'private_endpoint' || reason === 'internal' ? NOT_APPLICABLE_WORDS[reason] : REASON_WORDS[reason]
}

const isAddressLike = (point: string): boolean => point.includes('/')

/** The addresses of proven violations, at most three; a refusal proves one without telling it. */
export function addressWords(ips: readonly string[] | undefined): string {
  if (!ips || ips.length === 0) return 'an address that is not sanctioned'
  return `${ips.slice(0, 3).join(', ')}${ips.length > 3 ? ` and ${ips.length - 3} more` : ''}`
}

/** `, not by nat-a (203.0.113.10)`: the mask of a single address is noise to a reader. At most three are named. */
export function expectedWords(expected: readonly string[] | undefined): string {
  if (!expected || expected.length === 0) return ''
  const named = expected.slice(0, 3).map((one) => one.replace(/\/(?:32|128)(?=\)?$)/, ''))
  const more = expected.length > 3 ? ` or ${expected.length - 3} more` : ''
  return `, not by ${named.join(' or ')}${more}`
}

/** Where and when something was seen: `Seen in the log of hop aws-natgw, 14:02:11–14:07:40.` */
export function seenSentence(
  { kind, hop, atMs, endMs }: Pick<EgressObservation, 'kind' | 'hop' | 'atMs' | 'endMs'>,
  formatTime: FormatTime,
): string {
  const where = `Seen ${KIND_WORDS[kind]}${hop === undefined || HOPLESS.has(kind) ? '' : ` of hop ${hop}`}`
  if (atMs === undefined) return `${where}.`
  return endMs !== undefined && endMs > atMs
    ? `${where}, ${formatTime(atMs)}–${formatTime(endMs)}.`
    : `${where}, ${formatTime(atMs)}.`
}

const count = (connections: number): string => (connections === 1 ? '1 connection' : `${connections} connections`)
