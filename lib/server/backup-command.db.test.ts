import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DEMO_EGRESS_YAML } from '@/lib/demo/demo-config'
import { demoBatches } from '@/lib/demo/run-demo'
import { query, useDatabase } from '@/lib/store/client'
import { migrate } from '@/lib/store/migrate'
import { createEmptyTestDatabase, createTestDatabase, type TestDatabase } from '@/lib/store/test-database'
import { createApiToken, grantOfToken } from '@/lib/usecases/api-tokens'
import { createIncident } from '@/lib/usecases/create-incident'
import { createShareLink } from '@/lib/usecases/create-share-link'
import { setEgressConfig } from '@/lib/usecases/egress-config'
import { ingestBatch } from '@/lib/usecases/ingest-batch'
import { judgeEgress } from '@/lib/usecases/judge-egress'
import { listFindings } from '@/lib/usecases/list-findings'
import { loadDemo } from '@/lib/usecases/load-demo'
import { queryGraph } from '@/lib/usecases/query-graph'
import { incidents, openShare, statusOfShare } from '@/lib/usecases/share-access'
import { trackFindings } from '@/lib/usecases/track-findings'
import { backup, checkFile, openForBackup, openForRestore, restore } from './backup-command'

const NOW = Date.now()
/** Servers that are started, and a demo that is loaded, on a busy machine. */
const START_MS = 180_000
const SENDER = { tokenId: 't', defaultCluster: 'default', retentionMs: 24 * 3_600_000, nowMs: NOW }

let folder: string
let source: TestDatabase
let target: TestDatabase

beforeAll(async () => {
  source = await createTestDatabase()
  await useDatabase(source.url)
  setEgressConfig({ fileText: DEMO_EGRESS_YAML })
  await loadDemo(SENDER)
  for (const batch of liveBatches()) await sendFlows(batch)
  for (let judged = -1; judged !== 0; ) judged = await judgeEgress()
  await trackFindings(NOW)
}, START_MS)
afterAll(async () => {
  await useDatabase(undefined)
  await source.drop()
})
beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'postern-backup-'))
  target = await createEmptyTestDatabase()
})
afterEach(async () => {
  await useDatabase(source.url)
  await target.drop()
  rmSync(folder, { recursive: true })
})

describe('a restored database', () => {
  it('gives the same rows, graph, findings, incidents, links and tokens, and takes the next body at once', async () => {
    const edge = (await graph()).edges[0]
    const { token, incidentId } = await createIncident(
      { edge: { dataset: '', edgeId: edge?.id ?? '', window: { fromMs: NOW - 3_600_000, toMs: NOW } } },
      { nowMs: NOW, baseUrl: 'http://localhost', appVersion: '1' },
    )
    const ended = await createShareLink(incidentId, NOW - 3_600_000, 0.5)
    const api = await createApiToken({ name: 'ci', scopes: ['ingest'], cluster: 'prod' }, NOW)
    const frozen = await openShare(token)
    expect(frozen?.sha256).toMatch(/^[0-9a-f]{64}$/)
    const told = () => Promise.all([graph(), graph('demo'), listFindings({ dataset: 'demo' }), incidents()])
    await backup(source.url, file())
    const [before, tables] = [await told(), await contents()]
    expect(before[0].edges.length).toBeGreaterThan(10)
    expect(before[2].findings.length).toBeGreaterThan(0)

    await restoreFile(target.url, file())
    await useDatabase(target.url)
    expect(await contents()).toEqual(tables)
    expect(await told()).toEqual(before)
    expect(await openShare(token)).toEqual(frozen)
    expect(await statusOfShare(ended.token)).toBe('gone')
    expect(await grantOfToken(api.token, NOW)).toMatchObject({ scopes: ['ingest'] })

    const [repeated] = liveBatches()
    if (!repeated) throw new Error('the demo sends nothing')
    expect(await sendFlows(repeated)).toMatchObject({ accepted: 0, repeatedBatch: true })
    expect(await sendFlows(flowAt(NOW - 1000))).toMatchObject({ accepted: 1 })
    const addresses = () => query<{ n: number }>('SELECT count(*)::int AS n FROM address_change')
    const [{ n } = { n: 0 }] = await addresses()
    await query(
      `INSERT INTO pod_ip_lease (cluster, ip, namespace, pod, uid, workload, host_network, valid_from)
       VALUES ('prod', '10.0.0.9', 'ml', 'agent-1', 'u', 'agent', false, now())`,
    )
    expect(await addresses()).toEqual([{ n: n + 1 }])
  })

  it('comes forward from one of the first schemas that there were', async () => {
    const migrations = path.resolve(import.meta.dirname, '../../prisma/migrations')
    const first = readdirSync(migrations).sort().slice(0, 3)
    const old = await createEmptyTestDatabase()
    try {
      await migrate(old.url, migrations, { names: new Set(first) })
      await useDatabase(old.url)
      await query(
        `INSERT INTO pod_ip_lease (cluster, ip, namespace, pod, uid, workload, host_network, valid_from)
         VALUES ('prod', '10.0.0.9', 'ml', 'agent-1', 'u', 'agent', false, now())`,
      )
      await backup(old.url, file())
    } finally {
      await old.drop()
    }
    expect((await restoreFile(target.url, file()))[1]).toMatch(/^Migrated forward: .*lease_stretch/)
    await useDatabase(target.url)
    expect(await query('SELECT pod FROM pod_ip_lease')).toEqual([{ pod: 'agent-1' }])
    expect(await migrate(target.url, migrations)).toEqual([])
  })

  it('holds whole bodies alone where it was backed up while others were committed: sums equal the ledger', async () => {
    let sent = 0
    let isDone = false
    const writers = [1, 2, 3].map(async (writer) => {
      while (!isDone) {
        await sendFlows(flowAt(NOW - 60_000 - writer, 5))
        sent += 1
      }
    })
    while (sent < 5) await new Promise((resolve) => setImmediate(resolve))
    const { dumpDatabase } = await import('@/lib/store/dump-database')
    const { writeBackupFile } = await import('./backup-file')
    // Every entry waits until bodies were committed behind it.
    const slowly = async function* () {
      for await (const entry of dumpDatabase(source.url, '1')) {
        const before = sent
        while (sent < before + 2) await new Promise((resolve) => setImmediate(resolve))
        yield entry
      }
    }
    await writeBackupFile(file(), slowly())
    isDone = true
    await Promise.all(writers)
    const later = await ledger()

    await restoreFile(target.url, file())
    await useDatabase(target.url)
    const restored = await ledger()
    expect(restored.bodies).toBeLessThan(later.bodies - 10)
    expect(restored.minutes).toBe(restored.accepted)
    expect(restored.written).toBeGreaterThan(0)
    expect(restored.shown).toBe(restored.written)
  })
})

