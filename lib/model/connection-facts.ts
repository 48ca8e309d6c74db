import type { Bytes, UnixMillis } from './units'

/** What one flow record tells of a connection that leaves the cluster. Pure projection of the flow. */
export interface ConnectionSighting {
  readonly recordKey: string
  readonly atMs: UnixMillis
  readonly endMs: UnixMillis
  readonly clientIp?: string
  /** Absent where SNAT may have changed it, or the source does not tell ports. */
  readonly clientPort?: number
  readonly serverIp?: string
  readonly serverPort: number
  readonly protocol: string
  /** True for an aggregate over many connections (Calico), or a record without addresses. */
  readonly isAggregate: boolean
  /** Aggregates of one key and interval are one row: their family, where they have one. */
  readonly aggregateKey?: string
  /** The record shows the connection being opened (or refused), not merely alive. */
  readonly isOpening: boolean
  /** Connections that the record stands for, at least 1. */
  readonly weight: number
  readonly isBlocked: boolean
  readonly isBroken: boolean
  /**
   * Told by a node on the way (an egress gateway's), which knows both addresses, and neither the pod's port nor the names that it
   * asked for: the record may be of a connection that lies on another edge.
   */
  readonly isPassing?: boolean
  readonly translated?: { readonly ip: string; readonly isEgressObservation: boolean }
  readonly pod?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly serviceAccount?: string
  readonly dnsNames?: readonly string[]
  /** Peer.fqdnSelectors of the server. */
  readonly fqdnSelectors?: readonly string[]
  readonly bytesSent: Bytes
}

/** Column `facts` of an egress connection: what flow records say about it. Lists are bounded. */
export interface ConnectionFacts {
  /** Post-SNAT addresses as flow records claim them, oldest first, at most 8. */
  readonly translated: readonly TranslatedClaim[]
  /** Evidence rows behind it (ids of flow_record), oldest first, at most 20. */
  readonly recordIds: readonly string[]
  /** Only nodes on the way tell of it (ConnectionSighting.isPassing): it goes once the pod's own node tells of it. */
  readonly isPassing?: true
  /** Of connections that only NAT records tell of: the time at which it was counted. */
  readonly countedMs?: UnixMillis
  /** When its opening was seen; absent where only later packets were. */
  readonly openedMs?: UnixMillis
  /** Where a record of an interval told of the opening: it lies between `openedMs` and this. */
  readonly openedToMs?: UnixMillis
  readonly pod?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly serviceAccount?: string
  /** Names that flow records gave for the server's address. */
  readonly dnsNames?: readonly string[]
  /** Selectors of policies that the server's address met, where no name was told (Peer.fqdnSelectors). */
  readonly fqdnSelectors?: readonly string[]
  /** Names that the client asked for shortly before, sorted, at most 32; kept here since questions are forgotten. */
  readonly askedNames?: readonly string[]
}

export interface TranslatedClaim {
  readonly ip: string
  readonly atMs: UnixMillis
  /** False: a reply, or not seen leaving the node; it proves nothing. */
  readonly isEgressObservation: boolean
  /**
   * True where only this connection can be meant. The record lacks the client's own port, so with several connections of
   * the pod to the same server open at once it is attached to the nearest one and marked false.
   */
  readonly isOnlyCandidate: boolean
  /** Of a record without the client's port: whether it saw the opening, by which it is told from others. Absent where the port was told. */
  readonly isOpening?: boolean
  readonly recordId: string
}
