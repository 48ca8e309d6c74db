import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sampleFlow } from '@/lib/demo/sample-flow'
import type { ClusteredFlow, EvidenceFlow } from '@/lib/model/prepared-batch'
import { allFlows } from './all-flows'
import { query, useDatabase, withTransaction } from './client'
import { type EvidenceRow, identifyBatch } from './identified-batch'
import { loadEdgeFlows } from './load-edge-flows'
import { ensurePartitions, listPartitions } from './partitions'
import { expectIndexed, statementsOf } from './plan-check'
import { saveDictionaries } from './save-dictionaries'
import { isRepeatedRecord, saveEvidence } from './save-evidence'
import { settleSiblings } from './settle-siblings'
import { createTestDatabase } from './test-database'

const HOUR_MS = 3600_000
const START = Date.parse('2026-11-24T12:00:00Z')
const HOURS = 24

let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  await ensurePartitions(
    'flow_record',
    Array.from({ length: HOURS }, (_, hour) => START + hour * HOUR_MS),
  )
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})
beforeEach(async () => {
  await query('TRUNCATE flow_record')
})

const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const flowAt = (n: number, startMs: number, change: Partial<ClusteredFlow> = {}): ClusteredFlow => {
  const sample = sampleFlow({ recordKey: uuid(n), startMs })
  return {
    ...sample,
    endMs: startMs,
    cluster: 'c',
    raw: { time: `${new Date(startMs).toISOString().slice(0, -1)}000007Z` },
    ...change,
  }
}
const rowsOf = (flows: readonly ClusteredFlow[], dataset = ''): readonly EvidenceRow[] => {
  const evidence = flows.map(
    (flow): EvidenceFlow => ({
      flow,
      variantKey: `${flow.source}${flow.verdict.outcome}`,
      keptAs: 'denied',
      parts: [],
    }),
  )
  return batchOf(evidence, dataset).evidence
}
const batchOf = (evidence: readonly EvidenceFlow[], dataset: string) =>
  identifyBatch({ evidence, sums: [], names: [], owners: [], gaps: [], summed: [] }, dataset)
const save = (rows: readonly EvidenceRow[], trusting: boolean) =>
  withTransaction(async (client) => {
    await saveDictionaries(
      client,
      rows.map((row) => row.ids),
    )
    return saveEvidence(client, { rows, changed: [] }, { trusting })
  })

describe('evidence rows', () => {
  it.each([true, false])('come back as they were, trusting: %s', async (trusting) => {
    const flows = [
      flowAt(1, START),
      flowAt(2, START + 7 * HOUR_MS, { clientPort: 65_535, traceId: 'ab' }),
      flowAt(3, START, { clientPort: 0 }),
    ]
    const { newRows } = await save(rowsOf(flows), trusting)
    expect(newRows.size).toBe(3)
    const stored = await allFlows()
    expect(stored.map(({ recordId }) => recordId).sort()).toEqual([1, 2, 3].map(uuid))
    expect(stored.map(({ flow }) => flow)).toEqual(expect.arrayContaining(flows))
    expect(stored.map(({ keptAs }) => keptAs)).toEqual(['denied', 'denied', 'denied'])
  })

  it('that are there already are told from new ones, in one statement', async () => {
    await save(rowsOf([flowAt(1, START), flowAt(2, START)]), false)
    const rows = rowsOf([flowAt(2, START), flowAt(3, START), flowAt(3, START)])
    const { newRows } = await save(rows, false)
    expect([...newRows].map((row) => row.recordId)).toEqual([uuid(3)])
    expect([...newRows][0]).toBe(rows[1])
    expect(await allFlows()).toHaveLength(3)
  })

  it('fail a trusting transaction where one is there already, and leave nothing of it', async () => {
    await save(rowsOf([flowAt(1, START)]), true)
    await expect(save(rowsOf([flowAt(2, START), flowAt(1, START)]), true)).rejects.toSatisfy(isRepeatedRecord)
    expect(await allFlows()).toHaveLength(1)
  })

  it('are apart by dataset, and those of a pinned one need no partition of their time', async () => {
    await save(rowsOf([flowAt(1, START)]), true)
    const { newRows } = await save(rowsOf([flowAt(1, START), flowAt(2, 0)], 'incident'), true)
    expect(newRows.size).toBe(2)
    expect((await allFlows()).map(({ dataset }) => dataset).sort()).toEqual(['', 'incident', 'incident'])
  })

  it('whose shape is known send it no more, one of another day does', async () => {
    const sent = async (startMs: number, n: number) => {
      const statements = await statementsOf(async () => (await save(rowsOf([flowAt(n, startMs)]), true)).remember())
      return statements.filter(({ text }) => text.includes('flow_shape') || text.includes('flow_part')).length
    }
    const day = START + 3 * 24 * HOUR_MS
    expect([await sent(day, 1), await sent(day, 2), await sent(day + 24 * HOUR_MS, 3)]).toEqual([2, 0, 2])
    expect(await allFlows()).toHaveLength(3)
  })

  it('have partitions that can be listed by their times', async () => {
    const partitions = await listPartitions('flow_record')
    expect(partitions[0]).toMatchObject({ fromMs: START, toMs: START + 6 * HOUR_MS })
    const [first] = await listPartitions('flow_shape')
    expect((first?.toMs ?? 0) - (first?.fromMs ?? 0)).toBe(24 * HOUR_MS)
  })
})

