import { encodeTracesProtobuf } from '@/lib/sources/otlp/encode'
import { type FlowFormat, ingestBatch } from '@/lib/usecases/ingest-batch'
import { ingestNat } from '@/lib/usecases/ingest-nat'
import { receiveOtlpMessage } from '@/lib/usecases/receive-otlp'
import { once } from './bench-body'
import { withBenchDatabase } from './bench-database'
import { conntrackRecords, goldmaneRecords, hubbleRecords, spanExports } from './bench-records'
import type { Comparison } from './bench-report'

const BODY_BYTES = 5 * 1024 * 1024
const AT_ONCE = 2
const DAY_MS = 24 * 3600_000

/**
 * Records of every kind that is stored, of the demo cluster, from body to COMMIT in this process, beside JSON.parse of as many
 * Hubble lines of that cluster on one core.
 */
export function formatsStage(serverUrl: string, count: number, nowMs: number): Promise<Comparison[]> {
  return withBenchDatabase(serverUrl, 'postern_bench_formats', async () => {
    const lines = hubbleRecords(nowMs, count)
    const denied = lines.map(asDenied)
    const goldmane = goldmaneRecords(nowMs, count)
    const conntrack = conntrackRecords(nowMs, count)
    const exports = spanExports(nowMs, count).map((one) => encodeTracesProtobuf(one))
    // Once unmeasured, so that no kind pays for the compiler.
    await ingest(bodiesOf(lines.slice(0, 20_000)), 'warm')
    const limit = count / parseSeconds(lines)
    const kinds: readonly (readonly [string, string, () => Promise<number>])[] = [
      ['Hubble', 'flows/s', () => ingest(bodiesOf(lines), 'large')],
      ['Hubble, every flow a denial', 'flows/s', () => ingest(bodiesOf(denied), 'denied')],
      ['Goldmane', 'flows/s', () => ingest(bodiesOf(goldmane), 'goldmane', 'calico')],
      ['conntrack', 'records/s', () => inOrder(bodiesOf(conntrack), sendNat)],
      ['spans, exports of 500', 'spans/s', () => inOrder(exports, sendSpans)],
    ]
    const comparisons: Comparison[] = []
    for (const [name, unit, run] of kinds)
      comparisons.push({
        name: `${name}: body to COMMIT`,
        ours: count / (await run()),
        limit,
        unit,
        limitName: 'JSON.parse of as many Hubble lines, one core',
      })
    return comparisons
  })
}

/** The same flow, refused by a policy, with an identity of its own: denials are all kept as evidence. */
function asDenied(line: string, index: number): string {
  const record = JSON.parse(line)
  const denial = { verdict: 'DROPPED', drop_reason_desc: 'POLICY_DENIED', event_type: { type: 5 }, is_reply: undefined }
  const uuid = `00000000-0000-4000-d000-${String(index).padStart(12, '0')}`
  return JSON.stringify({ ...record, flow: { ...record.flow, ...denial, uuid, trace_observation_point: undefined } })
}

function bodiesOf(lines: readonly string[]): Uint8Array[] {
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
    if (bytes >= BODY_BYTES) flush()
  }
  flush()
  return bodies
}

function parseSeconds(lines: readonly string[]): number {
  const start = performance.now()
  let parsed = 0
  for (const line of lines) if (JSON.parse(line).flow) parsed += 1
  if (parsed !== lines.length) throw new Error('a generated line is no flow')
  return (performance.now() - start) / 1000
}

/** Seconds from the first body to the last COMMIT. Each run goes to a cluster of its own, so that nothing is a repeat. */
const ingest = (bodies: readonly Uint8Array[], cluster: string, source: FlowFormat = 'hubble'): Promise<number> =>
  inOrder(bodies, async (body) => {
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
  retentionMs: 365 * DAY_MS,
  nowMs: Date.now(),
})

/** Seconds until all bodies are sent. */
async function inOrder(bodies: readonly Uint8Array[], send: (body: Uint8Array) => Promise<void>): Promise<number> {
  let next = 0
  const start = performance.now()
  const sender = async () => {
    for (let body = bodies[next++]; body; body = bodies[next++]) await send(body)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, sender))
  return (performance.now() - start) / 1000
}
