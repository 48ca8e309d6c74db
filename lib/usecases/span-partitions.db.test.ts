import { afterAll, beforeAll, expect, it } from 'vitest'
import { decodeOtlpTraces } from '@/lib/sources/otlp/decode'
import { encodeTracesProtobuf } from '@/lib/sources/otlp/encode'
import { query, useDatabase } from '@/lib/store/client'
import { loadEdgeSpans } from '@/lib/store/load-edge-spans'
import { loadSpanFacts } from '@/lib/store/load-span-facts'
import { ensurePartitions, PARTITIONED } from '@/lib/store/partitions'
import { expectIndexed, statementsOf } from '@/lib/store/plan-check'
import { createTestDatabase } from '@/lib/store/test-database'
import { ingestSpans } from './ingest-spans'
import { settleSpans } from './settle-spans'

const MINUTE = 60_000
const WIDTH = PARTITIONED.span.widthMs
const NOW = Date.now()
const BORDER = Math.floor(NOW / WIDTH) * WIDTH
const SETTLE_MS = MINUTE

let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  await ensurePartitions(
    'span',
    Array.from({ length: 12 }, (_, n) => NOW - n * WIDTH),
  )
  await query(
    `INSERT INTO span (dataset, trace_id, span_id, edge_id, counts_call, counts_ai_call, start_at, duration_ns, is_error, span)
     SELECT '', md5((n / 5)::text), lpad(n::text, 16, '0'), n % 200, true, false, to_timestamp($1::float8 / 1000) - n * interval '7 s', 0, false, '{}'
     FROM generate_series(1, 30000) AS n`,
    [NOW],
  )
  await query('ANALYZE span')
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

const idOf = (n: number, length: number): string => n.toString(16).padStart(length, 'a')

/** Sends a call, or what received it, as one body. */
const send = (id: number, kind: number, startMs: number, parent?: number) =>
  ingestSpans({
    decoded: decodeOtlpTraces(
      encodeTracesProtobuf([
        {
          resource: { 'service.name': `s${id}`, 'k8s.namespace.name': 'shop', 'k8s.cluster.name': 'prod' },
          scope: { name: 's' },
          spans: [
            {
              traceId: idOf(1, 32),
              spanId: idOf(id, 16),
              ...(parent !== undefined && { parentSpanId: idOf(parent, 16) }),
              name: 'n',
              kind,
              startNs: BigInt(startMs) * 1_000_000n,
              endNs: BigInt(startMs + 1000) * 1_000_000n,
              attributes: { 'server.address': 'api', 'server.port': 443 },
            },
          ],
        },
      ]),
      'protobuf',
    ),
    dataset: '',
    defaultCluster: 'prod',
    retentionMs: 24 * 60 * MINUTE,
    nowMs: NOW,
    settleMs: SETTLE_MS,
  })

const stored = () =>
  query<{ id: string; at: number; calls: boolean; part: string }>(
    `SELECT ltrim(span_id, 'a') AS id, (extract(epoch FROM start_at) * 1000)::float8 AS at, counts_call AS calls, tableoid::regclass::text AS part
     FROM span WHERE trace_id = $1 ORDER BY span_id`,
    [idOf(1, 32)],
  )

it('the halves of a call are one call where they start in two partitions, and a span told with another start stays one', async () => {
  await send(2, 2, BORDER + 100, 1)
  await send(1, 3, BORDER - 100)
  const halves = await stored()
  expect(new Set(halves.map(({ part }) => part)).size).toBe(2)
  expect(halves.filter(({ calls }) => calls)).toHaveLength(1)
  await send(1, 3, BORDER + 50)
  expect((await stored()).map(({ id, at }) => [id, at])).toEqual([
    ['1', BORDER + 50],
    ['2', BORDER + 100],
  ])
  expect((await stored()).filter(({ calls }) => calls)).toHaveLength(1)
})

it('spans are linked and read by index, in the partitions of a day around or of the window', async () => {
  // A day before and after, and the ends of both.
  const around = { maxPartitions: 6 }
  const ofSpans = async (work: () => Promise<unknown>) => {
    const sent = (await statementsOf(work)).filter(({ text }) => /\bspan s\b|\bspan\s+WHERE|INTO span AS/i.test(text))
    expect(sent.length).toBeGreaterThan(0)
    return sent
  }
  for (const { text, values } of await ofSpans(() => send(3, 2, NOW - 2000, 1)))
    await expectIndexed(text, values, around)
  const limits = { maxPartitions: 2, scanned: ['edge'] }
  const window = { fromMs: NOW - 15 * MINUTE, toMs: NOW }
  for (const { text, values } of await ofSpans(() => loadEdgeSpans('', ['7'], window, 50)))
    await expectIndexed(text, values, limits)
  for (const { text, values } of await ofSpans(() => loadSpanFacts('', window)))
    await expectIndexed(text, values, limits)
  for (const { text, values } of await ofSpans(() => loadSpanFacts('', window, ['7'])))
    await expectIndexed(text, values, limits)
  // What waits may have started at any time: its index, of each partition, holds little else.
  for (const { text, values } of await ofSpans(() => settleSpans(NOW + 10 * MINUTE, SETTLE_MS)))
    await expectIndexed(text, values, { maxPartitions: 13, scanned: ['dataset'] })
})
