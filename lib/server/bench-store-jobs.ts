import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { pool, withTransaction } from '@/lib/store/client'
import { commitBatches, type FlowBatch } from '@/lib/store/commit-batches'
import { groupCommit } from '@/lib/store/group-commit'
import type { EvidenceRow } from '@/lib/store/identified-batch'
import { saveEvidence, unknownShapes } from '@/lib/store/save-evidence'
import { saveShapes } from '@/lib/store/save-shapes'
import { ingestBody, once } from './bench-body'
import type { JobResult } from './bench-jobs'
import { bodiesAhead, type LoadPlan } from './bench-load'
import { ownUsage, quantile } from './bench-measure'

/** Rows of one transaction, as the queue makes them. */
const ROWS_AT_ONCE = 20_000

/**
 * The bodies of a plan as batches that are ready to be committed: decoded, folded and identified by the pipeline, and kept
 * back from this process's queue.
 */
async function batchesOf(plan: LoadPlan): Promise<FlowBatch[]> {
  const queue = groupCommit()
  const submit = queue.submit
  const batches: FlowBatch[] = []
  queue.submit = (batch) => {
    batches.push(batch)
    return Promise.resolve(batch.result)
  }
  try {
    for (const body of bodiesAhead(plan)) await ingestBody(once(body.bytes), body.endMs)
  } finally {
    queue.submit = submit
  }
  return batches
}

/**
 * Encodes the evidence rows of a plan and commits their dictionaries, as a commit does ahead of its transaction (`encodingSeconds`);
 * then writes the rows by the store's own statements, in transactions of the usual size; and then copies the very same rows into an
 * empty table with the same columns and indexes: the limit (`besideSeconds`). The dictionaries of
 * `warm` are known before the clock starts. `flows` are rows.
 */
export async function writeEvidence(
  { plan, warm }: { readonly plan: LoadPlan; readonly warm: LoadPlan },
  begin: () => Promise<void>,
): Promise<JobResult> {
  for (const group of await evidenceOf(warm)) await writeGroup(group)
  const groups = await evidenceOf(plan)
  const encodingStart = performance.now()
  for (const group of groups) {
    const shapes = unknownShapes(group)
    const remember = await withTransaction((client) => saveShapes(client, shapes))
    remember()
  }
  const encodingSeconds = (performance.now() - encodingStart) / 1000
  await begin()
  const before = ownUsage()
  const times: number[] = []
  const start = performance.now()
  for (const group of groups) {
    const groupStart = performance.now()
    await writeGroup(group)
    times.push(performance.now() - groupStart)
  }
  const seconds = (performance.now() - start) / 1000
  const after = ownUsage()
  const rows = groups.reduce((sum, group) => sum + group.length, 0)
  const startMs = Math.min(...plan.spans.map((span) => span.startMs))
  const copied = await copyEvidence(startMs, groups.length)
  if (copied.rows !== rows) throw new Error(`${copied.rows} of ${rows} evidence rows were found`)
  return {
    flows: rows,
    seconds,
    besideSeconds: copied.seconds,
    encodingSeconds,
    ...after,
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
  }
}

/** The evidence rows of a plan, in groups of one transaction. */
async function evidenceOf(plan: LoadPlan): Promise<EvidenceRow[][]> {
  const batches = await batchesOf(plan)
  const rows = batches.flatMap((batch) => batch.batch.evidence)
  const groups: EvidenceRow[][] = []
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) groups.push(rows.slice(from, from + ROWS_AT_ONCE))
  return groups
}

async function writeGroup(rows: readonly EvidenceRow[]): Promise<void> {
  const saved = await withTransaction((client) => saveEvidence(client, { rows, changed: [] }, { trusting: true }))
  saved.remember()
}

/** COPY of the stored evidence rows from a moment on, in as many transactions, into an empty table like theirs. */
async function copyEvidence(startMs: number, transactions: number): Promise<{ rows: number; seconds: number }> {
  const client = await pool().connect()
  try {
    const those = `FROM flow_record WHERE dataset = '' AND start_at >= ${startMs}::bigint * 1000000`
    const { rows: counted } = await client.query<{ count: number }>(`SELECT count(*)::float8 AS count ${those}`)
    const rows = counted[0]?.count ?? 0
    await client.query('CREATE TABLE bench_copy (LIKE flow_record INCLUDING ALL)')
    let seconds = 0
    const each = Math.max(1, Math.ceil(rows / Math.max(1, transactions)))
    for (let offset = 0; offset < rows; offset += each) {
      const chunks: Buffer[] = []
      const collect = new Writable({
        write(chunk: Buffer, _encoding, done) {
          chunks.push(chunk)
          done()
        },
      })
      const part = `SELECT * ${those} ORDER BY start_at, record_key OFFSET ${offset} LIMIT ${each}`
      await pipeline(client.query(copyTo(`COPY (${part}) TO STDOUT (FORMAT binary)`)), collect)
      const start = performance.now()
      await pipeline(Readable.from(chunks), client.query(copyFrom('COPY bench_copy FROM STDIN (FORMAT binary)')))
      seconds += (performance.now() - start) / 1000
    }
    await client.query('DROP TABLE bench_copy')
    return { rows, seconds }
  } finally {
    client.release()
  }
}

/** Commits bodies at once, `senders` of them at a time, all about the same edges and buckets, past the queue. */
export async function contend({ plan }: { readonly plan: LoadPlan }, begin: () => Promise<void>): Promise<JobResult> {
  const batches = await batchesOf(plan)
  await begin()
  const before = ownUsage()
  const times: number[] = []
  let [next, flows] = [0, 0]
  const start = performance.now()
  const writer = async (): Promise<void> => {
    for (let batch = batches[next++]; batch; batch = batches[next++]) {
      const commitStart = performance.now()
      const [result] = await commitBatches([batch])
      times.push(performance.now() - commitStart)
      flows += result?.accepted ?? 0
    }
  }
  await Promise.all(Array.from({ length: plan.senders }, writer))
  const seconds = (performance.now() - start) / 1000
  const after = ownUsage()
  return {
    flows,
    seconds,
    ...after,
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
  }
}
