import 'server-only'
import type { IngestedFlow } from '@/lib/ingest/pipeline'
import type { Gap } from '@/lib/model/flow'
import type { IngestResult } from '@/lib/model/ingest-result'
import { type Queryable, withTransaction } from './client'
import { contentId } from './content-id'
import { type BucketRow, type FlowIds, foldBuckets, withIds } from './flow-rows'
import { saveDictionaries } from './save-dictionaries'
import { saveDnsNames } from './save-dns-names'

export interface FlowBatch {
  readonly bodySha256: Uint8Array
  readonly source: 'hubble' | 'calico'
  readonly tokenId: string
  readonly dataset: string
  /** What else changes the meaning of equal bytes: the cluster that the request named. */
  readonly context: string
  readonly defaultCluster: string
  readonly flows: readonly IngestedFlow[]
  readonly gaps: readonly Gap[]
  readonly rejected: number
}

/** Parts of the answer that only the store knows. */
export type Committed = Pick<IngestResult, 'accepted' | 'duplicates' | 'repeatedBatch'>

/**
 * Commits one body in one transaction: ledger, dictionaries, evidence, buckets, coverage, notification. Answers only after
 * COMMIT. A body that was committed before answers `repeatedBatch` and changes nothing; an evidence record that another
 * body brought before is a duplicate and counts nowhere.
 */
export async function commitFlows(batch: FlowBatch): Promise<Committed> {
  return withTransaction(async (client) => {
    if (!(await enterLedger(client, batch))) return { accepted: 0, duplicates: batch.flows.length, repeatedBatch: true }
    if (batch.dataset !== '')
      await client.query('INSERT INTO dataset (name) VALUES ($1) ON CONFLICT DO NOTHING', [batch.dataset])
    const rows = batch.flows.map((flow) => withIds(flow, batch.dataset))
    await saveDictionaries(client, rows, batch.dataset)
    const fresh = await saveEvidence(client, rows, batch.dataset)
    const repeated = await markDenials(client, fresh)
    await upsertBuckets(
      client,
      foldBuckets(fresh, (row) => repeated.has(row)),
    )
    await saveDnsNames(client, fresh, batch.dataset)
    await saveGaps(client, batch)
    await saveSourceMinutes(client, batch, fresh, rows.length - fresh.length)
    await notify(client, batch.dataset)
    return { accepted: fresh.length, duplicates: rows.length - fresh.length, repeatedBatch: false }
  })
}

