import type { EdgeVariant, GraphEdge } from '@/lib/model/graph'
import type { PolicyRef } from '@/lib/model/policy'
import {
  type PolicyCounts,
  type PolicyEngine,
  type PolicyHits,
  type PolicyRule,
  policyId,
} from '@/lib/model/policy-report'
import type { UnixMillis } from '@/lib/model/units'
import { creditsOf, type PolicyCredit } from './policy-credits'
import { unitsOf } from './volume'

/** What one policy did on one edge. */
export interface EdgeHits extends PolicyRef {
  readonly id: string
  readonly cluster: string
  readonly engine: PolicyEngine
  readonly counts: PolicyCounts
  readonly isAtMost: boolean
  /** What it decides, or would decide otherwise, be it of connections that began before. */
  readonly does: ReadonlySet<keyof PolicyCounts>
  readonly rules: readonly PolicyRule[]
  readonly firstMs: UnixMillis
  readonly lastMs: UnixMillis
}

export const NO_COUNTS: PolicyCounts = {
  allowed: 0,
  denied: 0,
  deniedByDefault: 0,
  passed: 0,
  wouldDeny: 0,
  wouldAllow: 0,
  wouldAgree: 0,
}

type EdgePart = Pick<GraphEdge, 'cluster' | 'variants'>

/**
 * Every policy that the records of an edge name, and what it did there. Of the sides that report one connection (client, server, and
 * each source) the larger counts. Records that were split by policies repeat one counter: a policy's count is at most what its side
 * counted in all, and said to be an upper bound.
 */
export function hitsOfEdge({ cluster, variants }: EdgePart): EdgeHits[] {
  const totals = sideTotals(variants)
  const policies = new Map<string, Collected>()
  for (const variant of variants) {
    const engine = engineOf(variant)
    if (!engine) continue
    // Named twice by one record, it decided once.
    const told = new Set<string>()
    for (const credit of creditsOf(variant)) {
      const id = policyId({ cluster, engine, ...credit.ref })
      const policy = policies.get(id) ?? new Collected(id, cluster, engine, credit.ref)
      policies.set(id, policy)
      if (isFirst(told, `${id} ${credit.did}`)) policy.add(variant, credit)
      if (isRuled(credit) && isFirst(told, `${id} ${credit.did} ${credit.ruleIndex}`)) policy.addRule(variant, credit)
    }
  }
  return [...policies.values()].map((policy) => policy.hits(totals))
}

/** The same over all edges of a graph: sums over edges, in the order of ids. */
export function collectPolicyHits(edges: readonly EdgePart[]): PolicyHits[] {
  const policies = new Map<string, Sum>()
  for (const edge of edges)
    for (const hits of hitsOfEdge(edge)) {
      const sum = policies.get(hits.id)
      policies.set(hits.id, sum ? addTo(sum, hits) : sumOf(hits))
    }
  return [...policies].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, sum]) => sum)
}

export const isDeciding = (does: ReadonlySet<keyof PolicyCounts>): boolean =>
  does.has('allowed') || does.has('denied') || does.has('deniedByDefault')

export const engineOf = ({ source }: EdgeVariant): PolicyEngine | undefined =>
  source === 'hubble' || source === 'calico' ? source : undefined

/** What a tier's end refuses, no rule said. */
const isRuled = ({ did, ref }: PolicyCredit): boolean =>
  did !== 'deniedByDefault' && did !== 'seen' && ref.kind !== 'EndOfTier'

function isFirst(told: Set<string>, key: string): boolean {
  if (told.has(key)) return false
  told.add(key)
  return true
}

type Sum = PolicyHits

const sumOf = (hits: EdgeHits): Sum => {
  const { id: _id, does, rules: _rules, ...rest } = hits
  return { ...rest, edges: edgesOf(does) }
}

const edgesOf = (does: EdgeHits['does']) => ({
  decides: Number(isDeciding(does)),
  wouldDeny: Number(does.has('wouldDeny')),
  wouldAllow: Number(does.has('wouldAllow')),
})

function addTo(sum: Sum, hits: EdgeHits): Sum {
  const own = edgesOf(hits.does)
  return {
    ...sum,
    counts: addCounts(sum.counts, hits.counts),
    isAtMost: sum.isAtMost || hits.isAtMost,
    edges: {
      decides: sum.edges.decides + own.decides,
      wouldDeny: sum.edges.wouldDeny + own.wouldDeny,
      wouldAllow: sum.edges.wouldAllow + own.wouldAllow,
    },
    firstMs: Math.min(sum.firstMs, hits.firstMs),
    lastMs: Math.max(sum.lastMs, hits.lastMs),
  }
}

const DID: readonly (keyof PolicyCounts)[] = [
  'allowed',
  'denied',
  'deniedByDefault',
  'passed',
  'wouldDeny',
  'wouldAllow',
  'wouldAgree',
]

