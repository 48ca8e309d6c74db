import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEMO_EGRESS_YAML } from '@/lib/demo/demo-config'
import { sampleFlow } from '@/lib/demo/sample-flow'
import { emptyDecodeResult } from '@/lib/model/decoded'
import type { EdgeVariant } from '@/lib/model/graph'
import { WORKLOAD_KIND } from '@/lib/model/inventory'
import { confirmAllowList, unconfirmAllowList } from '@/lib/store/allow-list-confirmations'
import { query, useDatabase } from '@/lib/store/client'
import { graphChangeReader } from '@/lib/store/graph-changes'
import { loadTold } from '@/lib/store/load-told'
import { ensurePartitions, partitionedTables } from '@/lib/store/partitions'
import type { SentStatement } from '@/lib/store/record-plans'
import { rollUpBuckets } from '@/lib/store/roll-up-buckets'
import { createTestDatabase } from '@/lib/store/test-database'
import {
  CLUSTER,
  corednsLine,
  EGRESS_YAML,
  OTHER,
  saveLease,
  sendAnswers,
  sendHubbleFlow,
  sendQuestions,
  sendTranslations,
} from './__fixtures__/calico-scene'
import { goldmaneLine, sendGoldmaneLines } from './__fixtures__/facts-scene'
import { fillTables } from './__fixtures__/fill-tables'
import { readAllOfFlows, requestOf } from './__fixtures__/flow-scene'
import { actOnAll } from './__fixtures__/plan-cases'
import { tellChannels } from './__fixtures__/plan-channels'
import { keepNewInventory } from './__fixtures__/plan-inventory'
import { expectPlans as plansOf, type Window } from './__fixtures__/plan-rules'
import { DENIED, dnsAnswer, matrixAndCell, OWN_PROVIDER, policiesAndOne, subject } from './__fixtures__/plan-scene'
import {
  NEW,
  NEW_EGRESS_YAML,
  newObject,
  newPod,
  sendManySpans,
  sendNewAudit,
  sendNewFlows,
  sendNewInterval,
  sendNewPacket,
  sendNewSpans,
  sendNewWindow,
} from './__fixtures__/plan-senders'
import { seedDataset } from './__fixtures__/seed-dataset'
import { ELSEWHERE, UNSENT } from './__fixtures__/unsent-statements'
import { addPods } from './add-pods'
import { apiTokens, createApiToken, endApiToken, grantOfToken } from './api-tokens'
import { clusterFacts } from './cluster-facts'
import { forgetOtherCollectors, reportCollector } from './collector-duty'
import { compareWindows } from './compare-windows'
import { confirmProviderList, withdrawProviderList } from './confirm-allow-list'
import { createIncident } from './create-incident'
import { deleteDataset, deleteMarked, stopDeleting } from './delete-dataset'
import { drawNatEdges } from './draw-nat-edges'
import { putEgressEntry, removeEgressEntry } from './edit-egress'
import { putOwnProvider, removeOwnProvider } from './edit-providers'
import { setEgressConfig, startEgressConfig } from './egress-config'
import { explainIsolation } from './explain-isolation'
import { ownPresets, removePreset, savePreset } from './filter-presets'
import { changePlaces, readPlaces } from './graph-places'
import { judgeEgress } from './judge-egress'
import { forgetOldInventory, inventorySyncedUntil, keepInventory } from './keep-inventory'
import { knownForEgress } from './known-for-egress'
import { listDatasets } from './list-datasets'
import { listDetectors } from './list-detectors'
import { listFindings } from './list-findings'
import { listPolicies } from './list-policies'
import { recentProbes } from './list-probes'
import { listProviders } from './list-providers'
import { listSources } from './list-sources'
import { loadEdgeChanges, loadNodeChanges } from './load-changes'
import { loadConnections } from './load-connections'
import { loadEdgeDetail } from './load-edge'
import { loadEdgeHistory, loadNodeHistory } from './load-history'
import { loadNodeFlows } from './load-kept-flows'
import { loadNodeDetail } from './load-node'
import { loadPolicyDefinition } from './load-policy-definition'
import { loadPolicyDetail } from './load-policy-detail'
import { loadReplay } from './load-replay'
import { loadTimeline } from './load-timeline'
import { retain } from './maintain-storage'
import { getDataset, renameDataset } from './name-dataset'
import { previewEgress } from './preview-egress'
import { proposeEgress } from './propose-egress'
import { openPull } from './pull-records'
import { queryGraph, queryWholeGraph } from './query-graph'
import { exportAudit, readAudit } from './read-audit'
import { recordProbe } from './record-probe'
import { observeMetrics } from './render-metrics'
import { removeView, renameView, savedViews, saveView } from './saved-views'
import { searchNames } from './search-names'
import { noteRefusedSignIn, sessionOf, startSession, stopSession } from './sessions'
import { settleSpans } from './settle-spans'
import { incidents, openShare, revokeShare, statusOfShare } from './share-access'
import { makeShortLink, openShortLink } from './short-links'
import { trackFindings } from './track-findings'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** The same hour of a day, late in a partition, whenever this runs: how full partitions are, and so which plan is cheaper, must not depend on the clock. */
const NOW = Math.floor((Date.now() - 17.5 * HOUR) / DAY) * DAY + 17.5 * HOUR
const RETENTION = { evidence: 7 * DAY, buckets15s: 3 * DAY, buckets1m: 30 * DAY, buckets1h: 400 * DAY }