describe('the file of a backup', () => {
  it("is its owner's alone, complete under its name, and never written over", async () => {
    const { sha256, bytes } = await backup(source.url, file())
    expect(statSync(file()).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder)).toEqual(['all.backup'])
    expect(createHash('sha256').update(readFileSync(file())).digest('hex')).toBe(sha256)
    expect(statSync(file()).size).toBe(bytes)
    await expect(backup(source.url, file())).rejects.toThrow(/exists/)
  })

  it('is not there where the backup failed', async () => {
    await expect(backup(target.url, file())).rejects.toThrow(/never migrated/)
    expect(readdirSync(folder)).toEqual([])
  })

  it('is refused before anything is restored where it was cut off, wherever', async () => {
    await backup(source.url, file())
    const whole = readFileSync(file())
    for (const part of [0, 5, 20, whole.length / 3, whole.length / 2, whole.length - 9, whole.length - 1])
      await refused(whole.subarray(0, Math.floor(part)))
  })

  it('is refused where a bit is another, wherever', async () => {
    await backup(source.url, file())
    const whole = readFileSync(file())
    for (let at = 10; at < whole.length - 4; at += Math.ceil(whole.length / 12)) {
      const flipped = Buffer.from(whole)
      flipped[at] = (flipped[at] ?? 0) ^ 0x10
      await refused(flipped)
    }
  })

  it('is refused where a value in it was changed and it was packed again', async () => {
    await backup(source.url, file())
    const text = gunzipSync(readFileSync(file()))
    const at = text.indexOf('violation', text.indexOf('data/egress_connection/'))
    expect(at).toBeGreaterThan(0)
    text.write('VIOLATION', at)
    await refused(gzipSync(text))
  })

  it('restores only the file of the given sha256', async () => {
    const { sha256 } = await backup(source.url, file())
    await expect(checkFile(file(), '0'.repeat(64))).rejects.toThrow(/not the file of that sha256/)
    expect((await restoreFile(target.url, file(), sha256))[0]).toMatch(/^Restored \d+ rows of \d+ tables/)
  })

  it('is missed by name', async () => {
    await expect(restoreFile(target.url, file())).rejects.toThrow(/all\.backup: there is no such file/)
  })
})

describe('the embedded database', () => {
  it(
    'is backed up while a Postern runs on it and while none does, and restored only while none does',
    async () => {
      const settings = { POSTERN_DATA_DIR: 'home' }
      const home = path.join(folder, 'home', 'data')
      await expect(openForBackup(settings, folder)).rejects.toThrow(/no embedded database/)
      expect(existsSync(home)).toBe(false)
      await backup(source.url, file())

      const running = await openForRestore(settings, folder)
      await restoreFile(running.url, file())
      const beside = await openForBackup(settings, folder)
      await backup(beside.url, path.join(folder, 'second.backup'))
      await beside.stop()
      await expect(openForRestore(settings, folder)).rejects.toThrow(/Another Postern already runs/)
      await running.stop()

      const alone = await openForBackup(settings, folder)
      await backup(alone.url, path.join(folder, 'third.backup'))
      await expect(restoreFile(alone.url, file())).rejects.toThrow(/not empty/)
      await alone.stop()
      expect(rowsOf('third')).toEqual(rowsOf('all'))
      expect(rowsOf('second')).toEqual(rowsOf('all'))
    },
    START_MS,
  )
})

