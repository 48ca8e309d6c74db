import 'server-only'
import type { AuditBounds } from '@/lib/egress/join-audit-records'
import type { ToldRefusal } from '@/lib/egress/match-refusal'
import type { NatCandidateBounds, StoredNatRecord } from '@/lib/egress/nat-candidates'
import type { PodStart } from '@/lib/egress/startup-race'
import type { ConnectionFacts } from '@/lib/model/connection-facts'
import type { Judgement } from '@/lib/model/egress'
import type { EndpointClass } from '@/lib/model/endpoint'
import { LIMITS } from '@/lib/model/limits'
import { isWindowed } from '@/lib/model/nat-record'
import { addEgressIntent, type EgressIntentRows } from './add-egress-intent'
import { loadAskedNames, saveAskedNames } from './asked-names'
import { canonicalJson } from './canonical-json'
import { type Queryable, withTransaction } from './client'
import { beginningsOf, byDataset, isKeyOf } from './connection-key'
import { contentId } from './content-id'
import { loadAuditCandidates, loadNatCandidates } from './load-nat-candidates'
import { loadPodStarts } from './load-pod-starts'
import { loadProbes, type Probed } from './load-probes'
import { loadRefusals } from './load-refusals'
import { type ClaimNeighbours, loadClaimNeighbours, loadUniqueness, type Uniqueness } from './load-uniqueness'
import { lockConnections } from './lock-connections'
import { markStartupRaces, type Settled } from './mark-startup-races'
import { notifyGraph } from './notify-graph'
import { ensurePartitions } from './partitions'
import { byId } from './row-order'

/** A connection that waits to be judged, with what the store knows of its ends. */
export interface WaitingConnection {
  readonly id: string
  readonly dataset: string
  readonly cluster: string
  readonly edgeId: string
  readonly protocol: string
  readonly clientIp: string | null
  readonly clientPort: number | null
  readonly serverIp: string | null
  readonly serverPort: number
  readonly firstMs: number
  readonly lastMs: number
  readonly weight: number
  readonly blocked: boolean
  readonly broken: boolean
  readonly facts: ConnectionFacts
  readonly namespace: string
  readonly workload: string
  readonly serverClass: EndpointClass
  readonly serverName: string
  /** Names by answers that its own pod got, at most one more than LIMITS.dnsNames. */
  readonly dnsMapNames: readonly string[]
  /** Names by answers that others got for the server's address, as many at most: several hosts may share it. */
  readonly othersNames: readonly string[]
  /** Names that the client asked for shortly before; [] where it is not known who the client was. */
  readonly askedNames: readonly string[]
  readonly previous: Judgement | null
  /** What the Kubernetes inventory says of its egress; absent where there is none. */
  readonly intent?: EgressIntentRows
  /** When its pod began; absent in clusters without egress gateways. */
  readonly podStart?: PodStart
  /** What spans of its workload tell of refused addresses while it lived. */
  readonly refusals: readonly ToldRefusal[]
  /** Probes of its namespace before its end, and its node; absent where there were none. */
  readonly probed?: Probed
}

/** What is on record beside a connection, as far as its judgement may rest on it. */
export interface Evidence extends ClaimNeighbours {
  readonly records: readonly StoredNatRecord[]
  /** Providers' records of the workload's calls. */
  readonly audits: readonly StoredNatRecord[]
  readonly uniqueness: Uniqueness
}

/** Which evidence a connection's judgement may rest on; undefined for none. */
export interface Wanted {
  readonly nat: NatCandidateBounds | undefined
  readonly audits: AuditBounds | undefined
}

/** Which end of what waits is judged first, by when it began. */
export type First = 'oldest' | 'newest'
const DIRECTION: Readonly<Record<First, 'ASC' | 'DESC'>> = { oldest: 'ASC', newest: 'DESC' }

/** What becomes of a waiting connection: a judgement, or undefined for one that goes to no provider. */
export type Judge = (connection: WaitingConnection, evidence: Evidence) => Judgement | undefined

