import { describe, expect, it } from 'vitest'
import { atLeast, isLoopback } from './preflight'

describe('floors', () => {
  it.each([
    ['16.4.6', true],
    ['16.4.5', false],
    ['16.10.0', true],
    ['17.0.0-rc.1', true],
    ['15.9.9', false],
  ])('%s is at or above 16.4.6: %s', (version, expected) => {
    expect(atLeast(version, [16, 4, 6])).toBe(expected)
  })
})

describe('isLoopback', () => {
  it('knows the loopback names and nothing that merely looks like one', () => {
    expect(['127.0.0.1', '127.1.2.3', 'localhost', '::1'].every(isLoopback)).toBe(true)
    expect(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.evil.example', 'localhost.evil.example'].some(isLoopback)).toBe(
      false,
    )
  })
})