export const addCounts = (a: PolicyCounts, b: PolicyCounts): PolicyCounts => ({
  allowed: a.allowed + b.allowed,
  denied: a.denied + b.denied,
  deniedByDefault: a.deniedByDefault + b.deniedByDefault,
  passed: a.passed + b.passed,
  wouldDeny: a.wouldDeny + b.wouldDeny,
  wouldAllow: a.wouldAllow + b.wouldAllow,
  wouldAgree: a.wouldAgree + b.wouldAgree,
})

const sideKey = ({ source, observer, outcome }: EdgeVariant): string => `${source}/${observer}/${outcome}`

/** What each side counted in all, by outcome, without what repeats a sibling. */
function sideTotals(variants: readonly EdgeVariant[]): ReadonlyMap<string, number> {
  const totals = new Map<string, number>()
  for (const variant of variants)
    if (!variant.repeats) totals.set(sideKey(variant), (totals.get(sideKey(variant)) ?? 0) + unitsOf(variant))
  return totals
}

/** Units of one side and outcome: what counts, and what repeats. */
interface Units {
  counted: number
  repeated: number
  largest: number
}

class SideUnits {
  private readonly sides = new Map<string, Units>()

  add(variant: EdgeVariant): void {
    const key = sideKey(variant)
    const units = this.sides.get(key) ?? { counted: 0, repeated: 0, largest: 0 }
    this.sides.set(key, units)
    const own = unitsOf(variant)
    if (variant.repeats) units.repeated += own
    else units.counted += own
    units.largest = Math.max(units.largest, own)
  }

  /** Sums within a side, its outcomes together; then the largest side. */
  count(totals: ReadonlyMap<string, number>): { readonly count: number; readonly isAtMost: boolean } {
    const sides = new Map<string, number>()
    let isAtMost = false
    for (const [key, { counted, repeated, largest }] of this.sides) {
      const most = Math.max(totals.get(key) ?? 0, largest)
      const side = key.slice(0, key.lastIndexOf('/'))
      sides.set(side, (sides.get(side) ?? 0) + Math.min(counted + repeated, most))
      if (repeated > 0) isAtMost = true
    }
    return { count: Math.max(0, ...sides.values()), isAtMost }
  }
}

interface RuleUnits {
  readonly rule: Pick<PolicyRule, 'direction' | 'index' | 'action' | 'isPending'>
  readonly units: SideUnits
  lastMs: UnixMillis
}

class Collected {
  private readonly units = new Map<keyof PolicyCounts, SideUnits>()
  private readonly rules = new Map<string, RuleUnits>()
  private firstMs = Number.POSITIVE_INFINITY
  private lastMs = 0

  constructor(
    private readonly id: string,
    private readonly cluster: string,
    private readonly engine: PolicyEngine,
    private readonly ref: PolicyRef,
  ) {}

  add(variant: EdgeVariant, credit: PolicyCredit): void {
    this.firstMs = Math.min(this.firstMs, variant.firstMs)
    this.lastMs = Math.max(this.lastMs, variant.lastMs)
    if (credit.did === 'seen') return
    const units = this.units.get(credit.did) ?? new SideUnits()
    this.units.set(credit.did, units)
    units.add(variant)
  }

  addRule(variant: EdgeVariant, { action, ruleIndex, isPending }: PolicyCredit): void {
    const direction = directionOf(variant)
    const key = `${direction}/${ruleIndex}/${action}/${isPending}`
    const rule = this.rules.get(key) ?? {
      rule: {
        ...(direction && { direction }),
        ...(ruleIndex !== undefined && { index: ruleIndex }),
        action,
        isPending,
      },
      units: new SideUnits(),
      lastMs: 0,
    }
    this.rules.set(key, rule)
    rule.units.add(variant)
    rule.lastMs = Math.max(rule.lastMs, variant.lastMs)
  }

  hits(totals: ReadonlyMap<string, number>): EdgeHits {
    const counts = { ...NO_COUNTS }
    let isAtMost = false
    for (const did of DID) {
      const told = this.units.get(did)?.count(totals)
      if (!told) continue
      counts[did] = told.count
      isAtMost ||= told.isAtMost
    }
    return {
      ...this.ref,
      id: this.id,
      cluster: this.cluster,
      engine: this.engine,
      counts,
      isAtMost,
      does: new Set(this.units.keys()),
      rules: [...this.rules.values()].map(({ rule, units, lastMs }) => ({
        ...rule,
        count: units.count(totals).count,
        edges: 1,
        lastMs,
      })),
      firstMs: this.firstMs,
      lastMs: this.lastMs,
    }
  }
}

const directionOf = ({ observer }: EdgeVariant): PolicyRule['direction'] =>
  observer === 'client' ? 'egress' : observer === 'server' ? 'ingress' : undefined
