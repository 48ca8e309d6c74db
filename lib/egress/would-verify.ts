import { conntrackCommand } from '@/lib/connect/nat-snippets'
import type { SourceCoverage } from '@/lib/model/coverage'
import type { DoorSummary, EgressPath, UnverifiedReason } from '@/lib/model/egress'
import { providerById } from './catalogue/catalogue'
import { pathsOfCluster } from './paths'

export interface WouldVerifyInput {
  readonly door: Pick<DoorSummary, 'state' | 'reason' | 'observedIps' | 'rule'>
  readonly cluster: string
  readonly paths: readonly EgressPath[]
  /** Provider of the edge, where known. */
  readonly providerId?: string
  /** Sources heard of, any cluster. */
  readonly coverage: readonly SourceCoverage[]
  /** Where senders reach Postern, without trailing slash: `https://postern.example.com`. */
  readonly baseUrl: string
}

/**
 * What would make an unverified (or rule-less) door known: plain sentences in the order of doing, commands as whole texts
 * after a colon. [] for doors that are judged. Names in commands are quoted, since hop and cluster names come from outside.
 */
export function wouldVerify(input: WouldVerifyInput): string[] {
  const { door } = input
  if (door.state === 'no_rule') return [NO_RULE]
  if (door.state !== 'unverified') return []
  const reason = door.reason ?? 'no_nat_evidence'
  if (reason === 'private_endpoint' || reason === 'internal') return []
  return STEPS[reason](input)
}

const NO_RULE =
  'Say by which addresses these calls must leave: an entry under egressRules in the config file, or POSTERN_SANCTIONED_EGRESS=<cidr,…> for all AI workloads and all providers.'

/** The least that can be had: a lean. */
const PROBE = 'Until then a probe can sample the way out of the namespace (Sources page): it leans, and proves nothing.'

const STEPS: Readonly<Record<UnverifiedReason, (input: WouldVerifyInput) => string[]>> = {
  no_nat_evidence: (input) => [...connectHops(input), PROBE],
  partial_hop: (input) => connectHops(input),
  unmapped_nat_address: (input) => [
    `Map the private address of the last NAT to its public one: in the config file, under paths → ${finalPath(input)?.name ?? '<path>'} → map, write \`<private address>: <public address>\`. For an AWS NAT gateway: aws ec2 describe-nat-gateways --query 'NatGateways[].NatGatewayAddresses[].[PrivateIp,PublicIp]'`,
  ],
  join_too_weak: (input) => [
    'Send records with ports: conntrack events of the node and of the gateway tie each connection by address, port and time. Logs without the source port can for a pod’s only connection, where its address is known to be its own; node addresses that pods share never can.',
    'Where a provider’s audit names the caller, say in the config file which workload it is: paths → principals, on a path of this cluster alone. It proves a connection that was the workload’s only one at the time.',
    'Keep the clocks of nodes and gateways within 5 s of each other (NTP).',
    ...connectHops(input),
  ],
  intent_only: (input) => ['A configuration says what should happen, not what did.', ...connectHops(input), PROBE],
  sampled_only: (input) => ['A probe speaks for the way, not for the connection.', ...connectHops(input)],
  stale_probe: (input) => ['Run the probe again, at least every 15 minutes.', ...connectHops(input)],
  conflicting: () => [
    'Two trusted records of one connection show different addresses, so one of the sources is wrong. Check in the evidence rows: the hop names that each sender gives, the map of the path, and the clocks of both hops.',
  ],
  provider_unknown: () => [
    'With Calico: send the DNS logs of Enterprise or Cloud, whose answers tell each address; with the log of CoreDNS alone a pod that asks for several names within 30 s cannot be told apart.',
    'Let a trusted source name the host: with Cilium, a policy with an L7 DNS rule for these pods (toPorts → rules → dns, matchPattern "*") makes flows carry names. Set enableDefaultDeny.egress: false in it, or it denies everything else.',
    'For an endpoint of your own, or a host that serves more than AI, list it under hosts of the egress rule.',
  ],
  rule_ambiguous: () => [
    'Give one of the competing egress rules a higher priority, or make its workloads narrower, and check that every egress point it names exists.',
  ],
  provider_refused: (input) => [allowListStep(input.providerId), ...connectHops(input)],
  partial_coverage: (input) => [
    'Some connections of this edge have no record. Check that every node and every gateway on the way sends its events without gaps.',
    ...connectHops(input),
  ],
}

function allowListStep(providerId: string | undefined): string {
  const provider = providerId === undefined ? undefined : providerById(providerId)
  const how = provider?.allowList ? ` (${provider.allowList.how})` : ''
  return `The workload says the provider refused its address. Compare the provider's allow-list with the sanctioned addresses${how}. Only a trusted log of the refusal, of the provider or of a gateway, would prove it.`
}

/** The silent hops of the path. Without a path nothing that is sent can prove anything, so declaring one comes first. */
function connectHops(input: WouldVerifyInput): string[] {
  const path = finalPath(input)
  if (!path) {
    return [
      'Declare which hop is the last NAT: in the config file, under paths, an entry with name, hops and final. Without it no record is conclusive, since another NAT may follow.',
      ...hopSteps(input, 'nat-gateway', true),
    ]
  }
  const silent = silentHops(path, input)
  if (silent.length === 0) {
    return [
      `Every hop of path ${path.name} sends, yet this connection is in none of its records, or not in the last one. Check that it takes this path, and that conntrack events are not lost (raise net.core.rmem_max, or pass -b to conntrack).`,
    ]
  }
  return silent.flatMap((hop) => hopSteps(input, hop, hop === path.finalHop))
}

const finalPath = ({ paths, cluster }: Pick<WouldVerifyInput, 'paths' | 'cluster'>): EgressPath | undefined =>
  pathsOfCluster(paths, cluster)[0]

/** Hops of a path that send nothing, in order. */
export const silentHops = (path: EgressPath, { coverage, cluster }: Pick<WouldVerifyInput, 'coverage' | 'cluster'>) =>
  path.hops.filter(
    (hop) =>
      !coverage.some(
        (source) => source.source === 'nat' && source.cluster === cluster && source.hop === hop && !source.isSilent,
      ),
  )

function hopSteps(input: WouldVerifyInput, hop: string, isFinal: boolean): string[] {
  return [
    `Send the NAT records of hop ${hop}${isFinal ? ', the last one' : ''}. On that machine, as root: ${conntrackCommand({ server: new URL(input.baseUrl), cluster: input.cluster, hop }, { hasToken: true, isOneLine: true })}`,
  ]
}