/** What was sent in all calls. */
const all: SentStatement[] = []
const expectPlans = (reads: Window, work: () => Promise<unknown>) => plansOf(all, reads, work)

/** The partitions of the last so many milliseconds. */
const last = (spanMs: number): Window => ({ fromMs: NOW - spanMs, toMs: NOW })
/** What records of now can be about: an hour before, which is the longest of them, and a connection that goes on. */
const AROUND_NOW: Window = { fromMs: NOW - 2 * HOUR, toMs: NOW + HOUR }
const window = (spanMs: number) => ({ fromMs: NOW - spanMs, toMs: NOW })

/** A view that filters nothing away. */
const EVERYTHING = { namespaces: [], states: [], scope: 'all' } as const

/** Where probes run. */
const PROBED = { cluster: NEW, tokenId: 't', node: 'n1' } as const

/** Reads of tables without partitions alone. */
const NOTHING: Window = { fromMs: 0, toMs: 0 }

let database: Awaited<ReturnType<typeof createTestDatabase>>
let edgeId = ''
let nodeIds: readonly string[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  setEgressConfig({ fileText: DEMO_EGRESS_YAML })
  // Deletions run here only where a test runs them.
  stopDeleting()
  for (const agoMs of [40 * DAY, 6 * DAY, 2 * DAY, DAY, 7 * HOUR, 5 * MINUTE]) await seedDataset('', NOW - agoMs)
  await seedDataset('pinned', NOW - 3 * DAY)
  for (const namespace of ['ml', 'web'])
    await recordProbe({ ...PROBED, namespace }, { peer: '203.0.113.10' }, [], NOW - HOUR)
  await rollUpBuckets({ nowMs: NOW })
  await clusterFacts(NOW, 'all')
  for (const table of partitionedTables()) await ensurePartitions(table, [NOW, NOW + HOUR])
  await fillTables()
  const live = await subject('')
  edgeId = live.id
  nodeIds = [live.client, live.server]
}, 300_000)
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

it('every partitioned table has live rows in several partitions, and pinned ones', async () => {
  for (const table of partitionedTables()) {
    const rows = await query<{ name: string }>(`SELECT DISTINCT tableoid::regclass::text AS name FROM ${table}`)
    const names = rows.map(({ name }) => name)
    expect(names, table).toContain(`${table}_pinned`)
    expect(names.length, table).toBeGreaterThan(2)
  }
})

