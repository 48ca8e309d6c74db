import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConnectionRow } from '@/lib/model/edge-detail'
import { DOOR_STATES, type DoorState } from '@/lib/model/egress'
import { LIMITS } from '@/lib/model/limits'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { EGRESS_YAML, forgetScene, NODE, OTHER, sendHubbleFlow, sendTranslations } from './__fixtures__/calico-scene'
import { setEgressConfig } from './egress-config'
import { judgeEgress } from './judge-egress'
import { loadConnections } from './load-connections'
import { loadEdgeDetail } from './load-edge'

const NOW = Date.now()
const MINUTE = 60_000
const WINDOW = { fromMs: NOW - 60 * MINUTE, toMs: NOW }
const CALL = { ip: '10.244.1.7', server: '198.51.100.20' }
/** Copies of each judged connection, two of each beginning, standing for one to three. */
const COPIES = 39

let database: Awaited<ReturnType<typeof createTestDatabase>>
let edgeId = ''

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  setEgressConfig({ fileText: EGRESS_YAML })
  await forgetScene()
  const atMs = NOW - 10 * MINUTE
  for (const [port, publicIp] of [
    [41_000, OTHER],
    [42_000, NODE],
    [43_000, undefined],
  ] as const) {
    await sendHubbleFlow({ ...CALL, port, atMs }, atMs + MINUTE, 'api.openai.com')
    if (publicIp) await sendTranslations({ ...CALL, port, publicIp, atMs }, atMs + MINUTE)
  }
  await judgeEgress()
  await query(
    `INSERT INTO egress_connection (id, dataset, cluster, edge_id, protocol, client_ip, client_port, server_ip, server_port, first_at, last_at,
       weight, blocked, broken, facts, state, reason, lean, observed_ip, judgement, judged_at, group_id, dirty)
     SELECT hashint8extended(c.id, n), c.dataset, c.cluster, c.edge_id, c.protocol, c.client_ip, c.client_port, c.server_ip, c.server_port,
       c.first_at - (n / 2) * interval '1 second', c.last_at, 1 + n % 3, c.blocked, c.broken, c.facts, c.state, c.reason, c.lean, c.observed_ip,
       c.judgement, c.judged_at, c.group_id, false
     FROM egress_connection c CROSS JOIN generate_series(1, $1::int) AS n WHERE c.judgement IS NOT NULL`,
    [COPIES],
  )
  const edges = await query<{ id: string }>('SELECT edge_id::text AS id FROM judged_edge')
  expect(edges).toHaveLength(1)
  edgeId = edges[0]?.id ?? ''
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

async function everyPage(state: DoorState | undefined): Promise<{ rows: ConnectionRow[]; totals: number[] }> {
  const rows: ConnectionRow[] = []
  const totals: number[] = []
  let cursor: Parameters<typeof loadConnections>[1]['cursor']
  for (let pages = 0; pages < 20; pages += 1) {
    // A page that follows stays in the window of the first.
    const window = cursor ? { fromMs: NOW, toMs: NOW + MINUTE } : WINDOW
    const page = await loadConnections(edgeId, { dataset: '', window, state, cursor })
    expect(page.connections.length).toBeLessThanOrEqual(LIMITS.connectionPageRows)
    rows.push(...page.connections)
    totals.push(page.total)
    if (!page.next) return { rows, totals }
    cursor = page.next
  }
  throw new Error('the pages do not end')
}

const weightOf = (rows: readonly ConnectionRow[]) => rows.reduce((sum, { weight }) => sum + (weight ?? 1), 0)

describe('the judged connections of an edge', () => {
  it('are on its pages as many as the counts of its door say, each row once, whatever a row stands for', async () => {
    const detail = await loadEdgeDetail({ dataset: '', edgeId, window: WINDOW }, '')
    const counts = detail.edge.door?.counts
    const there = DOOR_STATES.filter((state) => (counts?.[state] ?? 0) > 0)
    expect(there.length).toBeGreaterThan(1)
    for (const state of there) {
      const { rows, totals } = await everyPage(state)
      expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
      expect(rows.every(({ judgement }) => judgement.state === state)).toBe(true)
      expect({ state, count: weightOf(rows), totals: new Set(totals) }).toEqual({
        state,
        count: counts?.[state],
        totals: new Set([counts?.[state]]),
      })
    }
    const all = await everyPage(undefined)
    expect(all.rows).toHaveLength(3 * (COPIES + 1))
    expect(weightOf(all.rows)).toBe(there.reduce((sum, state) => sum + (counts?.[state] ?? 0), 0))
    expect(detail.connectionsTotal).toBe(weightOf(all.rows))
  })

  it('come violations first, then those that began last', async () => {
    const { rows } = await everyPage(undefined)
    const places = rows.map(({ judgement, firstMs }) => (judgement.state === 'violation' ? 1e15 : 0) + firstMs)
    expect(places).toEqual([...places].sort((a, b) => b - a))
    expect(rows[0]?.judgement.state).toBe('violation')
  })
})
