import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { LIMITS } from '@/lib/model/limits'
import type { ChannelInput, FindingHappening } from '@/lib/model/notification'
import { HOUR_MS, MINUTE_MS } from '@/lib/model/units'
import { query, useDatabase, withTransaction } from '@/lib/store/client'
import { enqueueNotifications } from '@/lib/store/notification-outbox'
import { createTestDatabase } from '@/lib/store/test-database'
import { changeChannel, channels, createChannel, deliveries, removeChannel, testChannel } from './notification-channels'
import { type Rests, sendPending } from './send-notifications'

let database: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

interface Received {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}
let received: Received[] = []
let answer: (response: ServerResponse) => void = (response) => response.end('ok')
let server: Server
let base = ''
let now = 0
let rests: Rests = new Map()

beforeEach(async () => {
  await query('TRUNCATE notification_channel, finding, audit_entry CASCADE')
  received = []
  answer = (response) => response.end('ok')
  rests = new Map()
  // In the future, so that nothing is due by the clock of this machine.
  now = Date.UTC(2030, 0, 1)
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() })
      answer(response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  base = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const SETTINGS = { policy: { allowLoopback: true, allowPrivate: true }, publicUrl: 'https://p.example', version: '1' }
const CHANNEL: ChannelInput = {
  name: 'on call',
  kind: 'generic',
  isEnabled: true,
  minSeverity: 'high',
  detectors: [],
  clusters: [],
  withPossible: false,
  sendResolved: true,
}
const make = (input: Partial<ChannelInput> = {}) => createChannel({ ...CHANNEL, url: `${base}/hook`, ...input }, 'anna')

let ids = 0
async function newFinding(more: Partial<FindingHappening['finding']> = {}): Promise<FindingHappening['finding']> {
  ids += 1
  const [row] = await query<{ id: string }>(
    `INSERT INTO finding (id, detector, dataset, cluster, edge_id, status, severity, title, workload, target, count, first_seen, last_seen)
     VALUES (gen_random_uuid(), 'D0', '', 'prod', $1, 'open', 'high', 't', 'w', 'o', 1, now(), now()) RETURNING id::text`,
    [ids],
  )
  return {
    id: row?.id ?? '',
    detector: 'D0',
    severity: 'high',
    status: 'open',
    dataset: '',
    cluster: 'prod',
    workload: 'agents/planner',
    target: 'OpenAI',
    title: `finding ${ids}`,
    count: 1,
    firstSeenMs: now,
    lastSeenMs: now,
    ...more,
  }
}

const tell = (...events: readonly (readonly [kind: string, finding: FindingHappening['finding']])[]) =>
  withTransaction((client) =>
    enqueueNotifications(
      client,
      events.map(([kind, finding]) => ({ kind, atMs: now, finding })),
      now,
    ),
  )
const pass = (signal = new AbortController().signal) =>
  sendPending(SETTINGS, { rests, signal, clock: { now: () => now, random: () => 0 } })
const kindsOf = (body: string): string[] => JSON.parse(body).events.map((event: { kind: string }) => event.kind)

describe('a notification', () => {
  it('arrives once, whatever number of replicas say it and send it', async () => {
    await make()
    const finding = await newFinding()
    await Promise.all(Array.from({ length: 8 }, () => tell(['opened', finding])))
    for (let n = 0; n < 100; n += 1) await tell(['updated', finding], ['opened', finding])
    await pass()
    await pass()
    await tell(['resolved', { ...finding, status: 'resolved' }])
    await Promise.all([tell(['resolved', finding]), tell(['resolved', finding])])
    await pass()
    expect(received.map(({ body }) => kindsOf(body))).toEqual([['opened'], ['resolved']])
  })

  it('goes with its change: what is rolled back is not told', async () => {
    await make()
    const finding = await newFinding()
    const failing = withTransaction(async (client) => {
      await enqueueNotifications(client, [{ kind: 'opened', atMs: now, finding }], now)
      throw new Error('rolled back')
    })
    await expect(failing).rejects.toThrow('rolled back')
    await pass()
    expect(received).toEqual([])
    await tell(['opened', finding])
    await pass()
    expect(received).toHaveLength(1)
  })

  it('of several findings of one pass is one message, in order, and more than fit go into the next', async () => {
    await make()
    const findings = []
    for (let n = 0; n < LIMITS.notificationEvents + 3; n += 1) findings.push(await newFinding())
    await tell(...findings.map((finding) => ['opened', finding] as const))
    await pass()
    const titles = received.map(({ body }): string[] =>
      JSON.parse(body).events.map(({ finding }: { finding: { title: string } }) => finding.title),
    )
    expect(titles.map((list) => list.length)).toEqual([LIMITS.notificationEvents, 3])
    expect(titles.flat()).toEqual(findings.map(({ title }) => title))
  })

  it('that fails is tried again with the same id and body, later each time, and no message of its finding overtakes it', async () => {
    const id = await make({ secret: 'hush' })
    const finding = await newFinding()
    answer = (response) => response.writeHead(500).end('down')
    await tell(['opened', finding])
    await pass()
    await tell(['resolved', { ...finding, status: 'resolved' }])
    await pass()
    expect(received).toHaveLength(1)
    expect(await deliveries(id)).toMatchObject([{ state: 'waiting', attempts: 1, lastStatus: 500, lastAnswer: 'down' }])
    now += 10_000
    answer = (response) => response.socket?.destroy()
    await pass()
    now += 60_000
    answer = (response) => response.end('ok')
    await pass()
    await pass()
    expect(received.map(({ body }) => kindsOf(body))).toEqual([['opened'], ['opened'], ['opened'], ['resolved']])
    const [first, second, third, last] = received
    expect([second?.body, third?.body]).toEqual([first?.body, first?.body])
    const keys = received.map(({ headers }) => headers['idempotency-key'])
    expect(new Set(keys.slice(0, 3)).size).toBe(1)
    expect(last?.headers['idempotency-key']).not.toBe(keys[0])
    expect(await deliveries(id)).toMatchObject([
      { state: 'sent', attempts: 1 },
      { state: 'sent', attempts: 3 },
    ])
    expect(await query('SELECT FROM notification_event')).toEqual([])
  })

  it('that is refused for good stays in the log with its reason, and others go on', async () => {
    const id = await make()
    answer = (response) => response.writeHead(404).end('no such hook')
    await tell(['opened', await newFinding()])
    await pass()
    expect(await deliveries(id)).toMatchObject([
      { state: 'failed', attempts: 1, lastStatus: 404, lastAnswer: 'it answered 404: no such hook' },
    ])
    answer = (response) => response.end()
    now += 1000
    await tell(['opened', await newFinding()])
    await pass()
    expect((await deliveries(id)).map(({ state }) => state)).toEqual(['sent', 'failed'])
  })

  it('waits as long as Retry-After says', async () => {
    await make()
    answer = (response) => response.writeHead(429, { 'retry-after': '45' }).end()
    await tell(['opened', await newFinding()])
    await pass()
    answer = (response) => response.end()
    now += 44_000
    await pass()
    expect(received).toHaveLength(1)
    now += 2000
    await pass()
    expect(received).toHaveLength(2)
  })

  it('that could not be delivered in a day is given up', async () => {
    const id = await make()
    answer = (response) => response.writeHead(503).end()
    await tell(['opened', await newFinding()])
    for (let hour = 0; hour < 26; hour += 1) {
      await pass()
      now += HOUR_MS
    }
    expect(await deliveries(id)).toMatchObject([{ state: 'failed', lastStatus: 503 }])
    const tries = received.length
    now += 24 * HOUR_MS
    await pass()
    expect(received).toHaveLength(tries)
  })

  it('of a finding that flaps is one in half an hour; what is still open then is told, what is over is not', async () => {
    await make()
    const finding = await newFinding()
    const over = { ...finding, status: 'resolved' }
    for (let n = 0; n < 5; n += 1) {
      await tell([n === 0 ? 'opened' : 'reopened', finding], ['resolved', over])
      await pass()
      now += MINUTE_MS
    }
    expect(received.flatMap(({ body }) => kindsOf(body))).toEqual(['opened', 'resolved'])
    await tell(['reopened', finding])
    await tell(['escalated', { ...finding, severity: 'critical' }])
    await pass()
    expect(received).toHaveLength(1)
    now += 30 * MINUTE_MS
    await pass()
    expect(JSON.parse(received[1]?.body ?? '').events).toMatchObject([
      { kind: 'reopened', finding: { severity: 'critical' } },
    ])
  })

  it('waits while its channel is paused, and is sent when it goes on', async () => {
    const id = await make({ isEnabled: false })
    await tell(['opened', await newFinding()])
    await pass()
    expect(received).toEqual([])
    expect(await channels()).toMatchObject([{ waiting: 1 }])
    await changeChannel(id, CHANNEL, 'anna')
    await pass()
    expect(received).toHaveLength(1)
  })

  it('is dropped where too many wait: the oldest go, and the channel says how many', async () => {
    await make({ isEnabled: false })
    const finding = await newFinding()
    const many = Array.from({ length: LIMITS.notificationQueue + 7 }, (_, n) => ({
      ...finding,
      id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
      title: `n${n}`,
    }))
    await tell(...many.map((one) => ['opened', one] as const))
    expect(await channels()).toMatchObject([{ waiting: LIMITS.notificationQueue, dropped: 7, droppedMs: now }])
    const [oldest] = await query<{ title: string }>(
      `SELECT finding->>'title' AS title FROM notification_event ORDER BY id LIMIT 1`,
    )
    expect(oldest?.title).toBe('n7')
  })

  it('that was under way when the process ended is sent again under its id', async () => {
    await make()
    const stop = new AbortController()
    answer = () => stop.abort()
    await tell(['opened', await newFinding()])
    await pass(stop.signal)
    answer = (response) => response.end()
    await pass()
    expect(received).toHaveLength(2)
    expect(received[0]?.headers['idempotency-key']).toBe(received[1]?.headers['idempotency-key'])
    expect(received[0]?.body).toBe(received[1]?.body)
  })

  it('is told while channels come, change and go: nobody fails, and what is told is told in turn', async () => {
    const kept = await make({ name: 'kept' })
    const findings = [await newFinding(), await newFinding(), await newFinding()]
    const rounds = Array.from({ length: 12 }, (_, n) => n)
    await Promise.all([
      ...findings.map(async (finding) => {
        for (const n of rounds) await tell(n % 2 === 0 ? ['reopened', finding] : ['resolved', finding])
      }),
      ...[1, 2].map(async (nr) => {
        for (const n of rounds) {
          const id = await make({ name: `n${nr}-${n}` })
          await changeChannel(id, { ...CHANNEL, name: `m${nr}-${n}`, isEnabled: n % 2 === 0 }, 'anna')
          await removeChannel(id, 'anna')
        }
      }),
      (async () => {
        // A pass may find that a channel has just gone.
        for (const _ of rounds) await pass().catch(() => undefined)
      })(),
    ])
    await pass()
    expect(await deliveries(kept)).not.toEqual([])
    const turns = new Map<string, string[]>()
    const sent = received.flatMap(({ body }) => JSON.parse(body)).filter(({ channel }) => channel === 'kept')
    for (const { events } of sent)
      for (const { kind, finding } of events) turns.set(finding.id, [...(turns.get(finding.id) ?? []), kind])
    expect([...turns.values()]).toEqual(findings.map(() => ['opened', 'resolved']))
    expect(await query('SELECT FROM notification_event')).toEqual([])
  })

  it('a channel that hangs holds up no other', async () => {
    await make({ name: 'hangs' })
    const other = await make({ name: 'works', url: `${base}/works` })
    const stop = new AbortController()
    answer = (response) => {
      if (response.req.url === '/works') response.end()
    }
    await tell(['opened', await newFinding()])
    const passing = pass(stop.signal)
    await expect.poll(async () => (await deliveries(other)).map(({ state }) => state)).toEqual(['sent'])
    stop.abort()
    await passing
  })
})

describe('Alertmanager', () => {
  const alerts = () => received.map(({ body }) => JSON.parse(body))

  it('is told again every minute what is open, until it ends', async () => {
    await make({ kind: 'alertmanager', url: base })
    const finding = await newFinding()
    await tell(['opened', finding])
    await pass()
    for (let minute = 0; minute < 3; minute += 1) {
      now += MINUTE_MS
      await pass()
      await pass()
    }
    expect(received.map(({ path }) => path)).toEqual(Array(4).fill('/api/v2/alerts'))
    for (const [at, [alert]] of alerts().entries()) {
      expect(alert.labels).toEqual(alerts()[0][0].labels)
      expect(Date.parse(alert.endsAt)).toBe(now - (3 - at) * MINUTE_MS + 5 * MINUTE_MS)
    }
    await tell(['resolved', { ...finding, status: 'resolved', severity: 'low' }])
    await pass()
    expect(alerts()[4]).toMatchObject([{ labels: alerts()[0][0].labels, endsAt: new Date(now).toISOString() }])
    now += 10 * MINUTE_MS
    await pass()
    expect(received).toHaveLength(5)
  })

  it('shows on the channel that a repeat went wrong, until one goes well, and is told the end of what is gone', async () => {
    await make({ kind: 'alertmanager', url: base })
    const finding = await newFinding()
    await tell(['opened', finding])
    await pass()
    answer = (response) => response.writeHead(502).end('bad gateway')
    now += MINUTE_MS
    await pass()
    expect(await channels()).toMatchObject([{ repeatProblem: 'it answered 502: bad gateway' }])
    answer = (response) => response.end()
    await query('DELETE FROM finding')
    now += MINUTE_MS
    await pass()
    expect((await channels())[0]).not.toHaveProperty('repeatProblem')
    expect(alerts().at(-1)).toMatchObject([{ endsAt: new Date(now).toISOString() }])
    now += MINUTE_MS
    await pass()
    expect(received).toHaveLength(3)
  })
})

describe('a channel', () => {
  it('gives its address and its secret to nobody: not to people, not to the audit log, not to its log', async () => {
    const id = await make({ url: `${base}/services/T0/B0/VERYSECRET`, secret: 'HUSHHUSH' })
    await changeChannel(id, { ...CHANNEL, name: 'renamed', url: `${base}/services/T0/B0/ALSOSECRET` }, 'ben')
    await tell(['opened', await newFinding()])
    await pass()
    const told = JSON.stringify([await channels(), await deliveries(id), await query('SELECT * FROM audit_entry')])
    expect(told).not.toMatch(/VERYSEC|ALSOSEC|HUSH/)
    expect(await channels()).toMatchObject([{ name: 'renamed', shownUrl: `${base} …CRET`, hasSecret: true }])
    expect(received[0]).toMatchObject({ path: '/services/T0/B0/ALSOSECRET' })
    expect(received[0]?.headers).toHaveProperty('x-postern-signature')
    await removeChannel(id, 'ben')
    const rows = await query<{ actor: string; action: string }>('SELECT actor, action FROM audit_entry ORDER BY ctid')
    expect(rows.map(({ actor, action }) => `${actor} ${action}`).sort()).toEqual([
      'anna channel.create',
      'ben channel.delete',
      'ben channel.update',
    ])
  })

  it('whose address cannot be decrypted keeps what waits, says why, and is told once it can', async () => {
    const id = await make()
    const [stored] = await query<{ target: string }>('SELECT target FROM notification_channel')
    await query(`UPDATE notification_channel SET target = 'v1:AAAA'`)
    await tell(['opened', await newFinding()])
    await pass()
    expect(received).toEqual([])
    expect(await deliveries(id)).toMatchObject([
      { state: 'waiting', lastAnswer: expect.stringContaining('POSTERN_SECRET_KEY') },
    ])
    await expect(testChannel(id, SETTINGS, now)).rejects.toMatchObject({ code: 'conflict' })
    await query('UPDATE notification_channel SET target = $1', [stored?.target])
    now += MINUTE_MS
    await pass()
    expect(received).toHaveLength(1)
  })

  it('is tested at once, paused or not, and tells what came of it', async () => {
    const id = await make({ isEnabled: false })
    expect(await testChannel(id, SETTINGS, now)).toMatchObject({ isSent: true, status: 200, answer: 'ok' })
    expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({ type: 'test', events: [] })
    answer = (response) => response.writeHead(403).end('invalid_token')
    expect(await testChannel(id, SETTINGS, now + 1)).toMatchObject({ isSent: false, status: 403 })
    const shut = { ...SETTINGS, policy: { allowLoopback: false, allowPrivate: true } }
    expect(await testChannel(id, shut, now + 2)).toMatchObject({ isSent: false, isRefused: true })
    expect(received).toHaveLength(2)
    expect(await deliveries(id)).toMatchObject([
      { isTest: true, state: 'failed', lastAnswer: expect.stringContaining('POSTERN_WEBHOOK_LOOPBACK') },
      { isTest: true, state: 'failed', lastStatus: 403 },
      { isTest: true, state: 'sent' },
    ])
  })

  it('keeps its name to itself, needs an address, and keeps its kind', async () => {
    const id = await make()
    await expect(make()).rejects.toMatchObject({ code: 'conflict' })
    await expect(createChannel({ ...CHANNEL, name: 'x' }, 'anna')).rejects.toMatchObject({ code: 'bad_request' })
    for (const url of ['ftp://x.example', 'nonsense', 'javascript:alert(1)', ''])
      await expect(make({ name: 'y', url })).rejects.toMatchObject({ code: 'bad_request' })
    await expect(changeChannel(id, { ...CHANNEL, kind: 'slack' }, 'anna')).rejects.toMatchObject({
      code: 'bad_request',
    })
  })

  it('logs the last fifty messages', async () => {
    const id = await make()
    for (let n = 0; n < 53; n += 1) await testChannel(id, SETTINGS, now + n)
    const log = await deliveries(id)
    expect(log).toHaveLength(50)
    expect(await query('SELECT FROM notification_delivery')).toHaveLength(50)
    expect(log[0]?.createdMs).toBe(now + 52)
  })

  it('there are fifty at most', async () => {
    for (let n = 0; n < LIMITS.notificationChannels; n += 1) await make({ name: `n${n}` })
    await expect(make({ name: 'one more' })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('notificationChannels'),
    })
  })
})
