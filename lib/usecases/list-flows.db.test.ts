import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { chipOf } from '@/lib/model/filter-chip'
import type { FlowListRow } from '@/lib/model/flow-list'
import { LIMITS } from '@/lib/model/limits'
import { addTraffic, NO_TRAFFIC, trafficTotal } from '@/lib/model/traffic-count'
import { HOUR_MS } from '@/lib/model/units'
import { processGlobal } from '@/lib/process-global'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { requestOf, type SentRecord, sendInterval, sendRecords } from './__fixtures__/flow-scene'
import { exportFlows } from './export-flows'
import { countOfFlows, flowHistogram, listFlows, listViewSpans, readFlowRecord } from './list-flows'
import type { FlowRequest } from './select-flows'

const NOW = Date.now()
const WINDOW = { fromMs: NOW - HOUR_MS, toMs: NOW }
const MINUTE = 60_000

let database: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})
beforeEach(async () => {
  await query('TRUNCATE flow_record, edge_bucket_15s, edge_bucket_1m, edge_bucket_1h, denial_seen, ingest_batch')
  forgetEdges()
})

/** As ten seconds later: a first page then looks at the graph again. */
const forgetEdges = () => processGlobal('flow-selections', () => new Map()).clear()

/** So many records, some of one moment, some clients much busier than others. */
function manyRecords(count: number, clients: number, firstN = 0): SentRecord[] {
  return Array.from({ length: count }, (_, at) => {
    const n = firstN + at
    const spread = ((n * 7919) % 3_000_000) + 1000
    return { n, atMs: NOW - (n % 5 === 0 ? 60_000 : spread), client: (n * n) % clients }
  })
}

async function allPages(
  request: FlowRequest,
  limit: number,
  between: (page: number) => Promise<void> = async () => {},
) {
  const rows: FlowListRow[] = []
  let page = await listFlows(request, NOW, limit)
  rows.push(...page.rows)
  for (let n = 0; page.next; n += 1) {
    await between(n)
    page = await listFlows(request, NOW, limit, page.next)
    rows.push(...page.rows)
  }
  return rows
}

const idsOf = (rows: readonly FlowListRow[]) => rows.map(({ id }) => id)
const isInOrder = (rows: readonly FlowListRow[]) =>
  rows.every((row, at) => {
    const before = rows[at - 1]
    if (!before) return true
    const [a, b] = [BigInt(before.startNs), BigInt(row.startNs)]
    return a > b || (a === b && BigInt(before.recordKey) > BigInt(row.recordKey))
  })

async function exported(request: FlowRequest) {
  const made = await exportFlows(request, NOW)
  const rows: FlowListRow[] = []
  for (let page = await made.nextPage(); page; page = await made.nextPage()) rows.push(...page.map(({ row }) => row))
  return { rows, expected: made.expected }
}