/** What sends a statement with a plan; Prisma's own are seen by file: it sends them when the caller is gone from the stack. */
const SENDS = /(\.|\b)query(<|\()(?!.*\bfunction\b)/

const hasStatement = (text: string): boolean =>
  /\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|TRUNCATE|COPY)\b|\bprisma\(\)/.test(
    text.replace(/^\s*(\/\/|\*|\/\*).*$/gm, ''),
  )

describe('what is shown', () => {
  describe.each([
    ['15 minutes', 15 * MINUTE],
    ['24 hours', DAY],
    ['7 days', 7 * DAY],
  ])('of %s', (_name, spanMs) => {
    const right = last(spanMs)
    it('the graph', () => expectPlans(right, () => queryGraph({ dataset: '', windowMs: spanMs, ...EVERYTHING }, NOW)))
    it('the pods of a place', async () => {
      const right = { fromMs: NOW - spanMs - 7 * DAY, toMs: NOW }
      const graph = await queryWholeGraph({ dataset: '', windowMs: spanMs }, NOW)
      const door = graph.edges.find((edge) => edge.door && graph.nodes.some(({ id }) => id === edge.client))
      const client = graph.nodes.find(({ id }) => id === door?.client)
      if (!client) throw new Error('no judged edge was seeded')
      const place = { cluster: client.cluster, namespace: client.namespace }
      await expectPlans(right, async () => {
        expect((await addPods(graph, place)).pods?.records).toBeGreaterThan(0)
      })
    })
    it('the timeline, and frames', async () => {
      for (const cluster of ['', NEW])
        await expectPlans(right, () => loadTimeline({ dataset: '', cluster, window: window(spanMs) }))
      await expectPlans(right, () => loadReplay({ dataset: '', windowMs: spanMs, ...EVERYTHING }, NOW))
    })
    it('the window before', () =>
      expectPlans(last(2 * spanMs), () =>
        compareWindows({ dataset: '', windowMs: spanMs, ...EVERYTHING }, NOW - 2 * spanMs, NOW),
      ))
    it('an edge', () =>
      expectPlans(right, () => loadEdgeDetail({ dataset: '', edgeId, window: window(spanMs) }, 'http://localhost')))
    it.each([0, 1])('end %i of it', (at) =>
      expectPlans(right, () => loadNodeDetail({ dataset: '', nodeId: nodeIds[at] ?? '', window: window(spanMs) })),
    )
    it('flow records: pages, count, bars, spans, an export, of all edges and of one', async () => {
      for (const selected of ['', `edge:${edgeId}`]) {
        await expectPlans(right, () => readAllOfFlows(requestOf(window(spanMs), { selected }), NOW))
      }
    })
    it.each([0, 1])('records of end %i', (at) =>
      expectPlans(right, () =>
        loadNodeFlows(nodeIds[at] ?? '', { dataset: '', window: window(spanMs), outcome: undefined }),
      ),
    )
    it('what changed of it, and of its ends', () =>
      expectPlans({ fromMs: NOW - DAY - spanMs, toMs: NOW }, async () => {
        await loadEdgeChanges(edgeId, { dataset: '', window: window(spanMs) })
        for (const id of nodeIds) await loadNodeChanges(id, { dataset: '', window: window(spanMs) })
      }))
    it('the sources', () => expectPlans(right, () => listSources({ dataset: '', fromMs: NOW - spanMs }, NOW)))
    it('the policies, and one of them', () => expectPlans(right, () => policiesAndOne('', window(spanMs), NOW)))
    it('the judged connections of an edge, from the first and from one on', () =>
      expectPlans(right, async () => {
        const after = { isViolation: true, firstUs: String((NOW + MINUTE) * 1000), id: '0' }
        for (const cursor of [undefined, { after, window: window(spanMs) }])
          await loadConnections(edgeId, { dataset: '', window: window(spanMs), state: 'violation', cursor })
      }))
    it('the matrix, and a cell of it', () => expectPlans(right, () => matrixAndCell('', window(spanMs))))
  })

  it.each([
    ['24h', DAY],
    ['7d', 7 * DAY],
  ] as const)('the history of %s', (span, spanMs) =>
    expectPlans({ fromMs: NOW - spanMs, toMs: NOW + 2 * HOUR }, async () => {
      await loadEdgeHistory(edgeId, { dataset: '', toMs: NOW, span })
      for (const id of nodeIds) await loadNodeHistory(id, { dataset: '', toMs: NOW, span })
    }),
  )

  it('a pinned dataset', async () => {
    const { id, client } = await subject('pinned')
    const fromMs = NOW - 3 * DAY - HOUR
    const toMs = NOW - 3 * DAY + HOUR
    const right = 'pinned'
    await expectPlans(right, () => queryGraph({ dataset: 'pinned', fromMs, toMs, windowMs: 0, ...EVERYTHING }, NOW))
    await expectPlans(right, () => loadTimeline({ dataset: 'pinned', cluster: '', window: { fromMs, toMs } }))
    await expectPlans(right, () => loadReplay({ dataset: 'pinned', fromMs, toMs, windowMs: 0, ...EVERYTHING }, NOW))
    await expectPlans(right, () => loadEdgeDetail({ dataset: 'pinned', edgeId: id, window: { fromMs, toMs } }, 'x'))
    await expectPlans(right, () => loadNodeDetail({ dataset: 'pinned', nodeId: client, window: { fromMs, toMs } }))
    await expectPlans(right, () => loadEdgeHistory(id, { dataset: 'pinned', toMs, span: '24h' }))
    await expectPlans(right, () => loadTold('pinned', 'demo', { fromMs, toMs }))
    await expectPlans(right, () => listSources({ dataset: 'pinned', fromMs }, NOW))
    await expectPlans(right, () => readAllOfFlows(requestOf({ fromMs, toMs }, { dataset: 'pinned' }), NOW))
    await expectPlans(right, () => matrixAndCell('pinned', { fromMs, toMs }))
    await expectPlans(right, () => policiesAndOne('pinned', { fromMs, toMs }, NOW))
    await expectPlans(right, () => searchNames('pinned', 'agent'))
    await expectPlans(right, () => renameDataset('pinned', 'A title'))
    await expectPlans(right, () => getDataset('pinned'))
  })

  it('names that are searched for', () => expectPlans(NOTHING, () => searchNames('', 'agent')))
  it('the list of datasets', () => expectPlans('kept', () => listDatasets(RETENTION, NOW)))
  it('places of a view', () =>
    expectPlans(NOTHING, async () => {
      const view = { dataset: 'pinned', key: 'c/ai' }
      await changePlaces(view, 'first', { nodes: [['1', 0, 0]], routes: [] })
      await query(`UPDATE graph_layout SET used_at = now() - interval '2 days'`)
      await readPlaces(view)
    }))
  it('probes', () => expectPlans(NOTHING, () => recentProbes(undefined)))
  it('the metrics', () => expectPlans(last(15 * MINUTE), () => observeMetrics(NOW)))
  it('findings, incidents and links', async () => {
    await expectPlans(last(DAY), () => listFindings({ dataset: '' }))
    await expectPlans(last(DAY), () => listFindings({ dataset: '', status: 'open' }))
    await expectPlans(NOTHING, () => listDetectors(''))
    const { findings } = await listFindings({ dataset: '', edgeId })
    const [finding] = findings
    if (!finding) throw new Error('no finding was seeded')
    const context = { nowMs: NOW, baseUrl: 'http://localhost', appVersion: '0' }
    let link = { linkId: '', token: '' }
    // A day at most, up to when it was seen last.
    await expectPlans({ fromMs: finding.lastSeenMs - DAY, toMs: NOW + HOUR }, async () => {
      link = await createIncident({ findingId: finding.id }, context)
    })
    await expectPlans(NOTHING, () => actOnAll(finding.id, NOW))
    await expectPlans(NOTHING, async () => {
      await statusOfShare(link.token)
      await openShare(link.token)
      await incidents()
      await revokeShare(link.linkId)
    })
  })
  it('saved views and short links', async () => {
    await expectPlans(NOTHING, async () => {
      const { id } = await saveView({ name: 'v', path: '/graph' }, 'x')
      await renameView(id, 'w', 'x')
      await savedViews()
      await removeView(id, 'x')
      const { path: link } = await makeShortLink('/graph?scope=all', 'x')
      await query(`UPDATE short_link SET last_used_at = now() - interval '2 days'`)
      await openShortLink(link.replace('/l/', ''))
    })
  })
  it('presets of the filter language', async () => {
    await expectPlans(NOTHING, async () => {
      const { id } = await savePreset({ name: 'p', mode: 'hide', expression: 'port = 53' }, 'x')
      await ownPresets('x')
      await removePreset(id, 'x')
    })
  })
  it('what changed egress rules would change', async () => {
    const change = {
      what: 'put',
      kind: 'rule',
      name: 'p',
      entry: { providers: ['anthropic'], sanctionedSources: ['203.0.113.66'], priority: 9 },
      origin: 'ui',
    } as const
    await expectPlans(last(DAY), () => previewEgress(change, '', NOW))
    await expectPlans('pinned', () => previewEgress(change, 'pinned', NOW))
    await expectPlans(last(DAY), () => knownForEgress('', NOW))
  })
  it('changes of the graph', async () => {
    const read = graphChangeReader()
    await expectPlans(NOTHING, async () => {
      await read()
      await read()
    })
  })
  it('the text of a policy, and what isolated a workload', async () => {
    await keepInventory({
      cluster: NEW,
      changes: [
        newObject(WORKLOAD_KIND, 'agent', { labels: { app: 'agent' }, serviceAccount: 'sa' }, NOW - HOUR),
        newObject('Namespace', 'ml', { metadata: { labels: {} } }, NOW - HOUR, { namespace: '' }),
        newObject('NetworkPolicy', 'p', { spec: { podSelector: {}, policyTypes: ['Egress'] } }, NOW - HOUR),
      ],
      synced: [{ kind: 'NetworkPolicy', atMs: NOW }],
      rejects: {},
      gaps: [],
      nowMs: NOW,
    })
    const denied: EdgeVariant = { ...DENIED, firstMs: NOW, lastMs: NOW }
    await expectPlans(NOTHING, async () => {
      await loadPolicyDefinition({
        cluster: NEW,
        kind: 'NetworkPolicy',
        namespace: 'ml',
        tier: '',
        name: 'p',
        atMs: NOW,
      })
      expect(
        await explainIsolation({ cluster: NEW, client: { namespace: 'ml', name: 'agent', labels: {} } }, [denied]),
      ).toHaveLength(1)
      await inventorySyncedUntil(NEW)
    })
    await expectPlans(last(15 * MINUTE), async () => {
      const asked = { dataset: '', windowMs: 15 * MINUTE, cluster: NEW }
      const line = (await listPolicies(asked, NOW)).lines.find(({ name }) => name === 'p')
      expect((await loadPolicyDetail(asked, line?.id ?? '', NOW)).versions).toHaveLength(1)
    })
  })
  it('what could be declared of what is seen', async () => {
    await keepInventory({
      cluster: NEW,
      changes: [newObject('EgressGateway', 'egw', { spec: { ipPools: [] } }, NOW - HOUR)],
      synced: [{ kind: 'EgressGateway', atMs: NOW }],
      rejects: {},
      gaps: [],
      nowMs: NOW,
    })
    await expectPlans(last(DAY), () => proposeEgress('', NOW))
  })
})

