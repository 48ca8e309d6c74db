import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { OwnProvider } from '@/lib/model/provider-schema'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { auditOf } from './__fixtures__/audit-of'
import { confirmProviderList, withdrawProviderList } from './confirm-allow-list'
import { putEgressEntry, removeEgressEntry } from './edit-egress'
import { putOwnProvider, removeOwnProvider } from './edit-providers'
import { startEgressConfig } from './egress-config'
import { ingestBatch } from './ingest-batch'
import { judgeEgress } from './judge-egress'
import { answerHost, listProviders } from './list-providers'

const NOW = Date.now()
const CONFIG = `
egressPoints: [{ name: nat-a, publicCidrs: [203.0.113.10/32] }]
egressRules: [{ name: all, workloads: { aiOnly: true }, providers: ['*'], egressPoints: [nat-a] }]
`
const LITELLM: OwnProvider = {
  id: 'litellm-prod',
  extends: false,
  name: 'LiteLLM',
  category: 'gateway',
  hosts: [{ host: 'llm.example.com', role: 'inference', aiExclusive: true }],
}

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
  await query(
    'TRUNCATE provider_entry, allow_list_confirmation, egress_entry, egress_connection, flow_record, ingest_batch',
  )
  await startEgressConfig({ fileText: CONFIG })
})

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

const callTo = (host: string, port: number) =>
  ingestBatch({
    dataset: '',
    tokenId: 't',
    clusterHeader: 'demo',
    defaultCluster: 'default',
    retentionMs: 24 * 3_600_000,
    nowMs: NOW,
    source: 'hubble',
    body: once(
      JSON.stringify({
        flow: {
          time: new Date(NOW - 60_000).toISOString(),
          uuid: `7b4f3c1e-0000-4000-8000-${String(port).padStart(12, '0')}`,
          verdict: 'FORWARDED',
          IP: { source: '10.244.1.7', destination: '198.51.100.77' },
          l4: { TCP: { source_port: port, destination_port: 443, flags: { SYN: true } } },
          source: { ID: 1, namespace: 'ml', pod_name: 'agent-7d4b9c6f5-x2x5v', labels: ['k8s:app=agent'] },
          destination: { labels: ['reserved:world'] },
          destination_names: [host],
          event_type: { type: 5 },
          traffic_direction: 'EGRESS',
        },
      }),
    ),
  })

const judged = async () => {
  await judgeEgress()
  const rows = await query<{ state: string | null; rule: string | null }>(
    `SELECT state, judgement->>'rule' AS rule FROM egress_connection`,
  )
  return rows
}

describe('providers of our own', () => {
  it('make calls that were judged as nobody’s judged again, and taken out make them nobody’s', async () => {
    await callTo('llm.example.com', 41_000)
    expect(await judged()).toEqual([{ state: null, rule: null }])
    await putOwnProvider(LITELLM, 'ann')
    expect(await judged()).toEqual([{ state: 'unverified', rule: 'all' }])
    await removeOwnProvider('litellm-prod', 'ann')
    expect(await judged()).toEqual([{ state: null, rule: null }])
  })

  it('are in the list and in the answer for a host, beside the catalogue', async () => {
    await putOwnProvider(LITELLM, 'ann')
    await putOwnProvider(
      {
        ...LITELLM,
        id: 'azure-openai',
        extends: true,
        name: '',
        hosts: [{ host: 'ai.example.com', role: 'inference', aiExclusive: true }],
      },
      'ann',
    )
    const rows = await listProviders()
    expect(rows).toHaveLength(150)
    expect(rows.find(({ id }) => id === 'litellm-prod')).toMatchObject({
      origin: 'own',
      register: [{ cidr: '203.0.113.10/32', point: 'nat-a', rules: ['all'] }],
    })
    expect(rows.find(({ id }) => id === 'azure-openai')).toMatchObject({
      origin: 'extended',
      hosts: expect.arrayContaining([{ host: 'ai.example.com', role: 'inference', aiExclusive: true, isOwn: true }]),
    })
    expect(await answerHost('LLM.example.com.')).toMatchObject({ provider: { id: 'litellm-prod', certain: true } })
    expect(await answerHost('nobody.example.com')).toEqual({ host: 'nobody.example.com' })
  })

  it('may be named by rules, and then stay until the rule is gone', async () => {
    await putOwnProvider(LITELLM, 'ann')
    await putEgressEntry('rule', 'gateway', { providers: ['litellm-prod'], egressPoints: ['nat-a'] }, { actor: 'ann' })
    await expect(removeOwnProvider('litellm-prod', 'ann')).rejects.toThrow('litellm-prod is named by rule gateway')
    await removeEgressEntry('rule', 'gateway', { actor: 'ann' })
    await removeOwnProvider('litellm-prod', 'ann')
    await expect(removeOwnProvider('litellm-prod', 'ann')).rejects.toThrow('no such entry')
  })

  it('with the host of another provider are refused, and nothing is stored', async () => {
    const entry = { ...LITELLM, hosts: [{ host: 'api.openai.com', role: 'inference' as const, aiExclusive: true }] }
    await expect(putOwnProvider(entry, 'ann')).rejects.toThrow('hosts.0.host: is a host of OpenAI')
    expect(await query('SELECT FROM provider_entry')).toEqual([])
  })

  it('are audited: who, what was, what is', async () => {
    await putOwnProvider(LITELLM, 'ann')
    await putOwnProvider({ ...LITELLM, name: 'LiteLLM 2' }, 'ben')
    await removeOwnProvider('litellm-prod', 'cid')
    const rows = (await auditOf(3, 'provider/litellm-prod')).map(({ actor, action, detail }) => [
      actor,
      action,
      detail.before,
      detail.after,
    ])
    expect(rows).toEqual([
      ['cid', 'provider.delete', { ...LITELLM, name: 'LiteLLM 2' }, undefined],
      ['ben', 'provider.put', LITELLM, { ...LITELLM, name: 'LiteLLM 2' }],
      ['ann', 'provider.put', undefined, LITELLM],
    ])
  })
})

describe('the IP allow-list at a provider', () => {
  it('is confirmed with the addresses of the rules then in force, and the word can be taken back', async () => {
    await confirmProviderList('openai', 'ann')
    const openai = async () => (await listProviders()).find(({ id }) => id === 'openai')?.allowList?.confirmed
    expect(await openai()).toMatchObject({ by: 'ann', addresses: ['203.0.113.10/32'] })
    await withdrawProviderList('openai', 'ben')
    expect(await openai()).toBeUndefined()
    await expect(withdrawProviderList('openai', 'ben')).rejects.toThrow('nobody confirmed this list')
  })
  it('cannot be confirmed where nothing is known of one', async () => {
    await expect(confirmProviderList('mistral', 'ann')).rejects.toThrow(
      /no list of client addresses is known|no such provider/,
    )
    await expect(confirmProviderList('nobody', 'ann')).rejects.toThrow('no such provider')
  })
})