async function enterLedger(client: Queryable, batch: FlowBatch): Promise<boolean> {
  const result = await client.query(
    `INSERT INTO ingest_batch (body_sha256, source, token_id, dataset, context, result) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
    [
      Buffer.from(batch.bodySha256),
      batch.source,
      batch.tokenId,
      batch.dataset,
      batch.context,
      { flows: batch.flows.length },
    ],
  )
  return result.rowCount === 1
}

/** Inserts evidence records and answers the rows that are new: evidence that was not there yet, and all that is no evidence. */
async function saveEvidence(client: Queryable, rows: readonly FlowIds[], dataset: string): Promise<FlowIds[]> {
  const evidence = rows.filter((row) => row.flow.isEvidence).sort((a, b) => (a.recordId < b.recordId ? -1 : 1))
  const result = await client.query<{ record_id: string }>(
    `INSERT INTO flow_record (dataset, record_id, edge_id, variant_id, source, start_at, end_at, flow)
     SELECT $1, u.id, u.edge, u.variant, u.source, to_timestamp(u.start / 1000.0), to_timestamp(u.stop / 1000.0), u.flow::jsonb
     FROM unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::text[], $6::float8[], $7::float8[], $8::text[]) AS u(id, edge, variant, source, start, stop, flow)
     ON CONFLICT DO NOTHING RETURNING record_id`,
    [
      dataset,
      evidence.map((r) => r.recordId),
      evidence.map((r) => r.edgeId),
      evidence.map((r) => r.variantId),
      evidence.map((r) => r.flow.source),
      evidence.map((r) => r.flow.startMs),
      evidence.map((r) => r.flow.endMs),
      evidence.map((r) => JSON.stringify(r.flow).replaceAll('\\u0000', '')),
    ],
  )
  const inserted = new Set(result.rows.map((row) => row.record_id))
  return rows.filter((row) => !row.flow.isEvidence || inserted.has(row.recordId))
}

/** A denied connection is retried with the same tuple: it counts once a minute. Answers the rows that are repeats. */
async function markDenials(client: Queryable, rows: readonly FlowIds[]): Promise<ReadonlySet<FlowIds>> {
  const first = new Map<string, FlowIds>()
  const repeats = new Set<FlowIds>()
  for (const row of rows) {
    if (!row.denialId || row.flow.counts.connections === 0) continue
    if (first.has(row.denialId)) repeats.add(row)
    else first.set(row.denialId, row)
  }
  const entries = [...first.entries()].sort(([a], [b]) => (a < b ? -1 : 1))
  const result = await client.query<{ id: string }>(
    `INSERT INTO denial_seen (id, at) SELECT u.id, to_timestamp(u.at / 1000.0) FROM unnest($1::bigint[], $2::float8[]) AS u(id, at)
     ON CONFLICT DO NOTHING RETURNING id::text`,
    [entries.map(([id]) => id), entries.map(([, row]) => row.flow.startMs)],
  )
  const fresh = new Set(result.rows.map((row) => row.id))
  for (const [id, row] of entries) if (!fresh.has(id)) repeats.add(row)
  return repeats
}

async function upsertBuckets(client: Queryable, buckets: readonly BucketRow[]): Promise<void> {
  await client.query(
    `INSERT INTO edge_bucket AS b (bucket_start, grain_s, variant_id, connections, events, requests, request_errors, bytes_sent, bytes_received, first_at, last_at)
     SELECT to_timestamp(u.start / 1000.0), u.grain, u.variant, u.c, u.e, u.r, u.re, u.bs, u.br, to_timestamp(u.f / 1000.0), to_timestamp(u.l / 1000.0)
     FROM unnest($1::float8[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::float8[], $11::float8[])
       AS u(start, grain, variant, c, e, r, re, bs, br, f, l)
     ORDER BY 1, 2, 3
     ON CONFLICT (bucket_start, grain_s, variant_id) DO UPDATE SET
       connections = b.connections + EXCLUDED.connections, events = b.events + EXCLUDED.events,
       requests = b.requests + EXCLUDED.requests, request_errors = b.request_errors + EXCLUDED.request_errors,
       bytes_sent = b.bytes_sent + EXCLUDED.bytes_sent, bytes_received = b.bytes_received + EXCLUDED.bytes_received,
       first_at = least(b.first_at, EXCLUDED.first_at), last_at = greatest(b.last_at, EXCLUDED.last_at)`,
    [
      buckets.map((b) => b.bucketStartMs),
      buckets.map((b) => b.grainS),
      buckets.map((b) => b.variantId),
      buckets.map((b) => b.connections),
      buckets.map((b) => b.events),
      buckets.map((b) => b.requests),
      buckets.map((b) => b.requestErrors),
      buckets.map((b) => b.bytesSent),
      buckets.map((b) => b.bytesReceived),
      buckets.map((b) => b.firstMs),
      buckets.map((b) => b.lastMs),
    ],
  )
}

async function saveGaps(client: Queryable, batch: FlowBatch): Promise<void> {
  for (const gap of batch.gaps) {
    const cluster = gap.cluster ?? batch.defaultCluster
    await client.query(
      `INSERT INTO gap (id, dataset, source, cluster, node, reason, at, end_at, lost)
       VALUES ($1, $2, $3, $4, $5, $6, to_timestamp($7::float8 / 1000), to_timestamp($8::float8 / 1000), $9) ON CONFLICT DO NOTHING`,
      [
        contentId('gap', batch.dataset, gap.source, cluster, gap.node ?? '', gap.reason, gap.atMs),
        batch.dataset,
        gap.source,
        cluster,
        gap.node ?? '',
        gap.reason,
        gap.atMs,
        gap.endMs ?? null,
        gap.lost ?? null,
      ],
    )
  }
}

async function saveSourceMinutes(
  client: Queryable,
  batch: FlowBatch,
  fresh: readonly FlowIds[],
  duplicates: number,
): Promise<void> {
  const byCluster = new Map<string, { accepted: number; lastMs: number | null }>()
  for (const { flow } of fresh) {
    const entry = byCluster.get(flow.cluster) ?? { accepted: 0, lastMs: null }
    byCluster.set(flow.cluster, { accepted: entry.accepted + 1, lastMs: Math.max(entry.lastMs ?? 0, flow.endMs) })
  }
  if (byCluster.size === 0) byCluster.set(batch.defaultCluster, { accepted: 0, lastMs: null })
  let isFirst = true
  for (const [cluster, entry] of [...byCluster.entries()].sort(([a], [b]) => (a < b ? -1 : 1))) {
    await client.query(
      `INSERT INTO source_minute AS s (dataset, source, cluster, hop, minute, accepted, duplicates, rejected, last_received, last_record)
       VALUES ($1, $2, $3, '', date_trunc('minute', now()), $4, $5, $6, now(), to_timestamp($7::float8 / 1000))
       ON CONFLICT (dataset, source, cluster, hop, minute) DO UPDATE SET accepted = s.accepted + EXCLUDED.accepted,
         duplicates = s.duplicates + EXCLUDED.duplicates, rejected = s.rejected + EXCLUDED.rejected,
         last_received = EXCLUDED.last_received, last_record = greatest(s.last_record, EXCLUDED.last_record)`,
      [
        batch.dataset,
        batch.source,
        cluster,
        entry.accepted,
        isFirst ? duplicates : 0,
        isFirst ? batch.rejected : 0,
        entry.lastMs,
      ],
    )
    isFirst = false
  }
}

async function notify(client: Queryable, dataset: string): Promise<void> {
  await client.query(
    `SELECT pg_notify('postern_graph', json_build_object('revision', nextval('graph_revision')::text, 'dataset', $1::text)::text)`,
    [dataset],
  )
}
