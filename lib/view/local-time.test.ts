import { describe, expect, it } from 'vitest'
import { localRangeText, localTimeText } from './local-time'

const at = (text: string) => new Date(text).getTime()

describe('local time', () => {
  it('a moment is shown as it may be typed again; relative text stays', () => {
    expect(localTimeText(String(at('2026-11-24T13:05:00')))).toBe('2026-11-24 13:05:00')
    expect(localTimeText('now-15m')).toBe('now-15m')
  })

  it('a window names its day once, or both', () => {
    const NOW = at('2026-11-27T00:00:00')
    expect(localRangeText(at('2025-11-24T13:05:00'), at('2025-11-24T14:05:00'), NOW)).toBe('2025-11-24 13:05 – 14:05')
    expect(localRangeText(at('2026-11-24T13:05:00'), at('2026-11-24T14:05:00'), NOW)).toBe('11-24 13:05 – 14:05')
    expect(localRangeText(at('2026-11-23T23:05:00'), at('2026-11-24T01:05:00'), NOW)).toBe('11-23 23:05 – 11-24 01:05')
  })
})
