import { createHash } from 'node:crypto'
import pg from 'pg'
import { addTo, CLUSTER, type Expected } from './crash-test-bodies'
import type { TakenBody } from './crash-test-checks'

const CLIENTS = 8
const SERVERS = 5
const VARIANTS = CLIENTS * SERVERS
const BODIES = 200
const RECORDS = 1200
const TRANSLATIONS = 600
const SPANS = 400
/** Beside the buckets of new records, in number and in name. */
const BUCKETS: Readonly<Record<15 | 60, number>> = { 15: 240, 60: 60 }

/**
 * Writes what a Postern of the first schema stored in an hour, as plain SQL of that schema, and adds it to what is expected: every
 * migration since has to carry it over.
 */
export async function fillFirstSchema(
  url: string,
  hourMs: number,
  expected: Expected,
  taken: TakenBody[],
): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('BEGIN')
    await client.query(DICTIONARIES, [CLUSTER])
    await fillBuckets(client, hourMs, expected)
    await fillRecords(client, hourMs, expected)
    await fillTranslations(client, hourMs, expected)
    await fillSpans(client, hourMs, expected)
    await fillLedger(client, taken)
    await client.query('COMMIT')
    await client.query('ANALYZE')
  } finally {
    await client.end()
  }
}

/** Ids of the first schema's rows are hashes; any numbers do. Variant v is of edge v: client v % 8, server v / 8. */
const DICTIONARIES = `
  WITH clients AS (INSERT INTO endpoint (id, dataset, cluster, class, namespace, name)
      SELECT 1000 + i, '', $1::text, 'workload', 'crash', 'old-app-' || i FROM generate_series(0, ${CLIENTS - 1}) i),
    servers AS (INSERT INTO endpoint (id, dataset, cluster, class, namespace, name)
      SELECT 2000 + i, '', $1::text, 'external', '', 'old-api-' || i || '.example.com' FROM generate_series(0, ${SERVERS - 1}) i),
    traces AS (INSERT INTO policy_trace (id) VALUES (1)),
    edges AS (INSERT INTO edge (id, dataset, cluster, client_id, server_id, protocol, server_port)
      SELECT 3000 + v, '', $1::text, 1000 + v % ${CLIENTS}, 2000 + v / ${CLIENTS}, 'tcp', 443 FROM generate_series(0, ${VARIANTS - 1}) v)
  INSERT INTO edge_variant (id, edge_id, source, observer, outcome, basis, pending, layer, drop_reason, trace_id, repeats)
  SELECT 4000 + v, 3000 + v, 'hubble', 'client', 'allowed', 'not_reported', 'same', 'L4', '', 1, false FROM generate_series(0, ${VARIANTS - 1}) v`

const edgeOf = (variant: number): string =>
  `old-app-${variant % CLIENTS} old-api-${Math.floor(variant / CLIENTS)}.example.com:443`

async function fillBuckets(client: pg.Client, hourMs: number, { sums }: Expected): Promise<void> {
  for (const grain of [15, 60] as const) {
    await client.query(
      `INSERT INTO edge_bucket (bucket_start, grain_s, variant_id, connections, events, requests, request_errors, bytes_sent, bytes_received, first_at, last_at)
       SELECT at, $2::int, 4000 + v, 1 + (v + b) % 5, 0, 0, 0, 100 + b, 200 + v, at, at + interval '1 s'
       FROM generate_series(0, ${VARIANTS - 1}) v, generate_series(0, $3::int - 1) b, LATERAL (SELECT to_timestamp($1::float8 / 1000) + b * $2::int * interval '1 s' AS at) t`,
      [hourMs, grain, BUCKETS[grain]],
    )
    for (let variant = 0; variant < VARIANTS; variant += 1)
      for (let bucket = 0; bucket < BUCKETS[grain]; bucket += 1)
        addTo(sums[grain], `${edgeOf(variant)}|client|allowed|false|${hourMs + bucket * grain * 1000}`, {
          connections: 1 + ((variant + bucket) % 5),
          bytesSent: 100 + bucket,
          bytesReceived: 200 + variant,
        })
  }
}

