import type { EgressObservation, EgressPath, JoinLevel, ObservationKind } from '@/lib/model/egress'
import { isWindowed, type NatSource } from '@/lib/model/nat-record'
import { CLOCK_SKEW_MS } from './grade-observation'
import {
  HOP_SKEW_MS,
  isOnlyCandidate,
  type JoinFacts,
  MAX_CANDIDATES,
  MAX_HOPS,
  type StoredNatRecord,
  selectNatCandidates,
} from './nat-candidates'
import { isFinalHop, isGatewayHop, pathsOfCluster } from './paths'

/** Observations that prove nothing are shown up to this many. */
const MAX_WEAK = 20

/**
 * Follows one connection through the NAT hops: first the record of its own tuple, then the record whose original source is
 * what the hop before made of it, within ±2 s of its beginning. Answers one observation per hop, in hop order.
 *
 * The first link holds where the record's life, `[at, end]`, touches the connection's within ±5 s. Without a DESTROY only
 * the beginning is known. A record of a window (AWS) continues a hop whose connection began or was alive in it. Ports are
 * reused: where records that fit give different translations, the tuple does not say which is ours, so they come back as J1,
 * which proves nothing, and the chain ends.
 *
 * Levels: J3 while every link is an exact tuple and every hop told its translated port. J2 where the last hop told none (AWS),
 * or where the first link lacks a port and `isOnlyCandidate` holds for exactly one record. J1 for everything that may be
 * another connection's: links without a port behind the first translation, since nodes' and gateways' addresses are shared;
 * records without the server's port (Azure); sampled logs (GCP VPC); aggregated connections. A hop that translated nothing
 * counts as a hop. A link over an untrusted channel makes everything behind it untrusted, and cannot take away what trusted
 * records say: those are joined among themselves. A hop that also translated the
 * destination is never final, nor is any behind it. Candidates outside `natCandidateBounds` are ignored.
 */
export function joinNatRecords(
  connection: JoinFacts,
  candidates: readonly StoredNatRecord[],
  paths: readonly EgressPath[],
): EgressObservation[] {
  if (connection.clientIp === undefined || connection.serverIp === undefined) return []
  const trusted = candidates.filter((record) => record.trusted)
  const proofs = joinOf(connection, trusted, paths)
  if (trusted.length === candidates.length) return proofs
  const others = joinOf(connection, candidates, paths).filter(({ trustedChannel }) => trustedChannel === false)
  return [...proofs, ...others]
}

function joinOf(
  connection: JoinFacts,
  candidates: readonly StoredNatRecord[],
  paths: readonly EgressPath[],
): EgressObservation[] {
  const records = selectNatCandidates(connection, candidates).map(withSaneEnd)
  const join: Join = { connection, records, paths: pathsOfCluster(paths, connection.cluster) }
  const first = linksFrom(join, undefined, new Set())
  // Aggregates, and more records than were loaded: nothing can be told apart.
  const isOne = (connection.weight ?? 1) === 1 && candidates.length <= MAX_CANDIDATES
  return isOne ? follow(join, first) : weak(join, [], first)
}

interface Join {
  readonly connection: JoinFacts
  readonly records: readonly StoredNatRecord[]
  readonly paths: readonly EgressPath[]
}

/** A record that may be the next hop, and how surely. */
interface Link {
  readonly record: StoredNatRecord
  readonly level: JoinLevel
}

