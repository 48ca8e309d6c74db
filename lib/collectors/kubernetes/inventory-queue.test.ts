import { afterEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import type { InventoryChange } from '@/lib/model/inventory'
import { LIMITS } from '@/lib/model/limits'
import { InventoryQueue } from './inventory-queue'

type Batch = ConstructorParameters<typeof InventoryQueue>[3] extends ((batch: infer B) => unknown) | undefined
  ? B
  : never

const gone = (uid: string): InventoryChange => ({ what: 'pod-gone', uid, atMs: 0 })
const uids = (batches: readonly Batch[]) =>
  batches.flatMap(({ changes }) => changes.flatMap((change) => (change.what === 'pod-gone' ? [change.uid] : [])))

let running: { stop(): Promise<void> } | undefined
afterEach(async () => running?.stop())

function start(keep: (batch: Batch) => Promise<void>): InventoryQueue {
  const ending = new AbortController()
  const queue = new InventoryQueue('c', () => 1, ending.signal, keep)
  const over = queue.run()
  running = {
    stop: async () => {
      ending.abort()
      await over
    },
  }
  return queue
}
const until = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 10 })

describe('changes on their way to the database', () => {
  it('a database that is away loses none and keeps their order', async () => {
    const kept: Batch[] = []
    let attempts = 0
    const queue = start(async (batch) => {
      attempts += 1
      if (attempts <= 2) throw new AppError('unavailable', 'away')
      kept.push(batch)
    })
    for (const uid of ['a', 'b']) await queue.push(gone(uid))
    await queue.push(gone('c'))
    await until(() => expect(uids(kept)).toEqual(['a', 'b', 'c']))
  })

  it('the one that cannot be stored is refused alone and counted', async () => {
    const kept: Batch[] = []
    const queue = start(async (batch) => {
      if (uids([batch]).includes('bad')) throw new Error('no such text')
      kept.push(batch)
    })
    for (const uid of ['a', 'b', 'bad', 'c', 'd']) await queue.push(gone(uid))
    await until(() => expect(uids(kept)).toEqual(['a', 'b', 'c', 'd']))
    await queue.push(gone('e'))
    await until(() => expect(kept.at(-1)).toMatchObject({ changes: [gone('e')], rejects: { bad_value: 1 } }))
  })

  it('beyond its bound who pushes waits, until something is stored', async () => {
    let open = () => {}
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    let isStored = false
    const queue = start(async () => {
      await gate
      isStored = true
    })
    await queue.push(gone('a'), LIMITS.inventoryWaitingBytes)
    const second = queue.push(gone('b'), LIMITS.inventoryWaitingBytes)
    const third = queue.push(gone('c'), 1).then(() => isStored)
    await second
    open()
    expect(await third).toBe(true)
  })

  it('a kind is only said to be synced once everything that it told is stored', async () => {
    const kept: Batch[] = []
    const queue = start(async (batch) => {
      kept.push(batch)
    })
    for (let n = 0; n < 3000; n += 1) await queue.push(gone(`p-${n}`))
    queue.contact('Pod', 5)
    await until(() => expect(uids(kept)).toHaveLength(3000))
    expect(kept.length).toBeGreaterThan(1)
    const saying = kept.findIndex(({ synced }) => synced.length > 0)
    expect(uids(kept.slice(0, saying + 1))).toHaveLength(3000)
    expect(kept[saying]?.synced).toEqual([{ kind: 'Pod', atMs: 5 }])
  })
})
