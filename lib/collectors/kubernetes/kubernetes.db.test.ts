import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CollectorStatus } from '@/lib/model/collector'
import { query, useDatabase } from '@/lib/store/client'
import { loadCollectors } from '@/lib/store/collectors'
import { loadPodOwners } from '@/lib/store/load-pod-owners'
import { createTestDatabase } from '@/lib/store/test-database'
import { supervise } from '../supervise'
import { createKubernetesCollector } from './kubernetes'
import { TestApiServer, type TestObject } from './test-api-server'

const PODS = '/api/v1/pods'
const REPLICA_SETS = '/apis/apps/v1/replicasets'
const JOBS = '/apis/batch/v1/jobs'
const SERVICES = '/api/v1/services'
const POLICIES = '/apis/networking.k8s.io/v1/networkpolicies'
const CALICO_V1 = '/apis/crd.projectcalico.org/v1/networkpolicies'
const TIMES = { firstPauseMs: 20, longestPauseMs: 100, absentPauseMs: 100, watchMs: 60_000, overdueMs: 30_000 }
const SUPERVISOR = { firstPauseMs: 20, longestPauseMs: 100, lastingPauseMs: 100 }
const SECRET = 'sk-live-must-never-be-stored'

let database: Awaited<ReturnType<typeof createTestDatabase>>
let server: TestApiServer
let folder: string
let cluster: string
let clusters = 0
let running: { stop(): Promise<void> } | undefined

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  folder = await mkdtemp(path.join(tmpdir(), 'postern-kube-'))
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
  await rm(folder, { recursive: true })
})
beforeEach(async () => {
  clusters += 1
  cluster = `cluster-${clusters}`
  server = new TestApiServer()
  await server.listen()
  server.serve(PODS, REPLICA_SETS, JOBS, SERVICES, POLICIES)
  await writeKubeconfig('first-token')
})
afterEach(async () => {
  await running?.stop()
  running = undefined
  await server.close()
})

const kubeconfig = () => path.join(folder, cluster)

async function writeKubeconfig(token: string): Promise<void> {
  const text = `
apiVersion: v1
kind: Config
clusters: [{ name: c, cluster: { server: "http://127.0.0.1:${server.port}", insecure-skip-tls-verify: true } }]
users: [{ name: u, user: { token: ${token} } }]
contexts: [{ name: x, context: { cluster: c, user: u } }]
current-context: x
`
  await writeFile(kubeconfig(), text)
}

function start(): void {
  const ending = new AbortController()
  const settings = { name: cluster, cluster, kubeconfig: kubeconfig() }
  const collector = createKubernetesCollector(settings, { evidenceMs: 14 * 86_400_000 }, TIMES)
  // The duty's lock is not what these tests are about.
  const over = supervise({ ...collector, isExclusive: false }, ending.signal, SUPERVISOR)
  running = {
    stop: async () => {
      ending.abort()
      await over
    },
  }
}

const until = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 15_000, interval: 30 })
const statusOf = async () => (await loadCollectors()).find((one) => one.name === cluster)
const connected = () => until(async () => expect(await statusOf()).toMatchObject({ state: 'connected' }))

interface LeaseRow {
  ip: string
  pod: string
  uid: string
  workload: string
  kind: string
  host: boolean
  from: number
  to: number | null
}
const leases = () =>
  query<LeaseRow>(
    `SELECT ip, pod, uid, workload, workload_kind AS kind, host_network AS host, (extract(epoch FROM valid_from) * 1000)::float8 AS from,
       (extract(epoch FROM valid_to) * 1000)::float8 AS to FROM pod_ip_lease WHERE cluster = $1 ORDER BY ip, valid_from, uid`,
    [cluster],
  )
const versions = (kind: string) =>
  query<{ name: string; tier: string; body: Record<string, unknown> | null; from: number; to: number | null }>(
    `SELECT name, tier, body, (extract(epoch FROM valid_from) * 1000)::float8 AS from, (extract(epoch FROM valid_to) * 1000)::float8 AS to
     FROM inventory_object WHERE cluster = $1 AND kind = $2 ORDER BY name, valid_from`,
    [cluster, kind],
  )
const owner = async (pod: string) =>
  (await loadPodOwners('', [{ cluster, namespace: 'ml', pod }])).map(({ workload, workloadKind }) => [
    workload,
    workloadKind,
  ])[0]

