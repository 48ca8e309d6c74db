import { hash } from 'node:crypto'
import { addTo, type Body, type Counts, type Expected } from './crash-test-bodies'
import type { Observer } from './crash-test-observer'

/** Differences that are told of one check; the rest is counted. */
const MOST_TOLD = 5

/** A body of which the ledger must know. */
export type TakenBody = Pick<Body, 'kind' | 'sha256'>

/** Where retention is at work: by table, since when everything is kept, and until when everything is gone. */
export type KeptSince = Readonly<Record<string, { readonly fromMs: number; readonly untilMs: number }>>

/** What the database says that it should not, or does not that it should; empty where every acknowledged record counts once. */
export async function checkContent(
  observer: Observer,
  expected: Expected,
  taken: readonly TakenBody[],
  kept: KeptSince = {},
): Promise<string[]> {
  return [
    ...(await checkLedger(observer, taken)),
    ...(await checkSums(observer, expected, kept)),
    ...(await checkEvidence(observer, expected, kept)),
    ...(await checkEgress(observer, expected, kept)),
    ...(await checkNat(observer, expected, kept)),
    ...(await checkSpans(observer, expected, kept)),
    ...(await checkReceipts(observer, expected)),
  ]
}

/** Spans have no ledger: one that comes again replaces itself. */
async function checkLedger(observer: Observer, taken: readonly TakenBody[]): Promise<string[]> {
  const rows = await observer.query<{ sha: string; count: number }>(
    `SELECT encode(body_sha256, 'hex') AS sha, count(*)::int AS count FROM ingest_batch GROUP BY 1`,
  )
  return differences(
    'ledger, entries by body',
    new Map(taken.filter((body) => body.kind !== 'spans').map((body) => [body.sha256, 1])),
    new Map(rows.map((row) => [row.sha, row.count])),
  )
}

const EDGE_NAMES = `JOIN edge e ON e.id = x.edge_id JOIN endpoint c ON c.id = e.client_id JOIN endpoint s ON s.id = e.server_id`
const EDGE_KEY = `c.name || ' ' || (CASE WHEN s.class = 'internet' THEN 'internet' ELSE s.name END) || ':' || e.server_port`

/** Tables of the grains with what one is added up from. */
const TIERS = [
  { table: 'edge_bucket_15s', grainMs: 15_000, finest: [15] },
  { table: 'edge_bucket_1m', grainMs: 60_000, finest: [15, 60] },
  { table: 'edge_bucket_1h', grainMs: 3_600_000, finest: [15, 60] },
] as const

/** Every grain holds the same records, added up: none is lost on the way, none counted twice. */
async function checkSums(observer: Observer, { sums }: Expected, kept: KeptSince): Promise<string[]> {
  const problems: string[] = []
  for (const { table, grainMs, finest } of TIERS) {
    const rows = await observer.query<{ key: string } & Counts>(
      `SELECT ${EDGE_KEY} || '|' || x.observer || '|' || x.outcome || '|' || x.repeats || '|' || b.bucket_start AS key,
         coalesce(sum(b.connections), 0)::float8 AS connections, coalesce(sum(b.events), 0)::float8 AS events,
         coalesce(sum(b.bytes_sent), 0)::float8 AS "bytesSent", coalesce(sum(b.bytes_received), 0)::float8 AS "bytesReceived"
       FROM ${table} b JOIN edge_variant x ON x.id = b.variant_id ${EDGE_NAMES} GROUP BY 1`,
    )
    const expected = new Map<string, Counts>()
    for (const grain of finest)
      for (const [key, counts] of sums[grain]) {
        const { edge, startMs } = partsOf(key)
        addTo(expected, `${edge}|${Math.floor(startMs / grainMs) * grainMs}`, counts)
      }
    const found = new Map(rows.map((row) => [row.key, countsText(row)]))
    const all = new Map([...expected].map(([key, sum]) => [key, countsText(sum)]))
    problems.push(...differences(`sums in ${table}`, dueOf(table, all, found, kept), found))
  }
  return problems
}

