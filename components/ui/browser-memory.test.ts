import { afterEach, describe, expect, it, vi } from 'vitest'
import { remember, remembered } from './browser-memory'

afterEach(() => vi.unstubAllGlobals())

function storage(): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> {
  const kept = new Map<string, string>()
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  }
}

const refuse = (): never => {
  throw new DOMException('The quota has been exceeded.', 'QuotaExceededError')
}

describe('what the browser remembers', () => {
  it('is what was chosen last, and nothing once that is taken back', () => {
    vi.stubGlobal('localStorage', storage())
    expect(remembered('a')).toBe(null)
    remember('a', 'on')
    expect(remembered('a')).toBe('on')
    remember('a', null)
    expect(remembered('a')).toBe(null)
  })

  it('holds for the visit where storage is forbidden, and is not taken for a choice of another key', () => {
    vi.stubGlobal('localStorage', { getItem: refuse, setItem: refuse, removeItem: refuse })
    remember('forbidden', 'on')
    expect(remembered('forbidden')).toBe('on')
    expect(remembered('other')).toBe(null)
  })

  it('is the newer choice where a full storage still has an older one, until there is room again', () => {
    const own = storage()
    vi.stubGlobal('localStorage', own)
    remember('full', 'old')
    vi.stubGlobal('localStorage', { ...own, setItem: refuse })
    remember('full', 'new')
    expect(remembered('full')).toBe('new')
    vi.stubGlobal('localStorage', own)
    remember('full', 'newest')
    expect(remembered('full')).toBe('newest')
    expect(own.getItem('full')).toBe('newest')
  })
})
