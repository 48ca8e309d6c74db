import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { CLUSTER, common, corednsLine, forgetScene, sendAnswers, sendQuestions } from './__fixtures__/calico-scene'
import { type DnsFormat, ingestDns } from './ingest-dns'
import { ingestRecords } from './ingest-records'

const NOW = Date.parse('2026-11-24T12:00:00Z')
const AT = NOW - 120_000
const POD = '10.244.1.7'

let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})
beforeEach(forgetScene)

const send = (format: DnsFormat, chunks: readonly string[]) => {
  async function* body(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield new TextEncoder().encode(chunk)
  }
  return ingestDns({ ...common(NOW), format, body: body() })
}
const minutes = () =>
  query(`SELECT source, cluster, sum(accepted)::int AS accepted, sum(duplicates)::int AS duplicates, sum(rejected)::int AS rejected
    FROM source_minute GROUP BY source, cluster`)
const questions = () =>
  query<{ name: string; ip: string }>('SELECT name, client_ip AS ip FROM dns_question ORDER BY at, name')
const answer = {
  start_time: AT / 1000,
  end_time: AT / 1000 + 60,
  client_namespace: 'ml',
  client_name: 'agent',
  qname: 'api.openai.com',
  rcode: 'NoError',
  rrsets: [{ name: 'api.openai.com', type: 'A', rdata: ['198.51.100.20'] }],
}

describe('questions', () => {
  it('of one body count once, and of another body that repeats them are duplicates', async () => {
    const [first, second] = [corednsLine(POD, 'api.openai.com', AT), corednsLine(POD, 'db.example.com', AT + 5)]
    expect(await sendQuestions([first], NOW)).toMatchObject({ accepted: 1, duplicates: 0, repeatedBatch: false })
    expect(await sendQuestions([first], NOW)).toMatchObject({ accepted: 0, duplicates: 1, repeatedBatch: true })
    expect(await sendQuestions([first, second], NOW)).toMatchObject({ accepted: 1, duplicates: 1 })
    expect(await questions()).toEqual([
      { name: 'api.openai.com', ip: POD },
      { name: 'db.example.com', ip: POD },
    ])
    expect(await minutes()).toEqual([{ source: 'dns', cluster: CLUSTER, accepted: 2, duplicates: 1, rejected: 0 }])
  })

  it('that are refused are counted by their reason, with how to fix the sender', async () => {
    const bare = corednsLine(POD, 'api.openai.com', AT).replace(/^\S+ stdout F /, '')
    const old = corednsLine(POD, 'api.openai.com', NOW - 30 * 24 * 3_600_000)
    const result = await sendQuestions([bare, old, '[ERROR] plugin/errors: 2', corednsLine(POD, 'a.example', AT)], NOW)
    expect(result).toMatchObject({ accepted: 1, rejected: 2, ignored: { not_a_query: 1 } })
    expect(result.rejects.find(({ reason }) => reason === 'missing_time')).toMatchObject({
      lines: [1],
      hint: expect.stringContaining('json_date_key'),
    })
    expect(await query('SELECT source, reason, count::int FROM source_reject ORDER BY reason')).toEqual([
      { source: 'dns', reason: 'missing_time', count: 1 },
      { source: 'dns', reason: 'too_old', count: 1 },
    ])
  })

  it.each([
    ['lines', (lines: string[]) => `${lines.join('\n')}\n`],
    ['JSON lines', (lines: string[]) => lines.map((log) => JSON.stringify({ log })).join('\n')],
    ['one JSON array', (lines: string[]) => `\n [ ${lines.map((log) => JSON.stringify({ log })).join(',')} ]`],
  ])('come as %s, however the body is cut', async (_form, bodyOf) => {
    const lines = ['a.example', 'b.example', 'c.example'].map((name, index) => corednsLine(POD, name, AT + index))
    const body = bodyOf(lines)
    for (const size of [1, 7, body.length]) {
      await forgetScene()
      const chunks = Array.from({ length: Math.ceil(body.length / size) }, (_, at) =>
        body.slice(at * size, (at + 1) * size),
      )
      expect(await send('coredns', chunks)).toMatchObject({ accepted: 3, rejected: 0 })
    }
  })

  it('with text that is hostile to SQL and JSON are stored as they are, or refused alone', async () => {
    const name = "x');drop-table.dns_question;--.example"
    const lines = [name, '__proto__.example', 'a\\000b.example'].map((one) => corednsLine(POD, one, AT))
    expect(await sendQuestions(lines, NOW)).toMatchObject({ accepted: 2, ignored: { names_nothing: 1 } })
    expect((await questions()).map((row) => row.name)).toEqual(['__proto__.example', 'a\\000b.example'])
  })
})

it('answers become names of their addresses, for the client that the log names, for as long as it speaks of', async () => {
  expect(await sendAnswers([answer], NOW)).toMatchObject({ accepted: 1, rejected: 0, firstMs: AT, lastMs: AT + 60_000 })
  expect(
    await query(
      `SELECT ip, name, client_namespace AS ns, client_pod AS pod, origin, extract(epoch FROM valid_to - valid_from)::int AS s FROM dns_name`,
    ),
  ).toEqual([{ ip: '198.51.100.20', name: 'api.openai.com', ns: 'ml', pod: 'agent', origin: 'answer', s: 360 }])
})

it('a carrier without a path of its own brings both kinds', async () => {
  const values = [answer, { log: corednsLine(POD, 'api.openai.com', AT) }, { neither: true }]
  const result = await ingestRecords({
    ...common(NOW),
    records: values.map((value, index) => ({ value, line: index + 1 })),
    sha256: new Uint8Array(32),
  })
  expect(result).toMatchObject({ accepted: 2, rejected: 1 })
  expect(await questions()).toHaveLength(1)
  expect(await query('SELECT 1 FROM dns_name')).toHaveLength(1)
})