function follow(join: Join, first: readonly Link[]): EgressObservation[] {
  const observations: EgressObservation[] = []
  const doubtful: EgressObservation[] = []
  const chain: StoredNatRecord[] = []
  const visited = new Set<string>()
  let level: JoinLevel = 'J3'
  /** Some link lacks a port, and holds because nobody else can be meant. */
  let isElimination = false
  let links = first
  while (links.length > 0 && visited.size < MAX_HOPS) {
    doubtful.push(
      ...weak(
        join,
        chain,
        links.filter((link) => link.level === 'J1'),
      ),
    )
    const sure = links.filter((link) => link.level !== 'J1')
    const step = oneStep(sure)
    if (!step) doubtful.push(...weak(join, chain, sure))
    if (!step || step.length === 0) break
    for (const hop of step) {
      chain.push(...hop.map(({ record }) => record))
      visited.add(hop[0].record.hop)
      level = lowest(level, ...hop.map((link) => levelAt(link)))
      isElimination ||= hop.some((link) => link.level === 'J2')
      const observation = observe(join, chain, level, hop[0].record)
      observations.push(isElimination ? { ...observation, onlyCandidate: true } : observation)
    }
    links = linksFrom(join, step.at(-1), visited)
  }
  return [...observations, ...doubtful.slice(0, MAX_WEAK)]
}

type HopLinks = readonly [Link, ...Link[]]

/** Records of what the connection is after a step (`before`), or of its own tuple. */
function linksFrom(join: Join, before: HopLinks | undefined, visited: ReadonlySet<string>): Link[] {
  const { connection, records } = join
  const own = before === undefined
  const links = records.flatMap((record) => {
    if (visited.has(record.hop)) return []
    const from = own
      ? [{ ip: connection.clientIp, port: connection.clientPort }]
      : before
          .filter((link) => continuesInTime(record, link.record))
          .map(({ record: { translatedIp, translatedPort } }) => ({ ip: translatedIp, port: translatedPort }))
    const source = from.find(({ ip, port }) => record.originalIp === ip && mayBeSame(record.originalPort, port))
    if (!source || (own && !touches(record, connection))) return []
    const isExact = source.port !== undefined && record.originalPort !== undefined
    return [{ record, level: linkLevel(record, isExact, connection) }]
  })
  return own && connection.clientPort === undefined ? withoutRivals(links) : links
}

const mayBeSame = (a: number | undefined, b: number | undefined): boolean =>
  a === undefined || b === undefined || a === b

/** Sampled: what it says is true, what it leaves out is not told. */
const SAMPLED: ReadonlySet<NatSource> = new Set(['gcp-vpc'])

function linkLevel(record: StoredNatRecord, isExact: boolean, connection: JoinFacts): JoinLevel {
  if (record.destinationPort === undefined || SAMPLED.has(record.source)) return 'J1'
  // A window may hold the next owner's connection from the same port.
  if (isExact && isWindowed(record.source) && connection.isSharedAddress && record.originalIp === connection.clientIp)
    return 'J1'
  if (isExact) return 'J3'
  return record.originalIp === connection.clientIp && isOnlyCandidate(record, connection) ? 'J2' : 'J1'
}

/** Without the client's port, records of two tuples, or of two beginnings at one hop, are of two connections. */
function withoutRivals(links: readonly Link[]): Link[] {
  const ports = new Set(links.flatMap(({ record }) => record.originalPort ?? []))
  const beginnings = new Map<string, Set<string>>()
  for (const { record } of links) {
    if (isWindowed(record.source)) continue
    const ids = beginnings.get(record.hop) ?? new Set<string>()
    beginnings.set(record.hop, ids.add(record.connectionId ?? record.recordKey))
  }
  const isOne = ports.size <= 1 && [...beginnings.values()].every((ids) => ids.size === 1)
  return isOne ? [...links] : links.map(({ record }) => ({ record, level: 'J1' }))
}

/** A tuple that is exact only up to the port that the hop gave it is no J3. */
const levelAt = ({ record, level }: Link): JoinLevel =>
  level === 'J3' && record.translatedPort === undefined ? 'J2' : level

const lowest = (...levels: readonly JoinLevel[]): JoinLevel => [...levels].sort()[0] ?? 'J1'

/**
 * The links of one tuple, by hop, hops that translated nothing first. undefined where they contradict each other: two
 * translations at one hop, or two hops that both translate the same tuple.
 */
