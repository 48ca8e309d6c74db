import type { EgressConnection } from '@/lib/model/egress'
import { isAudit, type NatRecord } from '@/lib/model/nat-record'
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
/** Records that are looked at for one connection; with more, what is left out might contradict, so nothing is proven. */
export const MAX_CANDIDATES = 500
/** How long before a connection's first flow record its NAT record may have begun: long-lived connections. */
const LOOK_BACK_MS = 24 * HOUR_MS

/** What the store must load so that a join sees every candidate: all rows that meet every bound, both ends included. */
export interface NatCandidateBounds {
  readonly cluster: string
  /** A record that does not tell its protocol or its port meets any. */
  readonly protocol: string
  /** Original address of the first hop's records; those of later hops are what a record before them translated to. */
  readonly clientIp: string
  /** Original port of the first hop's records; absent where any meets it. */
  readonly clientPort?: number
  readonly destinationIp: string
  readonly destinationPort: number
  /** `at` lies in [atFromMs, atToMs] … */
  readonly atFromMs: UnixMillis
  readonly atToMs: UnixMillis
  /** … and COALESCE(end_at, at) ≥ endFromMs. */
  readonly endFromMs: UnixMillis
}

/**
 * The bounds of the NAT records that can matter to a connection: same cluster, protocol, destination and port; from its own
 * address or what a hop made of it; begun up to a day before it, and not over before it began, by skew of clocks and hops.
 * undefined for a connection whose addresses are unknown: nothing can be joined to it.
 */
export function natCandidateBounds(connection: JoinFacts): NatCandidateBounds | undefined {
  if (connection.serverIp === undefined || connection.clientIp === undefined) return undefined
  const slack = CLOCK_SKEW_MS + MAX_HOPS * HOP_SKEW_MS
  return {
    cluster: connection.cluster,
    protocol: connection.protocol,
    clientIp: connection.clientIp,
    ...(connection.clientPort !== undefined && { clientPort: connection.clientPort }),
    destinationIp: connection.serverIp,
    destinationPort: connection.serverPort,
    atFromMs: connection.firstMs - LOOK_BACK_MS,
    atToMs: connection.lastMs + slack,
    endFromMs: connection.firstMs - slack,
  }
}

/** A stretch of time, both ends excluded; an end that is absent is open. */
export interface OpenRange {
  readonly fromMs?: UnixMillis
  readonly toMs?: UnixMillis
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
   * The stretch around the connection in which its source address belonged to its pod alone, by what is known of pods' addresses.
   * Absent = not known, or never.
   */
  readonly ownAddress?: OpenRange
  /** The stretch in which no other connection from that address to the same server and port was open. Absent = never. */
  readonly onlyConnection?: OpenRange
  /** True where the address is known to have had another owner while the connection lived: a node's, or used again at once. */
  readonly isSharedAddress?: boolean
}

/**
 * True where only this connection can be meant by a record that lacks a port (J2, nat-evidence §3.2): all the time that the
 * record speaks of, the address was its pod's alone and no other connection of it to the same server and port was open.
 */
export function isOnlyCandidate(record: NatRecord, { ownAddress, onlyConnection }: JoinFacts): boolean {
  const endMs = record.endMs ?? record.atMs
  return [ownAddress, onlyConnection].every(
    (range) =>
      range !== undefined &&
      (range.fromMs === undefined || record.atMs - CLOCK_SKEW_MS > range.fromMs) &&
      (range.toMs === undefined || endMs + CLOCK_SKEW_MS < range.toMs),
  )
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
      !isAudit(record.source) &&
      record.cluster === bounds.cluster &&
      (record.protocol === undefined || record.protocol === bounds.protocol) &&
      record.destinationIp === bounds.destinationIp &&
      (record.destinationPort === undefined || record.destinationPort === bounds.destinationPort) &&
      record.atMs >= bounds.atFromMs &&
      record.atMs <= bounds.atToMs &&
      (record.endMs ?? record.atMs) >= bounds.endFromMs,
  )
}
