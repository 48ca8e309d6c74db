import type { EgressConnection, EgressRule } from '@/lib/model/egress'

/** Prefix under which Cilium adds a namespace's labels to those of its pods. */
const NAMESPACE_LABEL_PREFIX = 'io.cilium.k8s.namespace.labels.'

export type RuleChoice =
  | { readonly kind: 'none' }
  /** `byHost`: the rule names the connection's host itself, so the operator has said what it is. */
  | { readonly kind: 'one'; readonly rule: EgressRule; readonly byHost: boolean }
  | { readonly kind: 'ambiguous'; readonly rules: readonly EgressRule[] }

/**
 * The rule that speaks of a connection: highest priority, then the more specific, else ambiguous (nat-evidence §3.3). How
 * many workloads a rule selects cannot be counted here; more selectors, then shorter lists, stand for "fewer workloads".
 */
export function selectRule(connection: EgressConnection, rules: readonly EgressRule[]): RuleChoice {
  const matching = rules.filter((rule) => selectsWorkload(rule, connection) && selectsTarget(rule, connection))
  const [best, ...rest] = [...matching].sort(compareRules)
  if (!best) return { kind: 'none' }
  const equal = rest.filter((rule) => compareRules(best, rule) === 0)
  if (equal.length > 0) return { kind: 'ambiguous', rules: [best, ...equal].sort(byName) }
  return { kind: 'one', rule: best, byHost: selectsHost(best, connection) }
}

const compareRules = (left: EgressRule, right: EgressRule): number =>
  right.priority - left.priority || compareSpecificity(left, right)
const byName = (left: EgressRule, right: EgressRule): number => (left.name < right.name ? -1 : 1)

type Selectors = Pick<EgressRule, 'clusters'> & { readonly workloads: EgressRule['workloads'] }

/** Negative where `left` is the more specific. Number of selectors first, then the total length of their lists. */
export function compareSpecificity(left: Selectors, right: Selectors): number {
  const a = specificity(left)
  const b = specificity(right)
  return b.selectors - a.selectors || a.values - b.values
}

function specificity({ clusters, workloads }: Selectors): { readonly selectors: number; readonly values: number } {
  const lists = [clusters, workloads.namespaces, workloads.names, workloads.serviceAccounts]
  const labels = Object.keys(workloads.podLabels).length + Object.keys(workloads.namespaceLabels ?? {}).length
  return {
    selectors: lists.filter((list) => list.length > 0).length + labels + Number(workloads.aiOnly),
    values: lists.reduce((sum, list) => sum + list.length, 0),
  }
}

function selectsWorkload({ clusters, workloads: want }: EgressRule, { cluster, workload }: EgressConnection): boolean {
  return (
    isIn(cluster, clusters) &&
    isIn(workload.namespace, want.namespaces) &&
    isIn(workload.name, want.names) &&
    (want.serviceAccounts.length === 0 || isIn(workload.serviceAccount ?? '', want.serviceAccounts)) &&
    hasLabels(workload.labels, want.podLabels, '') &&
    hasLabels(workload.labels, want.namespaceLabels ?? {}, NAMESPACE_LABEL_PREFIX) &&
    (!want.aiOnly || workload.isAi)
  )
}

const isIn = (value: string, list: readonly string[]): boolean => list.length === 0 || list.includes(value)

const hasLabels = (
  has: Readonly<Record<string, string>>,
  want: Readonly<Record<string, string>>,
  prefix: string,
): boolean =>
  Object.entries(want).every(([key, value]) => Object.hasOwn(has, prefix + key) && has[prefix + key] === value)

function selectsTarget(rule: EgressRule, connection: EgressConnection): boolean {
  return selectsProvider(rule, connection) || selectsHost(rule, connection)
}

function selectsProvider({ providers }: EgressRule, { provider }: EgressConnection): boolean {
  return (
    provider !== undefined &&
    providers.some((word) => word === '*' || word === provider.providerId || word === `category:${provider.category}`)
  )
}

function selectsHost({ hosts }: EgressRule, { serverHost }: EgressConnection): boolean {
  const host = serverHost?.toLowerCase().replace(/\.$/, '')
  if (host === undefined || host === '') return false
  return hosts.some((pattern) =>
    pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) && host.length >= pattern.length : host === pattern,
  )
}
