import { mapSnippet, pathSnippet, principalSnippet, ruleSnippet } from '@/lib/connect/config-snippets'
import { corednsSnippet, hubbleDnsSnippet, kubernetesSnippet } from '@/lib/connect/name-snippets'
import {
  awsVpcSnippet,
  azureOpenAiSnippet,
  cloudTrailSnippet,
  conntrackSnippet,
  gcpAuditSnippet,
  gcpNatSnippet,
  ulogdSnippet,
} from '@/lib/connect/nat-snippets'
import type { ConnectTarget, Snippet } from '@/lib/connect/snippet'
import type { SourceCoverage } from '@/lib/model/coverage'
import type { DoorSummary, EgressObservation, EgressPath, UnverifiedReason } from '@/lib/model/egress'
import type { UnverifiedPart, UpgradeStep } from '@/lib/model/matrix'
import { isPublicAddress } from './address'
import { providerById } from './catalogue/catalogue'
import { pathsOfCluster } from './paths'
import { silentHops } from './would-verify'

export interface UpgradeInput {
  readonly unverified: readonly UnverifiedPart[]
  readonly counts: DoorSummary['counts']
  readonly cluster: string
  readonly workload: { readonly namespace: string; readonly name: string }
  /** Provider id, or `possible`. */
  readonly column: string
  readonly paths: readonly EgressPath[]
  readonly coverage: readonly SourceCoverage[]
  /** Kinds of evidence that speak of these connections, each with the addresses that it showed. */
  readonly seen: readonly { readonly kind: EgressObservation['kind']; readonly addresses: readonly string[] }[]
  readonly server: URL
}

/** Stands for the hop's name where no path gives one. */
const HOP = 'nat-gw'
/** The provider's own record of a call, by provider: it proves the address, wherever the call left. */
const AUDITS: Readonly<Record<string, (target: ConnectTarget) => Snippet>> = {
  'aws-bedrock': cloudTrailSnippet,
  'google-vertex': gcpAuditSnippet,
  'azure-openai': azureOpenAiSnippet,
}

/**
 * What would prove more of a cell, in the order of doing: one group of steps per reason for which something is unverified, the
 * heaviest first, each with what to paste. [] where everything that left is proven. The reasons decide, and the path of the cluster.
 */
export function upgradeSteps(input: UpgradeInput): UpgradeStep[] {
  const steps = input.unverified.flatMap(({ reason }) => (isReason(reason) ? STEPS[reason](input) : []))
  if (input.counts.no_rule > 0)
    steps.push({
      text: 'No rule covers these connections: without one no door is right or wrong.',
      snippet: ruleSnippet(input.workload.namespace, input.column),
    })
  const isFirst = (step: UpgradeStep, at: number) =>
    steps.findIndex((other) => other.text === step.text && other.snippet?.command === step.snippet?.command) === at
  return steps.filter(isFirst)
}

const isReason = (reason: UnverifiedPart['reason']): reason is UnverifiedReason => Object.hasOwn(STEPS, reason)

const STEPS: Readonly<Record<UnverifiedReason, (input: UpgradeInput) => UpgradeStep[]>> = {
  no_nat_evidence: (input) => [...connectHops(input), ...auditSteps(input)],
  intent_only: (input) => [
    { text: 'Configuration says what should happen, not what did. A NAT log says what did.' },
    ...connectHops(input),
    ...auditSteps(input),
  ],
  partial_hop: (input) => [
    { text: 'Only an inner hop was seen; another NAT follows it, and its log alone shows the public address.' },
    ...connectHops(input, true),
  ],
  unmapped_nat_address: (input) => mapSteps(input),
  join_too_weak: (input) => weakJoinSteps(input),
  sampled_only: (input) => [
    { text: 'A probe speaks for the way at a moment, not for these connections. The NAT log speaks for each.' },
    ...connectHops(input),
  ],
  stale_probe: (input) => [
    {
      text: 'The last probe is older than 15 minutes: let it run more often, or send the NAT log, which ages not at all.',
    },
    ...connectHops(input),
  ],
  conflicting: () => [
    {
      text: 'Two trusted records of one connection show different addresses: one of the sources is wrong. Compare the raw rows above: the hop names that the senders give, the `map` of the path, and both machines’ clocks.',
    },
  ],
  provider_unknown: (input) => nameSteps(input),
  rule_ambiguous: () => [
    {
      text: 'Two rules of equal weight apply, or a rule names an egress point that is not there: give one a higher priority, narrow its workloads, or add the point.',
    },
  ],
  provider_refused: (input) => [
    {
      text: `The workload says that the provider refused its address. Compare the provider’s allow-list with the sanctioned addresses.${allowListWords(input.column)}`,
    },
    ...connectHops(input),
  ],
  partial_coverage: (input) => connectHops(input),
}

