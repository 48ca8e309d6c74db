import type { DnsAnswer, Flow, FlowCounts, L7Summary, Observer } from '@/lib/model/flow'
import { EVENT } from './enums'
import type { Judged } from './verdict'

/**
 * What the text of one record says by itself, as evidence shows it: names, addresses, verdicts. Never headers, never a query string.
 * Undefined where it does not tell.
 */
export type Told = {
  readonly time: string | undefined
  readonly uuid: string | undefined
  readonly verdict: string | undefined
  readonly drop_reason: string | undefined
  readonly event: number | undefined
  readonly direction: string | undefined
  readonly observation_point: string | undefined
  readonly is_reply: boolean | undefined
  /** As the record writes them. */
  readonly source: string | undefined
  readonly source_xlated: string | undefined
  readonly destination: string | undefined
  /** True where encryption between nodes (WireGuard, IPsec) carried the packet; undefined where the record does not say so. */
  readonly encrypted: true | undefined
  /** At most eight; undefined for none. */
  readonly destination_names: readonly string[] | undefined
  /** The flow's own; its envelope may know better. */
  readonly node_name: string | undefined
}

/** Ends of a record, turned client → server. */
export interface TurnedEnds {
  readonly client: Flow['client']
  readonly server: Flow['server']
  readonly protocol: string
  readonly serverPort: number
  readonly clientPort: number | undefined
  readonly isReply: boolean
}

export interface Decided {
  readonly line: number
  readonly recordKey: string
  readonly startMs: number
  readonly observer: Observer
  readonly judged: Judged
  readonly counts: FlowCounts
  readonly cluster: string | undefined
  readonly node: string | undefined
  /** Canonical address after translation. */
  readonly translated: string | undefined
  readonly l7: L7Summary | undefined
  readonly dnsAnswer: DnsAnswer | undefined
  readonly traceId: string | undefined
}

/** The one place where a Hubble flow is put together, whichever way its record was read. All of one shape, so that they cost little. */
export function assembleFlow(told: Told, ends: TurnedEnds, decided: Decided): Flow {
  const { translated, judged } = decided
  const mayKeepPort = !translated && told.observation_point !== 'TO_NETWORK'
  return {
    source: 'hubble',
    line: decided.line,
    recordKey: decided.recordKey,
    startMs: decided.startMs,
    endMs: decided.startMs,
    observer: decided.observer,
    client: ends.client,
    server: ends.server,
    protocol: ends.protocol,
    serverPort: ends.serverPort,
    verdict: judged.verdict,
    trace: judged.trace,
    counts: decided.counts,
    raw: told,
    cluster: decided.cluster || undefined,
    node: decided.node || undefined,
    clientPort: mayKeepPort ? ends.clientPort || undefined : undefined,
    isReply: ends.isReply ? true : undefined,
    l7: decided.l7,
    dnsAnswer: decided.dnsAnswer,
    traceId: decided.traceId,
    translatedSource: translated ? translatedSource(translated, told, ends) : undefined,
  }
}

const translatedSource = (ip: string, told: Told, { server }: TurnedEnds): Flow['translatedSource'] => ({
  ip,
  isEgressObservation:
    told.observation_point === 'TO_NETWORK' &&
    told.is_reply !== true &&
    (server.class === 'external' || server.class === 'internet'),
})

/** What decides which end of the connection reported. */
export interface Sight {
  readonly eventType: number | undefined
  readonly direction: string | undefined
  readonly point: string | undefined
  readonly isReply: boolean
  /** The verdict is FORWARDED. */
  readonly isForwarded: boolean
  /** The endpoint is local to the reporting node. */
  readonly isSourceLocal: boolean
  readonly isDestinationLocal: boolean
}

/**
 * Direction is right on verdicts, drops and L7 only; on trace events the side with an endpoint ID is local (§2.6). Where a mask
 * took the event's type, what was forwarded may be a trace event.
 */
export function observerOf(sight: Sight): Observer {
  const { eventType, direction, point, isReply } = sight
  if (eventType === undefined ? !sight.isForwarded : eventType !== EVENT.trace) {
    if (direction === 'EGRESS') return isReply ? 'server' : 'client'
    if (direction === 'INGRESS') return isReply ? 'client' : 'server'
  }
  if (point === 'TO_ENDPOINT') return isReply ? 'client' : 'server'
  if (sight.isSourceLocal) return isReply ? 'server' : 'client'
  if (sight.isDestinationLocal) return isReply ? 'client' : 'server'
  return point === 'TO_NETWORK' ? 'gateway' : 'unknown'
}
