import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EgressMatrix, MatrixCell, MatrixFilter } from '@/lib/model/matrix'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import {
  CLUSTER,
  common,
  forgetScene,
  OTHER,
  SANCTIONED,
  sendAnswers,
  sendHubbleFlow,
  sendTranslations,
} from './__fixtures__/calico-scene'
import { setEgressConfig } from './egress-config'
import { ingestBatch } from './ingest-batch'
import { judgeEgress } from './judge-egress'
import { loadMatrixCell } from './load-matrix-cell'
import { queryMatrix } from './query-matrix'

const NOW = Date.parse('2026-11-24T12:00:00Z')
const MINUTE = 60_000
const AT = NOW - 20 * MINUTE
const WINDOW = { fromMs: NOW - 60 * MINUTE, toMs: NOW }
const TWIN = 'twin'
/** The same address in both clusters, which share a CIDR. */
const POD = '10.244.1.7'
const [OPENAI, OPENAI_EU, ANTHROPIC, SHARED] = ['198.51.100.20', '198.51.100.21', '198.51.100.30', '198.51.100.60']
const EVERYTHING: MatrixFilter = { cluster: '', namespaces: [], providers: [], states: [], text: '', from: 0 }
const CONFIG = `
egressPoints:
  - { name: nat-a, kind: nat-gateway, publicCidrs: [${SANCTIONED}/32] }
paths:
  - { name: two-hops, clusters: [${CLUSTER}, ${TWIN}], hops: [node, nat-gw], final: nat-gw }
egressRules:
  - { name: ml, workloads: { namespaces: [ml] }, providers: ['*'], egressPoints: [nat-a] }
`
const context = {
  baseUrl: 'https://postern.example.com',
  formatTime: (atMs: number) => new Date(atMs).toISOString().slice(11, 19),
}

let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  setEgressConfig({ fileText: CONFIG })
  await forgetScene()
  await query('TRUNCATE judged_edge')
  const late = { ip: POD, port: 41_400, server: ANTHROPIC, atMs: AT + 3 * MINUTE }
  const calls = [
    { ip: POD, port: 41_370, server: OPENAI, atMs: AT, publicIp: SANCTIONED, name: 'api.openai.com' },
    { ip: POD, port: 41_371, server: OPENAI, atMs: AT + 2 * MINUTE, publicIp: SANCTIONED, name: 'api.openai.com' },
    { ip: POD, port: 41_372, server: OPENAI_EU, atMs: AT + MINUTE, publicIp: OTHER, name: 'eu.api.openai.com' },
  ]
  for (const { name, ...call } of calls) {
    await sendHubbleFlow(call, NOW, name)
    await sendTranslations(call, NOW)
  }
  await sendHubbleFlow(late, NOW, 'api.anthropic.com')
  // The same tuple in the other cluster, of which no NAT tells.
  await sendHubbleFlow({ ip: POD, port: 41_370, server: OPENAI, atMs: AT + 500, cluster: TWIN }, NOW, 'api.openai.com')
  const shared = { ip: POD, port: 41_500, server: SHARED, atMs: AT + 4 * MINUTE }
  await sendHubbleFlow(shared, NOW)
  // A host that serves more than calls of models is nobody's for certain, though its owner is known.
  await sendHubbleFlow({ ...shared, port: 41_501, server: '198.51.100.61' }, NOW, 'huggingface.co')
  await sendAnswers(
    ['api.openai.com', 'www.shop.example'].map((name) => ({
      start_time: Math.floor(AT / 1000),
      end_time: Math.floor(AT / 1000) + 300,
      type: 'log',
      client_name: '-',
      client_namespace: 'ml',
      qname: name,
      rcode: 'NoError',
      rrsets: [{ name, class: 'IN', type: 'A', rdata: [SHARED] }],
    })),
    NOW,
  )
  await judgeEgress()
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

const matrix = (change: Partial<MatrixFilter> = {}) => queryMatrix('', WINDOW, { ...EVERYTHING, ...change })

function cellOf(answer: EgressMatrix, cluster: string, column: string): MatrixCell {
  const row = answer.rows.find((one) => one.cluster === cluster)
  const cell = answer.cells.find((one) => one.row === row?.id && one.column === column)
  if (!cell) throw new Error(`no cell ${cluster} × ${column}`)
  return cell
}
const detail = async (cluster: string, column: string) => {
  const { row } = cellOf(await matrix(), cluster, column)
  return loadMatrixCell({ dataset: '', window: WINDOW, row, column }, context)
}

