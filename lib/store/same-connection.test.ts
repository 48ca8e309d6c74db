import { describe, expect, it } from 'vitest'
import { isSameConnection } from './same-connection'

const MINUTE = 60_000
const nat = { firstMs: 10 * MINUTE, lastMs: 10 * MINUTE }

describe('a NAT record and flow records of one tuple', () => {
  it.each([
    ['begin together', { firstMs: nat.firstMs + 4000, lastMs: nat.firstMs + 4000, openedMs: nat.firstMs + 4000 }, true],
    [
      'begin apart: the port was used again',
      { firstMs: nat.firstMs + 6000, lastMs: nat.firstMs + 6000, openedMs: nat.firstMs + 6000 },
      false,
    ],
    ['opened before it', { firstMs: 9 * MINUTE, lastMs: 30 * MINUTE, openedMs: 9 * MINUTE }, false],
    [
      'were opened at some moment of an interval that it lies in',
      { firstMs: 9.5 * MINUTE, lastMs: 10.5 * MINUTE, openedMs: 9.5 * MINUTE, openedToMs: 10.5 * MINUTE },
      true,
    ],
    [
      'were opened in an interval that was over before',
      { firstMs: 8 * MINUTE, lastMs: 9 * MINUTE, openedMs: 8 * MINUTE, openedToMs: 9 * MINUTE },
      false,
    ],
    ['were seen within its life only', { firstMs: 13 * MINUTE, lastMs: 14 * MINUTE }, true],
    ['were seen long after it', { firstMs: 16 * MINUTE, lastMs: 17 * MINUTE }, false],
    ['were seen before it', { firstMs: 8 * MINUTE, lastMs: 9 * MINUTE }, false],
  ])('that %s', (_words, flow, same) => {
    expect(isSameConnection(nat, flow)).toBe(same)
  })

  it('are two where the translation had ended before the packets were seen', () => {
    const ended = { ...nat, lastMs: nat.firstMs + MINUTE }
    expect(isSameConnection(ended, { firstMs: 13 * MINUTE, lastMs: 14 * MINUTE })).toBe(false)
  })
})
