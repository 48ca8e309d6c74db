import { bucketParts } from '@/lib/model/bucket-parts'
import type { DecodeResult, RecordReject } from '@/lib/model/decoded'
import type { Flow } from '@/lib/model/flow'
import type {
  ClusteredFlow,
  ClusterTally,
  EvidenceClass,
  EvidenceFlow,
  LearnedName,
  PreparedFlows,
} from '@/lib/model/prepared-batch'
import { MINUTE_MS, SECOND_MS, type UnixMillis } from '@/lib/model/units'
import { cleanText } from './clean-text'
import { connectionSighting } from './connection-sighting'
import type { BatchState, Draft, IngestContext, Step } from './draft'
import { type DropReason, isReject } from './drop-reason'
import { EdgeAccumulator } from './edge-accumulator'
import { ExemplarBudget } from './exemplar-budget'
import { IngestMemo } from './ingest-memo'
import { dropBadValue } from './steps/drop-bad-value'
import { dropInFuture, dropTooOld, gapsInTime } from './steps/drop-out-of-time'
import { dropRepeatedRecord } from './steps/drop-repeated-record'
import { clusterOf, putCluster } from './steps/put-cluster'
import { putEnds } from './steps/put-ends'
import { putEvidenceClass } from './steps/put-evidence-class'
import { learnOwners } from './steps/put-workload'
import { tooOldDetail } from './too-old-detail'

/** The whole ingest, in order: `drop*` may end a record with a counted reason, `put*` adds one fact to it. */
const STEPS: readonly Step[] = [
  dropBadValue,
  dropTooOld,
  dropInFuture,
  putCluster,
  dropRepeatedRecord,
  putEnds,
  putEvidenceClass,
]

/** A name stays valid for its TTL, and at least this long: clients keep connections and caches beyond the TTL. */
export const NAME_VALID_MS = 5 * MINUTE_MS

export interface IngestedBatch extends PreparedFlows {
  readonly rejects: readonly RecordReject[]
  readonly drops: Readonly<Partial<Record<DropReason, number>>>
  /** Records that name another cluster than the request does. */
  readonly clusterConflicts: number
  /** Times of the records that remain; undefined without any. */
  readonly span?: { readonly firstMs: UnixMillis; readonly lastMs: UnixMillis }
}

/**
 * Takes a decoded batch through the steps and folds it: records that must be kept become evidence, the rest become sums
 * per edge variant and bucket. Pure; one pass.
 */
export function runPipeline(decoded: DecodeResult, context: IngestContext): IngestedBatch {
  const owners = context.toldOwners ?? learnOwners(decoded.flows, context)
  const memo = context.memo ?? new IngestMemo()
  const state: BatchState = {
    context,
    scopes: memo.begin(context, (pod) => owners.get(pod) ?? context.knownOwners?.get(pod)),
    exemplars: context.exemplars ?? new ExemplarBudget(),
    clusterConflicts: 0,
  }
  const fold = new Fold()
  const rejects = [...decoded.rejects]
  const drops: Partial<Record<DropReason, number>> = {}
  const draft = emptyDraft(state)
  for (const flow of decoded.flows) {
    draft.flow = flow
    const reason = firstDrop(draft, state)
    if (!reason) fold.add(draft)
    else {
      // Of a thousand that are too old the first says how old.
      const detail = reason === 'too_old' && !drops.too_old ? tooOldDetail(flow.endMs, context) : undefined
      drops[reason] = (drops[reason] ?? 0) + 1
      if (isReject(reason)) rejects.push({ line: flow.line ?? 0, reason, ...(detail && { detail }) })
    }
  }
  state.scopes.close()
  const gaps = gapsInTime(decoded.gaps, context).map((gap) => ({ ...gap, cluster: clusterOf(gap, context) }))
  return {
    ...fold.finish(),
    owners: [...owners.values()],
    gaps,
    rejects,
    drops,
    clusterConflicts: state.clusterConflicts,
  }
}

/** The steps fill it in anew for each flow. */
function emptyDraft({ scopes }: BatchState): Draft {
  const nobody = { class: 'internet', namespace: '', name: '' } as const
  const flow: Flow = {
    source: 'hubble',
    recordKey: '',
    startMs: 0,
    endMs: 0,
    observer: 'unknown',
    client: nobody,
    server: nobody,
    protocol: '',
    serverPort: 0,
    verdict: { outcome: 'unknown', basis: 'not_reported', pending: 'unknown', layer: 'L4' },
    trace: {},
    counts: { connections: 0, events: 0, requests: 0, requestErrors: 0, bytesSent: 0, bytesReceived: 0 },
    raw: {},
  }
  const scope = scopes.of(flow)
  const end = scope.peerOf(nobody)
  return { flow, scope, client: end, server: end, variant: scope.variantOf(flow, end, end), keptAs: undefined }
}