describe('the matrix', () => {
  it('adds the edges of two hosts of one provider up to one cell, with a door each', async () => {
    const answer = await matrix()
    expect(answer.columns.map(({ id }) => id)).toEqual(['anthropic', 'openai', 'possible'])
    const cell = cellOf(answer, CLUSTER, 'openai')
    expect(cell).toMatchObject({
      state: 'violation',
      confidence: 'observed at the final hop',
      counts: { sanctioned: 2, violation: 1, unverified: 0 },
      doors: [
        { door: OTHER, isPoint: false, addresses: [OTHER], violation: 1, sanctioned: 0 },
        { door: 'nat-a', isPoint: true, addresses: [SANCTIONED], violation: 0, sanctioned: 2 },
      ],
    })
    expect(answer.columns[1]).toMatchObject({ hosts: ['api.openai.com', 'eu.api.openai.com'], hostsTotal: 2 })
  })

  it('the same address in another cluster is another workload, and shares no evidence', async () => {
    const answer = await matrix()
    expect(answer.rows.map(({ cluster }) => cluster)).toEqual([CLUSTER, TWIN])
    expect(cellOf(answer, TWIN, 'openai')).toMatchObject({
      state: 'unverified',
      unverified: [{ reason: 'no_nat_evidence', lean: 'none', connections: 1 }],
      doors: [],
    })
  })

  it('a peer whose names disagree, or whose host serves more than AI, is only possible', async () => {
    const answer = await matrix()
    expect(cellOf(answer, CLUSTER, 'possible')).toMatchObject({
      state: 'unverified',
      reason: 'provider_unknown',
      counts: { unverified: 2 },
    })
    expect(answer.columns.at(-1)?.hosts).toEqual([
      `${SHARED} (api.openai.com or www.shop.example?)`,
      'huggingface.co (Hugging Face Hub?)',
    ])
  })

  it('the verified share counts all that left, in all, by row and by column', async () => {
    const answer = await matrix()
    expect(answer.totals.share).toEqual({ proven: 3, left: 7 })
    expect(answer.rows.map(({ share }) => share)).toEqual([
      { proven: 3, left: 6 },
      { proven: 0, left: 1 },
    ])
    expect(answer.columns.map(({ share }) => share)).toEqual([
      { proven: 0, left: 1 },
      { proven: 3, left: 4 },
      { proven: 0, left: 2 },
    ])
    // Hubble counts no bytes.
    expect(answer.totals.bytes).toBeUndefined()
  })

  it('in bytes is a lower bound, of what a source counts', async () => {
    const record = {
      start_time: Math.floor(AT / 1000),
      end_time: Math.floor(AT / 1000) + 300,
      source_ip: '10.244.3.9',
      source_name: 'agent-6b687c8dcb-x2x5v',
      source_name_aggr: 'agent-6b687c8dcb-*',
      source_namespace: 'ml',
      source_type: 'wep',
      source_port: 40_001,
      dest_ip: OPENAI,
      dest_name: '-',
      dest_name_aggr: 'pub',
      dest_namespace: '-',
      dest_type: 'net',
      dest_port: 443,
      dest_domains: ['api.openai.com'],
      proto: 'tcp',
      action: 'allow',
      reporter: 'src',
      policies: { all_policies: ['0|default|default.egress|allow|0'] },
      bytes_in: 900,
      bytes_out: 100,
      num_flows: 1,
      num_flows_started: 1,
      num_flows_completed: 0,
      packets_in: 1,
      packets_out: 1,
    }
    async function* body() {
      yield new TextEncoder().encode(JSON.stringify(record))
    }
    const result = await ingestBatch({ ...common(NOW, 'counted'), dataset: 'bytes', source: 'calico', body: body() })
    expect(result).toMatchObject({ accepted: 1, rejected: 0 })
    await judgeEgress()
    const answer = await queryMatrix('bytes', WINDOW, EVERYTHING)
    expect(answer.totals).toMatchObject({ share: { proven: 0, left: 1 }, bytes: { provenAtLeast: 0, total: 1000 } })
  })

  it('narrows by cluster, provider, state and text, and says what can be chosen', async () => {
    expect((await matrix({ cluster: TWIN })).rows).toHaveLength(1)
    expect((await matrix({ providers: ['anthropic'] })).columns.map(({ id }) => id)).toEqual(['anthropic'])
    const violations = await matrix({ states: ['violation'] })
    expect(violations.cells).toHaveLength(1)
    // What is filtered by state does not change what is verified.
    expect(violations.totals.share).toEqual({ proven: 3, left: 7 })
    expect((await matrix({ text: 'EU.API' })).cells).toHaveLength(1)
    expect((await matrix({ namespaces: ['shop'] })).cells).toEqual([])
    expect((await matrix({ namespaces: ['shop'] })).choices).toMatchObject({
      clusters: [CLUSTER, TWIN],
      namespaces: ['ml'],
    })
  })

  it('of a window without connections it is empty, and of another dataset too', async () => {
    expect((await queryMatrix('', { fromMs: NOW, toMs: NOW + MINUTE }, EVERYTHING)).cells).toEqual([])
    expect((await queryMatrix('another', WINDOW, EVERYTHING)).cells).toEqual([])
  })
})

