import { createHmac } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import os from 'node:os'
import path from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import pg from 'pg'
import { DEMO_EGRESS_YAML } from '../lib/demo/demo-config'
import { expect, test } from './fixtures'
import { freePort, Instance } from './instance'

const serverUrl = process.env.POSTERN_TEST_DATABASE_URL
const SECRET = 'a-key-that-only-the-receiver-knows'
/** Where pictures of the pages go, for people; nowhere unless said. */
const pictures = process.env.POSTERN_E2E_PICTURES

interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A receiver as companies have them: it takes what comes, and fails as often as it is told to. */
class Receiver {
  readonly received: Received[] = []
  /** What the next requests to `/generic` meet instead of an answer. */
  readonly failures: ((response: ServerResponse) => void)[] = []
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<Receiver> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const receiver = new Receiver(
      server,
      `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    )
    server.on('request', (request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const url = request.url ?? ''
        receiver.received.push({ path: url, headers: request.headers, body: Buffer.concat(chunks).toString() })
        const failure = url.startsWith('/generic') ? receiver.failures.shift() : undefined
        if (failure) failure(response)
        else response.end('ok')
      })
    })
    return receiver
  }

  at = (prefix: string): Received[] => this.received.filter(({ path: where }) => where.startsWith(prefix))

  async stop(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }
}

/** A call of red-team/agent to OpenAI and what both hops log of it: it leaves by an address that nobody sanctioned. */
function bypass(atMs: number, port: number) {
  const stamp = (ms: number) => `[${(ms / 1000).toFixed(6)}]`
  const line = (ms: number, from: string, fromPort: number, to: string, toPort: number) =>
    `${stamp(ms)}\t    [NEW] ipv4     2 tcp      6 120 SYN_SENT src=${from} dst=162.159.140.245 sport=${fromPort} dport=443 [UNREPLIED] src=162.159.140.245 dst=${to} sport=443 dport=${toPort} id=${toPort}\n`
  const flow = {
    time: new Date(atMs).toISOString(),
    uuid: `00000000-0000-4000-a000-${String(port).padStart(12, '0')}`,
    verdict: 'FORWARDED',
    IP: { source: '10.78.1.7', destination: '162.159.140.245' },
    l4: { TCP: { source_port: port, destination_port: 443, flags: { SYN: true } } },
    source: { ID: 1, namespace: 'red-team', pod_name: 'agent-0', labels: ['k8s:app=agent'] },
    destination: { labels: ['reserved:world'] },
    destination_names: ['api.openai.com'],
    event_type: { type: 5 },
    traffic_direction: 'EGRESS',
  }
  return {
    hubble: `${JSON.stringify({ flow })}\n`,
    'nat/conntrack?hop=node': line(atMs + 1, '10.78.1.7', port, '10.0.1.78', port + 1),
    'nat/conntrack?hop=nat-gw': line(atMs + 2, '10.0.1.78', port + 1, '203.0.113.98', port + 2),
  }
}

async function addChannel(
  page: Page,
  fields: { name: string; kind: string; url: string; secret?: string },
): Promise<void> {
  await page.getByRole('button', { name: 'Add a channel' }).click()
  const form = page.getByRole('form', { name: 'New channel' })
  await form.getByLabel('Name').fill(fields.name)
  await form.getByLabel('Kind').selectOption({ label: fields.kind })
  await form.getByLabel('Address').fill(fields.url)
  if (fields.secret) await form.getByLabel('Secret').fill(fields.secret)
  await form.getByLabel('Severity').selectOption('critical')
  await form.getByRole('button', { name: 'Create channel' }).click()
  await expect(page.getByRole('listitem', { name: fields.name })).toBeVisible()
}

function expectSigned({ headers, body }: Received): void {
  const timestamp = String(headers['x-postern-timestamp'])
  expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(120)
  const signature = createHmac('sha256', SECRET).update(`${timestamp}.${body}`).digest('hex')
  expect(headers['x-postern-signature']).toBe(`v1=${signature}`)
}

const kinds = (received: readonly Received[]): string[] =>
  received.flatMap(({ body }) => JSON.parse(body).events.map(({ kind }: { kind: string }) => kind))

test('channels made in the browser are told of a violation and its end, once, whatever fails in between; the audit log says who made them', async ({
  page,
  browser,
}) => {
  test.skip(!serverUrl, 'POSTERN_TEST_DATABASE_URL is not set: run by npm test')
  test.setTimeout(240_000)
  const target = new URL(serverUrl ?? '')
  const name = `postern_notifications_${process.pid}`
  const admin = new pg.Client({ connectionString: target.href })
  await admin.connect()
  await admin.query(`CREATE DATABASE ${name}`)
  target.pathname = `/${name}`
  const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-notifications-'))
  const config = path.join(folder, 'egress.yaml')
  writeFileSync(config, DEMO_EGRESS_YAML)
  const receiver = await Receiver.start()
  const port = await freePort()
  const instance = new Instance(`http://127.0.0.1:${port}`, port, path.join(folder, 'data'), target.href, {
    POSTERN_CONFIG: config,
    POSTERN_PUBLIC_URL: 'https://postern.example',
    POSTERN_SECRET_KEY: 'k'.repeat(32),
  })
  const database = new pg.Client({ connectionString: target.href })
  const call = async (atMs: number, sourcePort: number): Promise<void> => {
    for (const [source, body] of Object.entries(bypass(atMs, sourcePort))) {
      const answer = await fetch(`${instance.baseUrl}/api/ingest/${source}`, {
        method: 'POST',
        headers: { 'x-postern-cluster': 'demo' },
        body,
      })
      expect(await answer.json()).toMatchObject({ accepted: 1, rejected: 0 })
    }
  }
  try {
    await instance.up()
    await database.connect()
    await page.goto(`${instance.baseUrl}/settings`)
    await page.getByLabel('Your name, for the audit log').fill('Anna Müller')
    await page.getByRole('button', { name: 'Save the name' }).click()
    await expect(page.getByText('Saved.')).toBeVisible()

    // A wrong address is said before anything is sent.
    await page.getByRole('button', { name: 'Add a channel' }).click()
    await page.getByRole('form', { name: 'New channel' }).getByLabel('Address').fill('ftp://x')
    await page.getByRole('button', { name: 'Create channel' }).click()
    await expect(page.getByText('A name is needed.')).toBeVisible()
    await expect(page.getByText('An address that begins with http:// or https://.')).toBeVisible()
    await page.getByRole('button', { name: 'Cancel' }).click()

    const url = `${receiver.url}/generic/services/T0/B0/SECRETPART`
    await addChannel(page, { name: 'on call', kind: 'Webhook (JSON)', url, secret: SECRET })
    await addChannel(page, { name: 'team', kind: 'Slack', url: `${receiver.url}/slack/hook` })
    await addChannel(page, { name: 'alerts', kind: 'Alertmanager', url: `${receiver.url}/am` })
    const stored = await database.query('SELECT to_jsonb(c)::text AS row FROM notification_channel c')
    expect(JSON.stringify(stored.rows)).not.toMatch(/SECRETPA|only-the-receiver/)

    const onCall = page.getByRole('listitem', { name: 'on call' })
    await expect(onCall).toContainText(`${receiver.url} …PART`)
    for (const channel of ['on call', 'team', 'alerts']) {
      await page.getByRole('button', { name: `Test ${channel}` }).click()
      await expect(page.getByRole('listitem', { name: channel }).getByRole('status')).toContainText(
        /Sent: it answered 200 in \d+ ms\./,
      )
    }
    const [test0] = receiver.at('/generic')
    if (!test0) throw new Error('no test message arrived')
    expectSigned(test0)
    expect(JSON.parse(test0.body)).toMatchObject({ type: 'test', channel: 'on call', events: [] })
    expect(receiver.at('/slack')[0]?.body).toContain('This is a test message')
    expect(receiver.at('/am').map(({ path: where }) => where)).toEqual(['/am/api/v2/alerts'])
    receiver.received.length = 0

    // The receiver fails, then hangs; the violation is of 20 minutes ago.
    receiver.failures.push(
      (response) => response.writeHead(500).end('down'),
      () => undefined,
    )
    const longAgoMs = Date.now() - 20 * 60_000
    await call(longAgoMs, 45_000)
    await expect.poll(() => receiver.at('/slack').length, { timeout: 30_000 }).toBe(1)
    // More of the same is counted, and told to nobody.
    for (const at of [1, 2, 3]) await call(longAgoMs + at * 1000, 45_000 + 10 * at)
    await expect.poll(() => receiver.at('/generic').length, { timeout: 60_000 }).toBe(3)
    await page.getByRole('button', { name: 'Log on call' }).click()
    const log = page.getByRole('region', { name: 'Messages of on call' })
    await expect(log).toContainText('Sent, 3 attempts, answered 200', { timeout: 20_000 })
    await expect(log).toContainText('Opened (critical): red-team/agent')
    const tries = receiver.at('/generic')
    for (const one of tries) expectSigned(one)
    expect(new Set(tries.map(({ headers, body }) => `${headers['idempotency-key']} ${body}`)).size).toBe(1)
    expect(JSON.parse(tries[0]?.body ?? '')).toMatchObject({
      version: 1,
      events: [
        {
          kind: 'opened',
          finding: {
            detector: 'D0',
            severity: 'critical',
            cluster: 'demo',
            workload: 'red-team/agent',
            title: expect.stringContaining('203.0.113.98'),
            url: expect.stringMatching(/^https:\/\/postern\.example\//),
          },
        },
      ],
    })
    expect(receiver.at('/slack')[0]?.body).toContain('red-team/agent')
    const [alert] = JSON.parse(receiver.at('/am')[0]?.body ?? '[]')
    expect(alert).toMatchObject({ labels: { alertname: 'PosternD0', namespace: 'red-team', workload: 'agent' } })
    expect(Date.parse(alert.endsAt)).toBeGreaterThan(Date.now() + 60_000)

    // What 20 minutes of waiting would leave behind.
    await database.query(`UPDATE egress_connection SET judged_at = judged_at - interval '20 minutes'`)
    await expect.poll(() => receiver.at('/slack').length, { timeout: 40_000 }).toBe(2)
    await expect
      .poll(() => kinds(receiver.at('/generic').slice(2)), { timeout: 20_000 })
      .toEqual(['opened', 'resolved'])
    expect(receiver.at('/slack')[1]?.body).toContain('Resolved')
    await expect
      .poll(() => Date.parse(JSON.parse(receiver.at('/am').at(-1)?.body ?? '[]')[0]?.endsAt), { timeout: 20_000 })
      .toBeLessThanOrEqual(Date.now())
    expect(JSON.parse(receiver.at('/am').at(-1)?.body ?? '[]')[0]?.labels).toEqual(alert.labels)

    for (const scheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ colorScheme: scheme, baseURL: instance.baseUrl })
      const other = await context.newPage()
      await other.goto('/settings')
      await other.getByRole('button', { name: 'Log on call' }).click()
      await expect(other.getByRole('region', { name: 'Messages of on call' })).toContainText('Resolved (critical)')
      await other.getByRole('button', { name: 'Change team' }).click()
      await other.getByText('Only some detectors').click()
      await checkPage(other, `channels-${scheme}`)
      await other.goto('/settings/audit')
      await expect(other.getByRole('row', { name: /Anna Müller \(local\) channel\.create/ })).toHaveCount(3)
      await checkPage(other, `audit-${scheme}`)
      await context.close()
    }

    // Paused, then gone; all of it stands in the audit log.
    await page.getByRole('button', { name: 'Pause team' }).click()
    await expect(page.getByRole('listitem', { name: 'team' })).toContainText('paused')
    await page.getByRole('button', { name: 'Remove team' }).click()
    await page.getByRole('button', { name: 'Remove for good' }).click()
    await expect(page.getByRole('listitem', { name: 'team' })).toHaveCount(0)
    await page.getByRole('link', { name: 'Who changed what' }).click()
    await page.getByLabel('What', { exact: true }).fill('channel.')
    await page.getByLabel('Who').fill('Anna')
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    await expect(page.getByRole('row', { name: /channel\.delete/ })).toHaveCount(1)
    await expect(page.getByRole('row', { name: /channel\.update/ })).toContainText('isEnabled: true → false')
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Export as CSV' }).click()
    const file = await (await download).createReadStream()
    const text = Buffer.concat(await file.toArray()).toString()
    expect(text.split('\r\n').filter((line) => line.includes('Anna Müller (local),channel.'))).toHaveLength(5)
    expect(text).not.toContain('SECRETPART')
  } finally {
    await instance.down()
    await receiver.stop()
    await database.end().catch(() => undefined)
    await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    await admin.end()
    rmSync(folder, { recursive: true, force: true })
  }
})

async function checkPage(page: Page, name: string): Promise<void> {
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  expect(overflow).toBeLessThanOrEqual(0)
  expect(await page.evaluate(() => document.documentElement.scrollHeight - window.innerHeight)).toBeLessThanOrEqual(0)
  if (!pictures) return
  if (!existsSync(pictures)) mkdirSync(pictures, { recursive: true })
  await page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: true })
}
