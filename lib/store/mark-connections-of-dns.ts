import 'server-only'
import { askedWindow } from '@/lib/egress/names-from-questions'
import type { DnsQuestion } from '@/lib/model/dns-record'
import type { LearnedName } from '@/lib/model/prepared-batch'
import type { Queryable } from './client'
import { byDataset, hullOf, isWithin, LONGEST_LIFE_MS } from './connection-key'
import type { DnsPlace } from './save-dns-questions'

/** Offsets of the window of a connection: a question at `at` concerns connections begun in [at - after, at + before]. */
const WINDOW = askedWindow(0)

/**
 * Marks connections that new questions of their client may name. The caller holds the lock of the connections. Index
 * (client ip, first at).
 */
export async function markConnectionsOfQuestions(
  client: Queryable,
  place: DnsPlace,
  questions: readonly DnsQuestion[],
): Promise<number> {
  if (questions.length === 0) return 0
  const spans = spansOf(questions)
  const result = await client.query(
    `UPDATE egress_connection c SET dirty = true FROM unnest($3::text[], $4::float8[], $5::float8[]) AS u(ip, lo, hi)
     WHERE c.dataset = $1 AND c.cluster = $2 AND c.client_ip = u.ip COLLATE "C" AND NOT c.dirty
       AND c.first_at BETWEEN to_timestamp(u.lo / 1000.0) AND to_timestamp(u.hi / 1000.0)
       AND c.first_at BETWEEN to_timestamp($6::float8 / 1000) AND to_timestamp($7::float8 / 1000)`,
    [
      place.dataset,
      place.cluster,
      spans.map((span) => span.ip),
      spans.map((span) => span.fromMs - WINDOW.toMs),
      spans.map((span) => span.toMs - WINDOW.fromMs),
      hullOf(spans).fromMs - WINDOW.toMs,
      hullOf(spans).toMs - WINDOW.fromMs,
    ],
  )
  return result.rowCount ?? 0
}

/** Stretches of each client's questions; those less than a window apart are one. */
function spansOf(questions: readonly DnsQuestion[]): { ip: string; fromMs: number; toMs: number }[] {
  const spans: { ip: string; fromMs: number; toMs: number }[] = []
  const last = new Map<string, { ip: string; fromMs: number; toMs: number }>()
  for (const { clientIp, atMs } of [...questions].sort((a, b) => a.atMs - b.atMs)) {
    const open = last.get(clientIp)
    if (open && atMs - open.toMs <= WINDOW.toMs - WINDOW.fromMs) open.toMs = atMs
    else {
      const span = { ip: clientIp, fromMs: atMs, toMs: atMs }
      last.set(clientIp, span)
      spans.push(span)
    }
  }
  return spans
}

/** `namespace/pod`, as in `clientOf`. */
const CLIENT = `d.client_namespace || '/' || d.client_pod`
const clientOf = (name: PlacedName): string => `${name.client.namespace}/${name.clientPod}`

type PlacedName = LearnedName & { readonly dataset: string }

/** For how long answers gave an address a name, before new ones are saved. */
interface Coverage {
  readonly dataset: string
  readonly cluster: string
  readonly ip: string
  readonly name: string
  /** Who got the answer: a name is one client's. */
  readonly client: string
  readonly fromMs: number
  readonly toMs: number
}

/** What is stored of these names already; read it before they are saved. */
export async function loadNameCoverage(client: Queryable, names: readonly PlacedName[]): Promise<Coverage[]> {
  if (names.length === 0) return []
  const result = await client.query<Coverage>(
    `SELECT DISTINCT d.dataset, d.cluster, d.ip, d.name, ${CLIENT} AS client, (extract(epoch FROM d.valid_from) * 1000)::float8 AS "fromMs",
       (extract(epoch FROM d.valid_to) * 1000)::float8 AS "toMs"
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS u(dataset, cluster, ip, name)
     JOIN dns_name d ON d.dataset = u.dataset AND d.cluster = u.cluster AND d.ip = u.ip AND d.name = u.name AND d.origin = 'answer'`,
    [
      names.map((row) => row.dataset),
      names.map((row) => row.cluster),
      names.map((row) => row.ip),
      names.map((row) => row.name),
    ],
  )
  return result.rows
}

/**
 * Marks connections to addresses for which answers told a name that did not cover them before, so that a late answer still
 * names them. The caller holds the lock of the connections. Index (server ip, last at), in the partitions of
 * the answers and of a day before.
 */
export async function markConnectionsOfNames(
  client: Queryable,
  names: readonly PlacedName[],
  before: readonly Coverage[],
): Promise<ReadonlySet<string>> {
  const scopes = new Set<string>()
  for (const [dataset, alike] of byDataset(names)) {
    const known = before.filter((row) => row.dataset === dataset)
    for (const cluster of await markNamed(client, dataset, alike, known)) scopes.add(`${dataset}\n${cluster}`)
  }
  return scopes
}

async function markNamed(
  client: Queryable,
  dataset: string,
  names: readonly PlacedName[],
  before: readonly Coverage[],
): Promise<string[]> {
  const columns = (rows: readonly Coverage[]) => [
    rows.map((row) => row.cluster),
    rows.map((row) => row.ip),
    rows.map((row) => row.name),
    rows.map((row) => row.client),
    rows.map((row) => row.fromMs),
    rows.map((row) => row.toMs),
  ]
  const result = await client.query<{ cluster: string }>(
    `UPDATE egress_connection c SET dirty = true
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::float8[], $6::float8[]) AS u(cluster, ip, name, client, f, t)
     WHERE c.cluster = u.cluster AND c.server_ip = u.ip AND c.last_at >= to_timestamp(u.f / 1000.0)
       AND c.first_at BETWEEN to_timestamp((u.f - ${LONGEST_LIFE_MS}) / 1000.0) AND to_timestamp(u.t / 1000.0)
       AND ${isWithin('c', 13, 14, 15)}
       AND NOT c.dirty AND NOT EXISTS (
         SELECT 1 FROM unnest($7::text[], $8::text[], $9::text[], $10::text[], $11::float8[], $12::float8[]) AS b(cluster, ip, name, client, f, t)
         WHERE b.cluster = u.cluster AND b.ip = u.ip AND b.name = u.name AND b.client = u.client
           AND to_timestamp(b.f / 1000.0) <= c.last_at AND to_timestamp(b.t / 1000.0) >= c.first_at)
     RETURNING c.cluster`,
    [
      ...columns(names.map((name) => ({ ...name, client: clientOf(name) }))),
      ...columns(before),
      dataset,
      hullOf(names).fromMs - LONGEST_LIFE_MS,
      hullOf(names).toMs,
    ],
  )
  return result.rows.map((row) => row.cluster)
}