describe('a cell', () => {
  it('tells the violation in a sentence, and shows the raw rows of both hops, oldest and newest', async () => {
    const answer = await detail(CLUSTER, 'openai')
    expect(answer.sentence).toContain(
      `ml / agent (cluster ${CLUSTER}) → OpenAI (api.openai.com, eu.api.openai.com): 1 connection of 3 left by ${OTHER}, not by nat-a (${SANCTIONED}).`,
    )
    expect(answer.sentence).toContain('Seen in the log of hop nat-gw, 11:41:00')
    // What convicts stands first, though it is neither the oldest nor the newest of the cell.
    const [gateway] = answer.evidence
    expect(gateway).toMatchObject({
      kind: 'conntrack-gw',
      hop: 'nat-gw',
      state: 'violation',
      count: 1,
      newest: { ip: OTHER, join: 'J3' },
    })
    const others = answer.evidence.find(({ kind, state }) => kind === 'conntrack-gw' && state === 'sanctioned')
    expect(others).toMatchObject({ count: 2, oldest: { ip: SANCTIONED }, newest: { ip: SANCTIONED } })
    expect([others?.oldest.atMs, others?.newest.atMs]).toEqual([AT + 2, AT + 2 * MINUTE + 2])
    expect(gateway?.newest.rows.map(({ hop }) => hop)).toEqual(['node', 'nat-gw'])
    expect(gateway?.newest.rows[0]?.raw).toContain(`src=${POD}`)
    expect(gateway?.newest.rows[1]?.raw).toContain(`dst=${OTHER}`)
    const flows = answer.evidence.find(({ kind }) => kind === 'flow')
    expect(flows).toMatchObject({ count: 3, oldest: { atMs: AT }, newest: { atMs: AT + 2 * MINUTE } })
    expect(flows?.oldest.rows[0]?.raw).toContain(OPENAI)
    expect(answer.rule).toMatchObject({ name: 'ml', now: { points: [{ name: 'nat-a', cidrs: [`${SANCTIONED}/32`] }] } })
    expect(answer.upgrade).toEqual([])
    expect([answer.edges.length, answer.edgesTotal]).toEqual([2, 2])
  })

  it('what nobody tells of says what to send, with this server’s address, the cluster and the hop', async () => {
    const answer = await detail(TWIN, 'openai')
    const commands = answer.upgrade.map(({ snippet }) => snippet?.command ?? '').join('\n')
    expect(answer.sentence).toContain('Not verified: no NAT evidence was received for it.')
    expect(commands).toContain('https://postern.example.com/api/ingest/nat/conntrack?hop=nat-gw')
    expect(commands).toContain(`X-Postern-Cluster: ${TWIN}`)
    expect(answer.hasEvidenceSource).toBe(false)
  })

  it('what is only possible asks for names', async () => {
    const texts = (await detail(CLUSTER, 'possible')).upgrade.map(({ snippet }) => snippet?.title ?? '').join('\n')
    expect(texts).toContain('CoreDNS')
    expect(texts).toContain('DNS visibility')
  })

  it('late evidence changes it, and what it was is kept', async () => {
    expect(cellOf(await matrix(), CLUSTER, 'anthropic').state).toBe('unverified')
    const late = { ip: POD, port: 41_400, server: ANTHROPIC, atMs: AT + 3 * MINUTE, publicIp: SANCTIONED }
    await sendTranslations(late, NOW)
    await judgeEgress()
    expect(cellOf(await matrix(), CLUSTER, 'anthropic')).toMatchObject({ state: 'sanctioned', unverified: [] })
    expect((await detail(CLUSTER, 'anthropic')).changes).toMatchObject([
      { from: { state: 'unverified', reason: 'no_nat_evidence' }, to: { state: 'sanctioned' }, connections: 1 },
    ])
  })

  it('of a workload or a provider that is not there is not found', async () => {
    const { row } = cellOf(await matrix(), CLUSTER, 'openai')
    const ask = (cell: { row: string; column: string }) =>
      loadMatrixCell({ dataset: '', window: WINDOW, ...cell }, context)
    await expect(ask({ row, column: 'mistral' })).rejects.toMatchObject({ code: 'not_found' })
    await expect(ask({ row: '1', column: 'openai' })).rejects.toMatchObject({ code: 'not_found' })
  })
})
