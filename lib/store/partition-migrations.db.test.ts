import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { query, useDatabase } from './client'
import { migrate } from './migrate'
import { listPartitions } from './partitions'
import { createEmptyTestDatabase } from './test-database'

const MIGRATIONS = path.resolve(import.meta.dirname, '../../prisma/migrations')
const BEFORE = '20261126162000'
const FIRST = '2026-11-20 05:59:59.999+00'
const SECOND = '2026-11-20 06:00:00+00'

let database: Awaited<ReturnType<typeof createEmptyTestDatabase>>
let old: string

beforeAll(async () => {
  database = await createEmptyTestDatabase()
  old = mkdtempSync(path.join(os.tmpdir(), 'postern-old-migrations-'))
  for (const name of readdirSync(MIGRATIONS))
    if (name < BEFORE || name.endsWith('.toml'))
      cpSync(path.join(MIGRATIONS, name), path.join(old, name), { recursive: true })
  await migrate(database.url, old)
  await useDatabase(database.url)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
  rmSync(old, { recursive: true, force: true })
})

it('evidence from before there were partitions is kept, each row in the partition of its time or of its pinned dataset', async () => {
  const rows = `(VALUES (1, '', '${FIRST}'::timestamptz), (2, '', '${SECOND}'), (3, 'pinned', '${FIRST}')) AS v(n, dataset, at)`
  await query(
    `INSERT INTO egress_connection (id, dataset, cluster, edge_id, protocol, server_port, first_at, last_at, weight, blocked, broken, facts, group_id, judged_at)
     SELECT n, dataset, 'c', 7, 'tcp', 443, at, at, 1, false, false, '{}', 5, at FROM ${rows}`,
  )
  await query(
    `INSERT INTO judgement_history (connection_id, at, judgement) SELECT n, at + interval '9 hours', '{}' FROM ${rows}`,
  )
  await query(
    `INSERT INTO nat_record (dataset, record_id, source, cluster, hop, at, translated_ip, trusted, raw)
     SELECT dataset, gen_random_uuid(), 'conntrack', 'c', 'node', at, '10.0.0.1', true, '' FROM ${rows}`,
  )
  await query(
    `INSERT INTO span (dataset, trace_id, span_id, counts_call, counts_ai_call, start_at, duration_ns, is_error, span)
     SELECT dataset, 't', n::text, false, false, at, 0, false, '{}' FROM ${rows}`,
  )
  await query(
    `INSERT INTO dns_question (dataset, cluster, client_ip, at, record_hash, name, family) SELECT dataset, 'c', '10.0.0.1', at, n, 'a', 4 FROM ${rows}`,
  )
  await migrate(database.url, MIGRATIONS)
  for (const table of ['egress_connection', 'judgement_history', 'nat_record', 'span', 'dns_question'] as const) {
    const hour = table === 'dns_question' ? '05' : '00'
    const parts = await query<{ part: string; rows: number }>(
      `SELECT tableoid::regclass::text AS part, count(*)::int AS rows FROM ${table} GROUP BY 1 ORDER BY 1`,
    )
    expect(parts).toEqual([
      { part: `${table}_p20261120${hour}`, rows: 1 },
      { part: `${table}_p2026112006`, rows: 1 },
      { part: `${table}_pinned`, rows: 1 },
    ])
    expect((await listPartitions(table)).map(({ fromMs }) => fromMs)).toEqual([
      Date.UTC(2026, 10, 20, Number(hour)),
      Date.UTC(2026, 10, 20, 6),
    ])
  }
  expect(await query('SELECT dataset, edge_id::int AS edge FROM judged_edge ORDER BY 1')).toEqual([
    { dataset: '', edge: 7 },
    { dataset: 'pinned', edge: 7 },
  ])
})