describe('what comes in', () => {
  const atMs = NOW - 5 * MINUTE
  const right = AROUND_NOW

  it('records of every kind from clusters that are known, and their judgement', () =>
    expectPlans(right, () => seedDataset('', NOW, { demoMs: 20_000, detectors: 'doors' })))
  it('records of every kind into a pinned dataset', () =>
    expectPlans('pinned', () => seedDataset('another', NOW, { demoMs: 20_000, detectors: 'doors' })))
  it('the inventory', () =>
    expectPlans(right, async () => {
      await keepNewInventory(NOW)
      await forgetOldInventory(NEW, NOW - 30 * DAY)
    }))
  it('records of every kind from a cluster that is new, and their judgement', async () => {
    setEgressConfig({ fileText: NEW_EGRESS_YAML })
    await expectPlans(right, async () => {
      await sendNewFlows(NOW, atMs)
      expect(await sendNewFlows(NOW, atMs)).toMatchObject({ repeatedBatch: true })
      await sendNewWindow(NOW, atMs)
      await judgeEgress()
      await sendNewAudit(NOW, atMs)
      await judgeEgress()
      await sendNewSpans(NOW, atMs)
      await sendNewSpans(NOW, atMs + 1000)
      await judgeEgress()
      await recordProbe({ ...PROBED, namespace: 'ml' }, { peer: '203.0.113.10' }, [], atMs)
      await judgeEgress()
      await sendNewFlows(NOW, atMs + 30_000)
      await keepInventory({
        cluster: NEW,
        changes: [newPod(NOW, { uid: 'uid-3', pod: 'third', ips: ['10.244.7.7'] })],
        synced: [],
        rejects: {},
        gaps: [],
        nowMs: NOW,
      })
      await drawNatEdges({ nowMs: NOW, settleMs: 0 })
      await judgeEgress()
    })
    setEgressConfig({ fileText: DEMO_EGRESS_YAML })
  })
  it('a connection that began earlier than was known, and records that are told again with more', () =>
    expectPlans(right, async () => {
      await sendNewPacket(NOW, atMs, 'ACK')
      await judgeEgress()
      await sendNewPacket(NOW, atMs - 1000, 'SYN')
      await judgeEgress()
      await sendNewInterval(NOW, atMs, 1)
      await sendNewInterval(NOW, atMs, 5)
    }))
  it('bodies of many traces, and traces that are too long to be read whole', () =>
    expectPlans(right, async () => {
      await sendManySpans(NOW, atMs, 101, 1)
      await sendManySpans(NOW, atMs, 1, 1000, 1)
      await sendManySpans(NOW, atMs, 1, 3, 2000)
    }))
  it('what only NAT records tell of, and then a flow record too', async () => {
    setEgressConfig({ fileText: EGRESS_YAML })
    const call = { ip: '10.244.1.7', port: 41_370, server: '198.51.100.20', atMs, publicIp: OTHER }
    await saveLease({ ip: call.ip, namespace: 'ml', workload: 'agent', fromMs: atMs - HOUR })
    await expectPlans(right, async () => {
      await sendTranslations(call, NOW)
      await sendQuestions([corednsLine(call.ip, 'api.openai.com', atMs - 500)], NOW)
      await drawNatEdges({ nowMs: NOW, settleMs: MINUTE })
      await sendHubbleFlow(call, NOW, 'api.openai.com')
      await sendAnswers([dnsAnswer(atMs, call.server)], NOW)
      await judgeEgress()
      await sendQuestions([corednsLine(call.ip, 'api.anthropic.com', atMs - 400)], NOW)
      await judgeEgress()
      await trackFindings(NOW)
      await trackFindings(Date.now() + DAY)
    })
    setEgressConfig({ fileText: DEMO_EGRESS_YAML })
    expect(
      await query('SELECT 1 FROM egress_connection WHERE cluster = $1 AND client_ip = $2 AND from_nat', [
        CLUSTER,
        call.ip,
      ]),
    ).toEqual([])
  })
  it('what is pulled', async () => {
    const collector = { name: 'relay', kind: 'hubble-relay', source: 'hubble', cluster: 'relay' } as const
    const settings = { collector: 'relay', source: 'hubble', cluster: 'relay', defaultCluster: 'default' } as const
    const batch = (n: number) => ({
      ...emptyDecodeResult(),
      flows: [sampleFlow({ recordKey: `pulled-${n}`, startMs: atMs + n * 1000 })],
    })
    await expectPlans(right, async () => {
      await reportCollector({ ...collector, status: { state: 'connected' } })
      const pull = await openPull({ ...settings, retentionMs: DAY, overlapMs: 30_000 })
      await pull.commit(batch(1), { at: 1 }, NOW)
      await pull.commit(batch(2), { at: 2 }, NOW)
      await openPull({ ...settings, retentionMs: DAY, overlapMs: 30_000 })
      await forgetOtherCollectors([])
    })
  })
})

