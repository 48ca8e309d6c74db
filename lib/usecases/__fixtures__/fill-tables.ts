import 'server-only'
import { query } from '@/lib/store/client'
import { ensurePartitions, listPartitions, partitionedTables } from '@/lib/store/partitions'

/** Rows that a table has at least, where it had any: from here on plans are those of large tables. */
const ROWS = 40_000
/** Of what was ever seen little is in a window. */
const MORE_ROWS: Readonly<Record<string, number>> = {
  endpoint: 100_000,
  endpoint_fact: 100_000,
  edge: 100_000,
  edge_variant: 100_000,
  // Several partitions are read for one window.
  egress_connection: 150_000,
}
/** Copies of a row at most: of a few rows that are alike, more copies would be no more like a large table. */
const MOST_COPIES = 4000

/** An id of the same content in copy `n`: the same wherever it stands, so that copies hang together as their originals do. */
const id = (column: string) => `hashtextextended(s.${column}::text, n)`
const text = (column: string) => `s.${column} || '-' || n`
/** The address of the same host in another network. */
const ip = (column: string) =>
  `regexp_replace(s.${column}, '^[0-9]+\\.[0-9]+', (1 + n % 200) || '.' || (n / 200 + 100))`
const uuid = (column: string) => `md5(s.${column}::text || n)::uuid`
const HOUR_MS = 3600_000
const SPREAD_HOURS = 6
/** Copies are spread over the six hours before their originals, every row of a copy by the same time: a multiple of every grain but an hour. */
const SPREAD_MS = '(n % 180) * 120000'
const before = (column: string) => `s.${column} - ${SPREAD_MS} * interval '1 ms'`
const beforeMs = (column: string) => `s.${column} - ${SPREAD_MS}`
const earlier = (column: string) => `s.${column} - n * interval '1 minute'`

/** Of pinned datasets there are several. */
const DATASET = `CASE s.dataset WHEN '' THEN '' ELSE s.dataset || '-' || n % 7 END`

/** Connections are many, the edges that leave a cluster are not. */
const FEW_EDGES = 'hashtextextended(s.edge_id::text, 1 + n % 8)'

/** By table, the columns in which copies differ. Queues, settings and what is small by nature stay as they are. */
const VARIED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  endpoint: { id: id('id'), name: text('name') },
  endpoint_fact: { endpoint_id: id('endpoint_id') },
  edge: { id: id('id'), client_id: id('client_id'), server_id: id('server_id') },
  edge_variant: { id: id('id'), edge_id: id('edge_id') },
  policy_trace: { id: id('id') },
  edge_bucket_15s: { bucket_start: beforeMs('bucket_start'), variant_id: id('variant_id') },
  edge_bucket_1m: { bucket_start: beforeMs('bucket_start'), variant_id: id('variant_id') },
  edge_bucket_1h: { bucket_start: 's.bucket_start - (n % 6) * 3600000', variant_id: id('variant_id') },
  flow_record: { start_at: `s.start_at - ${SPREAD_MS}::bigint * 1000000`, record_key: id('record_key'), variant_id: id('variant_id') },
  flow_shape: { id: id('id') },
  flow_part: { id: id('id') },
  denial_seen: { minute_at: beforeMs('minute_at'), id: id('id') },
  span: {
    trace_id: `md5(s.trace_id || n)`,
    endpoint_id: id('endpoint_id'),
    named_edge_id: id('named_edge_id'),
    edge_id: id('edge_id'),
    received_edge_id: id('received_edge_id'),
    settle_at: 'NULL',
    start_at: before('start_at'),
  },
  span_bridge: { trace_id: `md5(s.trace_id || n)`, endpoint_id: id('endpoint_id') },
  nat_record: {
    record_id: uuid('record_id'),
    at: before('at'),
    end_at: before('end_at'),
    original_ip: ip('original_ip'),
    destination_ip: ip('destination_ip'),
    translated_ip: ip('translated_ip'),
    reply_source_ip: ip('reply_source_ip'),
  },
  egress_connection: {
    id: id('id'),
    edge_id: FEW_EDGES,
    client_ip: ip('client_ip'),
    server_ip: ip('server_ip'),
    dirty: 'false',
    from_nat: 'n % 3 = 0',
    first_at: before('first_at'),
    last_at: before('last_at'),
  },
  judged_edge: { edge_id: FEW_EDGES, judged_at: `s.judged_at - interval '1 day'` },
  judged_past: { edge_id: FEW_EDGES },
  edge_first_seen: { edge_id: id('edge_id') },
  finding: {
    id: uuid('id'),
    edge_ids: `ARRAY[hashtextextended(s.edge_ids[1]::text, 1 + n % 8)]`,
    status: `'resolved'`,
    resolved_at: 's.last_seen',
    target: text('target'),
  },
  finding_event: { id: uuid('id'), finding_id: uuid('finding_id') },
  judgement_history: { connection_id: id('connection_id'), first_at: before('first_at') },
  judgement_group: { id: id('id') },
  dns_name: { ip: ip('ip') },
  dns_question: { client_ip: ip('client_ip'), at: before('at') },
  pod_owner: { pod: text('pod') },
  pod_ip_lease: { ip: ip('ip'), uid: text('uid'), pod: text('pod') },
  canary_probe: { id: uuid('id'), namespace: text('namespace'), at: earlier('at') },
  inventory_object: { name: text('name'), namespace: text('namespace') },
  source_minute: { minute: earlier('minute') },
  source_reject: { minute: earlier('minute') },
  gap: { id: id('id'), at: earlier('at') },
  ingest_batch: { body_sha256: `sha256(s.body_sha256 || n::text::bytea)`, received_at: earlier('received_at') },
  seen_record: { hash: id('hash'), at: earlier('at') },
}

