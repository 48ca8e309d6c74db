import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { encodeTracesProtobuf } from '@/lib/sources/otlp/encode'
import { useDatabase } from '@/lib/store/client'
import { migrate } from '@/lib/store/migrate'
import { type FlowFormat, ingestBatch } from '@/lib/usecases/ingest-batch'
import { ingestNat } from '@/lib/usecases/ingest-nat'
import { receiveOtlpMessage } from '@/lib/usecases/receive-otlp'
import { decodeStages } from './bench-decode'
import { conntrackRecords, goldmaneRecords, hubbleRecords, spanExports } from './bench-records'
import { benchReport, decodeReport, type Measured } from './bench-report'
import { startEmbeddedPostgres } from './embedded-postgres'

const root = path.resolve(import.meta.dirname, '../..')
const LARGE_BODY_BYTES = 5 * 1024 * 1024
const SMALL_BODY_LINES = 50
const LARGE_AT_ONCE = 2
const SMALL_AT_ONCE = 16
const HOUR_MS = 3600_000
const DEFAULT_FLOWS = 60_000
/** Records of each format that are decoded, and of each other kind that are stored: a third of the flows. */
const SHARE = 3

/**
 * `npm run bench [-- --flows N] [--only decode|ingest] [--json]`: each format's decoder beside the least that reading its bytes
 * costs; and ingest from decompressed body to COMMIT, beside JSON.parse of the same lines on one core, and COPY of the very
 * rows that ingest wrote. All limits are of the same run on the same machine: only ratios mean anything.
 */
async function main(): Promise<void> {
  const flows = flowsWanted()
  const only = onlyWanted()
  const isJson = process.argv.includes('--json')
  const endMs = Date.now()
  const decoded = only === 'ingest' ? [] : decodeStages(endMs, Math.ceil(flows / SHARE))
  if (!isJson && decoded.length > 0) console.log(`${decodeReport(decoded)}\n`)
  const stored = only === 'decode' ? undefined : await ingestStages(endMs, flows)
  if (isJson) console.log(JSON.stringify({ decoded, ...stored }))
  else if (stored) console.log(benchReport(stored.measured, stored.sizes, stored.memoryMiB))
}

interface Stored {
  readonly measured: readonly Measured[]
  readonly sizes: Readonly<Record<string, number>>
  readonly memoryMiB: number
}

async function ingestStages(endMs: number, flows: number): Promise<Stored> {
  const work = mkdtempSync(path.join(os.tmpdir(), 'postern-bench-'))
  const database = await startEmbeddedPostgres({ dataDir: path.join(work, 'database') })
  await useDatabase(database.url)
  try {
    await migrate(database.url, path.join(root, 'prisma/migrations'))
    const lines = hubbleRecords(endMs, flows)
    const denied = lines.map(asDenied)
    const others = Math.ceil(flows / SHARE)
    const goldmane = goldmaneRecords(endMs, others)
    const conntrack = conntrackRecords(endMs, others)
    const exports = spanExports(endMs, others).map((one) => encodeTracesProtobuf(one))
    // Once unmeasured, so that no stage pays for the compiler.
    await ingest(bodiesOf(lines.slice(0, 20_000), 'large'), LARGE_AT_ONCE, 'warm')
    const stages: readonly (readonly [string, number, () => Promise<number>])[] = [
      ['JSON.parse of the lines, one core', flows, () => parseOnly(lines)],
      ['ingest, 5 MB bodies', flows, () => ingest(bodiesOf(lines, 'large'), LARGE_AT_ONCE, 'large')],
      ['ingest, bodies of 50 lines', flows, () => ingest(bodiesOf(lines, 'small'), SMALL_AT_ONCE, 'small')],
      ['ingest, every flow kept as evidence', flows, () => ingest(bodiesOf(denied, 'large'), LARGE_AT_ONCE, 'denied')],
      [
        'ingest, Goldmane, 5 MB bodies',
        others,
        () => ingest(bodiesOf(goldmane, 'large'), LARGE_AT_ONCE, 'goldmane', 'calico'),
      ],
      ['ingest, conntrack, 5 MB bodies', others, () => inOrder(bodiesOf(conntrack, 'large'), LARGE_AT_ONCE, sendNat)],
      ['ingest, spans, exports of 500', others, () => inOrder(exports, LARGE_AT_ONCE, sendSpans)],
    ]
    const measured: Measured[] = []
    for (const [name, count, run] of stages) measured.push({ name, flows: count, seconds: await run() })
    const copied = await copyOnly(database.url, 'denied')
    measured.push({ name: 'COPY of those evidence rows', flows: copied.rows, seconds: copied.seconds })
    return { measured, sizes: await rowSizes(database.url), memoryMiB: process.memoryUsage().rss / 2 ** 20 }
  } finally {
    await useDatabase(undefined)
    await database.stop()
    rmSync(work, { recursive: true, force: true })
  }
}

function onlyWanted(): 'decode' | 'ingest' | undefined {
  const at = process.argv.indexOf('--only')
  const given = at < 0 ? undefined : process.argv[at + 1]
  if (given === undefined || given === 'decode' || given === 'ingest') return given
  throw new Error('--only wants decode or ingest')
}

function flowsWanted(): number {
  const at = process.argv.indexOf('--flows')
  const given = at < 0 ? DEFAULT_FLOWS : Number(process.argv[at + 1])
  if (!Number.isInteger(given) || given < 1000) throw new Error('--flows wants a whole number of at least 1000')
  return given
}

