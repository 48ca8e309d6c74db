import type { SourceCoverage } from './coverage'
import type { InventoryKind } from './inventory'
import type { PolicyAction, PolicyRef } from './policy'
import type { TimeRange } from './time-range'
import type { UnixMillis } from './units'
import type { EdgeState } from './verdict'

/** Whose records name a policy: Cilium's by Hubble, Calico's by Goldmane or its flow logs. */
export type PolicyEngine = 'hubble' | 'calico'

/** Bounds of answers about policies. */
export const POLICY_BOUNDS = {
  /** Lines of one report, the most telling first. */
  lines: 2000,
  /** Policies of the inventory that one report looks at. */
  inventory: 5000,
  /** Edges and rules of one policy that are listed. */
  edges: 200,
  rules: 500,
  /** Workloads that a policy selects, by name. */
  workloads: 50,
  /** Versions of a policy that are listed. */
  versions: 50,
  /** Steps of counts over time, and ways of reporting that are added up for them. */
  slots: 96,
  slotVariants: 5000,
} as const

/** Kinds of hits that are no object of the cluster: what decides where no policy does. */
export const NAMELESS_KINDS = ['EndOfTier', 'Profile', 'Implicit'] as const

/**
 * What one policy did in a window, in connections (requests at layer 7). Of the two sides of one connection the larger counts, never
 * their sum.
 */
export interface PolicyCounts {
  readonly allowed: number
  readonly denied: number
  /** Denied because the policy selects the workload and no rule of its tier matched: no rule of its own said so. */
  readonly deniedByDefault: number
  /** Handed on to the next tier. */
  readonly passed: number
  /** What it would refuse, or let through, were it enforced now; and what it would leave as it is. */
  readonly wouldDeny: number
  readonly wouldAllow: number
  readonly wouldAgree: number
}

/** How many edges a policy decides, and how many it would decide otherwise. */
export interface PolicyEdgeCounts {
  readonly decides: number
  readonly wouldDeny: number
  readonly wouldAllow: number
}

/** What records of a window say of one policy. */
export interface PolicyHits extends PolicyRef {
  readonly cluster: string
  readonly engine: PolicyEngine
  readonly counts: PolicyCounts
  /** Records of one key were split by policies: the counts are upper bounds. */
  readonly isAtMost: boolean
  readonly edges: PolicyEdgeCounts
  readonly firstMs: UnixMillis
  readonly lastMs: UnixMillis
}

/**
 * hit: records name it · never: none does, and they would (`neverSinceMs`) · unknown: none does, which says nothing (`whyUnknown`).
 */
export type PolicyUse = 'hit' | 'never' | 'unknown'

/** Why it is not known whether a policy that no record names decided something. */
export type UnknownUse =
  /** No source that names policies of its engine spoke of the cluster in the window. */
  | 'no-source'
  /** Records of traffic that it selects, or may select, came without the names of policies. */
  | 'unnamed'
  /** The source lost records. */
  | 'lost'
  /** Records do not tell what staged policies would do. */
  | 'no-pending'
  /** A record names a policy of this name, of another kind. */
  | 'namesake'
  /** Too much is selected to look at all of it. */
  | 'too-many'

/** What the inventory has of a policy, as of the end of the window. */
export interface PolicyObject {
  readonly existsNow: boolean
  readonly createdMs?: UnixMillis
  /** When its text changed last, as far as the inventory saw it. */
  readonly changedMs?: UnixMillis
  /** When it was deleted. */
  readonly removedMs?: UnixMillis
  /** `spec.order`: lower is looked at first. */
  readonly order?: number
}

/** Workloads of the inventory that a policy selects, and those of which that cannot be computed. */
export interface PolicySelection {
  readonly workloads: number
  readonly undecided: number
}

/** One line of the policies page. */
export interface PolicyLine extends Omit<PolicyHits, 'engine' | 'firstMs' | 'lastMs'> {
  /** What a link names it by. */
  readonly id: string
  /** Absent = no record names it. */
  readonly engine?: PolicyEngine
  readonly firstMs?: UnixMillis
  readonly lastMs?: UnixMillis
  readonly use: PolicyUse
  readonly neverSinceMs?: UnixMillis
  readonly whyUnknown?: UnknownUse
  /** Absent = the inventory does not have it, or there is none. */
  readonly object?: PolicyObject
  readonly selects?: PolicySelection
  /** A kind under which the inventory has a policy of this name, where it has none of this kind. */
  readonly namesakeKind?: InventoryKind
}

