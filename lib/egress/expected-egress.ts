import type { EgressObservation } from '@/lib/model/egress'
import type { UnixMillis } from '@/lib/model/units'
import { ciliumKey, ciliumLabels, type PolicySubject } from '@/lib/policy/isolating-policies'
import { every, type KnownLabels, type Maybe, some } from '@/lib/policy/known-labels'
import { matchesLabelSelector } from '@/lib/policy/label-selector'
import { cidrContains, parseCidr } from './address'

/** Kinds that say by which way pods should leave. */
export const INTENT_KINDS = ['CiliumEgressGatewayPolicy', 'EgressGateway', 'EgressGatewayPolicy', 'IPPool'] as const

type Fields = Readonly<Record<string, unknown>>

export interface IntentObject {
  readonly kind: string
  readonly name: string
  /** Absent where it is too large to be kept. */
  readonly body?: Fields
}

/** What the inventory says of a workload and its cluster as of the time of a connection. */
export interface EgressIntentFacts {
  readonly subject: PolicySubject
  /** Annotations of pod and namespace that choose Calico's egress gateways; undefined = not known. */
  readonly annotations?: Readonly<Record<string, string>>
  /** Objects of INTENT_KINDS that were in force. */
  readonly objects: readonly IntentObject[]
}

/**
 * By which way the configuration wants a connection to leave: covered by an egress gateway policy, or not. Intent, never proof:
 * tier E (nat-evidence §3.2). undefined where the cluster has no such policies, or where it cannot be decided.
 */
export function expectedEgress(
  facts: EgressIntentFacts,
  serverIp: string | undefined,
  atMs: UnixMillis,
): EgressObservation | undefined {
  const of = (kind: (typeof INTENT_KINDS)[number]) => facts.objects.filter((object) => object.kind === kind)
  const cilium = of('CiliumEgressGatewayPolicy')
  const intent =
    cilium.length > 0
      ? ciliumIntent(cilium, facts.subject, serverIp)
      : of('EgressGateway').length > 0
        ? calicoIntent(of('EgressGateway'), of('EgressGatewayPolicy'), of('IPPool'), facts.annotations, serverIp)
        : undefined
  const gateway = cilium.length > 0 ? 'cilium' : 'calico'
  return intent && { kind: 'cegp-intent', join: 'J0', trustedChannel: true, atMs, gateway, ...intent }
}

type Intent = Pick<EgressObservation, 'covers' | 'ip'> | undefined

/** A pod is covered where a policy selects it and holds the destination, and does not except it. */
function ciliumIntent(policies: readonly IntentObject[], subject: PolicySubject, serverIp: string | undefined): Intent {
  const matches = policies.map(({ body }) => ({
    spec: specOf(body),
    covers: body ? covers(specOf(body), subject, serverIp) : undefined,
  }))
  const isCovered = some(matches.map((match) => match.covers))
  if (isCovered === undefined) return undefined
  if (!isCovered) return { covers: false }
  const addresses = new Set(matches.flatMap(({ spec, covers: own }) => (own ? gatewayAddresses(spec) : [])))
  const [only] = addresses
  return { covers: true, ...(addresses.size === 1 && only && { ip: only }) }
}

function covers(spec: Fields, subject: PolicySubject, serverIp: string | undefined): Maybe {
  const selected = some(
    listOf(spec.selectors)
      .filter(isRecord)
      .map((selector) => selects(selector, subject)),
  )
  if (selected === false) return false
  const inside = inNetworks(textsOf(spec.destinationCIDRs), serverIp)
  const excepted = inNetworks(textsOf(spec.excludedCIDRs), serverIp)
  return every([selected, inside, excepted === undefined ? undefined : !excepted])
}

