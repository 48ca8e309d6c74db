import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { summariseDoor } from '@/lib/egress/summarise-door'
import type { Judgement } from '@/lib/model/egress'
import { query, useDatabase } from '@/lib/store/client'
import { loadDoors } from '@/lib/store/load-doors'
import { createTestDatabase } from '@/lib/store/test-database'
import {
  AT,
  BAD,
  GATEWAY,
  GOOD,
  keep,
  NOW,
  podSince,
  SETTINGS,
  sendCall,
  sendNat,
  sendRefusal,
} from './__fixtures__/egress-scene'
import { setEgressConfig } from './egress-config'
import { judgeEgress } from './judge-egress'
import { recordProbe } from './record-probe'

const MINUTE = 60_000
let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  setEgressConfig(SETTINGS)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})
const clear = () =>
  query(
    'TRUNCATE ingest_batch, nat_record, egress_connection, source_minute, flow_record, edge_bucket_15s, edge_bucket_1m, edge_bucket_1h, bucket_change, judgement_history, judged_edge, pod_ip_lease, address_change, gap, inventory_object, span, canary_probe',
  )
beforeEach(clear)

interface Row {
  readonly connection: string
  readonly judgement: Judgement
}
/** Every judgement ever made, oldest first: text that must never change once it is there. */
const history = () =>
  query<Row>(`SELECT connection_id::text AS connection, judgement FROM judgement_history ORDER BY at, connection_id`)
const inForce = () =>
  query<Row & { port: number; atMs: number }>(
    `SELECT id::text AS connection, client_port AS port, (extract(epoch FROM first_at) * 1000)::float8 AS "atMs", judgement
     FROM egress_connection ORDER BY first_at, client_port`,
  )
const door = async () => {
  const [only] = [...(await loadDoors('', { fromMs: NOW - 60 * MINUTE, toMs: NOW + 60 * MINUTE })).values()]
  return summariseDoor(only ?? [])
}

/** Three connections of one pod; the last one uses the port of the first again. */
const CALLS = [
  { atMs: AT, port: 1001 },
  { atMs: AT + 2 * MINUTE, port: 1002 },
  { atMs: AT + 4 * MINUTE, port: 1001 },
]
const events = CALLS.flatMap((call) => [
  { name: 'call', ...call },
  { name: 'good', ...call },
  { name: 'bad', ...call },
  { name: 'forged', ...call },
  { name: 'refusal', ...call },
])
type Event =
  | (typeof events)[number]
  | { readonly name: 'inventory' | 'probe'; readonly atMs: number; readonly port: number }
const EVENTS: readonly Event[] = [
  ...events,
  { name: 'inventory', atMs: AT - 1000, port: 0 },
  { name: 'probe', atMs: AT - 1000, port: 0 },
]

function send({ name, atMs, port }: Event): Promise<unknown> {
  switch (name) {
    case 'call':
      return sendCall({ atMs, port })
    case 'good':
      return sendNat({ atMs: atMs + 20, port, to: GOOD, toPort: 5000 + port })
    case 'bad':
      return sendNat({ atMs: atMs + 40, port, to: BAD, toPort: 6000 + port })
    case 'forged':
      return sendNat({ atMs: atMs + 60, port, to: BAD, toPort: 7000 + port, trusted: false })
    case 'refusal':
      return sendRefusal({ atMs: atMs + 80 })
    case 'inventory':
      return keep(podSince(atMs), ...GATEWAY)
    default:
      return recordProbe({ cluster: 'prod', namespace: 'ml', tokenId: 't', node: 'n1' }, { peer: BAD }, [], atMs)
  }
}

/** What is judged in the end, as far as it must not depend on when what came. */
async function outcome() {
  await judgeEgress()
  return (await inForce()).map(({ port, atMs, judgement }) => ({
    port,
    atMs,
    ...essence(judgement),
    // The only thing that does.
    wasViolation: undefined,
  }))
}

