import { describe, expect, it, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import type { IngestResult } from '@/lib/model/ingest-result'
import type { FlowBatch } from './commit-batches'
import { GroupCommit } from './group-commit'

const result = (accepted: number): IngestResult => ({
  accepted,
  duplicates: 0,
  ignored: {},
  rejected: 0,
  rejects: [],
  repeatedBatch: false,
})
const batch = (name: string, records = 1): FlowBatch => ({
  key: { bodySha256: new Uint8Array(32), source: 'hubble', tokenId: name, dataset: '', context: '' },
  batch: {
    dataset: '',
    flows: { evidence: [], sums: [], names: [], owners: [], gaps: [], summed: [] },
    evidence: [],
    sums: [],
    variants: [],
  },
  result: result(records),
  cluster: 'c',
})

/** A commit that is let go by the test, so that what waits meanwhile is certain. */
function gate() {
  const open: (() => void)[] = []
  const groups: string[][] = []
  const commit = async (batches: readonly FlowBatch[]) => {
    groups.push(batches.map((item) => item.key.tokenId))
    await new Promise<void>((resolve) => open.push(resolve))
    return batches.map((item) => item.result)
  }
  const letGo = async () => {
    open.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { commit, groups, letGo }
}

describe('GroupCommit', () => {
  it('commits at most two groups at once; what waits goes together', async () => {
    const { commit, groups, letGo } = gate()
    const queue = new GroupCommit(commit)
    const answers = ['a', 'b', 'c', 'd', 'e'].map((name) => queue.submit(batch(name)))
    expect(groups).toEqual([['a'], ['b']])
    await letGo()
    expect(groups).toEqual([['a'], ['b'], ['c', 'd', 'e']])
    await letGo()
    await letGo()
    expect(await Promise.all(answers)).toHaveLength(5)
  })

  it('a large batch does not wait for more, and a group stays near its bound', async () => {
    const { commit, groups, letGo } = gate()
    const queue = new GroupCommit(commit)
    const answers = ['a', 'b', 'c', 'd', 'e'].map((name) => queue.submit(batch(name, 9000)))
    for (let turn = 0; turn < 4; turn += 1) await letGo()
    await Promise.all(answers)
    expect(groups).toEqual([['a'], ['b'], ['c', 'd'], ['e']])
  })

  it('a batch that cannot be stored fails alone', async () => {
    const seen: string[][] = []
    const queue = new GroupCommit(async (batches) => {
      seen.push(batches.map((item) => item.key.tokenId))
      await new Promise((resolve) => setImmediate(resolve))
      if (batches.some((item) => item.key.tokenId === 'bad')) throw new Error('no')
      return batches.map((item) => item.result)
    })
    const answers = await Promise.allSettled(['a', 'b', 'c', 'bad', 'd'].map((name) => queue.submit(batch(name))))
    expect(answers.map((answer) => answer.status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ])
    expect(seen).toContainEqual(['c', 'bad', 'd'])
  })

  it('where the database is away every waiting sender is told so, without trying each alone', async () => {
    let calls = 0
    const queue = new GroupCommit(async () => {
      calls += 1
      await new Promise((resolve) => setImmediate(resolve))
      throw new AppError('unavailable', 'away', { retryAfterS: 2 })
    })
    const answers = await Promise.allSettled(['a', 'b', 'c', 'd'].map((name) => queue.submit(batch(name))))
    expect(answers.every((answer) => answer.status === 'rejected')).toBe(true)
    expect(calls).toBe(3)
  })

  it('more bytes than memory may hold are turned away with a pause, until some are released', () => {
    const queue = new GroupCommit(async () => [])
    const half = 96 * 1024 * 1024
    queue.reserve(half)
    queue.reserve(half)
    expect(() => queue.reserve(1)).toThrowError(expect.objectContaining({ code: 'unavailable', retryAfterS: 2 }))
    queue.release(half)
    expect(() => queue.reserve(1)).not.toThrow()
  })

  it('what waits behind commits that hang is given back, and is not committed later', async () => {
    const { commit, groups, letGo } = gate()
    const queue = new GroupCommit(commit, 5)
    const hanging = ['a', 'b'].map((name) => queue.submit(batch(name)))
    await expect(queue.submit(batch('c'))).rejects.toMatchObject({ code: 'unavailable', retryAfterS: 2 })
    await letGo()
    await letGo()
    await Promise.all(hanging)
    expect(groups).toEqual([['a'], ['b']])
  })

  it('while a commit hangs new bodies are refused before they are read', () => {
    vi.useFakeTimers()
    try {
      const queue = new GroupCommit(() => new Promise(() => undefined))
      queue.submit(batch('a')).catch(() => undefined)
      expect(() => queue.reserve(1)).not.toThrow()
      vi.advanceTimersByTime(11_000)
      expect(() => queue.reserve(1)).toThrowError(expect.objectContaining({ code: 'unavailable', retryAfterS: 2 }))
    } finally {
      vi.useRealTimers()
    }
  })

  it('senders of a commit that hangs are asked to come back, and it may still come to its end', async () => {
    const { commit, letGo, groups } = gate()
    const queue = new GroupCommit(commit, 5, 5)
    await expect(queue.submit(batch('a'))).rejects.toMatchObject({ code: 'unavailable', retryAfterS: 2 })
    await letGo()
    const again = queue.submit(batch('a'))
    await letGo()
    expect(await again).toMatchObject({ accepted: 1 })
    expect(groups).toEqual([['a'], ['a']])
  })
})
