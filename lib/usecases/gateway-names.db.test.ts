import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { AT, BAD, GOOD, NOW, SETTINGS, sendAnswer, sendCall, sendGatewayTrace } from './__fixtures__/egress-scene'
import { setEgressConfig } from './egress-config'
import { judgeEgress } from './judge-egress'
import { trackFindings } from './track-findings'

const MINUTE = 60_000
const OPENAI = 'api.openai.com'
const ADDRESS = '203.0.113.200'

let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  setEgressConfig({ ...SETTINGS, finalHop: 'hubble' })
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})
beforeEach(() =>
  query(`TRUNCATE ingest_batch, egress_connection, judgement_history, judged_edge, judged_past, flow_record, flow_shape, flow_part, edge_bucket_15s,
    edge_bucket_1m, edge_bucket_1h, bucket_change, finding, dns_name, source_minute`),
)

/** Far end, state, reason and proven address of every connection, in the order of their beginnings. */
const connections = async () => {
  const rows = await query<Record<'target' | 'state' | 'reason' | 'ip', string | null>>(
    `SELECT s.name AS target, c.state, c.reason, c.observed_ip AS ip FROM egress_connection c JOIN edge e ON e.id = c.edge_id
     JOIN endpoint s ON s.id = e.server_id ORDER BY c.first_at, c.client_port`,
  )
  return rows.map(({ target, state, reason, ip }) => [target, state, ...(reason ? [reason] : [ip])])
}

/** What is on record of judgements of connections that are not there, and edges with nothing judged. */
const ghosts = () =>
  query(
    `SELECT 'history' AS what FROM judgement_history h WHERE NOT EXISTS (
       SELECT FROM egress_connection c WHERE c.id = h.connection_id AND c.first_at = h.first_at AND c.dataset = h.dataset)
     UNION ALL SELECT 'edge' FROM judged_edge j WHERE NOT EXISTS (
       SELECT FROM egress_connection c WHERE c.edge_id = j.edge_id AND c.dataset = j.dataset AND c.group_id IS NOT NULL)`,
  )

type Step = () => Promise<unknown>
async function arrive(...steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    await step()
    await judgeEgress()
    await trackFindings(NOW)
  }
}
const call: Step = () => sendCall()
const trace: Step = () => sendGatewayTrace()
const answer: Step = () => sendAnswer()
const ORDERS: readonly (readonly [string, readonly Step[]])[] = [
  ['the pod’s node, the gateway’s', [call, trace]],
  ['the gateway’s node, the pod’s', [trace, call]],
  ['the pod’s node, the gateway’s, DNS', [call, trace, answer]],
  ['DNS, the gateway’s node, the pod’s', [answer, trace, call]],
  ['the gateway’s node, DNS, the pod’s', [trace, answer, call]],
]

describe('a call that its pod’s node names and the gateway’s node saw leave', () => {
  it.each(ORDERS)('is one, judged by what the gateway saw, told by %s', async (_words, steps) => {
    await arrive(...steps)
    expect(await connections()).toEqual([[OPENAI, 'violation', BAD]])
    expect(await ghosts()).toEqual([])
    const findings = await query(
      `SELECT f.detector, array_agg(s.name) AS ends FROM finding f JOIN edge e ON e.id = ANY(f.edge_ids) JOIN endpoint s ON s.id = e.server_id
       WHERE f.status <> 'resolved' AND f.detector = 'D0' GROUP BY f.id, f.detector`,
    )
    expect(findings).toEqual([{ detector: 'D0', ends: [OPENAI] }])
  })

  it.each(ORDERS)('is sanctioned where it left by the right address, told by %s', async (_words, steps) => {
    const right: Step = () => sendGatewayTrace({ to: GOOD })
    await arrive(...steps.map((step) => (step === trace ? right : step)))
    expect(await connections()).toEqual([[OPENAI, 'sanctioned', GOOD]])
    expect(await ghosts()).toEqual([])
  })

  it.each([
    ['before', [() => sendGatewayTrace({ dataset: 'kept' }), () => sendCall({ dataset: 'kept' })]],
    ['after', [() => sendCall({ dataset: 'kept' }), () => sendGatewayTrace({ dataset: 'kept' })]],
  ])('is one in a pinned dataset too, the gateway’s node telling %s', async (_words, steps) => {
    await arrive(...steps)
    expect(await connections()).toEqual([[OPENAI, 'violation', BAD]])
    expect(await ghosts()).toEqual([])
  })

  it('keeps an edge to the address as judged while other calls of it are', async () => {
    await arrive(answer, trace, () => sendGatewayTrace({ atMs: AT + MINUTE }))
    const [edge] = await query('SELECT edge_id FROM judged_edge')
    await call()
    expect(await query('SELECT edge_id FROM judged_edge')).toEqual([edge])
    await judgeEgress()
    expect(await connections()).toEqual([
      [OPENAI, 'violation', BAD],
      [ADDRESS, 'violation', BAD],
    ])
    expect(await query('SELECT edge_id FROM judged_edge')).toHaveLength(2)
    expect(await ghosts()).toEqual([])
  })

  it('stays at the address, and unjudged, where only the gateway’s node tells of it', async () => {
    await arrive(trace)
    expect(await connections()).toEqual([[ADDRESS, null, null]])
  })
})