const restoreFile = async (url: string, from: string, sha256?: string): Promise<string[]> =>
  restore(url, await checkFile(from, sha256))

const file = (): string => path.join(folder, 'all.backup')

/** What the totals of a file say of its tables: rows in the order of the disk, so hashes are left out. */
function rowsOf(name: string): unknown {
  const text = gunzipSync(readFileSync(path.join(folder, `${name}.backup`))).toString('latin1')
  const totals = text.slice(text.lastIndexOf('{\n "tables"'), text.lastIndexOf('}') + 1)
  return JSON.parse(totals, (key, value: unknown) => (key === 'sha256' ? undefined : value))
}

/** Before a database is asked for. */
async function refused(bytes: Uint8Array): Promise<void> {
  const damaged = path.join(folder, 'damaged.backup')
  writeFileSync(damaged, bytes)
  await expect(checkFile(damaged)).rejects.toThrow(/The backup is damaged/)
}

type Flows = { readonly body: Uint8Array; readonly source: 'hubble' | 'calico'; readonly cluster: string }

/** Flow records of the demo's last minutes, for the live data. */
const liveBatches = (): Flows[] =>
  demoBatches({ seed: 3, startMs: NOW - 300_000, endMs: NOW - 60_000 })
    .filter(({ path: to }) => /\/(hubble|calico)/.test(to))
    .map(({ path: to, headers, body }) => ({
      body,
      source: to.includes('calico') ? 'calico' : 'hubble',
      cluster: headers['x-postern-cluster'] ?? '',
    }))

let port = 1024

/** One body of flows of one edge, never the same twice. */
function flowAt(atMs: number, many = 1): Flows {
  const lines = Array.from({ length: many }, () => {
    port += 1
    return JSON.stringify({
      flow: {
        time: new Date(atMs).toISOString(),
        verdict: 'FORWARDED',
        IP: { source: '10.0.0.1', destination: '10.0.0.2' },
        l4: { TCP: { source_port: port, destination_port: 4711, flags: { SYN: true } } },
        source: { namespace: 'dash', pod_name: 'web-1', labels: ['k8s:app=web'] },
        destination: { namespace: 'dash', pod_name: 'api-1', labels: ['k8s:app=api'] },
        Type: 'L3_L4',
        event_type: { type: 5 },
        traffic_direction: 'EGRESS',
        is_reply: false,
      },
    })
  })
  return { body: new TextEncoder().encode(`${lines.join('\n')}\n`), source: 'hubble', cluster: 'writers' }
}

const sendFlows = ({ body, source: format, cluster }: Flows) =>
  ingestBatch({
    ...SENDER,
    dataset: '',
    clusterHeader: cluster,
    source: format,
    body: (async function* () {
      yield body
    })(),
  })

const graph = (dataset = '') =>
  queryGraph(
    {
      dataset,
      fromMs: NOW - 3_600_000,
      toMs: NOW + 60_000,
      windowMs: 3_600_000,
      namespaces: [],
      scope: 'all',
      states: [],
    },
    NOW,
  )

/** Sums that must agree: what bodies were told, what sources are said to have sent, what the graph shows. */
async function ledger() {
  const [sums] = await query<{ bodies: number; accepted: number; written: number; minutes: number }>(
    `SELECT count(*)::int AS bodies, sum((result->>'accepted')::int)::int AS accepted,
       coalesce(sum((result->>'accepted')::int) FILTER (WHERE context LIKE '%writers%'), 0)::int AS written,
       (SELECT sum(accepted)::int FROM source_minute WHERE dataset = '' AND source IN ('hubble', 'calico')) AS minutes
     FROM ingest_batch WHERE dataset = '' AND source IN ('hubble', 'calico')`,
  )
  const { edges } = await graph()
  const shown = edges.filter((edge) => edge.cluster === 'writers').reduce((sum, edge) => sum + edge.passed, 0)
  if (!sums) throw new Error('no ledger')
  return { ...sums, shown }
}

async function contents(): Promise<Record<string, unknown>> {
  const tables = await query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
       AND NOT relispartition AND relpersistence = 'p' AND relname <> '_prisma_migrations' ORDER BY 1`,
  )
  const found: [string, unknown][] = []
  for (const { name } of tables)
    found.push([
      name,
      await query(`SELECT count(*), md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) FROM "${name}" t`),
    ])
  return Object.fromEntries(found)
}