/** What must be there of the expected. What is about to be dropped may be there or not; if it is there, then whole. */
function dueOf<T>(
  table: string,
  expected: ReadonlyMap<string, T>,
  found: ReadonlyMap<string, T>,
  kept: KeptSince,
): ReadonlyMap<string, T> {
  const { fromMs, untilMs } = kept[table] ?? { fromMs: Number.NEGATIVE_INFINITY, untilMs: Number.NEGATIVE_INFINITY }
  return new Map(
    [...expected].filter(([key]) => {
      const { startMs } = partsOf(key)
      return startMs >= fromMs || (startMs >= untilMs && found.has(key))
    }),
  )
}

function partsOf(key: string): { readonly edge: string; readonly startMs: number } {
  const at = key.lastIndexOf('|')
  return { edge: key.slice(0, at), startMs: Number(key.slice(at + 1)) }
}

const countsText = ({ connections, events, bytesSent, bytesReceived }: Counts): string =>
  `${connections} connections, ${events} events, ${bytesSent} + ${bytesReceived} bytes`

/** A row's id and the start of its record, of rows of one source (lib/store/record-key.ts). */
const RECORDS_OF = `SELECT (lpad(to_hex(r.record_key # r.record_low), 16, '0') || lpad(to_hex(r.record_low), 16, '0'))::uuid::text AS id,
    r.start_at / 1000000 AS start_ms, x.edge_id FROM flow_record r JOIN edge_variant x ON x.id = r.variant_id WHERE x.source = $1`

async function checkEvidence(observer: Observer, expected: Expected, kept: KeptSince): Promise<string[]> {
  const hubble = await observer.query<{ id: string; key: string; count: number }>(
    `SELECT r.id, r.id || '|' || r.start_ms AS key, count(*)::int AS count FROM (${RECORDS_OF}) r GROUP BY 1, 2`,
    ['hubble'],
  )
  // Which exemplars are kept depends on which process took which body.
  const found = new Map(hubble.filter((row) => !expected.exemplars.has(row.id)).map((row) => [row.key, row.count]))
  const calico = await observer.query<{ key: string; count: number }>(
    `SELECT ${EDGE_KEY} || '|' || x.start_ms AS key, count(*)::int AS count FROM (${RECORDS_OF}) x ${EDGE_NAMES} GROUP BY 1`,
    ['calico'],
  )
  const rows = new Map(calico.map((row) => [row.key, row.count]))
  const due = <T>(all: ReadonlyMap<string, T>, there: ReadonlyMap<string, T>) => dueOf('flow_record', all, there, kept)
  return [
    ...differences(
      'Hubble evidence, rows by record',
      due(new Map([...expected.kept].map((key) => [key, 1])), found),
      found,
    ),
    ...differences('Calico evidence, rows', due(expected.calicoRows, rows), rows),
  ]
}

async function checkEgress(observer: Observer, { egress }: Expected, kept: KeptSince): Promise<string[]> {
  const rows = await observer.query<{ key: string; weight: number }>(
    `SELECT ${EDGE_KEY} || '|' || (extract(epoch FROM x.first_at) * 1000)::bigint AS key, sum(x.weight)::int AS weight
     FROM egress_connection x ${EDGE_NAMES} GROUP BY 1`,
  )
  const found = new Map(rows.map((row) => [row.key, row.weight]))
  return differences('connections to the outside', dueOf('egress_connection', egress, found, kept), found)
}

async function checkNat(observer: Observer, { nat }: Expected, kept: KeptSince): Promise<string[]> {
  const rows = await observer.query<{ key: string; ends: string }>(
    `SELECT original_ip || ':' || original_port || '|' || (extract(epoch FROM at) * 1000)::bigint AS key,
       string_agg((end_at IS NOT NULL)::text, ', ') AS ends FROM nat_record GROUP BY 1`,
  )
  const found = new Map(rows.map((row) => [row.key, row.ends]))
  const all = new Map([...nat].map(([key, hasEnded]) => [key, String(hasEnded)]))
  return differences('NAT records, whether ended', dueOf('nat_record', all, found, kept), found)
}

async function checkSpans(observer: Observer, { traces }: Expected, kept: KeptSince): Promise<string[]> {
  const rows = await observer.query<{ key: string; spans: number; calls: number }>(
    `SELECT trace_id || '|' || (extract(epoch FROM min(start_at)) * 1000)::bigint AS key, count(*)::int AS spans,
       (count(*) FILTER (WHERE counts_call))::int AS calls FROM span GROUP BY trace_id`,
  )
  const found = new Map(rows.map((row) => [row.key, `${row.spans} spans, ${row.calls} call`]))
  const all = new Map([...traces].map(([key, spans]) => [key, `${spans} spans, 1 call`]))
  return differences('traces', dueOf('span', all, found, kept), found)
}