describe('the worker', () => {
  it('adds up', () => expectPlans(AROUND_NOW, () => rollUpBuckets({ nowMs: NOW + 20 * MINUTE })))
  it('settles spans', () => expectPlans(AROUND_NOW, () => settleSpans(NOW + HOUR, MINUTE)))
  it('draws what only NAT records tell of', () =>
    expectPlans(AROUND_NOW, () => drawNatEdges({ nowMs: NOW + 5 * MINUTE, settleMs: MINUTE })))
  it('plans findings', () => expectPlans(NOTHING, () => trackFindings(NOW)))
  it('gathers facts of what is judged', () => expectPlans(last(2 * HOUR), () => clusterFacts(NOW, 'doors')))
  it('gathers facts of the last hour', () =>
    expectPlans(last(75 * MINUTE), () => clusterFacts(NOW, 'all', { datasets: [''] })))
  it('gathers facts of a pinned dataset', () =>
    expectPlans('pinned', () => clusterFacts(NOW, 'all', { datasets: ['pinned'] })))
  it('gathers volumes of seven days where much was sent, and takes pinned datasets in turn', async () => {
    const line = goldmaneLine({ startMs: NOW - 45 * MINUTE, set: 'ai-provider-openai', bytesOut: 60_000_000 })
    await sendGoldmaneLines([line], NOW)
    await expectPlans(last(8 * DAY), () => clusterFacts(NOW, 'all', { datasets: [''] }))
    await expectPlans('kept', () => clusterFacts(NOW, 'all'))
  })
  it('keeps what an operator says of allow-lists', () =>
    expectPlans(NOTHING, async () => {
      await confirmAllowList({ providerId: 'openai', note: '', addresses: [] }, { actor: 'ada', nowMs: NOW })
      await unconfirmAllowList('openai', 'ada')
    }))
  it('plans over all detectors, and makes over what the version before wrote', async () => {
    await query(
      `INSERT INTO finding (id, detector, dataset, cluster, edge_id, status, severity, title, workload, target, count, first_seen, last_seen)
       VALUES (gen_random_uuid(), 'D0', '', 'old', 1, 'resolved', 'critical', 't', 'w', 'x', 1, now(), now())`,
    )
    // Pinned datasets are looked at too, in turn.
    await expectPlans('kept', async () => {
      await trackFindings(NOW + HOUR, 'all')
      await trackFindings(NOW + HOUR + 2 * DAY)
      // What was resolved a day before comes back, with an acceptance that is over, and from a dataset that is pinned.
      await query(
        `UPDATE finding SET status = 'resolved', resolved_at = to_timestamp($1::float8 / 1000) - interval '2 days', count = 1, last_seen = first_seen,
           accepted_at = now(), accepted_by = 'a', accepted_reason = 'r', accepted_until = to_timestamp($1::float8 / 1000) - interval '1 day'
         WHERE is_current AND status <> 'resolved'`,
        [NOW],
      )
      await trackFindings(NOW)
    })
  })
  it('deletes a dataset', () =>
    expectPlans('pinned', async () => {
      await deleteDataset('pinned')
      // Few at a time: a large dataset is many times a batch.
      await deleteMarked({ rowsAtOnce: 40 })
    }))
  it('applies changed rules to all that is kept', async () => {
    // All are read, each time that one of them is explained.
    await query('DELETE FROM egress_connection WHERE id % 50 <> 0')
    await expectPlans(NOTHING, () => startEgressConfig({ fileText: DEMO_EGRESS_YAML }))
    await expectPlans(NOTHING, async () => {
      await putEgressEntry('denied-provider', 'openai', {}, { actor: 'a' })
      await removeEgressEntry('denied-provider', 'openai', { actor: 'a' })
    })
  })
  it('applies a changed catalogue to all that is kept', () =>
    expectPlans(NOTHING, async () => {
      await putOwnProvider(OWN_PROVIDER, 'ann')
      await listProviders()
      await confirmProviderList(OWN_PROVIDER.id, 'ann')
      await withdrawProviderList(OWN_PROVIDER.id, 'ann')
      await removeOwnProvider(OWN_PROVIDER.id, 'ann')
    }))
  // What is dropped is added up before.
  it('retains', () => expectPlans('kept', () => retain(RETENTION, NOW)))
})