const targetOf = ({ server, cluster }: UpgradeInput): ConnectTarget => ({ server, cluster })
const pathOf = ({ paths, cluster }: UpgradeInput): EgressPath | undefined => pathsOfCluster(paths, cluster)[0]
const hasSeen = ({ seen }: UpgradeInput, ...kinds: readonly EgressObservation['kind'][]): boolean =>
  seen.some(({ kind }) => kinds.includes(kind))

/** The logs of the hops that are silent, the last NAT's last; of that one alone with `onlyFinal`. */
function connectHops(input: UpgradeInput, onlyFinal = false): UpgradeStep[] {
  const path = pathOf(input)
  if (!path)
    return [
      {
        text: `No path says which NAT is the last one of cluster ${input.cluster}. Without it no record is conclusive, since another NAT may follow.`,
        snippet: pathSnippet(input.cluster, HOP),
      },
      ...finalHopSteps(input, HOP),
    ]
  const silent = silentHops(path, input)
  if (silent.length === 0)
    return [
      {
        text: `Every hop of path ${path.name} sends, yet these connections are in none of its records. If other machines stand as hop ${path.finalHop} too, send their logs; check that conntrack events are not lost (net.core.rmem_max).`,
        snippet: conntrackSnippet({ ...targetOf(input), hop: path.finalHop }, { hasToken: true }),
      },
    ]
  return silent
    .filter((hop) => !onlyFinal || hop === path.finalHop || !silent.includes(path.finalHop))
    .flatMap((hop) => (hop === path.finalHop ? finalHopSteps(input, hop) : [hopStep(input, hop)]))
}

const hopStep = (input: UpgradeInput, hop: string): UpgradeStep => ({
  text: `Send the log of hop ${hop}: it says which pod was behind which port.`,
  snippet: conntrackSnippet({ ...targetOf(input), hop }, { hasToken: true }),
})

/** A machine's own events, or the log of a cloud's gateway: what evidence was seen says which cloud; nothing seen, all are named. */
function finalHopSteps(input: UpgradeInput, hop: string): UpgradeStep[] {
  const target = { ...targetOf(input), hop }
  const [isAws, isGcp] = [hasSeen(input, 'aws-vpc-flow', 'cloudtrail'), hasSeen(input, 'gcp-cloud-nat', 'gcp-vpc-flow')]
  const own = {
    text: `Send the log of hop ${hop}, the last NAT: it alone shows the public address.`,
    snippet: conntrackSnippet(target, { hasToken: true }),
  }
  const clouds = [
    ...(isGcp || !isAws
      ? [{ text: 'Where that NAT is Google’s Cloud NAT, its own log.', snippet: gcpNatSnippet(target) }]
      : []),
    ...(isAws || !isGcp
      ? [{ text: 'Where it is an AWS NAT gateway, the flow log of its interface.', snippet: awsVpcSnippet(target) }]
      : []),
  ]
  return isAws || isGcp ? [...clouds, own] : [own, ...clouds]
}

