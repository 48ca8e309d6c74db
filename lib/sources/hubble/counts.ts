import type { Flow, FlowCounts, L7Summary, Observer } from '@/lib/model/flow'
import { EVENT, TRACE_REASON } from './enums'
import { enumName, integer, record, type Wire } from './fields'

/** Which way the packet went, as far as counting asks. */
export interface CountedEnds {
  readonly isReply: boolean
  /** SYN without ACK. */
  readonly isOpening: boolean
}

const NONE = { connections: 0, events: 0, requests: 0, requestErrors: 0, bytesSent: 0, bytesReceived: 0 }
/** What nearly every record counts: one object each, which all of them share. */
const ONE_CONNECTION: FlowCounts = Object.freeze({ ...NONE, connections: 1 })
const ONE_EVENT: FlowCounts = Object.freeze({ ...NONE, events: 1 })

/** What to count, by formats/hubble.md §2.7. An aggregated line weighs what it stands for. */
export function countsOf(
  flow: Wire,
  eventType: number | undefined,
  outcome: string,
  ends: CountedEnds,
  l7: L7Summary | undefined,
): FlowCounts {
  const { ingress, egress, unknown } = aggregateOf(flow)
  const weight = Math.max(1, ingress + egress + unknown)
  return eventType === EVENT.l7
    ? l7Counts(outcome, l7, weight)
    : l4Counts(eventType, outcome, ends, isNewTrace(flow, eventType), weight)
}

function l7Counts(outcome: string, l7: L7Summary | undefined, weight: number): FlowCounts {
  const isAnswer = l7?.kind === 'response' || outcome === 'denied'
  const isError = l7?.status !== undefined && l7.status >= 500
  return isAnswer ? { ...NONE, requests: weight, requestErrors: isError ? weight : 0 } : events(weight)
}

/** A trace event that says that its connection is new. */
export const isNewTrace = (flow: Wire, eventType: number | undefined): boolean =>
  eventType === EVENT.trace && enumName(flow, 'trace_reason', TRACE_REASON) === 'NEW'

/** Counts of a record that is no request. `isNew`: `isNewTrace`. */
export function l4Counts(
  eventType: number | undefined,
  outcome: string,
  ends: CountedEnds,
  isNew: boolean,
  weight: number,
): FlowCounts {
  if (ends.isReply) return events(weight)
  const isConnection = eventType === EVENT.policyVerdict || outcome === 'denied' || (isNew && ends.isOpening)
  if (!isConnection) return events(weight)
  return weight === 1 ? ONE_CONNECTION : { ...NONE, connections: weight }
}

const events = (weight: number): FlowCounts => (weight === 1 ? ONE_EVENT : { ...NONE, events: weight })

/**
 * An aggregated line that does not tell its direction may hold what both sides of the connection saw. Their counters must not be
 * summed, so such a line becomes two records, one of each side; a line of one side is that side's.
 */
export function bySide(decoded: Flow, flow: Wire, direction: string | undefined): Flow[] {
  const { ingress, egress, unknown } = aggregateOf(flow)
  const isTold = direction === 'INGRESS' || direction === 'EGRESS'
  if (isTold || ingress + egress === 0) return [decoded]
  const [egressSide, ingressSide]: readonly Observer[] = decoded.isReply ? ['server', 'client'] : ['client', 'server']
  const total = ingress + egress + unknown
  const one = (observer: Observer | undefined, count: number, key: string): Flow[] =>
    count === 0 || !observer
      ? []
      : [
          {
            ...decoded,
            observer,
            recordKey: `${decoded.recordKey}${key}`,
            counts: scaled(decoded.counts, total, count),
          },
        ]
  return egress > 0 && ingress > 0
    ? [...one(egressSide, egress + unknown, '/egress'), ...one(ingressSide, ingress, '/ingress')]
    : [...one(egressSide, egress && total, ''), ...one(ingressSide, ingress && total, '')]
}

const scaled = (counts: FlowCounts, total: number, part: number): FlowCounts => ({
  ...counts,
  connections: (counts.connections / total) * part,
  events: (counts.events / total) * part,
  requests: (counts.requests / total) * part,
  requestErrors: (counts.requestErrors / total) * part,
})

function aggregateOf(flow: Wire): { readonly ingress: number; readonly egress: number; readonly unknown: number } {
  const aggregate = record(flow, 'aggregate') ?? {}
  const count = (key: string) => Math.min(Math.max(0, integer(aggregate, key) ?? 0), 2 ** 32)
  return {
    ingress: count('ingress_flow_count'),
    egress: count('egress_flow_count'),
    unknown: count('unknown_direction_flow_count'),
  }
}
