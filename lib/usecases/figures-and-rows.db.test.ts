import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { countStates } from '@/lib/graph/bundle-edges'
import { HOUR_MS } from '@/lib/model/units'
import { useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { requestOf, type SentRecord, sendRecords } from './__fixtures__/flow-scene'
import { exportFlows } from './export-flows'
import { countOfFlows, flowHistogram, listFlows } from './list-flows'
import { loadEdgeDetail } from './load-edge'
import { loadEdgeFlows } from './load-kept-flows'
import { queryGraph } from './query-graph'

const NOW = Date.now()
const WINDOW = { fromMs: NOW - HOUR_MS, toMs: NOW }
const MIXED = 3

let database: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  // Client n is denied 4·n + 1 times; one of them is let through as well.
  const records: SentRecord[] = []
  for (let client = 0; client < 8; client += 1)
    for (let at = 0; at <= 4 * client; at += 1)
      records.push({ n: records.length, atMs: NOW - 1000 - records.length * 400, client })
  for (let at = 0; at < 5; at += 1)
    records.push({ n: records.length, atMs: NOW - 1000 - at, client: MIXED, verdict: 'FORWARDED' })
  await sendRecords(records, NOW)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

const graphNow = () =>
  queryGraph({ dataset: '', ...WINDOW, windowMs: 0, namespaces: [], scope: 'all', states: [], level: 'workload' }, NOW)

describe('a number of the graph and the rows it came from', () => {
  it('denied connections of each edge are as many as the panel lists, the flow table counts and the export has', async () => {
    const graph = await graphNow()
    expect(graph.edges.map(({ denied }) => denied).sort((a, b) => a - b)).toEqual([1, 5, 9, 13, 17, 21, 25, 29])
    for (const { id, denied } of graph.edges) {
      const request = requestOf(WINDOW, { selected: `edge:${id}`, filter: { outcomes: ['denied'] } })
      const listed = await loadEdgeFlows(id, { dataset: '', window: WINDOW, outcome: 'denied' })
      const page = await listFlows(request, NOW, 500)
      const made = await exportFlows(request, NOW)
      let exported = 0
      for (let rows = await made.nextPage(); rows; rows = await made.nextPage()) exported += rows.length
      const counts = {
        panel: listed.total,
        detail: (await loadEdgeDetail({ dataset: '', edgeId: id, window: WINDOW }, '')).edge.denied,
        table: page.rows.length,
        count: (await countOfFlows(request, NOW)).count,
        promised: made.expected,
        exported,
      }
      expect(counts).toEqual(Object.fromEntries(Object.keys(counts).map((key) => [key, denied])))
      expect(page.rows.every((row) => row.edgeId === id && row.outcome === 'denied')).toBe(true)
    }
  })

  it('the legend, the histogram and the edges tell one sum', async () => {
    const graph = await graphNow()
    const denied = graph.edges.reduce((sum, edge) => sum + edge.denied, 0)
    const { bars } = await flowHistogram(requestOf(WINDOW), NOW)
    expect(bars.reduce((sum, bar) => sum + bar.denied.connections, 0)).toBe(denied)
    expect(countStates(graph.edges)).toEqual({ denied_no_rule: 7, mixed: 1 })
  })
})
