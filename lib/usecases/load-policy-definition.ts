import 'server-only'
import { Document, isNode } from 'yaml'
import { AppError } from '@/lib/errors'
import type { PolicyDefinition } from '@/lib/model/inventory'
import type { PolicyRef } from '@/lib/model/policy'
import type { UnixMillis } from '@/lib/model/units'
import { loadInventoryVersion } from '@/lib/store/load-inventory'

export interface DefinitionQuery extends PolicyRef {
  readonly cluster: string
  readonly atMs: UnixMillis
  /** Where a rule decided: its direction and 0-based index, marked in the text. */
  readonly rule?: { readonly direction: 'ingress' | 'egress'; readonly index: number }
}

/**
 * The YAML of a policy as it was in force at a time. Errors: `not_found` where the inventory does not have it; `unavailable`.
 */
export async function loadPolicyDefinition(query: DefinitionQuery): Promise<PolicyDefinition> {
  const { kind, namespace, tier, name } = query
  const version = await loadInventoryVersion(query.cluster, { kind, namespace, tier, name }, query.atMs)
  if (!version)
    throw new AppError('not_found', 'the inventory has no text of this policy for that time', {
      hint: 'It needs a Kubernetes inventory of the cluster (docs/kubernetes.md).',
    })
  const { body, validFromMs, validToMs, isExact } = version
  return {
    isExact,
    validFromMs,
    ...(validToMs !== undefined && { validToMs }),
    ...(body ? { yaml: yamlOf(body, query.rule) } : { missing: 'It is too large to be kept.' }),
  }
}

function yamlOf(body: object, rule: DefinitionQuery['rule']): string {
  const document = new Document(inReadingOrder(body))
  const node = rule && document.getIn(['spec', rule.direction, rule.index], true)
  if (isNode(node)) node.commentBefore = ' the rule that decided'
  return document.toString({ lineWidth: 0 })
}

/** As people write policies; the database keeps no order of keys. */
const READING_ORDER = [
  ['apiVersion', 'kind', 'metadata', 'spec', 'specs'],
  ['name', 'namespace', 'tier', 'order', 'selector', 'podSelector', 'endpointSelector', 'types', 'policyTypes'],
  ['action', 'protocol', 'from', 'to', 'source', 'destination', 'ports'],
].flat()
const rankOf = (key: string): number => READING_ORDER.indexOf(key) + 1 || READING_ORDER.length + 1

function inReadingOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inReadingOrder)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => [key, inReadingOrder(item)] as const)
  return new Map(entries.sort(([a], [b]) => rankOf(a) - rankOf(b)))
}
