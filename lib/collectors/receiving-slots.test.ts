import { describe, expect, it } from 'vitest'
import { ReceivingSlots } from './receiving-slots'

describe('slots for receiving', () => {
  it('the next in line gets the slot that is given back, and giving it back twice gives it once', async () => {
    const slots = new ReceivingSlots(1, 60_000)
    const order: number[] = []
    const first = await slots.take()
    const waiting = [2, 3].map(async (number) => {
      const release = await slots.take()
      order.push(number)
      return release
    })
    first()
    first()
    const second = await waiting[0]
    expect(order).toEqual([2])
    second?.()
    await waiting[1]
    expect(order).toEqual([2, 3])
  })

  it('who had no turn in time is asked to come again, and leaves the line', async () => {
    const slots = new ReceivingSlots(1, 0)
    const release = await slots.take()
    await expect(slots.take()).rejects.toMatchObject({ code: 'unavailable', retryAfterS: 2 })
    release()
    await expect(slots.take()).resolves.toBeTypeOf('function')
  })
})
