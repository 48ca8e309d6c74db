import { afterAll, beforeAll, expect, it } from 'vitest'
import { sampleFlow } from '@/lib/demo/sample-flow'
import { emptyDecodeResult } from '@/lib/model/decoded'
import { decodeOtlpTraces } from '@/lib/sources/otlp/decode'
import { encodeTracesProtobuf } from '@/lib/sources/otlp/encode'
import { query, useDatabase } from '@/lib/store/client'
import { saveCollector } from '@/lib/store/collectors'
import { commitInventory } from '@/lib/store/commit-inventory'
import { markJudgedOtherwise } from '@/lib/store/mark-all-connections'
import { createTestDatabase } from '@/lib/store/test-database'
import {
  common,
  corednsLine,
  EGRESS_YAML,
  OTHER,
  sendAnswers,
  sendHubbleFlow,
  sendQuestions,
  sendTranslations,
} from './__fixtures__/calico-scene'
import { actOnFinding, actOnIncident } from './change-findings'
import { clusterFacts } from './cluster-facts'
import { countRefused } from './count-refused'
import { drawNatEdges } from './draw-nat-edges'
import { setEgressConfig } from './egress-config'
import { ingestBatch } from './ingest-batch'
import { ingestSpans } from './ingest-spans'
import { judgeEgress } from './judge-egress'
import { listFindings } from './list-findings'
import { openPull } from './pull-records'
import { recordProbe } from './record-probe'
import { settleSpans } from './settle-spans'
import { trackFindings } from './track-findings'

const NOW = Date.now()
const MINUTE = 60_000
const START = NOW - 10 * MINUTE
const SETTLE_MS = 2 * MINUTE
const CLUSTERS = ['calico', 'prod', 'edge'] as const
const ROUNDS = 6
const PODS = 4
const SERVER = '198.51.100.20'

let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  setEgressConfig({ fileText: EGRESS_YAML })
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

type Place = (typeof CLUSTERS)[number]
const podOf = (n: number): string => `10.244.1.${(n % PODS) + 1}`
const clusterOf = (n: number): Place => CLUSTERS[n % CLUSTERS.length] ?? 'calico'
const portOf = (n: number): number => 41_000 + n
const callOf = (n: number) => ({
  cluster: clusterOf(n),
  ip: podOf(n),
  port: portOf(n),
  server: SERVER,
  atMs: START + n * 1000,
  publicIp: OTHER,
})

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

/** Parts of one key of Goldmane, each writer's with other counters: whoever comes last, the largest counts. */
const goldmane = (round: number, writer: number) =>
  ingestBatch({
    ...common(NOW, clusterOf(round)),
    source: 'calico',
    body: once(
      Array.from({ length: 12 }, (_, index) => (index * 5 + writer * 7) % 12)
        .map((n) =>
          JSON.stringify({
            Key: {
              source_name: `web-${n}-*`,
              source_namespace: 'shop',
              source_type: 1,
              ...(n % 2
                ? { dest_name: 'pub', dest_namespace: '', dest_type: 4 }
                : { dest_name: 'api-*', dest_namespace: 'shop', dest_type: 1 }),
              dest_port: 443,
              proto: 'tcp',
              reporter: 1,
              action: 1,
              policies: { enforced_policies: ['0|default|np:shop/a|allow|0'] },
            },
            start_time: Math.floor(START / 15_000) * 15,
            end_time: Math.floor(START / 15_000) * 15 + 15,
            bytes_in: 10 * (writer + 1),
            bytes_out: 10 * (writer + 1),
            num_connections_started: writer + 1,
          }),
        )
        .join('\n'),
    ),
  })

const traceOf = (round: number): string => (round + 1).toString(16).padStart(32, 'a')
const spanOf = (service: string, id: number, kind: number, round: number, parent?: number) => ({
  resource: { 'service.name': service, 'k8s.namespace.name': 'shop', 'k8s.cluster.name': clusterOf(round) },
  scope: { name: 's' },
  spans: [
    {
      traceId: traceOf(round),
      spanId: id.toString(16).padStart(16, '0'),
      ...(parent !== undefined && { parentSpanId: parent.toString(16).padStart(16, '0') }),
      name: 'n',
      kind,
      startNs: BigInt(START) * 1_000_000n,
      endNs: BigInt(START + 1000) * 1_000_000n,
      attributes: { 'server.address': 'api', 'server.port': 443, 'gen_ai.provider.name': 'openai' },
    },
  ],
})
/** Both halves of a call, in two bodies at once; sent by each writer again. */
const spans = async (round: number) => {
  const parts = [spanOf('web', 1, 3, round), spanOf('api', 2, 2, round, 1)]
  await Promise.all(
    parts.map((part) =>
      ingestSpans({
        decoded: decodeOtlpTraces(encodeTracesProtobuf([part]), 'protobuf'),
        dataset: '',
        defaultCluster: clusterOf(round),
        retentionMs: 24 * 60 * MINUTE,
        nowMs: NOW,
        settleMs: SETTLE_MS,
      }),
    ),
  )
}