function auditSteps(input: UpgradeInput): UpgradeStep[] {
  const audit = Object.hasOwn(AUDITS, input.column) ? AUDITS[input.column] : undefined
  if (!audit) return []
  return [
    {
      text: `${providerById(input.column)?.name ?? 'The provider'} records by itself from which address it was called.`,
      snippet: audit(targetOf(input)),
    },
    principalStep(input),
  ]
}

const principalStep = (input: UpgradeInput): UpgradeStep => ({
  text: 'An audit names a caller, not a pod: say which workload calls as whom, on a path of this cluster alone.',
  snippet: principalSnippet(pathOf(input)?.name ?? input.cluster, input.workload),
})

function mapSteps(input: UpgradeInput): UpgradeStep[] {
  const isPrivate = (ip: string) => !isPublicAddress(ip)
  const path = pathOf(input)
  const known = new Set(Object.keys(path?.publicByPrivate ?? {}))
  const addresses = [...new Set(input.seen.flatMap((one) => one.addresses))].filter(
    (ip) => isPrivate(ip) && !known.has(ip),
  )
  return [
    {
      text: `The last NAT shows ${addresses.length === 1 ? `the private address ${addresses[0]}` : 'private addresses'}, and no path says which public one stands for it.`,
      snippet: mapSnippet(path?.name ?? input.cluster, addresses.length > 0 ? addresses : ['PRIVATE-ADDRESS']),
    },
  ]
}

function weakJoinSteps(input: UpgradeInput): UpgradeStep[] {
  const path = pathOf(input)
  const finalHop = path?.finalHop ?? HOP
  const silent = path ? silentHops(path, input).filter((hop) => hop !== finalHop) : []
  return [
    { text: 'A record exists, but several connections could be meant. Records with ports tie to one.' },
    ...(hasSeen(input, 'aws-vpc-flow')
      ? [
          {
            text: 'This flow log lacks the source port: make it anew with this format.',
            snippet: awsVpcSnippet({ ...targetOf(input), hop: finalHop }),
          },
        ]
      : []),
    ...silent.map((hop) => hopStep(input, hop)),
    ...(hasSeen(input, 'cloudtrail', 'provider-audit') ? [principalStep(input)] : []),
    ...(silent.length === 0
      ? [
          {
            text: `conntrack of hop ${finalHop} has both ports of every connection.`,
            snippet: conntrackSnippet({ ...targetOf(input), hop: finalHop }, { hasToken: true }),
          },
          {
            text: 'Where nobody can hold a pipe open on that machine.',
            snippet: ulogdSnippet({ ...targetOf(input), hop: finalHop }),
          },
        ]
      : []),
    ...(hasSource(input, 'kubernetes')
      ? []
      : [
          {
            text: 'Without ports a record can still prove where the pod’s address was its own: the inventory knows.',
            snippet: kubernetesSnippet(targetOf(input)),
          },
        ]),
    { text: 'Keep the clocks of nodes and gateways within 5 s of each other.' },
  ]
}

const hasSource = ({ coverage, cluster }: UpgradeInput, source: SourceCoverage['source']): boolean =>
  coverage.some((one) => one.source === source && one.cluster === cluster)

/** Names of hosts: by CoreDNS everywhere; by the CNI's own DNS proxy where Hubble speaks. */
function nameSteps(input: UpgradeInput): UpgradeStep[] {
  return [
    {
      text: 'The host is not known for certain: an address alone names nobody, and names that disagree prove nothing.',
    },
    ...(hasSource(input, 'hubble') || !hasSource(input, 'calico')
      ? [{ text: 'With Cilium, let the DNS proxy tell names.', snippet: hubbleDnsSnippet(input.workload.namespace) }]
      : []),
    {
      text: 'Or send what pods ask CoreDNS; answers in the DNS logs of Calico Enterprise say more.',
      snippet: corednsSnippet(targetOf(input)),
    },
    {
      text: 'For an endpoint of your own, or a host that serves more than AI, list it under `hosts` of an egress rule.',
    },
  ]
}

function allowListWords(providerId: string): string {
  const how = providerById(providerId)?.allowList?.how
  return how ? ` (${how})` : ''
}
