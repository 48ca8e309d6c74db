import type { EgressConnection } from '@/lib/model/egress'
import type { NatRecord } from '@/lib/model/nat-record'
import { HOUR_MS, SECOND_MS, type UnixMillis } from '@/lib/model/units'
import { CLOCK_SKEW_MS } from './grade-observation'

/** A NAT record as the store keeps it. */
export interface StoredNatRecord extends NatRecord {
  readonly id: string
  readonly cluster: string
  /** Name of the hop that sent it. */
  readonly hop: string
  /** Arrived on a token with the `nat-evidence` scope. */
  readonly trusted: boolean
}

/** Two hops see the same connection begin within this (nat-evidence §3.1, proven on captures). */
export const HOP_SKEW_MS = 2 * SECOND_MS
/** Hops of one chain; more is a loop. */
export const MAX_HOPS = 8
/** How long before a connection's first flow record its NAT record may have begun: long-lived connections. */
const LOOK_BACK_MS = 24 * HOUR_MS

/** What the store must load so that a join sees every candidate: all rows that meet every bound, both ends included. */
export interface NatCandidateBounds {
  readonly cluster: string
  readonly protocol: string
  readonly destinationIp: string
  readonly destinationPort: number
  /** `at` lies in [atFromMs, atToMs] … */
  readonly atFromMs: UnixMillis
  readonly atToMs: UnixMillis
  /** … and COALESCE(end_at, at) ≥ endFromMs. */
  readonly endFromMs: UnixMillis
}

/**
 * The bounds of the NAT records that can matter to a connection: same cluster, protocol, destination and port; begun up to a
 * day before it, and not over before it began, by skew of clocks and hops. The source is no bound, since later hops see
 * translated ones. undefined for a connection whose server address is unknown: nothing can be joined to it.
 */
export function natCandidateBounds(connection: JoinFacts): NatCandidateBounds | undefined {
  if (connection.serverIp === undefined) return undefined
  const slack = CLOCK_SKEW_MS + MAX_HOPS * HOP_SKEW_MS
  return {
    cluster: connection.cluster,
    protocol: connection.protocol,
    destinationIp: connection.serverIp,
    destinationPort: connection.serverPort,
    atFromMs: connection.firstMs - LOOK_BACK_MS,
    atToMs: connection.lastMs + slack,
    endFromMs: connection.firstMs - slack,
  }
}

/** What of a connection a join needs. */
export interface JoinFacts
  extends Pick<
    EgressConnection,
    'cluster' | 'clientIp' | 'clientPort' | 'serverIp' | 'serverPort' | 'protocol' | 'firstMs' | 'lastMs'
  > {
  /** Connections that this row stands for; more than one can be joined at group level only. Default 1. */
  readonly weight?: number
  /**
   * Only for a connection without client port. True where its source address belonged to one pod only, and no other connection
   * of that pod to the same server and port was open then. Absent = not known, so nothing can be proven.
   */
  readonly isOnlyCandidate?: boolean
}

/** Rows of `records` within the bounds: for callers that hold records in memory, and for tests of the bounds. */
export function selectNatCandidates(
  connection: JoinFacts,
  records: readonly StoredNatRecord[],
): readonly StoredNatRecord[] {
  const bounds = natCandidateBounds(connection)
  if (!bounds) return []
  return records.filter(
    (record) =>
      record.cluster === bounds.cluster &&
      record.protocol === bounds.protocol &&
      record.destinationIp === bounds.destinationIp &&
      record.destinationPort === bounds.destinationPort &&
      record.atMs >= bounds.atFromMs &&
      record.atMs <= bounds.atToMs &&
      (record.endMs ?? record.atMs) >= bounds.endFromMs,
  )
}