/** Every round moves each address to another pod of the same workload. */
const inventory = (round: number, cluster: Place) =>
  commitInventory({
    cluster,
    nowMs: NOW,
    rejects: { bad_value: 1 },
    gaps: [{ source: 'kubernetes', reason: 'not watched', atMs: START + round }],
    synced: [{ kind: 'EgressGateway', atMs: NOW }],
    changes: Array.from({ length: PODS }, (_, n) => ({
      what: 'pod' as const,
      atMs: START - 5 * MINUTE + round,
      pod: {
        namespace: 'ml',
        pod: `agent-7d9c8b6f5-x2x${n}v`,
        uid: `uid-${n}`,
        workload: 'agent',
        workloadKind: round % 2 ? 'Deployment' : 'ReplicaSet',
        hostNetwork: false,
        ips: [podOf(n)],
        fromMs: START - 5 * MINUTE,
        isTerminating: false,
      },
    })),
  })

async function pull(collector: string): Promise<void> {
  await saveCollector({
    name: collector,
    kind: 'hubble-relay',
    source: 'hubble',
    cluster: 'prod',
    status: { state: 'connected' },
  })
  const puller = await openPull({
    collector,
    source: 'hubble',
    cluster: 'prod',
    defaultCluster: 'prod',
    retentionMs: 24 * 60 * MINUTE,
    overlapMs: MINUTE,
  })
  for (let round = 0; round < ROUNDS; round += 1) {
    const flows = Array.from({ length: 20 }, (_, index) =>
      sampleFlow({
        recordKey: `${collector}-${round}-${index}`,
        startMs: START + index * 1000,
        server: { class: 'workload', namespace: 'shop', name: 'pulled' },
        serverPort: 9000 + ((index * 7 + collector.length) % 5),
      }),
    )
    await puller.commit({ ...emptyDecodeResult(), flows }, { round }, NOW)
    await saveCollector({
      name: collector,
      kind: 'hubble-relay',
      source: 'hubble',
      cluster: 'prod',
      status: { state: 'retrying' },
    })
  }
}