const STARTED = '2026-11-24T10:00:00Z'
const pod = (
  name: string,
  ip: string | undefined,
  extra: { owner?: object; status?: object; spec?: object; uid?: string } = {},
) =>
  ({
    metadata: {
      name,
      namespace: 'ml',
      uid: extra.uid ?? `uid-${name}`,
      creationTimestamp: STARTED,
      labels: { app: name, 'pod-template-hash': '5d9c7b8f6d' },
      annotations: { 'vault.example/token': SECRET },
      ...(extra.owner && { ownerReferences: [{ controller: true, ...extra.owner }] }),
      managedFields: [{ manager: SECRET }],
    },
    spec: {
      serviceAccountName: 'agent',
      nodeName: 'node-1',
      containers: [{ name: 'c', args: [SECRET], command: [SECRET], env: [{ name: 'KEY', value: SECRET }] }],
      ...extra.spec,
    },
    status: { phase: 'Running', startTime: STARTED, ...(ip && { podIP: ip, podIPs: [{ ip }] }), ...extra.status },
  }) satisfies TestObject
const networkPolicy = (name: string, port: number) =>
  ({
    metadata: {
      name,
      namespace: 'ml',
      uid: `uid-${name}`,
      generation: port,
      creationTimestamp: STARTED,
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': SECRET },
    },
    spec: { podSelector: {}, egress: [{ ports: [{ port }] }] },
  }) satisfies TestObject