function oneStep(links: readonly Link[]): readonly HopLinks[] | undefined {
  const byHop = new Map<string, [Link, ...Link[]]>()
  for (const link of links) {
    const known = byHop.get(link.record.hop)
    if (known) known.push(link)
    else byHop.set(link.record.hop, [link])
  }
  const hops = [...byHop.values()]
  if (hops.some((own) => new Set(own.map(({ record }) => translation(record))).size > 1)) return undefined
  const translating = hops.filter(([{ record }]) => isTranslating(record))
  if (translating.length > 1) return undefined
  const quiet = hops.filter(([{ record }]) => !isTranslating(record))
  return [...quiet.sort(byBeginning), ...translating]
}

const byBeginning = ([left]: HopLinks, [right]: HopLinks): number =>
  left.record.atMs - right.record.atMs || (left.record.hop < right.record.hop ? -1 : 1)
const translation = (record: StoredNatRecord): string => `${record.translatedIp} ${record.translatedPort ?? ''}`
const isTranslating = (record: StoredNatRecord): boolean =>
  record.translatedIp !== record.originalIp || record.translatedPort !== record.originalPort

/** Hops see a connection begin at once; a window has the beginning in it, or goes on with what is known to be alive. */
function continuesInTime(record: StoredNatRecord, before: StoredNatRecord): boolean {
  if (!isWindowed(record.source) && !isWindowed(before.source))
    return Math.abs(record.atMs - before.atMs) <= HOP_SKEW_MS
  return (
    (record.endMs ?? record.atMs) >= before.atMs - HOP_SKEW_MS &&
    record.atMs <= (before.endMs ?? before.atMs) + HOP_SKEW_MS
  )
}

const touches = (record: StoredNatRecord, { firstMs, lastMs }: JoinFacts): boolean =>
  record.atMs <= lastMs + CLOCK_SKEW_MS && (record.endMs ?? record.atMs) >= firstMs - CLOCK_SKEW_MS

/** An end before the beginning is nonsense of the sender: then only the beginning counts. */
function withSaneEnd(record: StoredNatRecord): StoredNatRecord {
  const { endMs, ...rest } = record
  return endMs !== undefined && endMs < record.atMs ? rest : record
}

const weak = (join: Join, chain: readonly StoredNatRecord[], links: readonly Link[]): EgressObservation[] =>
  links.slice(0, MAX_WEAK).map(({ record }) => observe(join, [...chain, record], 'J1', record))

function observe(
  { paths }: Join,
  chain: readonly StoredNatRecord[],
  join: JoinLevel,
  record: StoredNatRecord,
): EgressObservation {
  // Somebody else answered (a proxy): whoever leaves from here to the provider, it is not this connection.
  const isRedirected = chain.some(({ replySourceIp }) => replySourceIp !== undefined)
  return {
    kind: kindOf(record, paths),
    ip: record.translatedIp,
    port: record.translatedPort,
    join,
    hop: record.hop,
    hopFinal: !isRedirected && isFinalHop(record.hop, paths),
    trustedChannel: chain.every(({ trusted }) => trusted),
    atMs: record.atMs,
    evidenceIds: chain.map(({ id }) => id),
    ...(record.endMs !== undefined && { endMs: record.endMs }),
  }
}

const CLOUD_KINDS: Readonly<Partial<Record<NatSource, ObservationKind>>> = {
  'aws-vpc': 'aws-vpc-flow',
  'gcp-nat': 'gcp-cloud-nat',
  'gcp-vpc': 'gcp-vpc-flow',
  'azure-natgw': 'azure-natgw-flow',
}

const kindOf = ({ source, hop }: StoredNatRecord, paths: readonly EgressPath[]): ObservationKind =>
  CLOUD_KINDS[source] ?? (isGatewayHop(hop, paths) ? 'conntrack-gw' : 'conntrack-node')
