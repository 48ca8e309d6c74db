import { describe, expect, it } from 'vitest'
import { isSealed, openSecret, sealSecret } from './seal-secret'

const KEY = 'k'.repeat(32)
const URL_TEXT = 'https://hooks.slack.com/services/T0/B0/üñí'

describe('a sealed secret', () => {
  it('opens with its key in its place, and shows nothing of itself', () => {
    const sealed = sealSecret(URL_TEXT, 'channel-1 url', KEY)
    expect(openSecret(sealed, 'channel-1 url', KEY)).toBe(URL_TEXT)
    expect(sealed).not.toContain('slack')
    expect(sealSecret(URL_TEXT, 'channel-1 url', KEY)).not.toBe(sealed)
    expect(isSealed(sealed)).toBe(true)
  })

  it('opens with no other key, in no other place, and not when it was changed', () => {
    const sealed = sealSecret(URL_TEXT, 'a', KEY)
    const at = sealed.length - 5
    const changed = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`
    for (const [text, place, key] of [
      [sealed, 'a', 'x'.repeat(32)],
      [sealed, 'a', undefined],
      [sealed, 'b', KEY],
      [changed, 'a', KEY],
      ['v1:', 'a', KEY],
      ['nonsense', 'a', KEY],
    ] as const)
      expect(openSecret(text, place, key)).toBeUndefined()
  })

  it('is stored as it is without a key, and opens with and without one', () => {
    const stored = sealSecret(URL_TEXT, 'a', undefined)
    expect(isSealed(stored)).toBe(false)
    expect([openSecret(stored, 'a', undefined), openSecret(stored, 'a', KEY)]).toEqual([URL_TEXT, URL_TEXT])
  })
})