/**
 * Judges up to `limit` waiting connections in one transaction and answers how many it took. Rows are locked and rows that
 * another worker holds are skipped, so any number of workers may run. A judgement that differs from the one before is
 * appended to the history.
 */
export async function judgeConnections(
  limit: number,
  wantedOf: (connection: WaitingConnection) => Wanted,
  judge: Judge,
  first: First = 'oldest',
): Promise<number> {
  return withTransaction(async (client) => {
    const scopes = await waitingScopes(client, limit, first)
    // Evidence marks connections under the same lock: without it a mark could fall between our reading and our writing.
    await lockConnections(client, scopes)
    const waiting = await withSurroundings(client, await takeWaiting(client, scopes, limit, first))
    const judged: Judged[] = []
    for (const connection of waiting) {
      judged.push(judgedOf(connection, judge(connection, await loadEvidence(client, connection, wantedOf(connection)))))
    }
    if (judged.length > 0) await save(client, judged)
    const changes = scopes.map((scope) => ({ ...scope, egress: false }))
    if (waiting.length > 0) await notifyGraph(client, changes)
    return waiting.length
  })
}

/**
 * Names by answers for a connection's server while it lived: those that its own pod got, or those of everybody else. An aggregated
 * log of answers names pods by their prefix.
 */
const answered = (isOwn: 'true' | 'false'): string =>
  `ARRAY(SELECT DISTINCT d.name FROM dns_name d WHERE d.dataset = c.dataset COLLATE "default" AND d.cluster = c.cluster AND d.ip = c.server_ip
     AND d.origin = 'answer' AND d.valid_from <= c.last_at AND d.valid_to >= c.first_at
     AND coalesce(d.client_namespace = p.namespace AND (d.client_pod = c.facts->>'pod'
       OR d.client_pod LIKE '_%*' AND starts_with(c.facts->>'pod', left(d.client_pod, -1))), false) = ${isOwn}
     ORDER BY d.name LIMIT ${LIMITS.dnsNames + 1})`

/** Connections `c` with what the store knows of their ends; a condition follows. */
export const WAITING_FROM = (connections: string): string =>
  `SELECT c.id::text, c.dataset, c.cluster, c.edge_id::text AS "edgeId", c.protocol, c.client_ip AS "clientIp", c.client_port AS "clientPort", c.server_ip AS "serverIp",
       c.server_port AS "serverPort", (extract(epoch FROM c.first_at) * 1000)::float8 AS "firstMs", (extract(epoch FROM c.last_at) * 1000)::float8 AS "lastMs",
       c.weight, c.blocked, c.broken, c.facts, p.namespace, p.name AS workload, s.class AS "serverClass", s.name AS "serverName", c.judgement AS previous,
       ${answered('true')} AS "dnsMapNames", ${answered('false')} AS "othersNames"
     FROM ${connections} c JOIN edge e ON e.id = c.edge_id JOIN endpoint p ON p.id = e.client_id JOIN endpoint s ON s.id = e.server_id`
const WAITING = WAITING_FROM('egress_connection')

interface Scope {
  readonly dataset: string
  readonly cluster: string
}

/** Where the connections of the next batch are, unless other workers take them first. */
async function waitingScopes(client: Queryable, limit: number, first: First): Promise<Scope[]> {
  const result = await client.query<Scope>(
    `SELECT DISTINCT dataset, cluster FROM (SELECT dataset, cluster FROM egress_connection WHERE dirty ORDER BY first_at ${DIRECTION[first]} LIMIT $1) c ORDER BY 1, 2`,
    [limit],
  )
  return result.rows
}

/**
 * What waits can be of any time: a probe of the index of what waits (first at, where dirty) in each partition there is; read
 * from one end or the other. A partition where nothing waits has an empty one.
 */