/** What one cluster can tell about its policies in the window. */
export interface PolicyCoverage {
  readonly cluster: string
  /** Engines whose records named a policy. */
  readonly naming: readonly PolicyEngine[]
  /** Engines that sent flow records, and named none. */
  readonly silent: readonly PolicyEngine[]
  /** Verdicts of which the record names no policy, in connections. */
  readonly unnamed: number
  readonly hasPending: boolean
  readonly hasInventory: boolean
}

export interface PolicyReport {
  readonly window: TimeRange
  readonly dataset: string
  readonly lines: readonly PolicyLine[]
  /** Lines in all; more than `lines` has where there are more than the bound. */
  readonly total: number
  /** Tiers in the order in which they are looked at, by cluster; absent where the inventory does not know. */
  readonly tierOrder: Readonly<Record<string, readonly string[]>>
  readonly clusters: readonly PolicyCoverage[]
  readonly coverage: readonly SourceCoverage[]
  /** True where the inventory has more policies than a report looks at. */
  readonly isInventoryCut: boolean
}

/** What a policy does on one edge. */
export interface PolicyEdge {
  readonly id: string
  readonly client: string
  readonly server: string
  readonly protocol: string
  readonly serverPort: number
  readonly state: EdgeState
  readonly counts: PolicyCounts
  readonly lastMs: UnixMillis
}

/** One rule of a policy: what records say of it. */
export interface PolicyRule {
  /** undefined = the side that reported is not told. */
  readonly direction?: 'ingress' | 'egress'
  /** 0-based; undefined = the record names the policy, not the rule. */
  readonly index?: number
  readonly action: PolicyAction
  readonly count: number
  readonly edges: number
  readonly lastMs: UnixMillis
  /** True for what a staged policy would do. */
  readonly isPending: boolean
}

/** Counts of one step of time. */
export interface PolicySlot {
  readonly startMs: UnixMillis
  readonly allowed: number
  /** By a rule, and by default. */
  readonly denied: number
  readonly wouldDeny: number
}

export interface PolicyDetail {
  readonly line: PolicyLine
  readonly edges: readonly PolicyEdge[]
  readonly edgesTotal: number
  readonly rules: readonly PolicyRule[]
  /** Rules of the text by direction, as of the end of the window; absent where the text is not known. */
  readonly ruleTotals?: { readonly ingress: number; readonly egress: number }
  readonly slotMs: number
  readonly slots: readonly PolicySlot[]
  /** Newest first. */
  readonly versions: readonly { readonly fromMs: UnixMillis; readonly toMs?: UnixMillis }[]
  /** At most 50 workloads that it selects, `namespace / name`. */
  readonly workloads: readonly string[]
  /** Of a tier's end: the policies whose selection brought the tier into play, at most 50. */
  readonly triggers: readonly PolicyRef[]
  /** True where the policy decides on more edges than are added up over time. */
  readonly isSlotsPart: boolean
}

/** The text by which a link names a policy: its identity, JSON of six texts. */
export const policyId = (line: PolicyRef & { readonly cluster: string; readonly engine?: PolicyEngine }): string =>
  JSON.stringify([line.cluster, line.engine ?? '', line.kind, line.namespace, line.tier, line.name])

/** The inverse of `policyId`; undefined where the text names no policy. */
export function parsePolicyId(
  text: string,
): (PolicyRef & { readonly cluster: string; readonly engine?: PolicyEngine }) | undefined {
  if (text.length > MOST_ID_CHARS) return undefined
  const parts = partsOf(text)
  if (!parts) return undefined
  const [cluster = '', engine, kind = '', namespace = '', tier = '', name = ''] = parts
  if (engine !== 'hubble' && engine !== 'calico' && engine !== '') return undefined
  return { cluster, kind, namespace, tier, name, ...(engine !== '' && { engine }) }
}

const MOST_ID_CHARS = 2048

function partsOf(text: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (!Array.isArray(value) || value.length !== 6) return undefined
    const parts = value.filter((part): part is string => typeof part === 'string')
    return parts.length === 6 ? parts : undefined
  } catch {
    return undefined
  }
}
