import type { EgressProposal } from '@/lib/model/egress-proposal'
import type { RuleInput } from '@/lib/model/egress-schema'
import { matchesCalicoSelector } from '@/lib/policy/calico-selector'
import { type KnownLabels, NO_LABELS_KNOWN } from '@/lib/policy/known-labels'
import { textEntries } from '@/lib/policy/workload-subject'
import { isPublicAddress, isPublicCidr, parseCidr } from './address'
import { type Fields, fieldsOf, type InForceObject, isFields, listOf, textsOf } from './read-fields'
import { nameFew, type Sighting, uncoveredWarning } from './sighting'

const SELECTOR = 'egress.projectcalico.org/selector'
const POLICY = 'egress.projectcalico.org/egressGatewayPolicy'
const MOST_RULES = 20

/** A point of each EgressGateway of Calico, and rules for those whose annotations send them there. */
export const proposeFromCalico = (
  objects: readonly InForceObject[],
  sightings: readonly Sighting[],
): EgressProposal[] =>
  objects.filter(({ kind }) => kind === 'EgressGateway').map((gateway) => proposalOf(gateway, objects, sightings))

function proposalOf(
  gateway: InForceObject,
  all: readonly InForceObject[],
  sightings: readonly Sighting[],
): EgressProposal {
  const { cluster, namespace, name, body } = gateway
  const objects = all.filter((object) => object.cluster === cluster)
  const spec = fieldsOf(body.spec)
  const pools = poolsOf(spec, objects)
  const elastic = textsOf(fieldsOf(spec.aws).elasticIPs).filter(isPublicAddress)
  const renamed = pools.filter(({ isNatedAgain }) => isNatedAgain)
  // Behind a pool that is NATed on the way out nobody sees the gateway's own address.
  const seen = pools.filter(({ isNatedAgain }) => !isNatedAgain).flatMap(({ cidr }) => (cidr ? [cidr] : []))
  const outside = [...elastic, ...seen.filter(isPublic)]
  const inside = seen.filter((cidr) => !isPublic(cidr))
  // The operator names the pods like the gateway.
  const labels = objects.find((one) => one.kind === 'Workload' && one.namespace === namespace && one.name === name)
    ?.body.labels
  const { rules, warnings } = rulesOf(gateway, objects, labels ? known(labels) : NO_LABELS_KNOWN)
  return {
    id: `calico/${cluster}/${namespace}/${name}`,
    source: 'calico',
    cluster,
    title: `Egress gateway ${namespace}/${name}`,
    evidence: [
      `EgressGateway ${namespace}/${name} of cluster ${cluster} has its addresses from ${pools.map((pool) => (pool.cidr ? `${pool.name} (${pool.cidr})` : pool.name)).join(', ') || 'no pool that is known'}${elastic.length > 0 ? `, and the elastic addresses ${elastic.join(', ')}` : ''}.`,
      'It says what should happen; what was observed outranks it.',
    ],
    warnings: [
      ...renamed.map(
        (pool) =>
          `IPPool ${pool.name} has natOutgoing: true, which replaces the gateway’s address by that of its node. Set it to false, or fill in the addresses of the nodes.`,
      ),
      ...(outside.length === 0
        ? ['No public address of it is known: another NAT follows. Fill in the address behind it.']
        : []),
      ...warnings,
      ...uncoveredWarning(sightings, cluster),
    ],
    point: {
      name,
      kind: 'egress-gateway',
      publicCidrs: outside,
      ...(inside.length > 0 && { privateCidrs: inside }),
      gateway: { namespace, ...(labels !== undefined && { podLabels: textEntries(labels) }) },
      clusters: [cluster],
    },
    rules,
  }
}

const known = (labels: unknown): KnownLabels => ({ values: textEntries(labels), isComplete: true })
const isPublic = (text: string): boolean => {
  const read = parseCidr(text)
  return 'cidr' in read && isPublicCidr(read.cidr)
}

function poolsOf(spec: Fields, objects: readonly InForceObject[]) {
  const pools = objects
    .filter(({ kind }) => kind === 'IPPool')
    .map(({ name, body }) => ({ name, spec: fieldsOf(body.spec) }))
  return listOf(spec.ipPools)
    .filter(isFields)
    .map((used) => {
      const pool = pools.find(
        (one) => one.name === used.name || (used.cidr !== undefined && one.spec.cidr === used.cidr),
      )
      const cidr = pool?.spec.cidr ?? used.cidr
      return {
        name: pool?.name ?? (typeof used.name === 'string' ? used.name : 'a network'),
        cidr: typeof cidr === 'string' ? cidr : undefined,
        isNatedAgain: pool?.spec.natOutgoing === true,
      }
    })
}

/** Rules for namespaces and workloads whose annotations choose the gateway, or may. */
function rulesOf(
  { cluster, name }: InForceObject,
  objects: readonly InForceObject[],
  labels: KnownLabels,
): { readonly rules: RuleInput[]; readonly warnings: string[] } {
  const clients = objects.flatMap((object) => {
    const selector = selectorOf(object, objects)
    const isChosen = selector === undefined ? false : matchesCalicoSelector(selector, labels)
    return isChosen === false ? [] : [{ object, isSure: isChosen === true }]
  })
  const rule = (suffix: string, workloads: NonNullable<RuleInput['workloads']>): RuleInput => ({
    name: `${name}${suffix}`,
    clusters: [cluster],
    workloads,
    providers: ['*'],
    egressPoints: [name],
  })
  const namespaces = clients.flatMap(({ object }) => (object.kind === 'Namespace' ? [object.name] : []))
  const workloads = clients.flatMap(({ object }) =>
    object.kind === 'Workload' && !namespaces.includes(object.namespace) ? [object] : [],
  )
  const byNamespace = new Map<string, string[]>()
  for (const one of workloads) byNamespace.set(one.namespace, [...(byNamespace.get(one.namespace) ?? []), one.name])
  const unsure = clients.filter(({ isSure }) => !isSure).map(({ object }) => `${object.namespace}/${object.name}`)
  return {
    rules: [
      ...(namespaces.length > 0 ? [rule('', { namespaces })] : []),
      ...[...byNamespace].map(([namespace, names]) => rule(`-${namespace}`, { namespaces: [namespace], names })),
    ].slice(0, MOST_RULES),
    warnings: [
      ...(unsure.length > 0
        ? [`Their selector may mean this gateway or another one, since its labels are not known: ${nameFew(unsure)}.`]
        : []),
      ...(clients.length === 0 ? ['No namespace or workload is annotated to use it.'] : []),
    ],
  }
}

/** Which gateways an object's annotations choose; undefined where they choose none. */
function selectorOf({ kind, body }: InForceObject, objects: readonly InForceObject[]): string | undefined {
  const from = kind === 'Namespace' ? fieldsOf(body.metadata).annotations : kind === 'Workload' ? body.annotations : {}
  const annotations = textEntries(from)
  const policyName = annotations[POLICY]
  if (policyName === undefined) return annotations[SELECTOR]
  const policy = objects.find((one) => one.kind === 'EgressGatewayPolicy' && one.name === policyName)
  const gateways = listOf(fieldsOf(policy?.body.spec).rules).flatMap((rule) => {
    const { selector } = fieldsOf(fieldsOf(rule).gateway)
    return typeof selector === 'string' ? [selector] : []
  })
  return gateways.length > 0 ? gateways.map((selector) => `(${selector})`).join(' || ') : undefined
}
