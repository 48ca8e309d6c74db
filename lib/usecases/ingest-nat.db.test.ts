import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { query, useDatabase, withTransaction } from '@/lib/store/client'
import { judgeConnections } from '@/lib/store/judge-connections'
import { createTestDatabase } from '@/lib/store/test-database'
import { ingestBatch } from './ingest-batch'
import { ingestNat } from './ingest-nat'

const NOW = Date.parse('2026-11-24T12:00:00Z')
const AT = NOW - 120_000
const COMMON = {
  dataset: '',
  tokenId: 't',
  clusterHeader: 'prod',
  defaultCluster: 'default',
  retentionMs: 3_600_000,
  nowMs: NOW,
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
    'TRUNCATE ingest_batch, nat_record, egress_connection, source_minute, flow_record, edge_bucket_15s, edge_bucket_1m, edge_bucket_1h, bucket_change',
  )
  await ingestBatch({ ...COMMON, source: 'hubble', body: once(JSON.stringify(call())) })
  await query('UPDATE egress_connection SET dirty = false')
})

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

const call = () => ({
  flow: {
    time: new Date(AT).toISOString(),
    uuid: '7b4f3c1e-0000-4000-8000-000000000001',
    verdict: 'FORWARDED',
    IP: { source: '10.244.1.7', destination: '203.0.113.200' },
    l4: { TCP: { source_port: 41370, destination_port: 443, flags: { SYN: true } } },
    source: { ID: 1, namespace: 'ml', pod_name: 'agent', labels: [] },
    destination: { labels: ['reserved:world'] },
    destination_names: ['api.openai.com'],
    event_type: { type: 5 },
    traffic_direction: 'EGRESS',
  },
})

interface Translation {
  readonly event?: string
  readonly atMs?: number
  readonly from?: string
  readonly to?: string
  readonly server?: string
  readonly tail?: string
}

/** As `conntrack -E -o extended,timestamp,id` prints it. */
function line({
  event = 'NEW',
  atMs = AT,
  from = '10.244.1.7:41370',
  to = '10.0.1.5:59205',
  server = '203.0.113.200',
  tail = '',
}: Translation) {
  const [ip, port] = from.split(':')
  const [toIp, toPort] = to.split(':')
  const stamp = `[${(atMs / 1000).toFixed(6)}]`
  return `${stamp}\t    [${event}] ipv4     2 tcp      6 120 SYN_SENT src=${ip} dst=${server} sport=${port} dport=443 src=${server} dst=${toIp} sport=443 dport=${toPort} ${tail}id=77`
}

const send = (lines: readonly string[], change: Partial<Parameters<typeof ingestNat>[0]> = {}) =>
  ingestNat({
    ...COMMON,
    format: 'conntrack',
    hop: 'node',
    trusted: true,
    body: once(`${lines.join('\n')}\n`),
    ...change,
  })

const dirty = async () => (await query('SELECT 1 FROM egress_connection WHERE dirty')).length

/** Nobody writes into a table until it is released. */
async function heldTable(name: 'judgement_group') {
  const { promise: gate, resolve: release } = deferred()
  const { promise: isHeld, resolve: held } = deferred()
  const released = withTransaction(async (client) => {
    await client.query(`LOCK TABLE ${name} IN SHARE MODE`)
    held()
    await gate
  })
  await isHeld
  return { release, released }
}

function deferred() {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

const hasWaitingAdvisoryLock = async () =>
  (
    await query(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
  ).length > 0

describe('translations', () => {
  it('a body sent twice counts once', async () => {
    expect(await send([line({})])).toMatchObject({ accepted: 1, duplicates: 0, repeatedBatch: false })
    expect(await send([line({})])).toMatchObject({ accepted: 0, duplicates: 1, repeatedBatch: true })
  })

  it('the end of a connection, in another body, completes the row of its beginning', async () => {
    await send([line({})])
    await send([line({ event: 'DESTROY', atMs: AT + 30_000, tail: '[ASSURED] delta-time=30 ' })])
    const rows = await query<{ seconds: number; raw: string }>(
      'SELECT extract(epoch FROM end_at - at)::float8 AS seconds, raw FROM nat_record',
    )
    expect(rows).toMatchObject([{ seconds: 30, raw: expect.stringContaining('DESTROY') }])
    expect(rows[0]?.raw).toContain('[NEW]')
  })

  it('one translation seen by two hops is two rows, and an untrusted one never touches a trusted one', async () => {
    await send([line({})])
    await send([line({})], { hop: 'gateway' })
    await send([line({})], { trusted: false })
    const rows = await query('SELECT hop, trusted FROM nat_record ORDER BY hop, trusted')
    expect(rows).toEqual([
      { hop: 'gateway', trusted: true },
      { hop: 'node', trusted: false },
      { hop: 'node', trusted: true },
    ])
  })

  it('bad lines are refused with their numbers, old ones with their reason, and the rest is stored', async () => {
    const result = await send(['rubbish', line({}), line({ atMs: NOW - 7_200_000 })])
    expect(result).toMatchObject({ accepted: 1, rejected: 2 })
    expect(result.rejects.map((group) => group.reason).sort()).toEqual(['too_old', 'unsupported_dialect'])
    expect(result.rejects.find((group) => group.reason === 'unsupported_dialect')?.lines).toEqual([1])
  })

  it('a request without a hop is refused with a hint', async () => {
    await expect(send([line({})], { hop: ' ' })).rejects.toMatchObject({
      code: 'bad_request',
      hint: expect.stringContaining('hop'),
    })
  })
})

describe('what must be judged again', () => {
  it('a connection whose evidence comes while it is being judged without it', async () => {
    await query('UPDATE egress_connection SET dirty = true')
    const table = await heldTable('judgement_group')
    let arriving: Promise<unknown> | undefined
    let isStored = false
    // The judge has read its evidence, and cannot write what it thinks before the table is free.
    const judging = judgeConnections(
      10,
      () => ({ nat: undefined, audits: undefined }),
      () => {
        arriving ??= send([line({})]).then(() => {
          isStored = true
        })
        return undefined
      },
    )
    await vi.waitFor(async () => expect(isStored || (await hasWaitingAdvisoryLock())).toBe(true))
    table.release()
    await Promise.all([table.released, judging])
    await arriving
    expect(await dirty()).toBe(1)
  })

  it('the connection with the original tuple, and none elsewhere', async () => {
    await send([line({ server: '203.0.113.9' })])
    await send([line({ from: '10.244.9.9:41370' })])
    await send([line({ atMs: AT - 3_000_000 })])
    await send([line({})], { clusterHeader: 'other' })
    expect(await dirty()).toBe(0)
    await send([line({})])
    expect(await dirty()).toBe(1)
  })

  it.each([
    ['node first', ['node', 'gateway']],
    ['gateway first', ['gateway', 'node']],
  ])('a connection reached over two hops, %s', async (_name, order) => {
    const hops: Record<string, string> = {
      node: line({}),
      gateway: line({ from: '10.0.1.5:59205', to: '203.0.113.10:62782', atMs: AT + 900 }),
    }
    for (const hop of order) {
      await query('UPDATE egress_connection SET dirty = false')
      await send([hops[hop] ?? ''], { hop })
    }
    expect(await dirty()).toBe(1)
  })
})
