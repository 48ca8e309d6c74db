import type { EgressObservation, EgressPath, ObservationKind } from '@/lib/model/egress'
import { isAudit, type NatSource } from '@/lib/model/nat-record'
import type { UnixMillis } from '@/lib/model/units'
import { CLOCK_SKEW_MS } from './grade-observation'
import { MAX_CANDIDATES, type OpenRange, type StoredNatRecord } from './nat-candidates'
import { type Caller, callerOf, type NamedWorkload, principalsOf } from './principals'

/** What of a connection a provider's audit can be joined to. */
export interface AuditFacts {
  readonly cluster: string
  readonly workload: NamedWorkload
  /** Names of the server by flow records and our DNS map, lower case. */
  readonly hosts: readonly string[]
  readonly firstMs: UnixMillis
  readonly lastMs: UnixMillis
  /** Connections that the row stands for. Default 1. */
  readonly weight?: number
  /** The stretch in which no other connection of the workload to that server was open. Absent = never, or not known. */
  readonly onlyOfWorkload?: OpenRange
}

/** What the store must load for `joinAuditRecords`. */
export interface AuditBounds {
  readonly cluster: string
  readonly hosts: readonly string[]
  /** Exact names, or `prefix*`. */
  readonly principals: readonly string[]
  readonly fromMs: UnixMillis
  readonly toMs: UnixMillis
}

/** undefined where no path says who calls as this workload: then no audit can be joined to it. */
export function auditBounds(facts: AuditFacts, paths: readonly EgressPath[]): AuditBounds | undefined {
  const principals = principalsOf(facts.workload, facts.cluster, paths)
  if (principals.length === 0 || facts.hosts.length === 0) return undefined
  return {
    cluster: facts.cluster,
    hosts: facts.hosts,
    principals,
    fromMs: facts.firstMs - CLOCK_SKEW_MS,
    toMs: facts.lastMs + CLOCK_SKEW_MS,
  }
}

/** Observations of one connection by audits are shown up to this many. */
const MAX_SHOWN = 20

/**
 * The addresses by which a provider saw a connection's workload call, one observation per address and source, newest record
 * first. A record belongs to the workload whose caller it names (`principals` of a path), to that host, while the connection
 * lived, ±5 s. J2 (nat-evidence §3.2, a unique caller identity) where the identity is that workload's alone, of this cluster alone, and the connection
 * was its only one to the host at the time; else J1: it may be another one's. Records of unknown callers are joined to nothing.
 */
export function joinAuditRecords(
  facts: AuditFacts,
  candidates: readonly StoredNatRecord[],
  paths: readonly EgressPath[],
): EgressObservation[] {
  const isOne = (facts.weight ?? 1) === 1 && candidates.filter(({ trusted }) => trusted).length <= MAX_CANDIDATES
  const own = candidates.flatMap((record) => {
    const caller = callerWithin(record, facts, paths)
    return caller ? [{ record, isUnique: caller.isUnique }] : []
  })
  const observations = new Map<string, EgressObservation>()
  for (const { record, isUnique } of own.sort((a, b) => b.record.atMs - a.record.atMs || order(a.record, b.record))) {
    const join = isOne && isUnique && isAlone(record.atMs, facts.onlyOfWorkload) ? 'J2' : 'J1'
    const key = `${record.source} ${record.translatedIp} ${join} ${record.trusted}`
    if (observations.has(key)) continue
    observations.set(key, {
      kind: KINDS[record.source] ?? 'provider-audit',
      ip: record.translatedIp,
      join,
      ...(join === 'J2' && { onlyCandidate: true as const }),
      hop: record.hop,
      trustedChannel: record.trusted,
      atMs: record.atMs,
      evidenceIds: [record.id],
    })
  }
  return [...observations.values()].slice(0, MAX_SHOWN)
}

const KINDS: Readonly<Partial<Record<NatSource, ObservationKind>>> = { cloudtrail: 'cloudtrail' }

const order = (a: StoredNatRecord, b: StoredNatRecord): number => (a.recordKey < b.recordKey ? -1 : 1)

/** The caller, where the record is of this workload's calls to this host in this time. */
function callerWithin(record: StoredNatRecord, facts: AuditFacts, paths: readonly EgressPath[]): Caller | undefined {
  const { principal, destinationHost, atMs } = record
  if (!isAudit(record.source) || record.cluster !== facts.cluster) return undefined
  if (principal === undefined || destinationHost === undefined || !facts.hosts.includes(destinationHost))
    return undefined
  if (atMs < facts.firstMs - CLOCK_SKEW_MS || atMs > facts.lastMs + CLOCK_SKEW_MS) return undefined
  const caller = callerOf(principal, facts.cluster, paths)
  return caller?.namespace === facts.workload.namespace && caller.name === facts.workload.name ? caller : undefined
}

const isAlone = (atMs: UnixMillis, range: OpenRange | undefined): boolean =>
  range !== undefined &&
  (range.fromMs === undefined || atMs - CLOCK_SKEW_MS > range.fromMs) &&
  (range.toMs === undefined || atMs + CLOCK_SKEW_MS < range.toMs)