describe('the pages of a view', () => {
  it.each([
    ['a few ways of reporting, each looked up', 7],
    ['many, walked first', 300],
  ])('give every record once, newest first: %s', async (_name, clients) => {
    const sent = manyRecords(1200, clients)
    await sendRecords(sent, NOW)
    const rows = await allPages(requestOf(WINDOW), 97)
    expect(new Set(idsOf(rows)).size).toBe(rows.length)
    expect(rows).toHaveLength(sent.length)
    expect(isInOrder(rows)).toBe(true)
  })

  it('neither lose nor repeat a record while others come in, newer and older ones', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          clients: fc.constantFrom(3, 90),
          limit: fc.integer({ min: 20, max: 120 }),
          late: fc.array(fc.integer({ min: 0, max: 3_500_000 }), { minLength: 1, maxLength: 20 }),
        }),
        async ({ clients, limit, late }) => {
          await query('TRUNCATE flow_record, edge_bucket_15s, denial_seen, ingest_batch')
          forgetEdges()
          await sendRecords(manyRecords(400, clients), NOW)
          const request = requestOf(WINDOW)
          const before = idsOf((await exported(request)).rows)
          let n = 10_000
          const rows = await allPages(request, limit, (page) =>
            page < 3
              ? sendRecords(
                  late.map((agoMs, at) => ({ n: n++, atMs: NOW - agoMs - 1, client: at % clients })),
                  NOW,
                )
              : Promise.resolve(),
          )
          const got = idsOf(rows)
          expect(new Set(got).size).toBe(got.length)
          expect(before.filter((id) => !got.includes(id))).toEqual([])
          expect(isInOrder(rows)).toBe(true)
        },
      ),
      { numRuns: 8 },
    )
  })

  it('go on past the walk where little of the traffic is meant', async () => {
    // Newer than what is meant, as many as are walked but one: the walk ends on the first that is meant.
    await sendRecords(
      Array.from({ length: 4999 }, (_, n) => ({ n, atMs: NOW - 1000 - n, client: 500 })),
      NOW,
    )
    await sendRecords(
      Array.from({ length: 150 }, (_, n) => ({
        n: 6000 + n,
        atMs: NOW - 20 * MINUTE - n * 1000,
        client: n % 75,
        workload: `quiet-${n % 75}`,
      })),
      NOW,
    )
    const request = requestOf(WINDOW)
    const quiet = { ...request, query: { ...request.query, chips: [chipOf('either', 'text', 'quiet-')] } }
    const rows = await allPages(quiet, 100)
    expect(new Set(idsOf(rows)).size).toBe(150)
    expect(isInOrder(rows)).toBe(true)
    expect(await countOfFlows(quiet, NOW)).toMatchObject({ count: 150, isExact: true })
    expect(await allPages(request, 500)).toHaveLength(5149)
  })

  it('of a selected edge or node are theirs alone, and of an unknown one none', async () => {
    await sendRecords(manyRecords(200, 5), NOW)
    const [one] = (await listFlows(requestOf(WINDOW), NOW, 1)).rows
    const edge = await allPages(requestOf(WINDOW, { selected: `edge:${one?.edgeId}` }), 500)
    expect(new Set(edge.map(({ edgeId }) => edgeId))).toEqual(new Set([one?.edgeId]))
    expect(edge.length).toBeGreaterThan(0)
    expect(await allPages(requestOf(WINDOW, { selected: `node:${one?.client.nodeId}` }), 500)).toEqual(edge)
    expect(await allPages(requestOf(WINDOW, { selected: `node:${one?.server.nodeId}` }), 500)).toHaveLength(200)
    expect(await allPages(requestOf(WINDOW, { selected: 'edge:12345' }), 500)).toEqual([])
  })

  it('have an interval that began before the window and reaches into it, once', async () => {
    const atMs = Math.floor(NOW / MINUTE) * MINUTE
    await sendInterval(atMs - 10 * MINUTE, 300, NOW)
    await sendInterval(atMs - 30 * MINUTE, 300, NOW)
    const window = { fromMs: atMs - 7 * MINUTE, toMs: atMs }
    const request = requestOf(window)
    const rows = await allPages(request, 1)
    expect(rows.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([[atMs - 10 * MINUTE, atMs - 5 * MINUTE]])
    expect(await countOfFlows(request, NOW)).toMatchObject({ count: 1, isExact: true })
  })
})

describe('a filter of records', () => {
  it('by what the graph knows: outcome, side, reason, port', async () => {
    await sendRecords(
      [
        { n: 1, atMs: NOW - 5000, client: 1 },
        { n: 2, atMs: NOW - 4000, client: 2, verdict: 'FORWARDED' },
      ],
      NOW,
    )
    const of = async (filter: Parameters<typeof requestOf>[1]) =>
      (await allPages(requestOf(WINDOW, filter), 10)).map(({ client }) => client.name)
    expect(await of({})).toEqual(['app-2', 'app-1'])
    expect(await of({ filter: { outcomes: ['denied'] } })).toEqual(['app-1'])
    expect(await of({ filter: { observers: ['gateway'] } })).toEqual([])
    expect(await of({ filter: { ports: [8080] } })).toHaveLength(2)
    expect(await of({ filter: { ports: [443] } })).toEqual([])
  })

  it('by a pod reads each record, counts what it found, and ends a page where it has looked far enough', async () => {
    await sendRecords(
      Array.from({ length: 2500 }, (_, n) => ({
        n,
        atMs: NOW - 1000 - n,
        client: 1,
        pod: n % 100 === 0 ? 'Needle-0' : 'hay-0',
      })),
      NOW,
    )
    const request = requestOf(WINDOW, { filter: { pod: 'needle' } })
    const rows = await allPages(request, 7)
    expect(rows).toHaveLength(25)
    expect(new Set(idsOf(rows)).size).toBe(25)
    expect(await countOfFlows(request, NOW)).toMatchObject({ count: 25, isExact: true })
    expect((await exported(request)).rows).toEqual(rows)
  })
})

