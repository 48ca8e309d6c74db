import { describe, expect, it } from 'vitest'
import { type AddressLease, aloneAmong, isShared, ownedAlone } from './alone'

const MINUTE = 60_000
const T = 1_790_000_000_000
const own = { firstMs: T, lastMs: T + 1000 }
const lease = (parts: Partial<AddressLease> = {}): AddressLease => ({
  uid: 'a',
  namespace: 'ml',
  pod: 'agent-1',
  hostNetwork: false,
  fromMs: T - MINUTE,
  ...parts,
})

describe('the stretch in which a connection is the only one', () => {
  it('is open without others', () => expect(aloneAmong(own, [])).toEqual({}))
  it('begins five minutes after the one before was seen last, and ends with the next', () => {
    const others = [
      { firstMs: T - 60 * MINUTE, lastMs: T - 6 * MINUTE },
      { firstMs: T - 90 * MINUTE, lastMs: T - 20 * MINUTE },
      { firstMs: T + 9 * MINUTE, lastMs: T + 9 * MINUTE },
      { firstMs: T + 2 * MINUTE, lastMs: T + 3 * MINUTE },
    ]
    expect(aloneAmong(own, others)).toEqual({ fromMs: T - MINUTE, toMs: T + 2 * MINUTE })
  })
  it.each([
    ['overlaps', T + 500, T + 2000],
    ['may still be open', T - 10_000, T - 5000],
    ['surrounds it', T - MINUTE, T + MINUTE],
  ])('is none where another %s', (_name, firstMs, lastMs) => {
    expect(aloneAmong(own, [{ firstMs, lastMs }])).toBeUndefined()
  })
})

describe('the stretch in which an address is its pod’s alone', () => {
  const of = (leases: readonly AddressLease[], pod: string | undefined = 'agent-1') =>
    ownedAlone({ ...own, namespace: 'ml', ...(pod && { pod }) }, leases)
  it('is its lease', () => {
    expect(of([lease()])).toEqual({ fromMs: T - MINUTE })
    expect(of([lease({ toMs: T + MINUTE })])).toEqual({ fromMs: T - MINUTE, toMs: T + MINUTE })
  })
  it('ends where another pod’s begins', () => {
    const others = [lease({ uid: 'b', fromMs: T - 9 * MINUTE, toMs: T - 500 }), lease({ uid: 'c', fromMs: T + 5000 })]
    expect(of([lease(), ...others])).toEqual({ fromMs: T - 500, toMs: T + 5000 })
  })
  it.each([
    ['no lease is known', []],
    ['it ended before', [lease({ toMs: T - 1 })]],
    ['it began within', [lease({ fromMs: T + 500 })]],
    ['it is another pod’s', [lease({ pod: 'agent-2' })]],
    ['it is another namespace’s', [lease({ namespace: 'web' })]],
    ['it is a node’s', [lease({ hostNetwork: true })]],
    ['two overlap', [lease(), lease({ uid: 'b', pod: 'x' })]],
    ['a node has it too', [lease(), lease({ uid: 'b', hostNetwork: true })]],
    ['two pods of the name had it', [lease(), lease({ uid: 'b' })]],
  ])('is none where %s', (_name, leases) => expect(of(leases)).toBeUndefined())
})

describe('a shared address', () => {
  it.each([
    ['one pod', [lease()], false],
    ['nobody known', [], false],
    ['a node', [lease({ hostNetwork: true })], true],
    [
      'two pods within ten minutes',
      [lease(), lease({ uid: 'b', fromMs: T - 30 * MINUTE, toMs: T - 9 * MINUTE })],
      true,
    ],
    ['two pods an hour apart', [lease(), lease({ uid: 'b', fromMs: T - 90 * MINUTE, toMs: T - 60 * MINUTE })], false],
  ])('%s', (_name, leases, expected) => expect(isShared(own, leases)).toBe(expected))
})
