import { afterAll, beforeAll, expect, it } from 'vitest'
import { query, useDatabase } from '@/lib/store/client'
import { judgeConnections } from '@/lib/store/judge-connections'
import { createTestDatabase } from '@/lib/store/test-database'
import { setEgressConfig } from './egress-config'
import { ingestBatch } from './ingest-batch'

const NOW = Date.now()
let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  setEgressConfig({ sanctionedEgress: '203.0.113.10', finalHop: 'nat-gw' })
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

const flow = (port: number, atMs: number) =>
  JSON.stringify({
    flow: {
      time: new Date(atMs).toISOString(),
      uuid: `7b4f3c1e-0000-4000-8000-${String(port).padStart(12, '0')}`,
      verdict: 'FORWARDED',
      IP: { source: '10.244.1.7', destination: '162.159.140.245' },
      l4: { TCP: { source_port: port, destination_port: 443, flags: { SYN: true } } },
      source: { ID: 1, namespace: 'ml', pod_name: 'agent-7d4b9c6f5-x2x5v', labels: ['k8s:app=agent'] },
      destination: { labels: ['reserved:world'] },
      destination_names: ['api.openai.com'],
      event_type: { type: 5 },
      traffic_direction: 'EGRESS',
    },
  })

it('a batch is taken from the end that is asked for: what happens now need not wait for what is judged again', async () => {
  const lines = Array.from({ length: 9 }, (_, n) => flow(41_000 + n, NOW - (9 - n) * 60_000))
  await ingestBatch({
    dataset: '',
    tokenId: 't',
    clusterHeader: 'demo',
    defaultCluster: 'default',
    retentionMs: 24 * 3_600_000,
    nowMs: NOW,
    source: 'hubble',
    body: once(lines.join('\n')),
  })
  const nothing = { nat: undefined, audits: undefined }
  const portsOf = async (first: 'oldest' | 'newest') => {
    const ports: (number | null)[] = []
    await judgeConnections(
      3,
      () => nothing,
      ({ clientPort }) => {
        ports.push(clientPort)
        return undefined
      },
      first,
    )
    return ports.sort()
  }
  expect(await portsOf('newest')).toEqual([41_006, 41_007, 41_008])
  expect(await portsOf('oldest')).toEqual([41_000, 41_001, 41_002])
  expect(await portsOf('newest')).toEqual([41_003, 41_004, 41_005])
  expect(await query('SELECT FROM egress_connection WHERE dirty')).toEqual([])
})