async function takeWaiting(
  client: Queryable,
  scopes: readonly Scope[],
  limit: number,
  first: First,
): Promise<TakenConnection[]> {
  const result = await client.query<Omit<TakenConnection, 'askedNames'>>(
    `${WAITING} WHERE c.dirty AND (c.dataset, c.cluster) IN (SELECT * FROM unnest($2::text[], $3::text[])) ORDER BY c.first_at ${DIRECTION[first]} LIMIT $1 FOR UPDATE OF c SKIP LOCKED`,
    [limit, scopes.map((scope) => scope.dataset), scopes.map((scope) => scope.cluster)],
  )
  const asked = await loadAskedNames(client, result.rows)
  await saveAskedNames(client, result.rows, asked)
  return result.rows.map((row) => ({ ...row, askedNames: asked.get(row.id)?.names ?? [] }))
}

/** A connection as its own row and the rows of its ends tell it. */
export type TakenConnection = Omit<WaitingConnection, 'intent' | 'podStart' | 'refusals' | 'probed'>

/** What is on record of the surroundings of connections: configuration, pods, words of the workload, probes. */
export async function withSurroundings(
  client: Queryable,
  rows: readonly TakenConnection[],
): Promise<WaitingConnection[]> {
  if (rows.length === 0) return []
  const waiting = await addEgressIntent(client, rows)
  const starts = await loadPodStarts(
    client,
    waiting.filter(({ intent }) => intent),
  )
  const refusals = await loadRefusals(client, rows)
  const probes = await loadProbes(client, rows)
  return waiting.map((row) => {
    const podStart = starts.get(row.id)
    const probed = probes.get(row.id)
    return {
      ...row,
      refusals: refusals.get(row.id) ?? [],
      ...(podStart && { podStart }),
      ...(probed && { probed }),
    }
  })
}

/** The evidence that a connection's judgement may rest on. */
export async function loadEvidence(
  client: Queryable,
  connection: WaitingConnection,
  wanted: Wanted,
): Promise<Evidence> {
  const { dataset, clientIp, clientPort } = connection
  const records = wanted.nat ? await loadNatCandidates(client, dataset, wanted.nat) : []
  const audits = wanted.audits ? await loadAuditCandidates(client, dataset, wanted.audits) : []
  // Only what lacks a port, or speaks of a stretch or a caller, could mean a neighbour.
  const isLoose = records.some(
    (record) =>
      record.originalIp === clientIp &&
      (clientPort === null || record.originalPort === undefined || isWindowed(record.source)),
  )
  const uniqueness = isLoose || audits.length > 0 ? await loadUniqueness(client, connection) : {}
  return { records, audits, uniqueness, ...(await loadClaimNeighbours(client, connection)) }
}

interface Judged {
  readonly connection: WaitingConnection
  readonly judgement: Judgement | undefined
  /** Group of the judgement; null without one. */
  readonly groupId: string | null
  readonly group: object | undefined
}

function judgedOf(connection: WaitingConnection, judgement: Judgement | undefined): Judged {
  if (!judgement) return { connection, judgement, groupId: null, group: undefined }
  const { state, reason, lean, observedIp, rule, expected, confidence, cause, wasViolation } = judgement
  const group = { state, reason, lean, observedIp, rule, expected, confidence, cause, wasViolation }
  return { connection, judgement, groupId: contentId(canonicalJson(group)), group }
}

