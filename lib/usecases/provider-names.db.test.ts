import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { setEgressConfig } from './egress-config'
import { ingestBatch } from './ingest-batch'
import { ingestNat } from './ingest-nat'
import { judgeEgress } from './judge-egress'

const NOW = Date.now()
const COMMON = {
  dataset: '',
  tokenId: 't',
  clusterHeader: 'demo',
  defaultCluster: 'default',
  retentionMs: 24 * 3_600_000,
  nowMs: NOW,
}
const OTHER = '198.51.100.7'

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
  setEgressConfig({ sanctionedEgress: '203.0.113.10', finalHop: 'nat-gw' })
  await query('TRUNCATE egress_connection, judgement_history, nat_record, flow_record, ingest_batch')
})

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

/** A call to an address with these identity labels and names, which the NAT gateway saw leave by another address. */
async function callOutside(labels: readonly string[], names: readonly string[]): Promise<unknown> {
  const atMs = NOW - 60_000
  await ingestBatch({
    ...COMMON,
    source: 'hubble',
    body: once(
      JSON.stringify({
        flow: {
          time: new Date(atMs).toISOString(),
          uuid: '7b4f3c1e-0000-4000-8000-000000000001',
          verdict: 'FORWARDED',
          IP: { source: '10.244.1.7', destination: '104.18.6.192' },
          l4: { TCP: { source_port: 41_000, destination_port: 443, flags: { SYN: true } } },
          source: { ID: 1, namespace: 'ml', pod_name: 'agent-7d4b9c6f5-x2x5v', labels: ['k8s:app=agent'] },
          destination: { labels },
          destination_names: names,
          event_type: { type: 5 },
          traffic_direction: 'EGRESS',
        },
      }),
    ),
  })
  const stamp = (atMs / 1000).toFixed(6)
  await ingestNat({
    ...COMMON,
    format: 'conntrack',
    trusted: true,
    hop: 'nat-gw',
    body: once(
      `[${stamp}]\t    [NEW] ipv4     2 tcp      6 120 SYN_SENT src=10.244.1.7 dst=104.18.6.192 sport=41000 dport=443 [UNREPLIED] src=104.18.6.192 dst=${OTHER} sport=443 dport=41001 id=1\n`,
    ),
  })
  await judgeEgress()
  const [row] = await query<{ judgement: { state: string; reason?: string; named?: { way: string } } }>(
    'SELECT judgement FROM egress_connection',
  )
  return row && [row.judgement.state, row.judgement.reason, row.judgement.named?.way]
}

it('a name that the client’s own look-up gave convicts', async () => {
  expect(await callOutside(['reserved:world'], ['api.openai.com'])).toEqual(['violation', undefined, 'flow-dns-name'])
})

it('a host that serves other traffic too is possible only, until a rule names it: the operator has said what it is', async () => {
  const call = () => callOutside(['reserved:world'], ['api.cloudflare.com'])
  expect(await call()).toEqual(['unverified', 'provider_unknown', 'flow-dns-name'])
  await query('TRUNCATE egress_connection, judgement_history, nat_record, flow_record, ingest_batch')
  setEgressConfig({
    fileText: `
paths: [{ name: p, hops: [nat-gw], final: nat-gw }]
egressRules: [{ name: r, hosts: [api.cloudflare.com], sanctionedSources: [203.0.113.10/32] }]`,
  })
  expect(await call()).toEqual(['violation', undefined, 'flow-dns-name'])
})

it.each([
  ['one name', ['fqdn:api.openai.com', 'reserved:world']],
  ['a pattern', ['fqdn:*.api.openai.com', 'reserved:world']],
])('an identity with %s is of the shared address: possible, and convicts nobody', async (_, labels) => {
  expect(await callOutside(labels, [])).toEqual(['unverified', 'provider_unknown', 'fqdn-identity'])
})