describe('what may be meant by another connection proves nothing', () => {
  const other =
    (atMs: number, host = OPENAI): Step =>
    () =>
      sendCall({ atMs, port: 41_999, host })
  const NOT_PROVEN = [OPENAI, 'unverified', 'join_too_weak']
  const NO_EVIDENCE = [OPENAI, 'unverified', 'no_nat_evidence']
  const PROVEN = [OPENAI, 'violation', BAD]
  /** Every order of three. */
  const orders = (a: Step, b: Step, c: Step) => [
    [a, b, c],
    [a, c, b],
    [b, a, c],
    [b, c, a],
    [c, a, b],
    [c, b, a],
  ]

  it.each(orders(call, trace, other(AT - MINUTE, 'cdn.example.com')))(
    'of another name, begun before (order %#)',
    async (...steps) => {
      await arrive(...steps)
      expect(await connections()).toEqual([['cdn.example.com', null, null], NOT_PROVEN])
    },
  )

  it.each(orders(call, trace, other(AT + MINUTE, 'cdn.example.com')))(
    'but one of another name begun later is not meant (order %#)',
    async (...steps) => {
      await arrive(...steps)
      expect(await connections()).toEqual([PROVEN, ['cdn.example.com', null, null]])
    },
  )

  it.each(orders(call, trace, other(AT + 1000)))('of the same name, begun at once (order %#)', async (...steps) => {
    await arrive(...steps)
    const states = await connections()
    expect(states).toHaveLength(2)
    for (const state of states) expect([NOT_PROVEN, NO_EVIDENCE]).toContainEqual(state)
  })

  it.each(orders(call, trace, other(AT - MINUTE)))(
    'but the opening tells it from one of the same name begun before (order %#)',
    async (...steps) => {
      await arrive(...steps)
      expect(await connections()).toEqual([NO_EVIDENCE, PROVEN])
    },
  )

  it.each(orders(call, () => sendGatewayTrace({ syn: false, atMs: AT + 20_000 }), other(AT - MINUTE)))(
    'where no opening was seen, of the same name begun before (order %#)',
    async (...steps) => {
      await arrive(...steps)
      const states = await connections()
      expect(states).toHaveLength(2)
      for (const state of states) expect([NOT_PROVEN, NO_EVIDENCE]).toContainEqual(state)
    },
  )
})

it('many calls told by both nodes at once, by several senders, give each call once', async () => {
  const calls = Array.from({ length: 24 }, (_, n) => ({ atMs: AT + n * 10_000, port: 42_000 + n }))
  const flows = calls.map((one) => () => sendCall(one))
  const traces = calls.map(
    ({ atMs }) =>
      () =>
        sendGatewayTrace({ atMs: atMs + 10, to: BAD }),
  )
  const inTurn = async (steps: readonly Step[]) => {
    for (const step of steps) await step()
  }
  const judging = async () => {
    for (let n = 0; n < 12; n += 1) await judgeEgress()
  }
  await Promise.all([
    inTurn(flows.slice(0, 12)),
    inTurn(flows.slice(12).toReversed()),
    inTurn(traces.toReversed()),
    inTurn(calls.map(() => answer).slice(0, 6)),
    judging(),
  ])
  await judgeEgress()
  expect(await connections()).toEqual(calls.map(() => [OPENAI, 'violation', BAD]))
  expect(await ghosts()).toEqual([])
})
