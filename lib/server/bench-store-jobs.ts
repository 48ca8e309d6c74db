import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { pool, withTransaction } from '@/lib/store/client'
import { commitBatches, type FlowBatch } from '@/lib/store/commit-batches'
import { groupCommit } from '@/lib/store/group-commit'
import type { EvidenceRow } from '@/lib/store/identified-batch'
import { saveEvidence } from '@/lib/store/save-evidence'
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
 * Writes the evidence rows of a plan by the store's own statements (dictionaries and encoding included), in transactions of the usual size, and then copies the very
 * same rows, pre-encoded, into an empty table with the same columns and indexes: the limit (`besideSeconds`). `flows` are rows.
 */
export async function writeEvidence(
  { plan }: { readonly plan: LoadPlan },
  begin: () => Promise<void>,
): Promise<JobResult> {
  const batches = await batchesOf(plan)
  const rows = batches.flatMap((batch) => batch.batch.evidence)
  const groups: EvidenceRow[][] = []
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) groups.push(rows.slice(from, from + ROWS_AT_ONCE))
  await begin()
  const before = ownUsage()
  const times: number[] = []
  const start = performance.now()
  for (const group of groups) {
    const groupStart = performance.now()
    const saved = await withTransaction((client) => saveEvidence(client, group, { trusting: true }))
    saved.remember()
    times.push(performance.now() - groupStart)
  }
  const seconds = (performance.now() - start) / 1000
  const after = ownUsage()
  const copied = await copyEvidence(groups.length)
  if (copied.rows !== rows.length) throw new Error(`${copied.rows} of ${rows.length} evidence rows were found`)
  return {
    flows: rows.length,
    seconds,
    besideSeconds: copied.seconds,
    ...after,
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
  }
}

/** COPY of all stored evidence rows, in as many transactions, into a table like theirs. */
async function copyEvidence(transactions: number): Promise<{ rows: number; seconds: number }> {
  const client = await pool().connect()
  try {
    const { rows: counted } = await client.query<{ count: number }>('SELECT count(*)::float8 AS count FROM flow_record')
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
      const part = `SELECT * FROM flow_record ORDER BY ctid OFFSET ${offset} LIMIT ${each}`
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