describe('an export', () => {
  it('has as many records as the count says, and as the pages have: more than 10,000', async () => {
    for (let part = 0; part < 4; part += 1) await sendRecords(manyRecords(3000, 120, part * 3000), NOW)
    const request = requestOf(WINDOW)
    const count = await countOfFlows(request, NOW)
    expect(count).toMatchObject({ count: 12_000, isExact: true })
    const { rows, expected } = await exported(request)
    expect(expected).toBe(12_000)
    expect(rows).toHaveLength(12_000)
    expect(new Set(idsOf(rows)).size).toBe(12_000)
    expect(isInOrder(rows)).toBe(true)
  })

  it('reads nothing more once it is stopped, and gives its place back', async () => {
    await sendRecords(manyRecords(2500, 3), NOW)
    const made = await exportFlows(requestOf(WINDOW), NOW)
    expect(await made.nextPage()).toHaveLength(1000)
    made.stop()
    expect(await made.nextPage()).toBeUndefined()
    const others = await Promise.all(
      Array.from({ length: LIMITS.flowExports }, () => exportFlows(requestOf(WINDOW), NOW)),
    )
    await expect(exportFlows(requestOf(WINDOW), NOW)).rejects.toMatchObject({ code: 'unavailable' })
    for (const other of others) other.stop()
    await expect(exported(requestOf(WINDOW))).resolves.toMatchObject({ expected: 2500 })
  })

  it('fails where reading fails, and gives its place back', async () => {
    await sendRecords(manyRecords(2500, 3), NOW)
    const made = await exportFlows(requestOf(WINDOW), NOW)
    await made.nextPage()
    await query('ALTER TABLE flow_record RENAME TO flow_record_away')
    try {
      await expect(made.nextPage()).rejects.toThrow()
    } finally {
      await query('ALTER TABLE flow_record_away RENAME TO flow_record')
    }
    const others = await Promise.all(
      Array.from({ length: LIMITS.flowExports }, () => exportFlows(requestOf(WINDOW), NOW)),
    )
    for (const other of others) other.stop()
  })
})

it('a record is read whole by its place, and is not found where it is gone', async () => {
  await sendRecords([{ n: 1, atMs: NOW - 5000, client: 1 }], NOW)
  const [row] = (await listFlows(requestOf(WINDOW), NOW, 1)).rows
  if (!row) throw new Error('the record was not kept')
  const record = await readFlowRecord('', row)
  expect(record).toMatchObject({ id: row.id, edgeId: row.edgeId, keptAs: 'denied' })
  expect(record.flow.raw).toMatchObject({ verdict: 'DROPPED' })
  await expect(readFlowRecord('other', row)).rejects.toMatchObject({ code: 'not_found' })
})

it('the histogram counts all traffic from sums, denied ones apart, each connection once', async () => {
  await sendRecords(
    Array.from({ length: 40 }, (_, n) => ({
      n,
      atMs: NOW - 20 * MINUTE - n * 1000,
      client: n % 2,
      verdict: n % 2 === 0 ? ('DROPPED' as const) : ('FORWARDED' as const),
    })),
    NOW,
  )
  const { bars, stepMs } = await flowHistogram(requestOf(WINDOW), NOW)
  expect(stepMs).toBe(MINUTE)
  const sum = (key: 'passed' | 'denied') => bars.map((bar) => bar[key]).reduce(addTraffic, NO_TRAFFIC)
  expect([sum('passed'), sum('denied')]).toEqual([
    { ...NO_TRAFFIC, connections: 20 },
    { ...NO_TRAFFIC, connections: 20 },
  ])
  expect(bars.every(({ startMs }) => startMs % stepMs === 0 && startMs < NOW - 19 * MINUTE)).toBe(true)
  expect((await flowHistogram(requestOf(WINDOW, { filter: { outcomes: ['denied'] } }), NOW)).bars).toSatisfy(
    (own: typeof bars) => own.every(({ passed }) => trafficTotal(passed) === 0) && own.length > 0,
  )
})

it('spans of a view without traced calls are none', async () => {
  await sendRecords([{ n: 1, atMs: NOW - 5000, client: 1 }], NOW)
  expect((await listViewSpans(requestOf(WINDOW), NOW)).spans).toEqual([])
})
