import type { Peer } from './endpoint'
import type { PolicyTrace } from './policy'
import type { SourceName } from './source-name'
import type { Bytes, UnixMillis } from './units'
import type { Verdict } from './verdict'

/** `nat`: made of a NAT record from a pod's address, where no flow log tells of the connection. */
export type FlowSource = 'hubble' | 'calico' | 'nat'

/** Which end of the connection reported: its client's node, its server's node, a gateway node between, or unknown. */
export type Observer = 'client' | 'server' | 'gateway' | 'unknown'

/** What one record adds, each in its own unit; units never mix. An absent unit is 0, not "unknown". */
export interface FlowCounts {
  /** Connection attempts (Hubble) or connections started in the interval (Calico). */
  readonly connections: number
  /** Records that show the traffic alive but count nothing: trace events, replies. */
  readonly events: number
  /** L7 requests answered. */
  readonly requests: number
  /** L7 answers of class 5xx. */
  readonly requestErrors: number
  /** Sent by the client, in bytes; 0 where the source counts no bytes (Hubble). */
  readonly bytesSent: Bytes
  /** Received by the client, in bytes. */
  readonly bytesReceived: Bytes
}

/** Post-SNAT source address as a flow record claims it, with the facts that decide whether it may be believed. */
export interface TranslatedSource {
  readonly ip: string
  /** False where the record is a reply, or not seen leaving the node (`TO_NETWORK`): then it proves nothing. */
  readonly isEgressObservation: boolean
}

/** Where a record stands among those whose counters repeat its own (lib/model/siblings.ts). */
export interface SiblingPlace {
  /** Equal for the records of one aggregated key and interval, whatever their policies and Service. */
  readonly family: string
  /** The Service that the client addressed; '' where the record names none. */
  readonly service: string
  /** Equal for equal enforced evaluations. */
  readonly policies: string
}

/**
 * One record of a flow log, oriented client → server, in our words. Instant records have `endMs === startMs`;
 * an interval is `[startMs, endMs)`.
 */
export interface Flow {
  readonly source: FlowSource
  /** Identity of the record itself (Hubble uuid; else a hash of what makes it unique). Equal keys are repeats. */
  readonly recordKey: string
  /** Where the record stood in its body (as in `RecordReject`): for refusals after decoding, never stored. */
  readonly line?: number
  /** The cluster the record names; undefined if it names none. */
  readonly cluster?: string
  readonly node?: string
  readonly startMs: UnixMillis
  readonly endMs: UnixMillis
  readonly observer: Observer
  readonly client: Peer
  readonly server: Peer
  /** Lower case: tcp, udp, icmp, icmp6, sctp, or the number as text. */
  readonly protocol: string
  /** 0 where the protocol has none. */
  readonly serverPort: number
  /** The client's own port, only where no SNAT can have changed it. */
  readonly clientPort?: number
  /** Kubernetes Service that the client addressed, where the source tells it. */
  readonly service?: { readonly namespace: string; readonly name: string }
  readonly verdict: Verdict
  readonly trace: PolicyTrace
  readonly counts: FlowCounts
  /**
   * True where the counters repeat those of a sibling record (Calico splits one key by policy set, each with the full
   * counters): the record adds to its policies, not to the edge's volume.
   */
  readonly repeatsSiblingCounts?: boolean
  /** Set where the source may split one count over several records, or tell a record again with counters that have grown. */
  readonly sibling?: SiblingPlace
  /** True for the reply direction: keeps the edge alive, counts nothing. */
  readonly isReply?: boolean
  readonly translatedSource?: TranslatedSource
  /** W3C trace id of the request, where an L7 proxy saw it. */
  readonly traceId?: string
  readonly l7?: L7Summary
  /** DNS answers seen: feed the DNS map. Only rcode 0 with addresses. */
  readonly dnsAnswer?: DnsAnswer
  /** What of the raw record may be shown as evidence: redacted and bounded by the decoder. */
  readonly raw: Readonly<Record<string, unknown>>
}

export interface L7Summary {
  readonly protocol: 'http' | 'dns' | 'kafka'
  readonly kind: 'request' | 'response' | 'sample'
  readonly method?: string
  readonly status?: number
  /** Path without query. */
  readonly path?: string
  readonly latencyNs?: number
  readonly query?: string
}

export interface DnsAnswer {
  /** Lower case, no trailing dot. */
  readonly name: string
  readonly ips: readonly string[]
  /** undefined = the source gives none (4294967295 on the wire). */
  readonly ttlS?: number
}

/** A stretch for which a source says, or lets us know, that records are missing. */
export interface Gap {
  readonly source: SourceName
  readonly cluster?: string
  readonly node?: string
  /** In the source's words: `HUBBLE_RING_BUFFER`, `node unavailable`. */
  readonly reason: string
  readonly atMs: UnixMillis
  readonly endMs?: UnixMillis
  /** How many records were lost; undefined = not told. */
  readonly lost?: number
}