/** NAT is left out: how often a record was completed depends on which of its lines came first. */
async function checkReceipts(observer: Observer, { accepted }: Expected): Promise<string[]> {
  const rows = await observer.query<{ source: string; accepted: number }>(
    `SELECT source, sum(accepted)::float8 AS accepted FROM source_minute WHERE source <> 'nat' GROUP BY 1`,
  )
  return differences(
    'records of the sources page',
    new Map(Object.entries(accepted)),
    new Map(rows.map((row) => [row.source, row.accepted])),
  )
}

/** What a crash may have left behind for good; asked for when everything is quiet. */
export async function checkLeftovers(observer: Observer, living: readonly string[]): Promise<string[]> {
  const rows = await observer.query<{ what: string }>(
    `SELECT format('advisory lock %s/%s of %s', l.classid, l.objid, coalesce(a.application_name, 'no session')) AS what
       FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
       WHERE l.locktype = 'advisory' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
         AND NOT coalesce(a.application_name = ANY($1::text[]), false)
     UNION ALL SELECT 'invalid index ' || indexrelid::regclass FROM pg_index WHERE NOT indisvalid OR NOT indisready
     UNION ALL SELECT 'half detached partition ' || inhrelid::regclass FROM pg_inherits WHERE inhdetachpending
     UNION ALL SELECT 'detached partition ' || oid::regclass FROM pg_class WHERE relkind = 'r' AND relname ~ '_p[0-9]{10}$' AND NOT relispartition
     UNION ALL SELECT 'prepared transaction ' || gid FROM pg_prepared_xacts
     UNION ALL SELECT 'unfinished migration ' || migration_name FROM "_prisma_migrations" WHERE finished_at IS NULL
     UNION ALL SELECT 'migration applied twice: ' || migration_name FROM "_prisma_migrations"
       WHERE rolled_back_at IS NULL GROUP BY migration_name HAVING count(*) > 1
     UNION ALL SELECT 'open transaction of ' || application_name FROM pg_stat_activity
       WHERE datname = current_database() AND state LIKE 'idle in transaction%' AND state_change < now() - interval '5 s'`,
    [living],
  )
  return rows.map((row) => row.what)
}

/** True where the background work has nothing left to do. */
export async function isCaughtUp(observer: Observer): Promise<boolean> {
  const [row] = await observer.query<{ waiting: boolean }>(
    `SELECT EXISTS (SELECT FROM egress_connection WHERE dirty) OR EXISTS (SELECT FROM bucket_change) AS waiting`,
  )
  return row?.waiting === false
}

/** `postern duty storage`, as lib/store/hold-duty.ts makes a lock of it. */
const DUTY = hash('sha256', 'postern duty storage', 'buffer').readBigInt64BE(0).toString()

/** Whose sessions hold the storage worker's duty. */
export async function holdersOfDuty(observer: Observer): Promise<string[]> {
  const rows = await observer.query<{ name: string }>(
    `SELECT coalesce(a.application_name, '') AS name FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
     WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND (l.classid::bigint << 32 | l.objid::bigint) = $1::bigint`,
    [DUTY],
  )
  return rows.map((row) => row.name)
}

/** True where no session of the process is left. */
export async function isGone(observer: Observer, name: string): Promise<boolean> {
  const rows = await observer.query('SELECT FROM pg_stat_activity WHERE application_name = $1', [name])
  return rows.length === 0
}

/** Problems that `before` does not have. */
export const withoutRepeats = (before: readonly string[], after: readonly string[]): string[] =>
  after.filter((problem) => !before.includes(problem))

function differences<T>(what: string, expected: ReadonlyMap<string, T>, found: ReadonlyMap<string, T>): string[] {
  const told: string[] = []
  for (const [key, value] of expected)
    if (found.get(key) !== value) told.push(`${what}: ${key}: expected ${value}, found ${found.get(key) ?? 'nothing'}`)
  for (const [key, value] of found) if (!expected.has(key)) told.push(`${what}: ${key}: found ${value}, never sent`)
  const more = told.length - MOST_TOLD
  return more > 0 ? [...told.slice(0, MOST_TOLD), `${what}: ${more} more`] : told
}
