import type { EgressObservation, EgressPath, JoinLevel } from '@/lib/model/egress'
import { CLOCK_SKEW_MS } from './grade-observation'
import { HOP_SKEW_MS, type JoinFacts, MAX_HOPS, type StoredNatRecord, selectNatCandidates } from './nat-candidates'
import { isFinalHop, isGatewayHop, pathsOfCluster } from './paths'

/** Observations that prove nothing are shown up to this many. */
const MAX_WEAK = 20

/**
 * Follows one connection through the NAT hops: first the record of its own tuple, then the record whose original source is
 * what the hop before made of it, within ±2 s of its beginning. Answers one observation per hop, in hop order.
 *
 * The first link holds where the record's life, `[at, end]`, touches the connection's within ±5 s. Without a DESTROY only
 * the beginning is known. Ports are reused: where records that fit give different translations, the tuple does not say
 * which is ours, so they come back as J1, which proves nothing, and the chain ends. Without the client's port the best is
 * J2, and only where `isOnlyCandidate` says so and exactly one record fits. A hop that translated nothing counts as a hop.
 * A link over an untrusted channel makes everything behind it untrusted; a hop that also translated the destination is never
 * final, nor is any behind it. Candidates outside `natCandidateBounds` are ignored.
 */
export function joinNatRecords(
  connection: JoinFacts,
  candidates: readonly StoredNatRecord[],
  paths: readonly EgressPath[],
): EgressObservation[] {
  const { clientIp, clientPort, serverIp } = connection
  if (clientIp === undefined || serverIp === undefined) return []
  const records = selectNatCandidates(connection, candidates).map(withSaneEnd)
  const isSingle = (connection.weight ?? 1) === 1
  const clusterPaths = pathsOfCluster(paths, connection.cluster)
  const first = records.filter(
    (record) =>
      record.originalIp === clientIp &&
      (clientPort === undefined || record.originalPort === clientPort) &&
      touches(record, connection),
  )
  const level = levelOf(connection, first, isSingle)
  if (level === 'J1') return first.slice(0, MAX_WEAK).map((record) => observe([record], 'J1', clusterPaths))
  return follow(first, records, level, clusterPaths)
}

/** J3 by the exact tuple; J2 without port under its conditions; J1 for everything that may be another connection's. */
function levelOf(connection: JoinFacts, first: readonly StoredNatRecord[], isSingle: boolean): JoinLevel {
  if (!isSingle) return 'J1'
  if (connection.clientPort !== undefined) return 'J3'
  const tuples = new Set(first.map((record) => `${record.originalIp} ${record.originalPort}`))
  const beginnings = new Map<string, Set<string>>()
  for (const record of first) {
    const ids = beginnings.get(record.hop) ?? new Set<string>()
    beginnings.set(record.hop, ids.add(record.connectionId ?? record.recordKey))
  }
  const isOne = tuples.size === 1 && [...beginnings.values()].every((ids) => ids.size === 1)
  return connection.isOnlyCandidate === true && isOne ? 'J2' : 'J1'
}

function follow(
  first: readonly StoredNatRecord[],
  records: readonly StoredNatRecord[],
  level: JoinLevel,
  paths: readonly EgressPath[],
): EgressObservation[] {
  const observations: EgressObservation[] = []
  const chain: StoredNatRecord[] = []
  const visited = new Set<string>()
  let matching = first
  while (matching.length > 0 && visited.size < MAX_HOPS) {
    const step = oneStep(matching)
    if (!step) {
      return [...observations, ...matching.slice(0, MAX_WEAK).map((record) => observe([...chain, record], 'J1', paths))]
    }
    for (const hop of step) {
      chain.push(...hop)
      visited.add(hop[0].hop)
      observations.push(observe(chain, level, paths, hop[0]))
    }
    const last = step.at(-1) ?? []
    matching = records.filter((record) => !visited.has(record.hop) && last.some((before) => continues(record, before)))
  }
  return observations
}

type HopRecords = readonly [StoredNatRecord, ...StoredNatRecord[]]

/**
 * The records of one tuple, by hop, hops that translated nothing first. undefined where they contradict each other: two
 * translations at one hop, or two hops that both translate the same tuple.
 */
function oneStep(matching: readonly StoredNatRecord[]): readonly HopRecords[] | undefined {
  const byHop = new Map<string, [StoredNatRecord, ...StoredNatRecord[]]>()
  for (const record of matching) {
    const known = byHop.get(record.hop)
    if (known) known.push(record)
    else byHop.set(record.hop, [record])
  }
  const hops = [...byHop.values()]
  if (hops.some((records) => new Set(records.map(translation)).size > 1)) return undefined
  const translating = hops.filter(([record]) => isTranslating(record))
  if (translating.length > 1) return undefined
  const quiet = hops.filter(([record]) => !isTranslating(record))
  return [...quiet.sort(byBeginning), ...translating]
}

const byBeginning = ([left]: HopRecords, [right]: HopRecords): number =>
  left.atMs - right.atMs || (left.hop < right.hop ? -1 : 1)
const translation = (record: StoredNatRecord): string => `${record.translatedIp} ${record.translatedPort}`
const isTranslating = (record: StoredNatRecord): boolean =>
  record.translatedIp !== record.originalIp || record.translatedPort !== record.originalPort

function continues(record: StoredNatRecord, before: StoredNatRecord): boolean {
  return (
    record.originalIp === before.translatedIp &&
    record.originalPort === before.translatedPort &&
    Math.abs(record.atMs - before.atMs) <= HOP_SKEW_MS
  )
}

const touches = (record: StoredNatRecord, { firstMs, lastMs }: JoinFacts): boolean =>
  record.atMs <= lastMs + CLOCK_SKEW_MS && (record.endMs ?? record.atMs) >= firstMs - CLOCK_SKEW_MS

/** An end before the beginning is nonsense of the sender: then only the beginning counts. */
function withSaneEnd(record: StoredNatRecord): StoredNatRecord {
  const { endMs, ...rest } = record
  return endMs !== undefined && endMs < record.atMs ? rest : record
}

function observe(
  chain: readonly StoredNatRecord[],
  join: JoinLevel,
  paths: readonly EgressPath[],
  record = chain.at(-1),
): EgressObservation {
  const hop = record?.hop ?? ''
  // Somebody else answered (a proxy): whoever leaves from here to the provider, it is not this connection.
  const isRedirected = chain.some(({ replySourceIp }) => replySourceIp !== undefined)
  return {
    kind: isGatewayHop(hop, paths) ? 'conntrack-gw' : 'conntrack-node',
    ip: record?.translatedIp,
    port: record?.translatedPort,
    join,
    hop,
    hopFinal: !isRedirected && isFinalHop(hop, paths),
    trustedChannel: chain.every(({ trusted }) => trusted),
    atMs: record?.atMs,
    evidenceIds: chain.map(({ id }) => id),
    ...(record?.endMs !== undefined && { endMs: record.endMs }),
  }
}
