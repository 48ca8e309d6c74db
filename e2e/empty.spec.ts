import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import pg from 'pg'
import { DatabaseProxy } from './database-proxy'
import { expect, test } from './fixtures'
import { freePort, Instance } from './instance'

const serverUrl = process.env.POSTERN_TEST_DATABASE_URL

/** One allowed call, that long ago. */
const flow = (agoMs: number): string =>
  `${JSON.stringify({
    flow: {
      time: new Date(Date.now() - agoMs).toISOString(),
      verdict: 'FORWARDED',
      event_type: { type: 5 },
      traffic_direction: 'EGRESS',
      IP: { source: '10.9.2.1', destination: '10.9.2.2' },
      l4: { TCP: { source_port: 40_000, destination_port: 8080 } },
      source: { namespace: 'n', pod_name: 'caller-0' },
      destination: { namespace: 'n', pod_name: 'server-0' },
    },
  })}\n`

test('an empty graph says on which hop records stop: agent, receiver, reader, view, database', async ({ page }) => {
  test.skip(!serverUrl, 'POSTERN_TEST_DATABASE_URL is not set: run by npm test')
  test.setTimeout(180_000)
  const target = new URL(serverUrl ?? '')
  const name = `postern_empty_${process.pid}`
  const admin = new pg.Client({ connectionString: target.href })
  await admin.connect()
  await admin.query(`CREATE DATABASE ${name}`)
  target.pathname = `/${name}`
  const database = new pg.Client({ connectionString: target.href })
  const proxy = new DatabaseProxy(target)
  await proxy.listen()
  const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-empty-'))
  const port = await freePort()
  const instance = new Instance(`http://127.0.0.1:${port}`, port, folder, proxy.url(name), {
    // Nobody listens there.
    POSTERN_HUBBLE_RELAY: `127.0.0.1:${await freePort()}`,
    POSTERN_CLUSTER: 'prod',
  })
  const causes = page.getByRole('list', { name: 'Why nothing is shown' })
  const open = (query: string) => page.goto(`${instance.baseUrl}/graph?${query}`)
  const post = (body: string) =>
    fetch(`${instance.baseUrl}/api/ingest/hubble`, { method: 'POST', headers: { 'x-postern-cluster': 'prod' }, body })
  try {
    await instance.up()
    await database.connect()
    await open('scope=all')
    await expect(causes).toContainText('At the agent: No source has ever sent anything.')
    await expect(causes).toContainText(/At the receiver: Collector .+ \(Hubble Relay\) does not work: /)
    await expect(causes.getByRole('link', { name: 'Connect my cluster' })).toHaveAttribute('href', '/connect')
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])

    await post('garbage\n')
    await expect(causes).toContainText(
      'When it was read: Everything that hubble of prod sent was rejected: 1 × not_json.',
    )

    expect(await (await post(flow(600_000))).json()).toMatchObject({ accepted: 1 })
    await open('scope=all&from=now-5m')
    await expect(causes).toContainText('hubble of prod sends, but its newest record is of')
    await open('scope=all&from=now-3h&to=now-2h')
    await expect(causes).toContainText('In the view: This window ends before anything was received')
    await open('scope=all&cluster=elsewhere')
    await expect(causes).toContainText(
      'No source of cluster elsewhere has ever sent anything; those heard are of prod.',
    )
    await open('scope=all&ns=nobody')
    await expect(causes).toContainText('What filters: namespaces nobody.')

    await database.query(
      `UPDATE source_minute SET minute = minute - interval '5 minutes', last_received = last_received - interval '5 minutes'`,
    )
    await open('scope=all&from=now-1m')
    await expect(causes).toContainText('At the agent: hubble of prod is silent, last word 5 min ago.')
    await expect(causes).toContainText('hubble observe --last 1')

    await proxy.set('refusing')
    await page.reload()
    await expect(causes).toContainText('At the database: Postern’s server or its database does not answer', {
      timeout: 60_000,
    })
    await proxy.set('up')
    await expect(causes).toContainText('hubble of prod is silent', { timeout: 60_000 })
  } finally {
    await instance.down()
    await database.end()
    await proxy.close()
    await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    await admin.end()
    rmSync(folder, { recursive: true, force: true })
  }
})
