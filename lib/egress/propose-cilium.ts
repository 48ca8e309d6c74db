import type { EgressProposal } from '@/lib/model/egress-proposal'
import type { RuleInput } from '@/lib/model/egress-schema'
import { ciliumKey } from '@/lib/policy/isolating-policies'
import { textEntries } from '@/lib/policy/workload-subject'
import { cidrContains, isPublicAddress, parseCidr } from './address'
import { type Fields, fieldsOf, type InForceObject, isFields, listOf, textsOf } from './read-fields'
import { nameFew, type Sighting, uncoveredWarning } from './sighting'

const MOST_RULES = 20

/** A point and a rule per selector of each CiliumEgressGatewayPolicy, with what the two cannot say, and what the policy leaves out. */
export const proposeFromCilium = (
  objects: readonly InForceObject[],
  sightings: readonly Sighting[],
): EgressProposal[] =>
  objects.filter(({ kind }) => kind === 'CiliumEgressGatewayPolicy').map((policy) => proposalOf(policy, sightings))

function proposalOf({ cluster, name, body }: InForceObject, sightings: readonly Sighting[]): EgressProposal {
  const spec = fieldsOf(body.spec)
  const gateways = [spec.egressGateway, ...listOf(spec.egressGateways)].filter(isFields)
  const addresses = [...new Set(gateways.flatMap(({ egressIP }) => (typeof egressIP === 'string' ? [egressIP] : [])))]
  const [inside, outside] = [addresses.filter((ip) => !isPublicAddress(ip)), addresses.filter(isPublicAddress)]
  const nodeSelector = textEntries(fieldsOf(fieldsOf(gateways[0]).nodeSelector).matchLabels)
  const selectors = listOf(spec.selectors).filter(isFields)
  const read = selectors.slice(0, MOST_RULES).map(readSelector)
  return {
    id: `cilium/${cluster}/${name}`,
    source: 'cilium',
    cluster,
    title: `Egress gateway policy ${name}`,
    evidence: [
      `CiliumEgressGatewayPolicy ${name} of cluster ${cluster} sends ${textsOf(spec.destinationCIDRs).join(', ') || 'nothing'} by ${addresses.join(', ') || 'the address of its gateway’s interface'}.`,
      'It says what should happen; what was observed outranks it.',
    ],
    warnings: [
      ...addressWarnings(gateways, inside, outside),
      ...read.flatMap(({ warnings }) => warnings),
      ...destinationWarnings(spec, sightings, cluster),
      ...uncoveredWarning(sightings, cluster),
    ],
    point: {
      name,
      kind: 'egress-gateway',
      publicCidrs: outside,
      ...(inside.length > 0 && { privateCidrs: inside }),
      ...(Object.keys(nodeSelector).length > 0 && { gateway: { nodeSelector } }),
      clusters: [cluster],
    },
    rules: read.map(({ workloads }, at) => ({
      name: at === 0 ? name : `${name}-${at + 1}`,
      clusters: [cluster],
      workloads,
      providers: ['*'],
      egressPoints: [name],
    })),
  }
}

function addressWarnings(gateways: readonly Fields[], inside: readonly string[], outside: readonly string[]): string[] {
  const isUntold = gateways.some(({ egressIP }) => typeof egressIP !== 'string')
  return [
    ...(isUntold
      ? ['A gateway has no egressIP, so its address is that of an interface of its node: fill in the public one.']
      : []),
    ...(inside.length > 0
      ? [
          `${inside.join(', ')} is private, so another NAT follows: fill in the public address behind it. It proves something only where that is one address.`,
        ]
      : []),
    ...(outside.length > 1 ? ['It has several addresses, of which Cilium chooses one for each pod.'] : []),
  ]
}

/** Providers' addresses that were reached and that the policy excepts, or does not hold. */
function destinationWarnings(spec: Fields, sightings: readonly Sighting[], cluster: string): string[] {
  const reached = sightings.filter((one) => one.cluster === cluster && one.serverIp !== undefined)
  const excepted = reached.filter(({ serverIp }) => isWithin(textsOf(spec.excludedCIDRs), serverIp))
  const beyond = reached.filter(({ serverIp }) => !isWithin(textsOf(spec.destinationCIDRs), serverIp))
  const words = (list: readonly Sighting[]) => nameFew(list.map(({ serverIp, host }) => `${serverIp} (${host})`))
  return [
    ...(excepted.length > 0
      ? [`excludedCIDRs hold addresses of providers that were reached: ${words(excepted)}. These do not leave by it.`]
      : []),
    ...(beyond.length > 0
      ? [`destinationCIDRs do not hold addresses of providers that were reached: ${words(beyond)}.`]
      : []),
  ]
}

const isWithin = (networks: readonly string[], ip: string | undefined): boolean =>
  ip !== undefined &&
  networks.some((text) => {
    const read = parseCidr(text)
    return 'cidr' in read && cidrContains(read.cidr, ip)
  })

const NAMESPACE_LABEL = 'io.cilium.k8s.namespace.labels.'

/** A selector in the words of a rule, and what these cannot say. */
function readSelector(selector: Fields): {
  readonly workloads: NonNullable<RuleInput['workloads']>
  readonly warnings: string[]
} {
  const pods = fieldsOf(selector.podSelector)
  const spaces = fieldsOf(selector.namespaceSelector)
  const namespaces: string[] = []
  const serviceAccounts: string[] = []
  const podLabels: Record<string, string> = {}
  const namespaceLabels: Record<string, string> = {}
  for (const [key, value] of Object.entries(textEntries(pods.matchLabels))) {
    const bare = ciliumKey(key) ?? key
    if (bare === 'io.kubernetes.pod.namespace') namespaces.push(value)
    else if (bare === 'io.cilium.k8s.policy.serviceaccount') serviceAccounts.push(value)
    else if (bare.startsWith(NAMESPACE_LABEL)) namespaceLabels[bare.slice(NAMESPACE_LABEL.length)] = value
    else podLabels[bare] = value
  }
  for (const [key, value] of Object.entries(textEntries(spaces.matchLabels)))
    if (key === 'kubernetes.io/metadata.name') namespaces.push(value)
    else namespaceLabels[key] = value
  const unsaid = [...listOf(pods.matchExpressions), ...listOf(spaces.matchExpressions)].filter(
    (expression) => !takeNames(fieldsOf(expression), namespaces),
  )
  return {
    workloads: { namespaces, podLabels, namespaceLabels, serviceAccounts },
    warnings: [
      ...(unsaid.length > 0
        ? [`A rule has no matchExpressions: the draft selects more than ${nameFew(unsaid.map(expressionWords))}.`]
        : []),
      ...(isFields(selector.nodeSelector) ? ['A rule knows no nodes: the draft selects the pods of all of them.'] : []),
    ],
  }
}

/** `In` of namespaces is a list of names; true where it was taken. */
function takeNames({ key, operator, values }: Fields, namespaces: string[]): boolean {
  const bare = typeof key === 'string' ? (ciliumKey(key) ?? key) : ''
  const isName = bare === 'io.kubernetes.pod.namespace' || bare === 'kubernetes.io/metadata.name'
  if (!isName || operator !== 'In' || namespaces.length > 0) return false
  namespaces.push(...textsOf(values))
  return true
}

function expressionWords(expression: unknown): string {
  const { key, operator, values } = fieldsOf(expression)
  return `${String(key)} ${String(operator)} ${textsOf(values).join(', ')}`.trim().slice(0, 120)
}
