import { afterAll, beforeAll, expect, it } from 'vitest'
import { type InventoryChange, type InventoryKind, WORKLOAD_KIND } from '@/lib/model/inventory'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { setEgressConfig } from './egress-config'
import { ingestBatch } from './ingest-batch'
import { judgeEgress } from './judge-egress'
import { keepInventory } from './keep-inventory'

const NOW = Date.parse('2026-11-24T12:00:00Z')
const AT = NOW - 120_000
let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  setEgressConfig({ sanctionedEgress: '203.0.113.10/32', finalHop: 'nat' })
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}
const call = {
  flow: {
    time: new Date(AT).toISOString(),
    uuid: '7b4f3c1e-0000-4000-8000-000000000001',
    verdict: 'FORWARDED',
    IP: { source: '10.244.1.7', destination: '198.51.100.200' },
    l4: { TCP: { source_port: 41370, destination_port: 443, flags: { SYN: true } } },
    source: {
      ID: 1,
      namespace: 'ml',
      pod_name: 'agent',
      labels: ['k8s:app=agent'],
      workloads: [{ name: 'agent', kind: 'Deployment' }],
    },
    destination: { labels: ['reserved:world'] },
    destination_names: ['api.openai.com'],
    event_type: { type: 5 },
    traffic_direction: 'EGRESS',
  },
}
const keep = (...changes: readonly InventoryChange[]) =>
  keepInventory({ cluster: 'prod', changes, synced: [], rejects: {}, gaps: [], nowMs: NOW })
const put = (
  kind: InventoryKind,
  namespace: string,
  name: string,
  body: Record<string, unknown>,
  atMs = AT - 1000,
): InventoryChange => ({
  what: 'object',
  atMs,
  object: { kind, namespace, tier: '', name, uid: 'u', resourceVersion: '1', isUnchanged: false, body },
})
const gatewayPolicy = (egressIP: string, excludedCIDRs: readonly string[] = []) => ({
  spec: {
    selectors: [{ podSelector: { matchLabels: { app: 'agent' } } }],
    destinationCIDRs: ['0.0.0.0/0'],
    excludedCIDRs,
    egressGateway: { egressIP },
  },
})
const judged = async () => {
  await judgeEgress()
  return (await query('SELECT state, reason, lean, observed_ip AS ip FROM egress_connection'))[0]
}
const isDirty = async () => (await query('SELECT 1 FROM egress_connection WHERE dirty')).length === 1

it('what the cluster is configured to do leans a door that nothing proves, as it was when the connection was opened', async () => {
  await ingestBatch({
    dataset: '',
    tokenId: 't',
    clusterHeader: 'prod',
    defaultCluster: 'default',
    retentionMs: 3_600_000,
    nowMs: NOW,
    source: 'hubble',
    body: once(JSON.stringify(call)),
  })
  expect(await judged()).toEqual({ state: 'unverified', reason: 'no_nat_evidence', lean: 'none', ip: null })

  await keep(
    put(WORKLOAD_KIND, 'ml', 'agent', { labels: { app: 'agent' }, serviceAccount: 'sa', annotations: {} }),
    put('Namespace', '', 'ml', { metadata: { labels: {} } }),
  )
  expect(await isDirty()).toBe(false)
  await keep(put('CiliumEgressGatewayPolicy', '', 'p', gatewayPolicy('203.0.113.10')))
  expect(await isDirty()).toBe(true)
  expect(await judged()).toEqual({ state: 'unverified', reason: 'intent_only', lean: 'likely_ok', ip: null })

  // Later than the connection: it is judged again, and the same.
  await keep(put('CiliumEgressGatewayPolicy', '', 'p', gatewayPolicy('203.0.113.10', ['198.51.100.0/24']), AT + 1000))
  expect(await isDirty()).toBe(true)
  expect(await judged()).toMatchObject({ lean: 'likely_ok' })

  await keep(put('CiliumEgressGatewayPolicy', '', 'p', gatewayPolicy('203.0.113.10', ['198.51.100.0/24']), AT + 2000))
  expect(await isDirty()).toBe(false)
})

it('an exception, or no policy for the pod, leans to a violation; pinned imports know no inventory', async () => {
  await query(
    "UPDATE inventory_object SET valid_from = to_timestamp($1::float8 / 1000) WHERE kind = 'CiliumEgressGatewayPolicy' AND valid_to IS NULL",
    [AT - 500],
  )
  await query(
    "UPDATE inventory_object SET valid_to = to_timestamp($1::float8 / 1000) WHERE kind = 'CiliumEgressGatewayPolicy' AND valid_to IS NOT NULL",
    [AT - 500],
  )
  await query('UPDATE egress_connection SET dirty = true')
  expect(await judged()).toEqual({ state: 'unverified', reason: 'intent_only', lean: 'likely_violation', ip: null })
  await query("UPDATE egress_connection SET dirty = true, dataset = 'pinned'")
  expect(await judged()).toMatchObject({ reason: 'no_nat_evidence', lean: 'none' })
})
