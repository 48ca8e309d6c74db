import type { EgressRule } from '@/lib/model/egress'
import type { Catalogue } from './catalogue/catalogue'
import type { IssueList } from './config-issue'
import { compareSpecificity } from './select-rule'

/** What of a rule says whom it selects; entries of a file and rules in force both have it. */
export type Competitor = Pick<EgressRule, 'name' | 'priority' | 'clusters' | 'workloads' | 'providers' | 'hosts'>

/** Warns of pairs that no order decides: equal priority, equally specific, and some workload and provider in both. */
export function checkOverlaps(rules: readonly Competitor[], list: IssueList, catalogue: Catalogue): void {
  rules.forEach((rule, index) => {
    const rival = rivalOf(rule, rules.slice(0, index), catalogue)
    if (rival) list.warning(['egressRules', index], overlapWords(rival.name, rule.name))
  })
}

/** The first of other rules that no order decides against this one. */
export const rivalOf = (
  rule: Competitor,
  others: readonly Competitor[],
  catalogue: Catalogue,
): Competitor | undefined =>
  others.find(
    (other) =>
      other.priority === rule.priority && compareSpecificity(other, rule) === 0 && mayMeet(other, rule, catalogue),
  )

export const overlapWords = (rival: string, rule: string): string =>
  `Rules "${rival}" and "${rule}" have equal priority and may select the same connection: it would be judged "rule ambiguous".`

function mayMeet(left: Competitor, right: Competitor, catalogue: Catalogue): boolean {
  const lists = [
    [left.clusters, right.clusters],
    [left.workloads.namespaces, right.workloads.namespaces],
    [left.workloads.names, right.workloads.names],
    [left.workloads.serviceAccounts, right.workloads.serviceAccounts],
  ] as const
  const canMeet = lists.every(([a, b]) => a.length === 0 || b.length === 0 || a.some((value) => b.includes(value)))
  return canMeet && agree(left.workloads.podLabels, right.workloads.podLabels) && shareTarget(left, right, catalogue)
}

const agree = (left: Readonly<Record<string, string>>, right: Readonly<Record<string, string>>): boolean =>
  Object.entries(left).every(([key, value]) => !Object.hasOwn(right, key) || right[key] === value)

function shareTarget(left: Competitor, right: Competitor, catalogue: Catalogue): boolean {
  const ids = (rule: Competitor) =>
    catalogue.providers.filter(({ id, category }) => {
      return rule.providers.some((word) => word === '*' || word === id || word === `category:${category}`)
    })
  const rightIds = new Set(ids(right))
  return ids(left).some((provider) => rightIds.has(provider)) || left.hosts.some((host) => right.hosts.includes(host))
}