it('tokens and sessions', () =>
  expectPlans(NOTHING, async () => {
    const { id, token } = await createApiToken({ name: 'n', scopes: ['ingest'] }, NOW)
    await grantOfToken(token, NOW)
    await apiTokens()
    await endApiToken(id, NOW)
    await expect(endApiToken('none', NOW)).rejects.toMatchObject({ code: 'not_found' })
    const cookie = await startSession('admin', NOW)
    await sessionOf(cookie, 'admin', NOW)
    await noteRefusedSignIn(NOW)
    await stopSession(cookie, 'admin')
  }))

it('notifications: told, held, dropped, sent, told again', async () => {
  const { findings } = await listFindings({ dataset: '', edgeId })
  const [finding] = findings
  if (!finding) throw new Error('no finding was seeded')
  await expectPlans(NOTHING, async () => {
    expect(await tellChannels(finding, NOW)).toEqual({ told: 2, hasDropped: true })
  })
})

it('the audit log', () =>
  expectPlans(NOTHING, async () => {
    const { rows } = await readAudit({ action: 'token.', actor: 'p', subject: 'token/' }, Date.now())
    const [entry] = rows
    if (!entry) throw new Error('nothing was audited')
    await readAudit({}, Date.now(), entry)
    await exportAudit({}, Date.now())
  }))