/** Evidence, with one connection for each of its records. */
async function fillRecords(client: pg.Client, hourMs: number, expected: Expected): Promise<void> {
  const rows = Array.from({ length: RECORDS }, (_, index) => {
    const variant = index % VARIANTS
    const [name, server] = [`old-app-${variant % CLIENTS}`, `old-api-${Math.floor(variant / CLIENTS)}.example.com`]
    const id = `00000000-0000-4000-b000-${String(index).padStart(12, '0')}`
    const flow = {
      raw: { uuid: id, verdict: 'FORWARDED' },
      source: 'hubble',
      cluster: CLUSTER,
      recordKey: id,
      startMs: hourMs + index,
      endMs: hourMs + index,
      observer: 'client',
      client: {
        ip: '10.9.9.1',
        pod: `${name}-0`,
        name,
        class: 'workload',
        namespace: 'crash',
        workloadKind: 'Deployment',
      },
      server: { ip: '192.0.2.99', name: server, class: 'external', namespace: '', dnsNames: [server] },
      protocol: 'tcp',
      clientPort: 1024 + index,
      serverPort: 443,
      verdict: { basis: 'not_reported', layer: 'L4', outcome: 'allowed', pending: 'same' },
      trace: {},
      counts: { connections: 1, events: 0, requests: 0, requestErrors: 0, bytesSent: 0, bytesReceived: 0 },
    }
    return { id, variant, flow }
  })
  await client.query(
    `INSERT INTO flow_record (dataset, record_id, edge_id, variant_id, source, start_at, end_at, flow)
     SELECT '', u.id, 3000 + u.variant, 4000 + u.variant, 'hubble', at, at, u.flow::jsonb
     FROM unnest($2::uuid[], $3::int[], $4::text[]) WITH ORDINALITY AS u(id, variant, flow, n),
       LATERAL (SELECT to_timestamp(($1::float8 + n - 1) / 1000) AS at) t`,
    [hourMs, rows.map((row) => row.id), rows.map((row) => row.variant), rows.map((row) => JSON.stringify(row.flow))],
  )
  await client.query(
    `INSERT INTO egress_connection (id, dataset, cluster, edge_id, protocol, client_ip, client_port, server_ip, server_port, first_at, last_at, weight, blocked, broken, facts)
     SELECT 5000 + i, '', $2::text, 3000 + i % ${VARIANTS}, 'tcp', '10.9.9.1', 1024 + i, '192.0.2.99', 443, at, at, 1, false, false, '{"translated": [], "recordIds": []}'
     FROM generate_series(0, ${RECORDS - 1}) i, LATERAL (SELECT to_timestamp(($1::float8 + i) / 1000) AS at) t`,
    [hourMs, CLUSTER],
  )
  await fillMinute(client, 'hubble', hourMs, RECORDS)
  expected.accepted.hubble += RECORDS
  for (const { id, variant, flow } of rows) {
    expected.kept.add(`${id}|${flow.startMs}`)
    expected.egress.set(`${edgeOf(variant)}|${flow.startMs}`, 1)
  }
}

async function fillTranslations(client: pg.Client, hourMs: number, { nat }: Expected): Promise<void> {
  await client.query(
    `INSERT INTO nat_record (dataset, record_id, source, cluster, hop, protocol, at, end_at, original_ip, original_port, destination_ip,
       destination_port, translated_ip, translated_port, trusted, raw)
     SELECT '', ('00000000-0000-4000-c000-' || lpad(i::text, 12, '0'))::uuid, 'conntrack', $2, 'gw', 'tcp', to_timestamp($1::float8 / 1000),
       CASE WHEN i % 2 = 0 THEN to_timestamp($1::float8 / 1000 + 30) END, '10.7.0.1', 1024 + i, '192.0.2.99', 443, '198.51.100.9', 1024 + i, true, 'a line'
     FROM generate_series(0, ${TRANSLATIONS - 1}) i`,
    [hourMs, CLUSTER],
  )
  for (let index = 0; index < TRANSLATIONS; index += 1) nat.set(`10.7.0.1:${1024 + index}|${hourMs}`, index % 2 === 0)
}

async function fillSpans(client: pg.Client, hourMs: number, expected: Expected): Promise<void> {
  const ids = Array.from({ length: SPANS }, (_, index) => `d${String(index).padStart(31, '0')}`)
  const spans = ids.map((traceId, index) => ({
    kind: 'client',
    name: 'GET',
    traceId,
    spanId: traceId.slice(-16),
    startMs: hourMs + index,
    endMs: hourMs + index + 5,
    durationNs: 5_000_000,
    isError: false,
    serviceName: 'old-app-0',
    workload: { name: 'old-app-0', class: 'workload', namespace: 'crash', workloadKind: 'Deployment' },
    peer: { name: 'old-api-0.example.com', port: 443, namedBy: 'server.address' },
    attributes: { 'server.address': 'old-api-0.example.com', 'server.port': 443 },
  }))
  await client.query(
    `INSERT INTO span (dataset, trace_id, span_id, edge_id, counts_call, counts_ai_call, start_at, duration_ns, is_error, span)
     SELECT '', u.id, right(u.id, 16), 3000, true, false, to_timestamp(($1::float8 + n - 1) / 1000), 5000000, false, u.span::jsonb
     FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS u(id, span, n)`,
    [hourMs, ids, spans.map((span) => JSON.stringify(span))],
  )
  await fillMinute(client, 'otlp', hourMs, SPANS)
  expected.accepted.otlp += SPANS
  for (const { traceId, startMs } of spans) expected.traces.set(`${traceId}|${startMs}`, 1)
}

async function fillMinute(client: pg.Client, source: string, hourMs: number, accepted: number): Promise<void> {
  await client.query(
    `INSERT INTO source_minute (dataset, source, cluster, hop, minute, accepted, duplicates, rejected, last_received)
     SELECT '', $1, $2, '', at, $4, 0, 0, at FROM (SELECT to_timestamp($3::float8 / 1000) AS at) t`,
    [source, CLUSTER, hourMs, accepted],
  )
}

async function fillLedger(client: pg.Client, taken: TakenBody[]): Promise<void> {
  const shas = Array.from({ length: BODIES }, (_, index) => createHash('sha256').update(`old ${index}`).digest('hex'))
  await client.query(
    `INSERT INTO ingest_batch (body_sha256, source, token_id, dataset, context, result)
     SELECT decode(sha, 'hex'), 'hubble', '', '', $2, '{"accepted": 1}' FROM unnest($1::text[]) AS sha`,
    [shas, CLUSTER],
  )
  for (const sha256 of shas) taken.push({ kind: 'hubble', sha256 })
}
