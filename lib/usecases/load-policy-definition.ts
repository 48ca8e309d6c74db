import 'server-only'
import { AppError } from '@/lib/errors'
import type { PolicyDefinition } from '@/lib/model/inventory'
import type { PolicyRef } from '@/lib/model/policy'
import type { UnixMillis } from '@/lib/model/units'
import { findRule, findSelectors, type ToldRule } from '@/lib/policy/find-rule'
import { loadInventoryVersion } from '@/lib/store/load-inventory'
import { type Marked, policyYaml } from './policy-yaml'

export interface DefinitionQuery extends PolicyRef {
  readonly cluster: string
  readonly atMs: UnixMillis
  /** What is marked in the text: the rule that decided, or what selects the pod where none of its rules matched. */
  readonly mark?: ToldRule | 'selector'
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
    ...(body ? policyYaml(body, markedOf(query, body)) : { missing: 'It is too large to be kept.' }),
  }
}

function markedOf({ kind, mark }: DefinitionQuery, body: Readonly<Record<string, unknown>>): readonly Marked[] {
  if (mark === undefined) return []
  if (mark === 'selector') return findSelectors(kind, body).map((path) => ({ what: 'selector', path }))
  const rule = findRule(kind, body, mark)
  return rule ? [{ what: rule.isOnly ? 'only-rule' : 'rule', path: rule.path }] : []
}
