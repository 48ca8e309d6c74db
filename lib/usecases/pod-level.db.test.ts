import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { goldmaneLines } from '@/lib/demo/goldmane-lines'
import type { GraphQuery } from '@/lib/model/graph'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { ingestBatch } from './ingest-batch'
import { queryGraph } from './query-graph'

const NOW = Date.now()
let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

const pod = (namespace: string, workload: string, at: number) => ({
  ID: 1,
  namespace,
  pod_name: `${workload}-${at}`,
  labels: [`k8s:app=${workload}`],
  workloads: [{ name: workload, kind: 'StatefulSet' }],
})

const flow = (at: number, verdict: 'FORWARDED' | 'DROPPED', server = pod('data', 'vault', 0)) => ({
  time: new Date(NOW - 5000).toISOString(),
  uuid: randomUUID(),
  verdict,
  ...(verdict === 'DROPPED' && { drop_reason_desc: 'POLICY_DENIED' }),
  IP: { source: `10.0.0.${at}`, destination: '10.0.1.1' },
  l4: { TCP: { source_port: 40_000 + at, destination_port: 8200, flags: { SYN: true } } },
  source: pod('agents', 'planner', at),
  destination: server,
  event_type: { type: 5 },
  traffic_direction: 'EGRESS',
})

async function send(source: 'hubble' | 'calico', lines: readonly string[], cluster: string): Promise<void> {
  async function* body() {
    yield new TextEncoder().encode(lines.join('\n'))
  }
  const common = { dataset: '', tokenId: 't', retentionMs: 86_400_000, nowMs: NOW }
  const result = await ingestBatch({ source, body: body(), defaultCluster: cluster, ...common })
  expect(result.rejected).toBe(0)
}

const view = (part: Partial<GraphQuery>): GraphQuery => ({
  dataset: '',
  windowMs: 900_000,
  namespaces: [],
  scope: 'all',
  states: [],
  ...part,
})

it('a workload’s pods are drawn from the records of the window, each with what its own records tell', async () => {
  const flows = [
    flow(0, 'FORWARDED'),
    flow(1, 'DROPPED'),
    flow(1, 'DROPPED'),
    flow(2, 'FORWARDED', pod('web', 'api', 0)),
  ]
  await send(
    'hubble',
    flows.map((one) => JSON.stringify({ flow: one })),
    'c1',
  )
  const inside = { cluster: 'c1', namespace: 'agents', workload: 'planner' }
  const graph = await queryGraph(view({ inside }), NOW)
  const names = new Map(graph.nodes.map((node) => [node.id, node.pod ?? node.name]))
  expect(graph.level).toBe('pod')
  expect(
    graph.edges.map((edge) => [names.get(edge.client), names.get(edge.server), edge.state, edge.denied]).sort(),
  ).toEqual([
    ['planner-0', 'vault', 'allowed_by_policy', 0],
    ['planner-1', 'vault', 'denied_no_rule', 2],
    ['planner-2', 'api', 'allowed_by_policy', 0],
  ])
  expect(graph.pods).toEqual({ records: 4, recordsLeft: 0, edgesWithoutPods: 0 })
  const namespace = await queryGraph(view({ inside: { cluster: 'c1', namespace: 'data' }, level: 'pod' }), NOW)
  expect(namespace.nodes.map((node) => node.pod ?? node.name).sort()).toEqual(['agents', 'vault-0'])
  const [count] = await query<{ edges: number }>('SELECT count(*)::int AS edges FROM edge')
  expect(count?.edges).toBe(2)
})

it('a source that tells no pods stays at the workload, and the view says so', async () => {
  await send('calico', goldmaneLines({ seed: 1, startMs: NOW - 600_000, endMs: NOW }), 'c2')
  const inside = { cluster: 'c2', namespace: 'inference', workload: 'batch-agent' }
  const graph = await queryGraph(view({ inside }), NOW)
  expect(graph.edges.length).toBeGreaterThan(0)
  expect(graph.nodes.filter((node) => node.pod !== undefined)).toEqual([])
  expect(graph.pods?.edgesWithoutPods).toBe(graph.edges.length)
  expect(graph.pods?.records).toBeGreaterThan(0)
})