function firstDrop(draft: Draft, state: BatchState): DropReason | undefined {
  for (const step of STEPS) {
    const reason = step(draft, state)
    if (reason) return reason
  }
  return undefined
}

/** Where records end up: kept, or summed. */
class Fold {
  private readonly evidence: EvidenceFlow[] = []
  private readonly accumulator = new EdgeAccumulator()
  private readonly names: LearnedName[] = []
  private readonly tallies = new Map<string, { accepted: number; newestMs: number }>()
  private firstMs = Number.POSITIVE_INFINITY
  private lastMs = Number.NEGATIVE_INFINITY

  add(draft: Draft): void {
    const { flow, keptAs } = draft
    if (flow.startMs < this.firstMs) this.firstMs = flow.startMs
    if (flow.endMs > this.lastMs) this.lastMs = flow.endMs
    if (flow.dnsAnswer) this.names.push(...learnNames(draft, flow.dnsAnswer))
    if (keptAs) {
      this.evidence.push(evidenceOf(draft, keptAs))
      return
    }
    this.accumulator.add(draft.variant, flow, () => clustered(draft))
    const { cluster } = draft.scope
    const tally = this.tallies.get(cluster)
    if (tally === undefined) this.tallies.set(cluster, { accepted: 1, newestMs: flow.endMs })
    else {
      tally.accepted += 1
      if (flow.endMs > tally.newestMs) tally.newestMs = flow.endMs
    }
  }

  finish(): Pick<IngestedBatch, 'evidence' | 'sums' | 'names' | 'summed' | 'span'> {
    const summed: ClusterTally[] = [...this.tallies].map(([cluster, tally]) => ({ cluster, ...tally }))
    const span = this.firstMs <= this.lastMs ? { firstMs: this.firstMs, lastMs: this.lastMs } : undefined
    return {
      evidence: this.evidence,
      sums: this.accumulator.finish(),
      names: this.names,
      summed,
      ...(span && { span }),
    }
  }
}

/** Every field of a stored flow, so that none is forgotten. */
type StoredFields = { [Key in keyof Required<Omit<ClusteredFlow, 'line'>>]: ClusteredFlow[Key] }

/** The flow as it is stored: with its decided cluster and peers, without the place it had in the body. */
function clustered({ flow, scope, client, server }: Draft): ClusteredFlow {
  const stored: StoredFields = {
    source: flow.source,
    recordKey: flow.recordKey,
    startMs: flow.startMs,
    endMs: flow.endMs,
    observer: flow.observer,
    client: client.peer,
    server: server.peer,
    protocol: flow.protocol,
    serverPort: flow.serverPort,
    verdict: flow.verdict,
    trace: flow.trace,
    counts: flow.counts,
    raw: flow.raw,
    cluster: scope.cluster,
    node: flow.node,
    clientPort: flow.clientPort,
    service: flow.service,
    repeatsSiblingCounts: flow.repeatsSiblingCounts,
    sibling: flow.sibling,
    isReply: flow.isReply,
    translatedSource: flow.translatedSource,
    traceId: flow.traceId,
    l7: flow.l7,
    dnsAnswer: flow.dnsAnswer,
  }
  return stored
}

function evidenceOf(draft: Draft, keptAs: EvidenceClass): EvidenceFlow {
  const flow = clustered(draft)
  const { key } = draft.variant
  return {
    flow,
    variantKey: key,
    keptAs,
    parts: bucketParts(flow),
    denialKey: denialKeyOf(flow, key),
    sighting: connectionSighting(flow),
  }
}

/** A denied connection has no conntrack entry, so each retry is a denial again: one per tuple, side and minute counts. */
function denialKeyOf(flow: Flow, variantKey: string): string | undefined {
  const isCounted = flow.source === 'hubble' && flow.verdict.layer === 'L4' && flow.counts.connections > 0
  if (flow.verdict.outcome !== 'denied' || !isCounted) return undefined
  const tuple = `${flow.client.ip ?? ''}\n${flow.clientPort ?? ''}\n${flow.server.ip ?? ''}`
  return `${variantKey}\n${tuple}\n${Math.floor(flow.startMs / MINUTE_MS)}`
}

function learnNames(draft: Draft, answer: NonNullable<Flow['dnsAnswer']>): LearnedName[] {
  const fromMs = draft.flow.startMs
  const toMs = fromMs + Math.max(NAME_VALID_MS, (answer.ttlS ?? 0) * SECOND_MS)
  return answer.ips.map((ip) => ({
    cluster: draft.scope.cluster,
    ip: cleanText(ip),
    name: cleanText(answer.name),
    client: draft.client.peer,
    clientPod: draft.client.peer.pod ?? '',
    fromMs,
    toMs,
  }))
}
