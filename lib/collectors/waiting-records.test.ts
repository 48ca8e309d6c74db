import { describe, expect, it, vi } from 'vitest'
import { WaitingRecords } from './waiting-records'

function waitingOf() {
  const source = { pause: vi.fn(), resume: vi.fn() }
  return { source, waiting: new WaitingRecords<number>({ records: 4, bytes: 100 }, source) }
}

describe('records that wait', () => {
  it('hold their source at the bound of records, and let it go on once half is free', async () => {
    const { source, waiting } = waitingOf()
    for (let n = 0; n < 4; n += 1) waiting.add(n, 1)
    expect(source.pause).toHaveBeenCalledTimes(1)
    // What was on its way still comes.
    waiting.add(4, 1)
    expect(source.pause).toHaveBeenCalledTimes(1)
    expect((await waiting.take(2, 0)).records).toEqual([0, 1])
    expect(source.resume).not.toHaveBeenCalled()
    expect((await waiting.take(2, 0)).records).toEqual([2, 3])
    expect(source.resume).toHaveBeenCalledTimes(1)
  })

  it('hold their source at the bound of bytes', () => {
    const { source, waiting } = waitingOf()
    waiting.add(1, 99)
    expect(source.pause).not.toHaveBeenCalled()
    waiting.add(2, 1)
    expect(source.pause).toHaveBeenCalledTimes(1)
  })

  it('are all taken before the end is told, with its error', async () => {
    const { waiting } = waitingOf()
    const error = new Error('lost')
    waiting.add(1, 1)
    waiting.add(2, 1)
    waiting.end(error)
    waiting.end(new Error('later'))
    expect(await waiting.take(1, 1000)).toEqual({ records: [1] })
    expect(await waiting.take(1, 1000)).toEqual({ records: [2], end: { error } })
  })

  it('are taken when they come, and not at all once dropped', async () => {
    const { waiting } = waitingOf()
    const taken = waiting.take(10, 0)
    waiting.add(7, 1)
    expect(await taken).toEqual({ records: [7] })
    waiting.add(8, 1)
    waiting.drop()
    waiting.add(9, 1)
    expect(await waiting.take(10, 1000)).toEqual({ records: [], end: {} })
  })
})
