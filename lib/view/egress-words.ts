import type { JoinLevel } from '@/lib/model/egress'
import type { EgressEntry, EgressInputs, EgressKind } from '@/lib/model/egress-entry'
import type { POINT_KINDS } from '@/lib/model/egress-schema'

/** Whose records may decide, from the most to the least (evidence tiers C, B and A). */
export const PROOFS = ['C', 'B', 'A'] as const
export const PROOF_WORD: Readonly<Record<(typeof PROOFS)[number], string>> = {
  C: 'node, gateway or provider',
  B: 'gateway or provider',
  A: 'the provider’s own log',
}

/** How surely a record of a way out is of the connection (`JoinLevel`). */
export const JOIN_WORD: Readonly<Record<JoinLevel, string>> = {
  J3: 'by its whole tuple and time',
  J2: 'by source, destination and time',
  J1: 'only by sums of many',
  J0: 'by nothing but configuration',
}

export const POINT_KIND_WORDS: Readonly<Record<(typeof POINT_KINDS)[number], string>> = {
  'nat-gateway': 'NAT gateway',
  'egress-gateway': 'Egress gateway',
  node: 'Masquerade behind the node’s address',
  direct: 'Direct: nothing translates',
  'private-link': 'Private link',
}

/** What entries of a kind are called: one of them, and their list. */
export const KIND_WORDS: Readonly<Record<EgressKind, { readonly one: string; readonly many: string }>> = {
  point: { one: 'egress point', many: 'Egress points' },
  path: { one: 'path', many: 'Paths' },
  rule: { one: 'rule', many: 'Rules' },
  'denied-provider': { one: 'denied provider', many: 'Denied providers' },
}

type Input<Kind extends EgressKind> = EgressInputs[Kind]

/** What an entry says, as one sentence. */
export function entrySentence(entry: EgressEntry): string {
  if (isOf(entry, 'point')) return pointSentence(entry.entry)
  if (isOf(entry, 'path')) return pathSentence(entry.entry)
  if (isOf(entry, 'rule')) return ruleSentence(entry.entry)
  return 'Traffic that reaches it is a finding.'
}

export const isOf = <Kind extends EgressKind>(entry: EgressEntry, kind: Kind): entry is EgressEntry<Kind> =>
  entry.kind === kind

function pointSentence({
  kind = 'nat-gateway',
  publicCidrs,
  privateCidrs = [],
  clusters = [],
  gateway,
}: Input<'point'>): string {
  const behind = [
    gateway?.namespace && `pods of ${gateway.namespace}`,
    pairs(gateway?.podLabels) && `pods with ${pairs(gateway?.podLabels)}`,
    pairs(gateway?.nodeSelector) && `nodes with ${pairs(gateway?.nodeSelector)}`,
  ].filter(Boolean)
  return [
    `${POINT_KIND_WORDS[kind]}: ${publicCidrs.map(bare).join(', ')}`,
    privateCidrs.length > 0 && `inside ${privateCidrs.map(bare).join(', ')}`,
    clusters.length > 0 && `for ${clusters.join(', ')}`,
    behind.length > 0 && `by ${behind.join(', ')}`,
  ]
    .filter(Boolean)
    .join('; ')
}

function pathSentence({ hops, final, clusters = [], map = {} }: Input<'path'>): string {
  const mapped = Object.keys(map).length
  return [
    `${hops.join(' → ')}, of which ${final} is the last`,
    clusters.length > 0 && `for ${clusters.join(', ')}`,
    mapped > 0 && `${mapped} mapped address${mapped === 1 ? '' : 'es'}`,
  ]
    .filter(Boolean)
    .join('; ')
}

function ruleSentence({
  workloads = {},
  clusters = [],
  providers = [],
  hosts = [],
  egressPoints = [],
  sanctionedSources = [],
}: Input<'rule'>): string {
  const { namespaces = [], names = [], serviceAccounts = [], podLabels, namespaceLabels, aiOnly } = workloads
  const who = [
    names.length > 0 ? names.join(', ') : aiOnly ? 'AI workloads' : 'All workloads',
    namespaces.length > 0 && `of ${namespaces.join(', ')}`,
    serviceAccounts.length > 0 && `as ${serviceAccounts.join(', ')}`,
    pairs(podLabels) && `with ${pairs(podLabels)}`,
    pairs(namespaceLabels) && `in namespaces with ${pairs(namespaceLabels)}`,
    clusters.length > 0 && `in ${clusters.join(', ')}`,
  ]
  const to = [providers.includes('*') ? 'every AI provider' : providers.join(', '), hosts.join(', ')].filter(Boolean)
  const by = [...egressPoints, ...sanctionedSources.map((one) => bare(typeof one === 'string' ? one : one.cidr))]
  return `${who.filter(Boolean).join(' ')} must reach ${to.join(' and ')} by ${by.join(' or ')}.`
}

const pairs = (fields: Readonly<Record<string, string>> | undefined): string =>
  Object.entries(fields ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(', ')

/** The mask of a single address is noise to a reader. */
const bare = (cidr: string): string => cidr.replace(/\/(?:32|128)$/, '')