describe('the inventory of a cluster', () => {
  it('keeps addresses and top owners of pods, and versions of policies, as a watch tells them', async () => {
    server.put(REPLICA_SETS, {
      metadata: {
        name: 'planner-abc',
        namespace: 'ml',
        uid: 'rs',
        ownerReferences: [{ controller: true, kind: 'Rollout', name: 'planner', uid: 'x' }],
      },
    })
    server.put(
      PODS,
      pod('planner-abc-1', '10.0.0.1', { owner: { kind: 'ReplicaSet', name: 'planner-abc', uid: 'rs' } }),
    )
    start()
    await connected()
    server.put(
      PODS,
      pod('web-5d9c7b8f6d-1', undefined, { owner: { kind: 'ReplicaSet', name: 'web-5d9c7b8f6d', uid: 'not-seen' } }),
    )
    server.put(
      PODS,
      pod('night-29345671-1', '10.0.0.3', { owner: { kind: 'Job', name: 'night-29345671', uid: 'not-seen' } }),
    )
    server.put(PODS, pod('proxy', '192.168.1.1', { spec: { hostNetwork: true } }))
    server.put(
      PODS,
      pod('web-5d9c7b8f6d-1', '10.0.0.2', { owner: { kind: 'ReplicaSet', name: 'web-5d9c7b8f6d', uid: 'not-seen' } }),
    )
    server.put(POLICIES, networkPolicy('egress', 1))
    server.put(POLICIES, networkPolicy('egress', 2))

    await until(async () => {
      expect((await leases()).map(({ ip, workload, kind, host, to }) => [ip, workload, kind, host, to])).toEqual([
        ['10.0.0.1', 'planner', 'Rollout', false, null],
        ['10.0.0.2', 'web', 'Deployment', false, null],
        ['10.0.0.3', 'night', 'CronJob', false, null],
        ['192.168.1.1', 'proxy', 'Pod', true, null],
      ])
      expect(await versions('NetworkPolicy')).toMatchObject([
        { body: { spec: { egress: [{ ports: [{ port: 1 }] }] } }, from: Date.parse(STARTED), to: expect.any(Number) },
        { body: { spec: { egress: [{ ports: [{ port: 2 }] }] } }, to: null },
      ])
    })
    expect(await owner('web-5d9c7b8f6d-1')).toEqual(['web', 'Deployment'])
    const [first, second] = await leases()
    expect(first?.from).toBe(Date.parse(STARTED))
    // It was seen without an address: before that it cannot have had one.
    expect(second?.from).toBeGreaterThan(Date.now() - 60_000)
  })

  it('gives a reused address to who has it, without overlap, and ends leases of pods that ended or were deleted', async () => {
    start()
    await connected()
    const first = pod('a', '10.0.0.9')
    server.put(PODS, first)
    await until(async () => expect(await leases()).toHaveLength(1))
    // The object of the first pod is still there when its address is given to the second.
    server.put(PODS, pod('b', undefined))
    server.put(PODS, pod('b', '10.0.0.9'))
    server.remove(PODS, first)
    server.put(PODS, pod('job', '10.0.0.10'))
    server.put(
      PODS,
      pod('job', '10.0.0.10', {
        status: {
          phase: 'Succeeded',
          containerStatuses: [{ state: { terminated: { finishedAt: '2026-11-24T10:05:00Z' } } }],
        },
      }),
    )
    server.put(PODS, pod('c', '10.0.0.11'))
    server.put(PODS, pod('c', '10.0.0.12'))
    await until(async () => {
      const rows = await leases()
      expect(rows.map(({ ip, pod, to }) => [ip, pod, to === null])).toEqual([
        ['10.0.0.10', 'job', false],
        ['10.0.0.11', 'c', false],
        ['10.0.0.12', 'c', true],
        ['10.0.0.9', 'a', false],
        ['10.0.0.9', 'b', true],
      ])
      expect(rows[0]?.to).toBe(Date.parse('2026-11-24T10:05:00Z'))
      expect(rows[3]?.to).toBe(rows[4]?.from)
    })
  })

  it.each([false, true])(
    'lists anew where its version is gone (told by event: %s), ends what went away meanwhile, and says what it cannot know',
    async (byEvent) => {
      server.tellsGoneByEvent = byEvent
      const gone = pod('gone', '10.0.1.1')
      const kept = pod('kept', '10.0.1.2')
      for (const one of [gone, kept]) server.put(PODS, one)
      server.put(POLICIES, networkPolicy('kept', 1))
      server.put(POLICIES, networkPolicy('gone', 1))
      start()
      await connected()
      await until(async () => expect(await leases()).toHaveLength(2))
      await until(async () => expect(await versions('NetworkPolicy')).toHaveLength(2))

      server.isDown = true
      server.cutWatches()
      server.remove(PODS, gone)
      server.remove(POLICIES, networkPolicy('gone', 1))
      server.compact()
      server.isDown = false
      await until(async () => {
        expect((await leases()).map(({ pod, to }) => [pod, to === null])).toEqual([
          ['gone', false],
          ['kept', true],
        ])
        expect((await versions('NetworkPolicy')).map(({ name, to }) => [name, to === null])).toEqual([
          ['gone', false],
          ['kept', true],
        ])
        const gaps = await query<{ node: string; reason: string }>('SELECT node, reason FROM gap WHERE cluster = $1', [
          cluster,
        ])
        expect(gaps).toContainEqual({ node: 'Pod', reason: 'watch expired' })
        expect(gaps).toContainEqual({ node: 'NetworkPolicy', reason: 'watch expired' })
      })
    },
  )

  it('after a restart ends what is gone at the time it was last known, and makes no version of what is unchanged', async () => {
    const gone = pod('gone', '10.0.2.1')
    server.put(PODS, gone)
    server.put(PODS, pod('kept', '10.0.2.2'))
    server.put(POLICIES, networkPolicy('same', 3))
    server.put(POLICIES, networkPolicy('deleted', 3))
    start()
    await connected()
    await until(async () => {
      expect(await leases()).toHaveLength(2)
      expect(await versions('NetworkPolicy')).toHaveLength(2)
      expect(
        await query('SELECT 1 FROM inventory_sync WHERE cluster = $1 AND kind = $2', [cluster, 'Pod']),
      ).toHaveLength(1)
    })
    await running?.stop()
    const stoppedMs = Date.now()
    server.remove(PODS, gone)
    server.remove(POLICIES, networkPolicy('deleted', 3))
    server.put(PODS, pod('new', '10.0.2.3'))

    start()
    await until(async () => {
      const rows = await leases()
      expect(rows.map(({ ip, pod, to }) => [ip, pod, to === null])).toEqual([
        ['10.0.2.1', 'gone', false],
        ['10.0.2.2', 'kept', true],
        ['10.0.2.3', 'new', true],
      ])
      expect(rows[0]?.to).toBeLessThanOrEqual(stoppedMs)
      expect(rows[0]?.to).toBeGreaterThan(stoppedMs - 60_000)
      expect((await versions('NetworkPolicy')).map(({ name, to }) => [name, to === null])).toEqual([
        ['deleted', false],
        ['same', true],
      ])
      expect(await query('SELECT reason FROM gap WHERE cluster = $1', [cluster])).toEqual([
        { reason: 'nobody watched' },
      ])
    })
  })

  it('reads every page of a long list, also where a token expires on the way', async () => {
    for (let n = 0; n < 1203; n += 1) server.put(PODS, pod(`p-${n}`, `10.1.${n >> 8}.${n & 255}`))
    server.expireOnce.add(PODS)
    server.busyOnce.add(POLICIES)
    start()
    await connected()
    await until(async () => expect(await leases()).toHaveLength(1203))
    const pages = server.requests.filter(({ path, query }) => path === PODS && !query.get('watch'))
    expect(pages.map(({ query }) => query.get('continue')?.split(':')[1] ?? '0')).toEqual([
      '0',
      '500',
      '0',
      '500',
      '1000',
    ])
  })

  it('goes on without kinds that are missing or forbidden, names them with the rule that is missing, and takes them up later', async () => {
    server.serve(CALICO_V1)
    server.forbidden.add(SERVICES)
    server.put(CALICO_V1, {
      metadata: { name: 'platform.deny-egress', namespace: 'ml', uid: 'c1', generation: 1 },
      spec: { tier: 'platform', selector: 'all()' },
    })
    server.put(CALICO_V1, { metadata: { name: 'knp.default.copy', namespace: 'ml', uid: 'c2' }, spec: {} })
    start()
    await connected()
    await until(async () => {
      const missing = (await statusOf())?.missingKinds ?? []
      expect(missing).toContainEqual({ kind: 'CiliumNetworkPolicy', why: 'not installed' })
      expect(missing).toContainEqual({ kind: 'Service', why: 'forbidden: allow get, list and watch on services' })
      expect((await statusOf())?.remedy).toContain('rbac.yaml')
      expect(await versions('CalicoNetworkPolicy')).toMatchObject([{ name: 'deny-egress', tier: 'platform' }])
    })
    server.forbidden.delete(SERVICES)
    server.put(SERVICES, { metadata: { name: 'api', namespace: 'ml', uid: 's' }, spec: { clusterIP: '10.96.0.1' } })
    await until(async () => {
      expect(await versions('Service')).toHaveLength(1)
      expect((await statusOf())?.missingKinds ?? []).not.toContainEqual(expect.objectContaining({ kind: 'Service' }))
    })
  })

  it('takes up a rotated token, and until then says that its own is refused', async () => {
    server.put(PODS, pod('a', '10.0.3.1'))
    server.tokens.clear()
    start()
    await until(async () =>
      expect(await statusOf()).toMatchObject({ state: 'failed', detail: expect.stringContaining('401') }),
    )
    server.tokens.add('second-token')
    await writeKubeconfig('second-token')
    await connected()
    await until(async () => expect(await leases()).toHaveLength(1))
  })

  it('goes on after cut connections and torn or senseless lines without losing an event', async () => {
    start()
    await connected()
    await until(() => expect(server.watchCount(PODS)).toBe(1))
    server.disturb(PODS, 'no json\n{"type":"WHAT","object":{}}\n')
    server.put(PODS, pod('a', '10.0.4.1'))
    server.bookmark(PODS)
    await until(async () => expect(await leases()).toHaveLength(1))
    server.disturb(PODS, '{"type":"ADDED","object":{"metadata":{"name":"torn')
    server.cutWatches()
    server.put(PODS, pod('b', '10.0.4.2'))
    await until(async () => expect((await leases()).map(({ pod }) => pod)).toEqual(['a', 'b']))
    await until(async () =>
      expect(
        await query(
          'SELECT reason, sum(count)::int AS count FROM source_reject WHERE cluster = $1 GROUP BY reason ORDER BY reason',
          [cluster],
        ),
      ).toEqual([
        { reason: 'bad_value', count: 1 },
        { reason: 'not_json', count: 1 },
      ]),
    )
  })

  it('while the database is away says so, keeps what happens, and is connected again once it is stored', async () => {
    const statuses: CollectorStatus[] = []
    const ending = new AbortController()
    const settings = { name: cluster, cluster, kubeconfig: kubeconfig() }
    const run = createKubernetesCollector(settings, { evidenceMs: 14 * 86_400_000 }, TIMES).run({
      signal: ending.signal,
      report: (status) => void statuses.push(status),
      now: () => Date.now(),
    })
    running = {
      stop: async () => {
        ending.abort()
        await run
      },
    }
    server.put(PODS, pod('a', '10.0.6.1'))
    await until(async () => expect(await leases()).toHaveLength(1))
    await until(() => expect(statuses.at(-1)).toMatchObject({ state: 'connected' }))
    await useDatabase('postgresql://nobody@127.0.0.1:1/none')
    try {
      server.put(PODS, pod('b', '10.0.6.2'))
      await until(() =>
        expect(statuses.at(-1)).toMatchObject({
          state: 'retrying',
          detail: expect.stringContaining('The database is away'),
          address: `127.0.0.1:${server.port}`,
        }),
      )
    } finally {
      await useDatabase(database.url)
    }
    await until(async () => expect(await leases()).toHaveLength(2))
    await until(() => expect(statuses.at(-1)).toMatchObject({ state: 'connected' }))
  })

  it('never asks for a Secret and stores no environment, argument, foreign annotation or managed field', async () => {
    server.put(PODS, pod('a', '10.0.5.1'))
    server.put(POLICIES, networkPolicy('p', 1))
    start()
    await connected()
    await until(async () => {
      expect(await leases()).toHaveLength(1)
      expect(await versions('NetworkPolicy')).toHaveLength(1)
      expect(await versions('Workload')).toMatchObject([
        { name: 'a', body: { labels: { app: 'a' }, serviceAccount: 'agent' } },
      ])
    })
    expect(server.requests.filter(({ path }) => /secret|configmap/i.test(path))).toEqual([])
    expect(server.requests.filter(({ path }) => path === REPLICA_SETS)[0]?.accept).toContain('PartialObjectMetadata')
    const tables = await query<{ name: string }>(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'",
    )
    for (const { name } of tables)
      expect(await query(`SELECT 1 FROM "${name}" t WHERE strpos(t::text, $1) > 0`, [SECRET]), name).toEqual([])
  })
})
