import { describe, expect, it } from 'vitest'
import { type ClaimNeighbour, hasRival } from './claim-rivals'

const T = Date.parse('2026-11-24T12:00:00Z')
const CONNECTION = { edgeId: 'openai', protocol: 'tcp', clientPort: 40_000, isUnnamed: false }
const neighbour = (openedS: number, change: Partial<ClaimNeighbour> = {}): ClaimNeighbour => ({
  edgeId: 'openai',
  protocol: 'tcp',
  clientPort: 40_001,
  openedMs: T + openedS * 1000,
  firstMs: T + openedS * 1000,
  lastMs: T + openedS * 1000,
  isUnnamed: false,
  ...change,
})
const rivals = (isOpening: boolean, ...others: readonly ClaimNeighbour[]) =>
  hasRival({ atMs: T, isOpening }, CONNECTION, others)
const OTHER_NAME = { edgeId: 'cdn' }
const UNSEEN = { openedMs: null }

describe('a claim that saw the opening can mean', () => {
  it.each<[boolean, string, ClaimNeighbour]>([
    [true, 'one of its name that opened at the same time', neighbour(2)],
    [false, 'one of its name that opened before', neighbour(-20)],
    [false, 'one of its name that opened after', neighbour(20)],
    [true, 'one of its name whose opening nobody saw', neighbour(60, UNSEEN)],
    [false, 'one of its name that was alive before, whose opening nobody saw', neighbour(-20, UNSEEN)],
    [true, 'one of another name that may still be open', neighbour(-299, OTHER_NAME)],
    [false, 'one of another name that is over', neighbour(-301, OTHER_NAME)],
    [false, 'one of another name that opened later', neighbour(6, OTHER_NAME)],
    [true, 'one of another name that opened at the same time', neighbour(4, OTHER_NAME)],
    [true, 'one of another name whose opening nobody saw', neighbour(200, { ...OTHER_NAME, ...UNSEEN })],
    [false, 'one without a name that opened before', neighbour(-20, { edgeId: 'address', isUnnamed: true })],
    [true, 'one without a name that opened at the same time', neighbour(1, { edgeId: 'address', isUnnamed: true })],
    [false, 'the same, named otherwise', neighbour(0, { ...OTHER_NAME, clientPort: 40_000 })],
    [false, 'one of another protocol', neighbour(0, { protocol: 'udp' })],
  ])('%s: %s', (expected, _words, other) => expect(rivals(true, other)).toBe(expected))
})

it('of what itself has no name, the opening tells it from what has one', () => {
  const unnamed = { edgeId: 'address', protocol: 'tcp', clientPort: null, isUnnamed: true }
  expect(hasRival({ atMs: T, isOpening: true }, unnamed, [neighbour(-60)])).toBe(false)
  expect(hasRival({ atMs: T, isOpening: true }, unnamed, [neighbour(-1)])).toBe(true)
  expect(hasRival({ atMs: T, isOpening: false }, unnamed, [neighbour(-60)])).toBe(true)
})

describe('a claim that did not can mean', () => {
  it.each<[boolean, string, ClaimNeighbour]>([
    [true, 'whatever may still be open', neighbour(-20)],
    [true, 'whatever may be, by whichever name', neighbour(-20, OTHER_NAME)],
    [true, 'one without a name', neighbour(-20, { isUnnamed: true })],
    [false, 'one that is over', neighbour(-301)],
    [false, 'one that opened later', neighbour(6)],
  ])('%s: %s', (expected, _words, other) => expect(rivals(false, other)).toBe(expected))
})
