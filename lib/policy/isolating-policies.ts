import type { PolicyKind, PolicyRef } from '@/lib/model/policy'
import { matchesCalicoSelector } from './calico-selector'
import { every, type KnownLabels, type Maybe } from './known-labels'
import { matchesLabelSelector } from './label-selector'

export type Direction = 'ingress' | 'egress'

/** A policy of the inventory: its identity and its own text. */
export interface PolicyText extends PolicyRef {
  readonly body?: Readonly<Record<string, unknown>>
}

/** A pod, as far as policies select by it. */
export interface PolicySubject {
  readonly namespace: string
  readonly labels: KnownLabels
  readonly namespaceLabels: KnownLabels
  /** Absent = not known. */
  readonly serviceAccount?: string
}

export interface Isolation {
  /** Policies that isolate the pod in this direction: what none of their rules allows is denied. */
  readonly isolating: readonly PolicyRef[]
  /** Policies of which that is not known: a label, or the policy's text, is missing. */
  readonly undecided: readonly PolicyRef[]
}

/** Kinds that can deny by default. Staged ones enforce nothing; admin policies only do what their rules say. */
export const ISOLATING_KINDS: readonly PolicyKind[] = [
  'NetworkPolicy',
  'CiliumNetworkPolicy',
  'CiliumClusterwideNetworkPolicy',
  'CalicoNetworkPolicy',
  'GlobalNetworkPolicy',
]

type Fields = Readonly<Record<string, unknown>>

/**
 * Which policies isolate a pod in a direction, computed from their selectors and types, in the order of `policies`. `passingTiers` are tiers of
 * Calico whose default action is Pass: they deny nothing by themselves.
 */
export function isolatingPolicies(
  policies: readonly PolicyText[],
  subject: PolicySubject,
  direction: Direction,
  passingTiers: ReadonlySet<string> = new Set(),
): Isolation {
  const isolating: PolicyRef[] = []
  const undecided: PolicyRef[] = []
  for (const { body, ...ref } of policies) {
    if (!ISOLATING_KINDS.includes(ref.kind) || (ref.namespace !== '' && ref.namespace !== subject.namespace)) continue
    const isolates = body ? isolatesBy(ref, body, subject, direction, passingTiers) : undefined
    if (isolates === true) isolating.push(ref)
    else if (isolates === undefined) undecided.push(ref)
  }
  return { isolating, undecided }
}

function isolatesBy(
  { kind, tier }: PolicyRef,
  body: Fields,
  subject: PolicySubject,
  direction: Direction,
  passingTiers: ReadonlySet<string>,
): Maybe {
  const specs = [body.spec, ...listOf(body.specs)].filter(isRecord)
  switch (kind) {
    case 'NetworkPolicy':
      return isolatesKubernetes(specs[0] ?? {}, subject, direction)
    case 'CiliumNetworkPolicy':
    case 'CiliumClusterwideNetworkPolicy':
      return specs
        .map((spec) => isolatesCilium(spec, subject, direction))
        .reduce<Maybe>((all, one) => (all === true || one === true ? true : all === undefined ? undefined : one), false)
    default:
      return passingTiers.has(tier) ? false : isolatesCalico(specs[0] ?? {}, subject, direction)
  }
}

/** Without types: always ingress, egress where there are egress rules. */
function isolatesKubernetes(spec: Fields, { labels }: PolicySubject, direction: Direction): Maybe {
  return isTypedKubernetes(spec, direction) && matchesLabelSelector(spec.podSelector ?? {}, labels)
}

/** Whether a policy of Kubernetes is about a direction at all. */
export function isTypedKubernetes(spec: Fields, direction: Direction): boolean {
  const types = textsOf(spec.policyTypes).map((type) => type.toLowerCase())
  if (types.length > 0) return types.includes(direction)
  return direction === 'ingress' || listOf(spec.egress).length > 0
}