/** The same flow, refused by a policy, with an identity of its own: denials are all kept as evidence. */
function asDenied(line: string, index: number): string {
  const record = JSON.parse(line)
  const denial = { verdict: 'DROPPED', drop_reason_desc: 'POLICY_DENIED', event_type: { type: 5 }, is_reply: undefined }
  const uuid = `00000000-0000-4000-d000-${String(index).padStart(12, '0')}`
  return JSON.stringify({ ...record, flow: { ...record.flow, ...denial, uuid, trace_observation_point: undefined } })
}

function bodiesOf(lines: readonly string[], size: 'large' | 'small'): Uint8Array[] {
  const encoder = new TextEncoder()
  const bodies: Uint8Array[] = []
  let part: string[] = []
  let bytes = 0
  const flush = () => {
    if (part.length > 0) bodies.push(encoder.encode(`${part.join('\n')}\n`))
    part = []
    bytes = 0
  }
  for (const line of lines) {
    part.push(line)
    bytes += line.length + 1
    if (size === 'large' ? bytes >= LARGE_BODY_BYTES : part.length >= SMALL_BODY_LINES) flush()
  }
  flush()
  return bodies
}

async function parseOnly(lines: readonly string[]): Promise<number> {
  const start = performance.now()
  let parsed = 0
  for (const line of lines) if (JSON.parse(line).flow) parsed += 1
  if (parsed !== lines.length) throw new Error('a generated line is no flow')
  return (performance.now() - start) / 1000
}

/** Seconds from the first body to the last COMMIT. Each run goes to a cluster of its own, so that nothing is a repeat. */
const ingest = (
  bodies: readonly Uint8Array[],
  atOnce: number,
  cluster: string,
  source: FlowFormat = 'hubble',
): Promise<number> =>
  inOrder(bodies, atOnce, async (body) => {
    const { rejected, rejects } = await ingestBatch({ ...requestTo(cluster), source, body: once(body) })
    if (rejected > 0) throw new Error(`rejected: ${JSON.stringify(rejects)}`)
  })

async function sendNat(body: Uint8Array): Promise<void> {
  const request = { ...requestTo('nat'), format: 'conntrack', hop: 'gateway', trusted: true } as const
  const { rejected, rejects } = await ingestNat({ ...request, body: once(body) })
  if (rejected > 0) throw new Error(`rejected: ${JSON.stringify(rejects)}`)
}

async function sendSpans(body: Uint8Array): Promise<void> {
  const answer = await receiveOtlpMessage('traces', body, requestTo('spans'))
  if (answer.length > 0) throw new Error(`rejected: ${Buffer.from(answer).toString('utf8')}`)
}

const requestTo = (cluster: string) => ({
  dataset: cluster,
  tokenId: 'bench',
  clusterHeader: cluster,
  defaultCluster: 'default',
  retentionMs: 365 * 24 * HOUR_MS,
  nowMs: Date.now(),
})

/** Seconds until all bodies are sent, `atOnce` of them at a time. */
async function inOrder(
  bodies: readonly Uint8Array[],
  atOnce: number,
  send: (body: Uint8Array) => Promise<void>,
): Promise<number> {
  let next = 0
  const start = performance.now()
  const sender = async () => {
    for (let body = bodies[next++]; body; body = bodies[next++]) await send(body)
  }
  await Promise.all(Array.from({ length: atOnce }, sender))
  return (performance.now() - start) / 1000
}

async function* once(body: Uint8Array): AsyncGenerator<Uint8Array> {
  yield body
}

/** COPY of the very evidence rows that a run wrote into a table with the same columns and indexes. */
async function copyOnly(url: string, dataset: string): Promise<{ rows: number; seconds: number }> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const chunks: Buffer[] = []
    const collect = new Writable({
      write(chunk: Buffer, _encoding, done) {
        chunks.push(chunk)
        done()
      },
    })
    const select = `SELECT * FROM flow_record WHERE dataset = ${client.escapeLiteral(dataset)}`
    await pipeline(client.query(copyTo(`COPY (${select}) TO STDOUT (FORMAT binary)`)), collect)
    await client.query('CREATE TABLE bench_copy (LIKE flow_record INCLUDING ALL)')
    const start = performance.now()
    await pipeline(Readable.from(chunks), client.query(copyFrom('COPY bench_copy FROM STDIN (FORMAT binary)')))
    const seconds = (performance.now() - start) / 1000
    const { rows } = await client.query<{ count: number }>('SELECT count(*)::float8 AS count FROM bench_copy')
    return { rows: rows[0]?.count ?? 0, seconds }
  } finally {
    await client.end()
  }
}

/** Bytes per row on disk, indexes included. */
async function rowSizes(url: string): Promise<Readonly<Record<string, number>>> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ name: string; bytes: number }>(
      `SELECT 'evidence row' AS name, pg_total_relation_size('flow_record')::float8 / greatest(1, (SELECT count(*) FROM flow_record)) AS bytes
       UNION ALL SELECT 'edge bucket', pg_total_relation_size('edge_bucket')::float8 / greatest(1, (SELECT count(*) FROM edge_bucket))`,
    )
    return Object.fromEntries(rows.map((row) => [row.name, Math.round(row.bytes)]))
  } finally {
    await client.end()
  }
}

await main()
