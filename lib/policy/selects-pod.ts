import type { PolicyKind } from '@/lib/model/policy'
import {
  ciliumKey,
  ciliumLabels,
  type Direction,
  isTypedCalico,
  isTypedKubernetes,
  type PolicySubject,
  selectsByCalico,
} from './isolating-policies'
import { every, type Maybe, some } from './known-labels'
import { matchesLabelSelector } from './label-selector'

type Fields = Readonly<Record<string, unknown>>

/** Kinds of the inventory that are policies about pods, staged ones too. */
export const POLICY_KINDS: readonly PolicyKind[] = [
  'NetworkPolicy',
  'CalicoNetworkPolicy',
  'GlobalNetworkPolicy',
  'StagedNetworkPolicy',
  'StagedGlobalNetworkPolicy',
  'StagedKubernetesNetworkPolicy',
  'CiliumNetworkPolicy',
  'CiliumClusterwideNetworkPolicy',
  'AdminNetworkPolicy',
  'BaselineAdminNetworkPolicy',
  'ClusterNetworkPolicy',
]

/**
 * Whether a policy selects a pod, and in which direction it then has a say; without a direction, in either. By its own text alone:
 * `undefined` where a label, the text or the kind is not known.
 */
export function selectsPod(
  policy: { readonly kind: PolicyKind; readonly namespace: string; readonly body?: Fields },
  subject: PolicySubject,
  direction?: Direction,
): Maybe {
  const { kind, namespace, body } = policy
  if (namespace !== '' && namespace !== subject.namespace) return false
  if (!body) return undefined
  const specs = [body.spec, ...(Array.isArray(body.specs) ? body.specs : [])].filter(isRecord)
  const spec = specs[0] ?? {}
  switch (kind) {
    case 'NetworkPolicy':
    case 'StagedKubernetesNetworkPolicy':
      return (
        (direction === undefined || isTypedKubernetes(spec, direction)) &&
        matchesLabelSelector(spec.podSelector ?? {}, subject.labels)
      )
    case 'CiliumNetworkPolicy':
    case 'CiliumClusterwideNetworkPolicy':
      return some(specs.map((one) => selectsByCilium(one, subject, direction)))
    case 'CalicoNetworkPolicy':
    case 'GlobalNetworkPolicy':
    case 'StagedNetworkPolicy':
    case 'StagedGlobalNetworkPolicy':
      return (direction === undefined || isTypedCalico(spec, direction)) && selectsByCalico(spec, subject)
    case 'AdminNetworkPolicy':
    case 'BaselineAdminNetworkPolicy':
    case 'ClusterNetworkPolicy':
      return (direction === undefined || hasRules(spec, direction)) && selectsByAdmin(spec.subject, subject)
    default:
      return undefined
  }
}

function selectsByCilium(spec: Fields, subject: PolicySubject, direction: Direction | undefined): Maybe {
  // Policies of nodes select no pod.
  if (!isRecord(spec.endpointSelector)) return false
  const told = direction && isRecord(spec.enableDefaultDeny) ? spec.enableDefaultDeny[direction] : undefined
  const isTyped = direction === undefined || told === true || hasRules(spec, direction)
  return isTyped && matchesLabelSelector(spec.endpointSelector, ciliumLabels(subject), ciliumKey)
}

const hasRules = (spec: Fields, direction: Direction): boolean =>
  [spec[direction], spec[`${direction}Deny`]].some((rules) => Array.isArray(rules) && rules.length > 0)

/** `subject` of the policies of policy.networking.k8s.io: namespaces, or pods of namespaces. */
function selectsByAdmin(of: unknown, { labels, namespace, namespaceLabels }: PolicySubject): Maybe {
  if (!isRecord(of)) return undefined
  const ofNamespace = {
    values: { ...namespaceLabels.values, 'kubernetes.io/metadata.name': namespace },
    isComplete: namespaceLabels.isComplete,
  }
  if (isRecord(of.namespaces)) return matchesLabelSelector(of.namespaces, ofNamespace)
  if (!isRecord(of.pods)) return undefined
  return every([
    matchesLabelSelector(of.pods.namespaceSelector ?? {}, ofNamespace),
    matchesLabelSelector(of.pods.podSelector ?? {}, labels),
  ])
}

const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