/** Deadlocks of the database so far. Backends tell their counts at the latest when they end: the pool is closed for that. */
async function deadlocks(): Promise<number> {
  await useDatabase(undefined)
  await useDatabase(database.url)
  for (let tries = 0; tries < 600; tries += 1) {
    const rows = await query<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`,
    )
    if (rows[0]?.n === 0) break
  }
  const rows = await query<{ n: number }>(
    'SELECT deadlocks::int AS n FROM pg_stat_database WHERE datname = current_database()',
  )
  return rows[0]?.n ?? -1
}

const times = async (count: number, work: (round: number) => Promise<unknown>): Promise<void> => {
  for (let round = 0; round < count; round += 1) await work(round)
}

it('all ways in and all passes at once on the same keys: no deadlock, and everything counts once', async () => {
  const calls = ROUNDS * 6
  const before = await deadlocks()
  const each = (order: (n: number) => number, send: (n: number) => Promise<unknown>) =>
    times(calls, (n) => send(order(n)))
  const forwards = (n: number) => n
  const backwards = (n: number) => calls - 1 - n
  const passes = async () => {
    await drawNatEdges({ nowMs: NOW, settleMs: SETTLE_MS })
    await judgeEgress()
    await trackFindings(NOW)
    await clusterFacts(NOW, 'all')
    await trackFindings(NOW, 'all')
  }
  const people = async () => {
    const { findings } = await listFindings({ dataset: '' })
    for (const { id, acknowledged, caseId } of findings.slice(0, 3)) {
      await actOnFinding(id, { kind: acknowledged ? 'unacknowledge' : 'acknowledge' }, { actor: 'ada', nowMs: NOW })
      if (caseId !== undefined)
        await actOnIncident(caseId, { kind: 'comment', text: 'Looking.' }, { actor: 'ada', nowMs: NOW })
    }
  }
  const writers = Promise.all([
    each(forwards, (n) => sendHubbleFlow(callOf(n), NOW, n % 2 ? 'api.openai.com' : undefined)),
    each(backwards, (n) => sendHubbleFlow(callOf(n), NOW, n % 2 ? 'api.openai.com' : undefined)),
    each(forwards, (n) => sendTranslations(callOf(n), NOW)),
    each(backwards, (n) => sendTranslations(callOf(n), NOW)),
    // Of these only NAT records tell.
    each(forwards, (n) => sendTranslations({ ...callOf(n), port: portOf(n) + 1000 }, NOW)),
    each(forwards, (n) =>
      sendQuestions([corednsLine(podOf(n), 'api.openai.com', START + n * 1000 - 500)], NOW, clusterOf(n)),
    ),
    each(backwards, (n) =>
      sendQuestions([corednsLine(podOf(n), 'api.openai.com', START + n * 1000 - 500)], NOW, clusterOf(n)),
    ),
    each(forwards, (n) =>
      sendAnswers(
        [
          {
            start_time: Math.floor(START / 1000) + n,
            end_time: Math.floor(START / 1000) + n,
            type: 'log',
            client_name: '-',
            client_namespace: 'ml',
            qname: 'api.openai.com',
            rcode: 'NoError',
            rrsets: [{ name: 'api.openai.com', class: 'IN', type: 'A', rdata: [SERVER] }],
          },
        ],
        NOW,
      ),
    ),
    times(ROUNDS, (round) => goldmane(round, 0)),
    times(ROUNDS, (round) => goldmane(ROUNDS - 1 - round, 1)),
    times(ROUNDS, (round) => goldmane(round, 2)),
    times(ROUNDS, spans),
    times(ROUNDS, (round) => spans(ROUNDS - 1 - round)),
    ...CLUSTERS.map((cluster) => times(ROUNDS, (round) => inventory(round, cluster))),
    each(backwards, (n) =>
      recordProbe(
        { cluster: clusterOf(n), namespace: 'ml', tokenId: 't', node: 'n1' },
        { peer: '203.0.113.10' },
        [],
        START + n * 1000,
      ),
    ),
    pull('relay-a'),
    pull('relay-bb'),
    times(ROUNDS, () =>
      countRefused([{ reason: 'metrics_not_stored', count: 1, lines: [], hint: '' }], {
        ...common(NOW),
        dataset: '',
      }),
    ),
  ])
  let isOver = false
  const workers = [
    passes,
    passes,
    people,
    people,
    () => settleSpans(NOW, SETTLE_MS),
    () => markJudgedOtherwise('another'),
  ].map(async (pass) => {
    while (!isOver) await pass()
  })
  await writers.finally(() => {
    isOver = true
  })
  await Promise.all(workers)
  for (let n = 0; n < 3; n += 1) await passes()
  expect(await deadlocks()).toBe(before)

  const sums = await query<{ source: string; connections: number }>(
    `SELECT v.source, sum(b.connections)::int AS connections FROM edge_bucket b JOIN edge_variant v ON v.id = b.variant_id
     WHERE NOT v.repeats GROUP BY 1 ORDER BY 1`,
  )
  expect(sums).toEqual([
    // Of each of 12 keys in each of 3 clusters the fullest telling, 3 connections.
    { source: 'calico', connections: 12 * 3 * 3 },
    { source: 'hubble', connections: calls + 2 * ROUNDS * 20 },
    { source: 'nat', connections: calls },
  ])
  const tuples = await query<{ rows: number; tuples: number; nat: number }>(
    `SELECT count(*)::int AS rows, count(DISTINCT (cluster, client_ip, client_port))::int AS tuples, (count(*) FILTER (WHERE from_nat))::int AS nat
     FROM egress_connection WHERE client_port IS NOT NULL`,
  )
  expect(tuples[0]).toEqual({ rows: 2 * calls, tuples: 2 * calls, nat: calls })
  const rows = await query<{
    nat: number
    questions: number
    spans: number
    calls: number
    refused: number
    dirty: number
  }>(
    `SELECT (SELECT count(*)::int FROM nat_record) AS nat, (SELECT count(*)::int FROM dns_question) AS questions, (SELECT count(*)::int FROM span) AS spans,
       (SELECT count(*)::int FROM span WHERE counts_call) AS calls,
       (SELECT sum(count)::int FROM source_reject WHERE reason = 'metrics_not_stored') AS refused,
       (SELECT count(*)::int FROM egress_connection WHERE dirty) AS dirty`,
  )
  expect(rows[0]).toEqual({
    nat: 4 * calls,
    questions: calls,
    spans: 2 * ROUNDS,
    calls: ROUNDS,
    refused: ROUNDS,
    dirty: 0,
  })
  const told = await query<{ source: string; accepted: number }>(
    `SELECT source, sum(accepted)::int AS accepted FROM source_minute WHERE source IN ('nat', 'hubble', 'otlp') GROUP BY 1 ORDER BY 1`,
  )
  expect(told).toEqual([
    { source: 'hubble', accepted: calls + 2 * ROUNDS * 20 },
    { source: 'nat', accepted: 4 * calls },
    { source: 'otlp', accepted: 2 * ROUNDS },
  ])
}, 120_000)