/** What makes a judgement another one: more evidence of the same is kept with it, and is no news. */
const essence = (judgement: Judgement | undefined) => {
  const { state, reason, lean, observedIp, cause, wasViolation } = judgement ?? {}
  return { state, reason, lean, observedIp, cause, wasViolation }
}

/** What was written once stays as it was; each last word is in force; and what was proven is told for good. */
async function checkHistory(before: readonly Row[]): Promise<Row[]> {
  const now = await history()
  expect(now.slice(0, before.length)).toEqual(before)
  const summary = await door()
  const isEverViolation = now.some(({ judgement }) => judgement.state === 'violation')
  expect((summary.counts.violation || summary.formerViolations || 0) > 0).toBe(isEverViolation)
  for (const { connection, judgement } of await inForce()) {
    const own = now.filter((row) => row.connection === connection).map((row) => row.judgement)
    expect(essence(own.at(-1))).toEqual(essence(judgement))
    const wasViolation = own.some(({ state }) => state === 'violation')
    if (judgement.state === 'violation') expect(judgement.wasViolation).toBeUndefined()
    else expect(judgement.wasViolation ?? false).toBe(wasViolation)
    const turns = own.map(({ state }, at) => `${own[at - 1]?.state} ${state}`)
    expect(turns).not.toContain('sanctioned violation')
    expect(turns).not.toContain('violation sanctioned')
  }
  return now
}

describe('whatever comes in whatever order, judged at whatever moments', () => {
  it('the same is judged in the end; judgements are appended, and a proven violation stays told', async () => {
    const states = new Set<string>()
    const orders = fc.record({
      order: fc.shuffledSubarray([...EVENTS], { minLength: 6 }),
      judgedAfter: fc.array(fc.boolean(), { minLength: EVENTS.length, maxLength: EVENTS.length }),
    })
    await fc.assert(
      fc.asyncProperty(orders, async ({ order, judgedAfter }) => {
        await clear()
        let written: Row[] = []
        for (const [at, event] of order.entries()) {
          await send(event)
          if (!judgedAfter[at]) continue
          await judgeEgress()
          written = await checkHistory(written)
        }
        const judged = await outcome()
        written = await checkHistory(written)
        for (const { judgement } of written) states.add(judgement.state)
        await clear()
        for (const event of EVENTS) if (order.includes(event)) await send(event)
        expect(await outcome()).toEqual(judged)
      }),
      { numRuns: 15 },
    )
    expect([...states].sort()).toEqual(['sanctioned', 'unverified', 'violation'])
  }, 240_000)
})

describe('evidence that comes late', () => {
  it.each([1, 29, 45])('%d minutes late it still changes the judgement, which is appended', async (minutes) => {
    await sendCall()
    await judgeEgress()
    await sendNat({ to: BAD, nowMs: NOW + minutes * MINUTE })
    expect(await outcome()).toMatchObject([{ state: 'violation', observedIp: BAD }])
    expect((await history()).map(({ judgement }) => judgement.state)).toEqual(['unverified', 'violation'])
  })
  it('a later connection that left rightly takes nothing of an earlier violation away', async () => {
    await sendCall({ port: 1 })
    await sendNat({ port: 1, to: BAD })
    await judgeEgress()
    for (const port of [2, 3, 4]) {
      await sendCall({ port, atMs: AT + port * MINUTE })
      await sendNat({ port, atMs: AT + port * MINUTE, to: GOOD, toPort: port })
    }
    await judgeEgress()
    expect(await door()).toMatchObject({ state: 'violation', counts: { violation: 1, sanctioned: 3 } })
  })
  it('evidence that is gone makes a violation unverified, and it stays told that it was one', async () => {
    await sendCall()
    await sendNat({ to: BAD })
    await judgeEgress()
    await query('DELETE FROM nat_record')
    await query('UPDATE egress_connection SET dirty = true')
    expect(await outcome()).toMatchObject([{ state: 'unverified', reason: 'no_nat_evidence' }])
    expect(await door()).toMatchObject({ state: 'unverified', formerViolations: 1 })
    expect((await history()).map(({ judgement }) => judgement.state)).toEqual(['violation', 'unverified'])
  })
})
