import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { InventoryChange, PodSighting } from '@/lib/model/inventory'
import { query, useDatabase } from './client'
import { commitInventory } from './commit-inventory'
import { createTestDatabase } from './test-database'

const NOW = Date.parse('2026-11-24T12:00:00Z')
let database: Awaited<ReturnType<typeof createTestDatabase>>
let clusters = 0

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

interface Step {
  readonly uid: number
  readonly does: 'run' | 'end' | 'leave' | 'go' | 'listed'
  readonly ip: number
}
const step: fc.Arbitrary<Step> = fc.record({
  uid: fc.integer({ min: 0, max: 4 }),
  does: fc.constantFrom('run', 'run', 'run', 'end', 'leave', 'go', 'listed'),
  ip: fc.integer({ min: 0, max: 2 }),
})

/** As the collector sends them: what of a pod is as it was, is not told again. */
function changesOf(steps: readonly Step[]): InventoryChange[] {
  const told = new Map<string, string>()
  return steps.flatMap(({ uid, does, ip }, index): InventoryChange[] => {
    const atMs = NOW + index * 1000
    const name = `p-${uid}`
    if (does === 'go') return told.delete(name) ? [{ what: 'pod-gone', uid: name, atMs }] : []
    if (does === 'listed') return [{ what: 'pods-listed', uids: [...told.keys()], heldUntilMs: atMs, atMs }]
    const signature = `${ip} ${does === 'end'}`
    if (told.get(name) === signature) return []
    told.set(name, signature)
    const pod: PodSighting = {
      namespace: 'ml',
      pod: name,
      uid: name,
      workload: 'w',
      workloadKind: 'Deployment',
      hostNetwork: false,
      ips: [`10.0.0.${ip}`],
      fromMs: atMs - 500,
      isTerminating: does === 'leave',
      ...(does === 'end' && { endedMs: atMs }),
    }
    return [{ what: 'pod', pod, atMs }]
  })
}

const keep = (cluster: string, changes: readonly InventoryChange[]) =>
  commitInventory({ cluster, changes, synced: [], rejects: {}, gaps: [], nowMs: NOW })
const leases = (cluster: string) =>
  query<{ ip: string; uid: string; from: number; to: number | null }>(
    `SELECT ip, uid, (extract(epoch FROM valid_from) * 1000)::float8 AS from, (extract(epoch FROM valid_to) * 1000)::float8 AS to
     FROM pod_ip_lease WHERE cluster = $1 ORDER BY ip, valid_from, uid`,
    [cluster],
  )

describe('leases of addresses', () => {
  it('whatever pods do: one holder at a time, and what is batched together is what comes one by one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        clusters += 1
        const [together, single] = [`t-${clusters}`, `s-${clusters}`]
        const changes = changesOf(steps)
        await keep(together, changes)
        for (const change of changes) await keep(single, [change])
        const rows = await leases(single)
        for (const [index, row] of rows.entries()) {
          expect(row.to ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(row.from)
          const next = rows[index + 1]
          if (next?.ip === row.ip) expect(row.to ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(next.from)
        }
        // At most one pod holds an address now, in both; the times of those that passed it on may be told less finely together.
        const open = (all: Awaited<ReturnType<typeof leases>>) =>
          all.filter(({ to }) => to === null).map(({ ip, uid }) => `${ip} ${uid}`)
        expect(open(await leases(together))).toEqual(open(rows))
      }),
      { numRuns: 30 },
    )
  })

  it('committed again changes nothing', async () => {
    const changes = changesOf([
      { uid: 1, does: 'run', ip: 1 },
      { uid: 2, does: 'run', ip: 2 },
      { uid: 2, does: 'end', ip: 2 },
      { uid: 3, does: 'run', ip: 1 },
    ])
    await keep('again', changes)
    const before = await leases('again')
    await keep('again', changes.slice(2))
    expect(await leases('again')).toEqual(before)
  })
})