/** By `enableDefaultDeny`, else where the direction has a rule, be it an empty one. */
function isolatesCilium(spec: Fields, subject: PolicySubject, direction: Direction): Maybe {
  // Policies of nodes select no pod.
  if (!isRecord(spec.endpointSelector)) return false
  const told = isRecord(spec.enableDefaultDeny) ? spec.enableDefaultDeny[direction] : undefined
  const hasRules = listOf(spec[direction]).length + listOf(spec[`${direction}Deny`]).length > 0
  const isDefaultDeny = typeof told === 'boolean' ? told : hasRules
  return isDefaultDeny && matchesLabelSelector(spec.endpointSelector, ciliumLabels(subject), ciliumKey)
}

const NAMESPACE_PREFIX = 'io.cilium.k8s.namespace.labels.'

/** Labels of an endpoint as Cilium derives them from pod, namespace and account. */
export function ciliumLabels({ namespace, labels, namespaceLabels, serviceAccount }: PolicySubject): KnownLabels {
  return {
    values: {
      ...Object.fromEntries(
        Object.entries(namespaceLabels.values).map(([key, value]) => [NAMESPACE_PREFIX + key, value]),
      ),
      ...labels.values,
      'io.kubernetes.pod.namespace': namespace,
      ...(serviceAccount !== undefined && { 'io.cilium.k8s.policy.serviceaccount': serviceAccount }),
    },
    isComplete: labels.isComplete && namespaceLabels.isComplete && serviceAccount !== undefined,
  }
}

/** `k8s:app`, `any:app`, `app` → `app`; keys of other sources belong to no pod of ours. The cluster's name is not known. */
export function ciliumKey(key: string): string | undefined {
  const bare = key.replace(/^(k8s|any)[:.](?=.)/, '')
  return bare.includes(':') || bare === 'io.cilium.k8s.policy.cluster' ? undefined : bare
}

/** Without types: ingress, unless there are egress rules only; egress where there are egress rules. */
function isolatesCalico(spec: Fields, subject: PolicySubject, direction: Direction): Maybe {
  // Not for pods: before NAT, or without connection tracking.
  if (spec.preDNAT === true || spec.doNotTrack === true) return false
  return isTypedCalico(spec, direction) && selectsByCalico(spec, subject)
}

/** Whether a policy of Calico is about a direction at all. */
export function isTypedCalico(spec: Fields, direction: Direction): boolean {
  const types = textsOf(spec.types).map((type) => type.toLowerCase())
  const hasEgress = listOf(spec.egress).length > 0
  const hasIngress = listOf(spec.ingress).length > 0
  if (types.length > 0) return types.includes(direction)
  return direction === 'egress' ? hasEgress : hasIngress || !hasEgress
}

/** Whether the selectors of a Calico policy select a pod. */
export function selectsByCalico(spec: Fields, subject: PolicySubject): Maybe {
  return every([
    matchesCalicoSelector(textOf(spec.selector), calicoLabels(subject)),
    matchesCalicoSelector(textOf(spec.namespaceSelector), withName(subject.namespaceLabels, subject.namespace)),
    // The account's own labels are not part of the inventory.
    matchesCalicoSelector(
      textOf(spec.serviceAccountSelector),
      withName({ values: {}, isComplete: false }, subject.serviceAccount),
    ),
  ])
}

/** Labels of a workload endpoint as Calico derives them; those of its namespace and account are inherited under prefixes. */
function calicoLabels({ namespace, labels, namespaceLabels, serviceAccount }: PolicySubject): KnownLabels {
  return {
    values: {
      ...Object.fromEntries(Object.entries(namespaceLabels.values).map(([key, value]) => [`pcns.${key}`, value])),
      ...labels.values,
      'pcns.projectcalico.org/name': namespace,
      'projectcalico.org/namespace': namespace,
      'projectcalico.org/orchestrator': 'k8s',
      ...(serviceAccount !== undefined && {
        'projectcalico.org/serviceaccount': serviceAccount,
        'pcsa.projectcalico.org/name': serviceAccount,
      }),
    },
    isComplete: labels.isComplete && namespaceLabels.isComplete && serviceAccount !== undefined,
  }
}

const withName = ({ values, isComplete }: KnownLabels, name: string | undefined): KnownLabels => ({
  values: { ...values, ...(name !== undefined && { 'projectcalico.org/name': name }) },
  isComplete,
})

const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const textsOf = (value: unknown): string[] => listOf(value).filter((item): item is string => typeof item === 'string')