describe('nothing is forgotten', () => {
  const root = path.resolve(import.meta.dirname, '../store')
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('.test.') && !name.startsWith('generated'))
    .map((name) => ({ file: name.split(path.sep).join('/'), text: readFileSync(path.join(root, name), 'utf8') }))

  const withStatements = sources.filter(({ text }) => hasStatement(text))

  it('every file of the store with a statement in it has sent one of these', () => {
    const senders = new Set(all.flatMap(({ places }) => places.map(({ file }) => file)))
    const names = withStatements.map(({ file }) => file)
    expect(names.filter((file) => !senders.has(file) && !Object.hasOwn(ELSEWHERE, file))).toEqual([])
    expect(Object.keys(ELSEWHERE).filter((file) => !names.includes(file))).toEqual([])
  })

  it('so has every place in them that sends one', () => {
    const places = new Set(all.flatMap((sent) => sent.places.map(({ file, line }) => `${file}:${line}`)))
    const senders = withStatements
      .filter(({ file }) => !Object.hasOwn(ELSEWHERE, file))
      .flatMap(({ file, text }) =>
        text
          .split('\n')
          .flatMap((line, at) =>
            SENDS.test(line) ? [{ what: `${file}: ${line.trim()}`, isSent: places.has(`${file}:${at + 1}`) }] : [],
          ),
      )
    expect(senders.filter(({ what, isSent }) => !isSent && !Object.hasOwn(UNSENT, what))).toEqual([])
    const known = new Set(senders.map(({ what }) => what))
    expect(Object.keys(UNSENT).filter((what) => !known.has(what))).toEqual([])
  })
})
