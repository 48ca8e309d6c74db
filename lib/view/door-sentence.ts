import type { DoorState, DoorSummary, UnverifiedReason } from '@/lib/model/egress'
import { counted } from './format'

export const DOOR_WORD: Readonly<Record<DoorState, string>> = {
  violation: 'Left by another address',
  sanctioned: 'Sanctioned',
  unverified: 'Unverified',
  blocked: 'Blocked',
  broken: 'Egress gateway broken',
  not_applicable: 'Not applicable',
  no_rule: 'No rule',
}

const REASON: Readonly<Record<UnverifiedReason, string>> = {
  no_nat_evidence: 'no NAT log speaks of these connections',
  partial_hop: 'only an inner hop was seen, a NAT follows it',
  unmapped_nat_address: 'the NAT’s private address is not mapped to a public one',
  join_too_weak: 'the evidence cannot be tied to these connections exactly',
  intent_only: 'only configuration says so',
  sampled_only: 'only a probe says so',
  stale_probe: 'the last probe is too old',
  conflicting: 'two sources disagree',
  provider_unknown: 'the provider is not known for certain',
  rule_ambiguous: 'two rules of equal weight apply',
  provider_refused: 'the provider refused the address, says the workload',
  partial_coverage: 'only a part of the connections is proven',
}

/** What would make an unverified door known: one step, in words. */
const REMEDY: Partial<Readonly<Record<UnverifiedReason, string>>> = {
  no_nat_evidence:
    'Send the NAT gateway’s conntrack log: conntrack -E -o extended,timestamp,id | curl --data-binary @- …/api/ingest/nat/conntrack?hop=NAME',
  partial_hop: 'Send the log of the last NAT, and name it as `final` of a path in the config file.',
  unmapped_nat_address: 'Map the private address in `map` of the path in the config file.',
  partial_coverage: 'Send the NAT log of every gateway that these workloads can use.',
}

/**
 * One plain sentence of a door: verdict, counts, addresses, what was expected. Unknown says why, and what would help, unless steps for
 * just these connections stand beside it (`hasSteps`): what helps in general would contradict them.
 */
export function doorSentences(door: DoorSummary, hasSteps = false): string[] {
  const { counts } = door
  const expected =
    door.expected.length > 0 ? door.expected.map(withoutWholeMask).join(', ') : 'no address that a rule names'
  const seen = door.observedIps.join(', ') || 'an address nobody saw'
  switch (door.state) {
    case 'violation':
      return [
        `${counted(counts.violation, 'connection', 'connections')} left by ${seen}, not by ${expected}: ${door.confidence ?? 'proven'}.`,
        tally(door),
      ]
    case 'sanctioned':
      return [`Left by ${seen}, as sanctioned by ${expected}: ${door.confidence ?? 'proven'}.`, tally(door)]
    case 'unverified':
      return [`The door is unknown: ${reasonOf(door)}.`, tally(door), hasSteps ? '' : remedyOf(door)].filter(Boolean)
    case 'no_rule':
      return door.observedIps.length > 0
        ? [`No egress rule covers this traffic; it was seen to leave by ${seen}.`]
        : ['No egress rule covers this traffic, and no NAT log says by which address it left.']
    case 'blocked':
      return ['A policy stopped every connection: none left.']
    case 'broken':
      return ['The egress gateway has no node or address: connections were dropped.']
    case 'not_applicable':
      return ['The destination is private: no NAT is on the way.']
  }
}

/** One address is written as such. */
const withoutWholeMask = (text: string): string =>
  text.replace(/(\d+\.\d+\.\d+\.\d+)\/32\b/g, '$1').replace(/(:[0-9a-f:]*)\/128\b/gi, '$1')

const isUnverifiedReason = (reason: string | undefined): reason is UnverifiedReason =>
  reason !== undefined && reason in REASON
/** Why something is unverified, in words. */
export const reasonWord = (reason: DoorSummary['reason']): string =>
  isUnverifiedReason(reason) ? REASON[reason] : 'not told'
const reasonOf = ({ reason }: DoorSummary): string => reasonWord(reason)
const remedyOf = ({ reason }: DoorSummary): string => (isUnverifiedReason(reason) ? (REMEDY[reason] ?? '') : '')
const tally = ({ counts }: DoorSummary): string =>
  `Of the connections in this window ${counts.sanctioned} are proven sanctioned, ${counts.violation} left by another address, ${counts.unverified} unverified.`

/** How a connection got its name, where no answer of the DNS gave it. */
export function namedByQuestion(hosts: readonly string[]): string {
  const [host = 'it', ...others] = hosts
  return others.length === 0
    ? `Named ${host} by the pod’s own question (CoreDNS log), not by an answer.`
    : `The pod asked for ${hosts.join(', ')} shortly before; no answer tells which of them this is.`
}
