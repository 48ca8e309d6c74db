import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { expect, test } from './fixtures'
import { freePort, Instance } from './instance'

const serverUrl = process.env.POSTERN_TEST_DATABASE_URL

/** One denied call of a pod to a server of this name. */
const flow = (server: string) =>
  JSON.stringify({
    flow: {
      time: new Date(Date.now() - 5000).toISOString(),
      uuid: `00000000-0000-4000-8000-${String(Date.now()).padStart(12, '0')}`,
      verdict: 'DROPPED',
      drop_reason_desc: 'POLICY_DENIED',
      event_type: { type: 5 },
      traffic_direction: 'EGRESS',
      IP: { source: '10.4.0.1', destination: '10.4.0.2' },
      l4: { TCP: { source_port: 40_000, destination_port: 8080, flags: { SYN: true } } },
      source: { ID: 1, namespace: 'two', pod_name: 'sender-0', labels: ['k8s:app=sender'] },
      destination: { ID: 2, namespace: 'two', pod_name: `${server}-0`, labels: [`k8s:app=${server}`] },
    },
  })

test('of two replicas on one database, a body sent to one appears in a page of the other, also after the other lost what it listens on', async ({
  page,
}) => {
  test.skip(!serverUrl, 'POSTERN_TEST_DATABASE_URL is not set: run by npm test')
  test.setTimeout(180_000)
  const target = new URL(serverUrl ?? '')
  const name = `postern_replicas_${process.pid}`
  const admin = new pg.Client({ connectionString: target.href })
  await admin.connect()
  await admin.query(`CREATE DATABASE ${name}`)
  target.pathname = `/${name}`
  const folders: string[] = []
  const replica = async (): Promise<Instance> => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-replica-'))
    folders.push(folder)
    const port = await freePort()
    return new Instance(`http://127.0.0.1:${port}`, port, folder, target.href)
  }
  const [a, b] = [await replica(), await replica()]
  const post = async (server: string): Promise<void> => {
    const response = await fetch(`${a.baseUrl}/api/ingest/hubble`, { method: 'POST', body: flow(server) })
    expect(await response.json()).toMatchObject({ accepted: 1 })
  }
  const row = (server: string) =>
    page.getByRole('button', { name: `Evidence of two / sender to two / ${server}, port 8080` })
  try {
    // One after the other: both would migrate, which waits, and build, which does not.
    await a.up()
    await b.up()
    await page.goto(`${b.baseUrl}/graph?scope=all&layout=table`)
    await expect(page.getByText('● live')).toBeVisible()
    await post('first')
    await expect(row('first')).toBeVisible()

    const { rowCount } = await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name = 'postern-listen'`,
      [name],
    )
    expect(rowCount).toBe(2)
    await post('second')
    await expect(row('second')).toBeVisible()

    // The replica itself ends: the page says so, and goes on by itself once it is back.
    b.kill('server')
    await expect(page.getByText('○ reconnecting')).toBeVisible()
    await post('third')
    await b.up()
    await expect(row('third')).toBeVisible({ timeout: 30_000 })
    await expect(page.getByText('● live')).toBeVisible()
  } finally {
    await Promise.all([a.down(), b.down()])
    await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    await admin.end()
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  }
})
