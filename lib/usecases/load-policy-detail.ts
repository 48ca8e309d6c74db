import 'server-only'
import { AppError } from '@/lib/errors'
import { policyPart, slotOf } from '@/lib/graph/policy-detail'
import type { EdgeVariant, GraphEdge } from '@/lib/model/graph'
import {
  POLICY_BOUNDS,
  type PolicyDetail,
  type PolicyLine,
  type PolicySlot,
  parsePolicyId,
  policyId,
} from '@/lib/model/policy-report'
import type { TimeRange } from '@/lib/model/time-range'
import { DAY_MS, MINUTE_MS, type UnixMillis } from '@/lib/model/units'
import { selectionOf } from '@/lib/policy/unused-policy'
import { loadInventoryVersion } from '@/lib/store/load-inventory'
import { loadVersionsOf } from '@/lib/store/load-policies'
import { loadSlotSums } from '@/lib/store/load-slot-sums'
import { type PolicyQuery, type PolicyWorld, policiesAndGraph } from './list-policies'

/**
 * One policy in a window: its edges, rules, counts over time, versions, and whom it selects; lists bounded. Errors: `bad_request`,
 * `not_found` where neither records nor the inventory of the window have it; `unavailable`.
 */
export async function loadPolicyDetail(query: PolicyQuery, id: string, nowMs: number): Promise<PolicyDetail> {
  const ref = parsePolicyId(id)
  if (!ref)
    throw new AppError('bad_request', 'the parameter policy names no policy', {
      hint: 'It is the id of a line of GET /api/policies.',
    })
  const world = await policiesAndGraph({ ...query, cluster: ref.cluster }, nowMs)
  const line = lineOf(world, policyId(ref))
  if (!line)
    throw new AppError('not_found', 'neither records nor the inventory of this window have this policy', {
      hint: 'Choose a longer time range.',
    })
  const { window, dataset } = world.report
  const part = policyPart(world.graph, line.id)
  const [text, versions, overTime] = await Promise.all([
    line.object ? loadInventoryVersion(line.cluster, line, window.toMs) : undefined,
    line.object ? loadVersionsOf(line.cluster, line, POLICY_BOUNDS.versions) : [],
    slotsOver(dataset, window, part.edges, line.id),
  ])
  return {
    line,
    edges: part.listed.slice(0, POLICY_BOUNDS.edges),
    edgesTotal: part.listed.length,
    rules: part.rules,
    ...(text?.body && { ruleTotals: ruleTotals(text.body) }),
    ...overTime,
    versions,
    workloads: workloadsOf(line, world),
    triggers: part.triggers,
  }
}

/** By its id; who links to a policy of the inventory may not know yet that records name it. */
function lineOf({ lines }: PolicyWorld, id: string): PolicyLine | undefined {
  const line = lines.find((one) => one.id === id)
  if (line) return line
  const ref = parsePolicyId(id)
  if (!ref || ref.engine) return undefined
  return lines.find(
    (one) =>
      one.object &&
      one.kind === ref.kind &&
      one.namespace === ref.namespace &&
      one.name === ref.name &&
      (ref.tier === '' || one.tier === ref.tier),
  )
}

function ruleTotals(body: Readonly<Record<string, unknown>>): NonNullable<PolicyDetail['ruleTotals']> {
  const { spec } = body
  const lengthOf = (direction: 'ingress' | 'egress'): number => {
    const rules: unknown = typeof spec === 'object' && spec !== null ? Reflect.get(spec, direction) : undefined
    return Array.isArray(rules) ? Math.min(rules.length, POLICY_BOUNDS.rules) : 0
  }
  return { ingress: lengthOf('ingress'), egress: lengthOf('egress') }
}

function workloadsOf(line: PolicyLine, { inventory }: PolicyWorld): string[] {
  const object = inventory.policies.find(
    ({ cluster, kind, namespace, tier, name }) =>
      line.object &&
      cluster === line.cluster &&
      kind === line.kind &&
      namespace === line.namespace &&
      name === line.name &&
      (tier === '' || tier === line.tier),
  )
  if (!object) return []
  const subjects = inventory.subjectsOf(object.cluster, object.namespace)
  const found = selectionOf(object, subjects, { left: subjects.length })
  return (found?.selected ?? [])
    .slice(0, POLICY_BOUNDS.workloads)
    .map(({ namespace, name }) => `${namespace} / ${name}`)
}

type OverTime = Pick<PolicyDetail, 'slotMs' | 'slots' | 'isSlotsPart'>

async function slotsOver(
  dataset: string,
  window: TimeRange,
  edges: readonly GraphEdge[],
  id: string,
): Promise<OverTime> {
  const variants = new Map<string, { readonly edge: GraphEdge; readonly variant: EdgeVariant }>()
  for (const edge of edges) {
    if (variants.size + edge.variants.length > POLICY_BOUNDS.slotVariants) break
    for (const variant of edge.variants) variants.set(variant.id, { edge, variant })
  }
  const isSlotsPart = variants.size < edges.reduce((sum, edge) => sum + edge.variants.length, 0)
  const { slotMs, window: aligned } = slotsOf(window, POLICY_BOUNDS.slots)
  const sums = await loadSlotSums(dataset, aligned, slotMs, [...variants.keys()])
  const bySlot = new Map<UnixMillis, Map<string, { cluster: string; variants: EdgeVariant[] }>>()
  for (const { variantId, startMs, ...sum } of sums) {
    const known = variants.get(variantId)
    if (!known) continue
    const slot = bySlot.get(startMs) ?? new Map<string, { cluster: string; variants: EdgeVariant[] }>()
    bySlot.set(startMs, slot)
    const edge = slot.get(known.edge.id) ?? { cluster: known.edge.cluster, variants: [] }
    slot.set(known.edge.id, edge)
    edge.variants.push({ ...known.variant, ...sum })
  }
  const slots: PolicySlot[] = []
  for (let startMs = aligned.fromMs; startMs < aligned.toMs; startMs += slotMs)
    slots.push(slotOf(startMs, [...(bySlot.get(startMs)?.values() ?? [])], id))
  return { slotMs, slots, isSlotsPart }
}

const STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 480, 720, 1440].map((minutes) => minutes * MINUTE_MS)

/** The steps of time that a window is cut into: whole minutes, hours or days, at most `most`; both ends may reach over the window. */
export function slotsOf(
  { fromMs, toMs }: TimeRange,
  most: number,
): { readonly window: TimeRange; readonly slotMs: number } {
  const least = (toMs - fromMs) / (most - 1)
  const slotMs = STEPS_MS.find((step) => step >= least) ?? Math.ceil(least / DAY_MS) * DAY_MS
  return {
    slotMs,
    window: { fromMs: Math.floor(fromMs / slotMs) * slotMs, toMs: Math.ceil(toMs / slotMs) * slotMs },
  }
}
