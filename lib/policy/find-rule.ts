import type { PolicyAction, PolicyKind } from '@/lib/model/policy'
import type { Direction } from './isolating-policies'

/** Where something stands in a policy's own text: keys and indexes from its root. */
export type TextPath = readonly (string | number)[]

/** What a source told of the rule that decided. */
export interface ToldRule {
  readonly direction: Direction
  readonly action: PolicyAction
  /** 0-based, as the source counts; undefined = it did not tell. */
  readonly index?: number
}

export interface FoundRule {
  readonly path: TextPath
  /** The source told no index: it is the only rule that there is. */
  readonly isOnly: boolean
}

type Fields = Readonly<Record<string, unknown>>

/**
 * Where the rule stands that decided; undefined where that is not certain. Three ways of counting: Calico's own policies by their list
 * of the direction; Kubernetes' by the rules that Calico makes of them, one per protocol and peer, protocols and then peers in turn
 * (projectcalico/calico libcalico-go conversion.go, k8sRuleToCalico); Cilium's over `spec` and `specs`, denials in lists of their own.
 */
export function findRule(kind: PolicyKind, body: Fields, told: ToldRule): FoundRule | undefined {
  const rules = rulesOf(kind, body, told)
  if (told.index === undefined) {
    const [only] = rules
    return only && rules.length === 1 ? { path: only.path, isOnly: true } : undefined
  }
  let passed = 0
  for (const { path, counts } of rules) {
    passed += counts
    if (told.index < passed) return { path, isOnly: false }
  }
  return undefined
}

/** Where a policy says which pods it is about; [] where it says nothing. */
export function findSelectors(kind: PolicyKind, body: Fields): readonly TextPath[] {
  const keys = isCilium(kind)
    ? ['endpointSelector', 'nodeSelector']
    : isKubernetes(kind)
      ? ['podSelector']
      : ['selector', 'namespaceSelector', 'serviceAccountSelector', 'subject']
  return specsOf(kind, body).flatMap(({ at, spec }) =>
    keys.filter((key) => spec[key] !== undefined).map((key) => [...at, key]),
  )
}

interface Counted {
  readonly path: TextPath
  /** How many rules the source counts for it. */
  readonly counts: number
}

function rulesOf(kind: PolicyKind, body: Fields, { direction, action }: ToldRule): readonly Counted[] {
  const key = isCilium(kind) && action === 'deny' ? `${direction}Deny` : direction
  return specsOf(kind, body).flatMap(({ at, spec }) =>
    listOf(spec[key]).map((rule, index) => ({
      path: [...at, key, index],
      counts: isKubernetes(kind) ? madeOf(isRecord(rule) ? rule : {}, direction) : 1,
    })),
  )
}

/** Ports without a protocol are TCP's; a rule without ports is of no protocol, one without peers of none. */
function madeOf(rule: Fields, direction: Direction): number {
  const protocols = new Set(
    listOf(rule.ports).map((port) => (isRecord(port) && typeof port.protocol === 'string' ? port.protocol : 'TCP')),
  )
  const peers = listOf(rule[direction === 'ingress' ? 'from' : 'to'])
  return Math.max(1, protocols.size) * Math.max(1, peers.length)
}

function specsOf(kind: PolicyKind, body: Fields): readonly { readonly at: TextPath; readonly spec: Fields }[] {
  const own = isRecord(body.spec) ? [{ at: ['spec'], spec: body.spec }] : []
  if (!isCilium(kind)) return own
  const others = listOf(body.specs).flatMap((spec, index) => (isRecord(spec) ? [{ at: ['specs', index], spec }] : []))
  return [...own, ...others]
}

const isCilium = (kind: PolicyKind): boolean =>
  kind === 'CiliumNetworkPolicy' || kind === 'CiliumClusterwideNetworkPolicy'
const isKubernetes = (kind: PolicyKind): boolean => kind === 'NetworkPolicy' || kind === 'StagedKubernetesNetworkPolicy'
const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
