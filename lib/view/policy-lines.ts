import { isStaged } from '@/lib/model/policy'
import type { PolicyLine, PolicyReport } from '@/lib/model/policy-report'
import type { PoliciesOnly, PoliciesView } from './policies-view'
import { kindWord, policyTitle } from './policy-words'

/** What of a report is shown. */
export interface LineFilter extends Pick<PoliciesView, 'only' | 'kind'> {
  readonly namespaces: readonly string[]
  readonly text: string
}

const IS: Readonly<Record<PoliciesOnly, (line: PolicyLine) => boolean>> = {
  never: ({ use }) => use === 'never',
  staged: isStaged,
  denying: ({ counts }) => counts.denied + counts.deniedByDefault > 0,
}

/** Lines that all chosen filters let through. Text is found in names, kinds and tiers, whatever its case. */
export function filterLines(lines: readonly PolicyLine[], filter: LineFilter): PolicyLine[] {
  const text = filter.text.toLowerCase()
  return lines.filter(
    (line) =>
      filter.only.every((one) => IS[one](line)) &&
      (filter.kind === '' || line.kind === filter.kind) &&
      (filter.namespaces.length === 0 || filter.namespaces.includes(line.namespace)) &&
      (text === '' ||
        `${policyTitle(line)} ${line.name} ${line.kind} ${line.tier} ${line.cluster}`.toLowerCase().includes(text)),
  )
}

/** Lines of one tier and kind. */
export interface LineGroup {
  readonly key: string
  readonly title: string
  readonly lines: readonly PolicyLine[]
}

/** Kinds that engines look at before those of other groups without a tier, and what is no policy last. */
const KIND_ORDER = [
  'AdminNetworkPolicy',
  'ClusterNetworkPolicy',
  'CiliumClusterwideNetworkPolicy',
  'CiliumNetworkPolicy',
  'GlobalNetworkPolicy',
  'CalicoNetworkPolicy',
  'NetworkPolicy',
  'StagedGlobalNetworkPolicy',
  'StagedNetworkPolicy',
  'StagedKubernetesNetworkPolicy',
  'BaselineAdminNetworkPolicy',
]
const NO_POLICY = ['EndOfTier', 'Profile', 'Implicit']

function kindRank(kind: string): number {
  const last = NO_POLICY.indexOf(kind)
  if (last >= 0) return 1000 + last
  const known = KIND_ORDER.indexOf(kind)
  return known >= 0 ? known : 500
}

/**
 * Lines in groups by tier, then kind: tiers in the order in which they are looked at where the inventory knows it, else by name, what
 * has no tier after them. Within a group the order of `lines` stays.
 */
export function groupLines(lines: readonly PolicyLine[], tierOrder: PolicyReport['tierOrder']): LineGroup[] {
  const groups = new Map<string, { rank: readonly [number, string, number]; title: string; lines: PolicyLine[] }>()
  for (const line of lines) {
    const key = `${line.tier}\n${line.kind}`
    const place = tierOrder[line.cluster]?.indexOf(line.tier) ?? -1
    const group = groups.get(key) ?? {
      rank: [line.tier === '' ? 10_000 : place >= 0 ? place : 5000, line.tier, kindRank(line.kind)] as const,
      title: `${line.tier ? `Tier ${line.tier} · ` : ''}${kindWord(line.kind)}`,
      lines: [],
    }
    groups.set(key, group)
    group.lines.push(line)
  }
  return [...groups]
    .sort(([, { rank: a }], [, { rank: b }]) => a[0] - b[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0) || a[2] - b[2])
    .map(([key, { title, lines: own }]) => ({ key, title, lines: own }))
}

/** The numbers above the table. */
export function policyTotals(lines: readonly PolicyLine[]) {
  const policies = lines.filter(({ kind }) => !NO_POLICY.includes(kind))
  const count = (is: (line: PolicyLine) => boolean): number => policies.filter(is).length
  return {
    policies: policies.length,
    hit: count(({ use }) => use === 'hit'),
    never: count(({ use }) => use === 'never'),
    unknown: count(({ use }) => use === 'unknown'),
    staged: count(isStaged),
    wouldDeny: count(({ edges }) => edges.wouldDeny > 0),
    denying: count(IS.denying),
    /** Ends of tiers and the like: they refuse, and are no policy. */
    denyingOther: lines.filter((line) => NO_POLICY.includes(line.kind) && IS.denying(line)).length,
  }
}
