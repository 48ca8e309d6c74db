import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPool } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { ingestBatch } from './ingest-batch'
import { queryGraph } from './query-graph'

const database = await createTestDatabase()
const pool = openPool(database.url)

const NOW = 1_795_478_400_000
const MINUTE = 60_000

interface Part {
  readonly uuid: string
  readonly atMs?: number
  readonly verdict?: string
  readonly from?: string
}
const line = ({ uuid, atMs = NOW - MINUTE, verdict = 'FORWARDED', from = 'web' }: Part) =>
  JSON.stringify({
    flow: {
      time: new Date(atMs).toISOString(),
      uuid,
      verdict,
      ...(verdict === 'DROPPED' && { drop_reason: 133 }),
      IP: { source: '10.0.0.1', destination: '198.51.100.20' },
      l4: { TCP: { source_port: 40_000, destination_port: 443, flags: { SYN: true } } },
      source: { ID: 5, namespace: 'ns', pod_name: `${from}-0`, workloads: [{ name: from, kind: 'StatefulSet' }] },
      destination: { labels: ['reserved:world'] },
      destination_names: ['api.openai.com'],
      event_type: { type: 5 },
      traffic_direction: 'EGRESS',
    },
  })
const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}
const ingest = (text: string, part: { dataset?: string; clusterHeader?: string } = {}) =>
  ingestBatch({
    source: 'hubble',
    body: once(text),
    dataset: '',
    tokenId: '',
    defaultCluster: 'test',
    retentionMs: 14 * 24 * 60 * MINUTE,
    nowMs: NOW,
    ...part,
  })
const edges = async (dataset = '') =>
  (await queryGraph({ dataset, windowMs: 15 * MINUTE, namespaces: [], scope: 'all', states: [] }, NOW)).edges

afterAll(async () => {
  await pool.end()
  await database.drop()
})

describe('once', () => {
  beforeAll(async () => void (await pool.query('TRUNCATE ingest_batch, flow_record, edge_bucket, denial_seen')))

  it('a body that is sent twice counts once', async () => {
    const body = [1, 2, 3].map((n) => line({ uuid: uuid(n) })).join('\n')
    expect(await ingest(body)).toMatchObject({ accepted: 3, duplicates: 0, repeatedBatch: false })
    expect(await ingest(body)).toMatchObject({ accepted: 0, duplicates: 3, repeatedBatch: true })
    expect((await edges()).map((edge) => edge.counters.connections)).toEqual([3])
  })

  it('a record that another body brings again counts once', async () => {
    expect(await ingest(`${line({ uuid: uuid(3) })}\n${line({ uuid: uuid(4) })}\n`)).toMatchObject({
      accepted: 1,
      duplicates: 1,
    })
    expect((await edges()).map((edge) => edge.counters.connections)).toEqual([4])
  })

  it('a denied connection that is retried within a minute counts once', async () => {
    const retries = [10, 11, 12].map((n) =>
      line({ uuid: uuid(n), verdict: 'DROPPED', from: 'blocked', atMs: NOW - MINUTE + n * 1000 }),
    )
    for (const retry of retries) await ingest(retry)
    const blocked = (await edges()).find((edge) => edge.state === 'denied_no_rule')
    expect(blocked?.denied).toBe(1)
  })

  it('six writers on the same keys neither deadlock nor lose a count', async () => {
    const bodies = Array.from({ length: 24 }, (_item, batch) =>
      Array.from({ length: 20 }, (_row, n) =>
        line({ uuid: uuid(1000 + batch * 100 + n), from: `w${(n * 7 + batch) % 20}` }),
      ).join('\n'),
    )
    const queue = [...bodies]
    await Promise.all(
      Array.from({ length: 6 }, async () => {
        for (let body = queue.pop(); body; body = queue.pop()) await ingest(body)
      }),
    )
    const sum = (await edges())
      .filter((edge) => edge.state === 'allowed_by_policy')
      .reduce((total, edge) => total + edge.counters.connections, 0)
    expect(sum).toBe(4 + 24 * 20)
  })
})

describe('times', () => {
  it('live data refuses what is too old or from the future; a pinned dataset takes it', async () => {
    const old = [
      line({ uuid: uuid(9001), atMs: NOW - 400 * 24 * 60 * MINUTE }),
      line({ uuid: uuid(9002), atMs: NOW + 60 * MINUTE }),
    ].join('\n')
    expect(await ingest(old)).toMatchObject({ accepted: 0, rejected: 2 })
    expect(await ingest(old, { dataset: 'replay' })).toMatchObject({
      accepted: 2,
      rejected: 0,
      view: expect.stringContaining('dataset=replay'),
    })
  })

  it('a bad dataset name is refused in words', async () => {
    await expect(ingest('', { dataset: 'Nice Try' })).rejects.toMatchObject({ code: 'bad_request' })
  })
})

describe('hostile text', () => {
  it('quotes, backslashes and NUL in names are stored as text', async () => {
    const evil = `x'");DROP TABLE edge;--\\u0000`
    expect(
      await ingest(line({ uuid: uuid(9100), from: 'evil' }).replaceAll('evil', evil.replaceAll('"', '\\"'))),
    ).toMatchObject({ accepted: 1 })
    expect((await edges()).length).toBeGreaterThan(0)
  })
})

describe('names', () => {
  it('a provider is known by its name, and its caller becomes an AI workload', async () => {
    const graph = await queryGraph({ dataset: '', windowMs: 15 * MINUTE, namespaces: [], scope: 'ai', states: [] }, NOW)
    expect(graph.nodes.find((node) => node.class === 'provider')).toMatchObject({
      provider: { id: 'openai', certain: true },
    })
    expect(graph.nodes.find((node) => node.name === 'web')).toMatchObject({ aiRole: 'app' })
  })
})
