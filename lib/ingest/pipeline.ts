import type { DecodeResult, RecordReject } from '@/lib/model/decoded'
import type { Flow } from '@/lib/model/flow'
import type { UnixMillis } from '@/lib/model/units'

/** A flow after all steps: with its cluster, and whether its record is kept as evidence. */
export interface IngestedFlow extends Flow {
  readonly cluster: string
  readonly isEvidence: boolean
}

export interface IngestContext {
  readonly nowMs: UnixMillis
  /** '' is live: times are checked. Others are pinned: any time is taken. */
  readonly dataset: string
  readonly retentionMs: number
  readonly tokenCluster?: string
  readonly clusterHeader?: string
  readonly defaultCluster: string
}

export interface IngestedBatch {
  readonly flows: readonly IngestedFlow[]
  readonly rejects: readonly RecordReject[]
  readonly duplicates: number
}

/** A record may be from this far ahead of our clock; further is a wrong clock and refused. */
export const FUTURE_SKEW_MS = 5 * 60_000
/** Exemplars kept per way of reporting and 15 s, beside the records that are evidence by themselves. */
const EXEMPLARS = 2

/**
 * The whole ingest on one screen, in order: what was already decoded is checked for its time, repeats within the batch are
 * dropped, every flow gets its cluster, pods get the workload that another record of the batch knows, and the records that
 * must stay as evidence are marked. Pure.
 */
export function runPipeline(decoded: DecodeResult, context: IngestContext): IngestedBatch {
  const timed = dropOutOfTime(decoded, context)
  const unique = dropRepeats(timed.flows)
  const owners = learnOwners(unique.flows)
  const flows = markEvidence(
    unique.flows.map((flow) => ({ ...putOwner(flow, owners), cluster: clusterOf(flow, context) })),
  )
  return { flows, rejects: timed.rejects, duplicates: unique.duplicates }
}

function dropOutOfTime(
  decoded: DecodeResult,
  context: IngestContext,
): { flows: readonly Flow[]; rejects: readonly RecordReject[] } {
  if (context.dataset !== '') return decoded
  const flows: Flow[] = []
  const rejects = [...decoded.rejects]
  for (const [index, flow] of decoded.flows.entries()) {
    if (flow.startMs < context.nowMs - context.retentionMs) rejects.push({ line: index + 1, reason: 'too_old' })
    else if (flow.startMs > context.nowMs + FUTURE_SKEW_MS) rejects.push({ line: index + 1, reason: 'in_the_future' })
    else flows.push(flow)
  }
  return { flows, rejects }
}

function dropRepeats(flows: readonly Flow[]): { flows: readonly Flow[]; duplicates: number } {
  const byKey = new Map<string, Flow>()
  for (const flow of flows) if (!byKey.has(flow.recordKey)) byKey.set(flow.recordKey, flow)
  return { flows: [...byKey.values()], duplicates: flows.length - byKey.size }
}

type Owner = { readonly name: string; readonly kind: string }

/** A pod's owner is told only by the node that sees the pod locally; the other side of the batch learns it from there. */
function learnOwners(flows: readonly Flow[]): ReadonlyMap<string, Owner> {
  const owners = new Map<string, Owner>()
  for (const flow of flows)
    for (const peer of [flow.client, flow.server])
      if (peer.pod && peer.workloadKind)
        owners.set(`${peer.namespace}/${peer.pod}`, { name: peer.name, kind: peer.workloadKind })
  return owners
}

function putOwner(flow: Flow, owners: ReadonlyMap<string, Owner>): Flow {
  const own = (peer: Flow['client']): Flow['client'] => {
    const owner = peer.pod && !peer.workloadKind ? owners.get(`${peer.namespace}/${peer.pod}`) : undefined
    return owner ? { ...peer, name: owner.name, workloadKind: owner.kind } : peer
  }
  return { ...flow, client: own(flow.client), server: own(flow.server) }
}

/** Token, header, record, configuration, in this order; never empty. */
const clusterOf = (flow: Flow, context: IngestContext): string =>
  context.tokenCluster ?? context.clusterHeader ?? flow.cluster ?? context.defaultCluster

function markEvidence(flows: readonly (Flow & { cluster: string })[]): IngestedFlow[] {
  const exemplars = new Map<string, number>()
  return flows.map((flow) => {
    if (isEvidence(flow)) return { ...flow, isEvidence: true }
    const key = JSON.stringify([
      flow.cluster,
      flow.client.namespace,
      flow.client.name,
      flow.server.namespace,
      flow.server.name,
      flow.serverPort,
      flow.observer,
      flow.verdict,
      Math.floor(flow.startMs / 15_000),
    ])
    const kept = exemplars.get(key) ?? 0
    exemplars.set(key, kept + 1)
    return { ...flow, isEvidence: kept < EXEMPLARS }
  })
}

/** What a finding, a denial or AI egress can need later. */
function isEvidence(flow: Flow): boolean {
  const { outcome, pending } = flow.verdict
  if (flow.source === 'calico' || flow.dnsAnswer) return true
  if (outcome === 'denied' || outcome === 'dropped' || outcome === 'error' || pending === 'would_deny') return true
  return flow.server.class === 'external' || flow.server.class === 'internet' || flow.server.class === 'network-set'
}