/**
 * Copies what a database holds until each table that grows has some ten thousand rows, of as many workloads, addresses and traces:
 * the planner takes for a table of fifty rows what it would never take for a large one.
 */
export async function fillTables(): Promise<void> {
  for (const table of partitionedTables()) {
    const partitions = await listPartitions(table)
    const hours = Array.from({ length: SPREAD_HOURS }, (_, n) => (n + 1) * HOUR_MS)
    await ensurePartitions(
      table,
      partitions.flatMap(({ fromMs }) => hours.map((ms) => fromMs - ms)),
    )
  }
  await query(
    `INSERT INTO judged_past (dataset, edge_id, group_id, weight, first_at, last_at)
     SELECT dataset, edge_id, group_id, 1, min(first_at), max(last_at) FROM egress_connection WHERE group_id IS NOT NULL GROUP BY 1, 2, 3
     ON CONFLICT DO NOTHING`,
  )
  for (const [table, varied] of Object.entries(VARIED)) {
    const [size] = await query<{ rows: number }>(`SELECT count(*)::int AS rows FROM ${table}`)
    if (!size || size.rows === 0) continue
    const copies = Math.min(MOST_COPIES, Math.ceil((MORE_ROWS[table] ?? ROWS) / size.rows))
    const columns = await query<{ name: string }>(
      'SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum',
      [table],
    )
    const names = columns.map(({ name }) => name)
    const values = names.map((name) => varied[name] ?? (name === 'dataset' ? DATASET : `s.${name}`))
    // Triggers are for what the inventory writes.
    await query(
      `INSERT INTO ${table} (${names.join(', ')}) SELECT ${values.join(', ')} FROM ${table} s CROSS JOIN generate_series(1, $1::int) AS n ON CONFLICT DO NOTHING`,
      [copies],
    )
  }
  await query(`INSERT INTO dataset (name) SELECT s.name || '-' || n FROM dataset s CROSS JOIN generate_series(0, 6) AS n WHERE s.name <> ''`)
  await query('TRUNCATE address_change')
  // One by one: all of them together take longer than a statement may on a busy machine. A partitioned table's takes its partitions along.
  const tables = await query<{ name: string }>(
    `SELECT oid::regclass::text AS name FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1`,
  )
  for (const { name } of tables) await query(`ANALYZE ${name}`)
}
