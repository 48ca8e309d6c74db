import { describe, expect, it } from 'vitest'
import { makeVariantRow as variant } from './__fixtures__/graphs'
import { slotCounts } from './slot-counts'

describe('counts of a stretch', () => {
  it('two observers of the same connections count once, the larger', () => {
    const both = [
      variant({}, { connections: 5, bytesSent: 10 }),
      variant({ observer: 'server' }, { connections: 7, bytesSent: 4 }),
    ]
    expect(slotCounts(both)).toEqual({ passed: 7, denied: 0, dropped: 0, bytesSent: 10, bytesReceived: 0 })
  })

  it('what one side lets go and the other denies is denied', () => {
    const both = [
      variant({}, { connections: 3 }),
      variant({ observer: 'server', outcome: 'denied' }, { connections: 3 }),
    ]
    expect(slotCounts(both)).toMatchObject({ passed: 0, denied: 3 })
  })

  it('records that count no connection are counted as seen, of one side, and only where nothing else is', () => {
    const trace = variant({ outcome: 'observed' }, { events: 4 })
    expect(slotCounts([trace, variant({ outcome: 'observed', observer: 'server' }, { events: 3 })]).passed).toBe(4)
    expect(slotCounts([trace, variant({}, { connections: 1 })]).passed).toBe(1)
    expect(slotCounts([trace, variant({ outcome: 'denied' }, { connections: 2 })])).toMatchObject({
      passed: 0,
      denied: 2,
    })
    expect(slotCounts([variant({ outcome: 'denied' }, { events: 2 })]).passed).toBe(0)
  })

  it('drops for other causes are counted apart', () => {
    expect(slotCounts([variant({ outcome: 'dropped', dropReason: 'X' }, { connections: 1, events: 1 })])).toMatchObject(
      {
        passed: 0,
        denied: 0,
        dropped: 1,
      },
    )
  })
})