function selects(selector: Fields, subject: PolicySubject): Maybe {
  const { podSelector, namespaceSelector, nodeSelector } = selector
  return every([
    podSelector === undefined ? true : matchesLabelSelector(podSelector, ciliumLabels(subject), ciliumKey),
    namespaceSelector === undefined ? true : matchesLabelSelector(namespaceSelector, namespaceOf(subject), ciliumKey),
    // Labels of the pod's node are not looked up.
    nodeSelector === undefined || isEmpty(nodeSelector) ? true : undefined,
  ])
}

const namespaceOf = ({ namespace, namespaceLabels }: PolicySubject): KnownLabels => ({
  ...namespaceLabels,
  values: { ...namespaceLabels.values, 'kubernetes.io/metadata.name': namespace },
})

/** One entry that cannot be read may hold the address. */
function inNetworks(networks: readonly string[], ip: string | undefined): Maybe {
  if (networks.length === 0) return false
  if (ip === undefined) return undefined
  return some(
    networks.map((text) => {
      const read = parseCidr(text)
      return 'cidr' in read ? cidrContains(read.cidr, ip) : undefined
    }),
  )
}

const gatewayAddresses = (spec: Fields): string[] =>
  [spec.egressGateway, ...listOf(spec.egressGateways)].flatMap((gateway) =>
    isRecord(gateway) && typeof gateway.egressIP === 'string' ? [gateway.egressIP] : [],
  )

const SELECTOR = 'egress.projectcalico.org/selector'
const POLICY = 'egress.projectcalico.org/egressGatewayPolicy'

/**
 * A pod is covered where it or its namespace names gateways. Where a gateway's own pool is NATed on the way out, its node's address replaces
 * the gateway's: then the configuration promises nothing.
 */
function calicoIntent(
  gateways: readonly IntentObject[],
  policies: readonly IntentObject[],
  pools: readonly IntentObject[],
  annotations: Readonly<Record<string, string>> | undefined,
  serverIp: string | undefined,
): Intent {
  if (!annotations) return undefined
  const isNamed = own(annotations, SELECTOR) !== undefined
  const policyName = own(annotations, POLICY)
  const covered =
    policyName === undefined
      ? isNamed
      : policyIntent(
          policies.find(({ name }) => name === policyName),
          serverIp,
        )
  if (covered === undefined) return undefined
  if (covered && gateways.some((gateway) => isNatedAgain(gateway, pools))) return undefined
  return { covers: covered }
}

/** The rule with the longest prefix that holds the destination says whether a gateway is used. */
function policyIntent(policy: IntentObject | undefined, serverIp: string | undefined): Maybe {
  if (!policy?.body || serverIp === undefined) return undefined
  const rules = listOf(specOf(policy.body).rules).filter(isRecord)
  let longest: { readonly prefix: number; readonly hasGateway: boolean } | undefined
  for (const rule of rules) {
    const text = isRecord(rule.destination) ? rule.destination.cidr : undefined
    const hasGateway = isRecord(rule.gateway)
    // A rule without a destination holds every address.
    const read = typeof text === 'string' ? parseCidr(text) : undefined
    if (read && 'error' in read) return undefined
    const prefix = read ? read.cidr.prefix : 0
    if (read && !cidrContains(read.cidr, serverIp)) continue
    if (!longest || prefix > longest.prefix) longest = { prefix, hasGateway }
  }
  return longest?.hasGateway
}

function isNatedAgain({ body }: IntentObject, pools: readonly IntentObject[]): boolean {
  const used = listOf(specOf(body).ipPools).filter(isRecord)
  return pools.some(({ name, body: pool }) => {
    const { cidr, natOutgoing } = specOf(pool)
    return (
      natOutgoing === true && used.some((one) => one.name === name || (typeof cidr === 'string' && one.cidr === cidr))
    )
  })
}

const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isEmpty = (value: unknown): boolean => isRecord(value) && Object.keys(value).length === 0
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const textsOf = (value: unknown): string[] => listOf(value).filter((item): item is string => typeof item === 'string')
const specOf = (body: Fields | undefined): Fields => (isRecord(body?.spec) ? body.spec : {})
const own = (fields: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(fields, key) ? fields[key] : undefined