describe('flows of an edge', () => {
  it('are the newest of its window, whichever partition and variant they are in', async () => {
    const flows = Array.from({ length: 40 }, (_, n) =>
      flowAt(
        n,
        START + n * 1800_000,
        n % 2 === 0 ? {} : { verdict: { outcome: 'denied', basis: 'rule', pending: 'same', layer: 'L4' } },
      ),
    )
    const rows = rowsOf(flows)
    await save(rows, true)
    const edge = rows[0]?.ids.edgeId ?? ''
    const window = { fromMs: START + 4 * HOUR_MS, toMs: START + 9 * HOUR_MS }
    const read = await loadEdgeFlows('', [edge], window, { limit: 4 })
    expect(read.total).toBe(10)
    expect(read.flows.map(({ flow }) => (flow.startMs - START) / 1800_000)).toEqual([17, 16, 15, 14])
    expect(read.flows[0]).toMatchObject({ id: uuid(17), edgeId: edge, keptAs: 'denied' })
    expect((await loadEdgeFlows('', [edge], window, { limit: 50, outcomes: ['denied'] })).total).toBe(5)
  })

  it('that are intervals belong to every window that they reach into', async () => {
    const rows = rowsOf([flowAt(1, START, { source: 'calico', endMs: START + 2 * HOUR_MS })])
    await save(rows, true)
    const of = async (fromMs: number) =>
      (await loadEdgeFlows('', [rows[0]?.ids.edgeId ?? ''], { fromMs, toMs: fromMs + 60_000 }, { limit: 5 })).total
    expect([await of(START), await of(START + HOUR_MS), await of(START + 3 * HOUR_MS)]).toEqual([1, 1, 0])
  })
})

describe('plans', () => {
  it('the flows of an edge are read by index in the partitions of the window alone', async () => {
    const rows = rowsOf(Array.from({ length: 200 }, (_, n) => flowAt(n, START + n * 400_000)))
    await save(rows, true)
    const edge = rows[0]?.ids.edgeId ?? ''
    const window = { fromMs: START + HOUR_MS, toMs: START + 5 * HOUR_MS }
    const sent = await statementsOf(() =>
      loadEdgeFlows('', [edge], window, { limit: 20, outcomes: [rows[0]?.evidence.flow.verdict.outcome ?? ''] }),
    )
    expect(sent).toHaveLength(4)
    for (const { text, values } of sent) await expectIndexed(text, values)
  })

  it('a family, its records and what changes of them are found by index in the partition of their interval', async () => {
    const sibling = { family: 'f', service: '', policies: '' }
    const rows = rowsOf([flowAt(1, START + 7 * HOUR_MS, { source: 'calico', endMs: START + 8 * HOUR_MS, sibling })])
    await save(rows, true)
    const batch = { ...batchOf([], ''), evidence: rows }
    const sent = await statementsOf(() =>
      withTransaction(async (client) => {
        await settleSiblings(client, [batch])
        await saveEvidence(client, { rows, changed: rows }, { trusting: false })
      }),
    )
    const onTables = sent.filter(({ text }) => /flow_(record|shape|part)/.test(text))
    expect(onTables.length).toBeGreaterThanOrEqual(5)
    for (const { text, values } of onTables) await expectIndexed(text, values)
  })
})