async function save(client: Queryable, judged: readonly Judged[]): Promise<void> {
  const groups = new Map(judged.flatMap(({ groupId, group }) => (groupId && group ? [[groupId, group]] : [])))
  await client.query(
    'INSERT INTO judgement_group (id, body) SELECT * FROM unnest($1::bigint[], $2::jsonb[]) AS u(id, body) ORDER BY id ON CONFLICT DO NOTHING',
    [[...groups.keys()], [...groups.values()].map((group) => JSON.stringify(group))],
  )
  for (const [dataset, rows] of byDataset(judged.map((row) => ({ ...row, dataset: row.connection.dataset }))))
    await saveJudgements(client, dataset, rows)
  const changed = judged.filter(({ judgement, connection }) => judgement && !isSame(judgement, connection.previous))
  await ensurePartitions(
    'judgement_history',
    changed.flatMap(({ connection }) => (connection.dataset === '' ? [connection.firstMs] : [])),
  )
  await client.query(
    `INSERT INTO judgement_history (connection_id, dataset, first_at, at, judgement)
     SELECT u.id, u.dataset, to_timestamp(u.f / 1000.0), clock_timestamp(), u.judgement
     FROM unnest($1::bigint[], $2::text[], $3::float8[], $4::jsonb[]) AS u(id, dataset, f, judgement)`,
    [
      changed.map(({ connection }) => connection.id),
      changed.map(({ connection }) => connection.dataset),
      changed.map(({ connection }) => connection.firstMs),
      changed.map(({ judgement }) => JSON.stringify(judgement)),
    ],
  )
  await markStartupRaces(client, judged.flatMap(settledOf))
  await noteEdges(client, judged)
}

/** What was learned of a pod's later connection, where the configuration says that an egress gateway covers pods. */
function settledOf({ connection, judgement }: Judged): Settled[] {
  const { dataset, cluster, clientIp, firstMs, intent, previous } = connection
  const isChanged = (judgement?.state === 'sanctioned') !== (previous?.state === 'sanctioned')
  return isChanged && intent && clientIp !== null && dataset === '' ? [{ cluster, clientIp, firstMs }] : []
}

async function saveJudgements(client: Queryable, dataset: string, judged: readonly Judged[]): Promise<void> {
  const { fromMs, toMs } = beginningsOf(judged.map(({ connection }) => connection))
  await client.query(
    `UPDATE egress_connection c SET dirty = false, state = u.state, reason = u.reason, lean = u.lean, observed_ip = u.observed_ip,
       judgement = u.judgement, group_id = u.group_id, judged_at = now()
     FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::bigint[], $8::float8[])
       AS u(id, state, reason, lean, observed_ip, judgement, group_id, f) WHERE ${isKeyOf(9, 10, 11)}`,
    [
      judged.map(({ connection }) => connection.id),
      judged.map(({ judgement }) => judgement?.state ?? null),
      judged.map(({ judgement }) => judgement?.reason ?? null),
      judged.map(({ judgement }) => judgement?.lean ?? null),
      judged.map(({ judgement }) => judgement?.observedIp ?? null),
      judged.map(({ judgement }) => (judgement ? JSON.stringify(judgement) : null)),
      judged.map(({ groupId }) => groupId),
      judged.map(({ connection }) => connection.firstMs),
      dataset,
      fromMs,
      toMs,
    ],
  )
}

/** Notes which edges have judged connections: doors and findings are read by them. */
async function noteEdges(client: Queryable, judged: readonly Judged[]): Promise<void> {
  const edges = byId(
    judged.filter(({ groupId }) => groupId !== null).map(({ connection }) => connection),
    ({ dataset, edgeId }) => `${dataset}\n${edgeId}`,
  )
  await client.query(
    `INSERT INTO judged_edge AS e (dataset, edge_id, judged_at) SELECT u.dataset, u.edge, now() FROM unnest($1::text[], $2::bigint[]) AS u(dataset, edge)
     ON CONFLICT (dataset, edge_id) DO UPDATE SET judged_at = greatest(e.judged_at, EXCLUDED.judged_at)`,
    [edges.map(({ dataset }) => dataset), edges.map(({ edgeId }) => edgeId)],
  )
}

const isSame = (a: Judgement, b: Judgement | null): boolean =>
  b !== null &&
  a.state === b.state &&
  a.reason === b.reason &&
  a.lean === b.lean &&
  a.observedIp === b.observedIp &&
  a.cause === b.cause &&
  a.wasViolation === b.wasViolation &&
  // Judgements of older versions do not say it: that alone is no news.
  (b.named === undefined || (a.named?.way === b.named.way && a.named.hosts.join() === b.named.hosts.join())) &&
  a.configVersion === b.configVersion
