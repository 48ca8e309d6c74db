import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRounded, isTimeText, isZone, resolveTime } from './times'

const iso = (text: string, nowText: string, reading = {}): string | undefined => {
  const ms = resolveTime(text, Date.parse(nowText), reading)
  return ms === undefined ? undefined : new Date(ms).toISOString().replace('.000Z', 'Z')
}
/** A Thursday. */
const NOW = '2026-11-26T14:35:20Z'

describe('times as Grafana writes them', () => {
  it.each([
    ['now', '2026-11-26T14:35:20Z', '2026-11-26T14:35:20Z'],
    ['now-6h', '2026-11-26T08:35:20Z', '2026-11-26T08:35:20Z'],
    ['now-90s', '2026-11-26T14:33:50Z', '2026-11-26T14:33:50Z'],
    ['now+1h', '2026-11-26T15:35:20Z', '2026-11-26T15:35:20Z'],
    ['now-d', '2026-11-25T14:35:20Z', '2026-11-25T14:35:20Z'],
    ['now/s', '2026-11-26T14:35:20Z', '2026-11-26T14:35:21Z'],
    ['now/m', '2026-11-26T14:35:00Z', '2026-11-26T14:36:00Z'],
    ['now/h', '2026-11-26T14:00:00Z', '2026-11-26T15:00:00Z'],
    ['now/d', '2026-11-26T00:00:00Z', '2026-11-27T00:00:00Z'],
    ['now-1d/d', '2026-11-25T00:00:00Z', '2026-11-26T00:00:00Z'],
    ['now/w', '2026-11-23T00:00:00Z', '2026-11-30T00:00:00Z'],
    ['now-1w/w', '2026-11-16T00:00:00Z', '2026-11-23T00:00:00Z'],
    ['now/M', '2026-11-01T00:00:00Z', '2026-12-01T00:00:00Z'],
    ['now-1M/M', '2026-10-01T00:00:00Z', '2026-11-01T00:00:00Z'],
    ['now/y', '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z'],
    ['now-1y', '2025-11-26T14:35:20Z', '2025-11-26T14:35:20Z'],
    ['now-1d/d+8h', '2026-11-25T08:00:00Z', '2026-11-26T08:00:00Z'],
  ])('%s begins a window at %s, and ends one at %s', (text, start, end) => {
    expect(iso(text, NOW)).toBe(start)
    expect(iso(text, NOW, { isEnd: true })).toBe(end)
  })

  it('a month before the 31st is the last day of a shorter month', () => {
    expect(iso('now-1M', '2026-07-31T10:00:00Z')).toBe('2026-06-30T10:00:00Z')
    expect(iso('now-1y', '2028-02-29T10:00:00Z')).toBe('2027-02-28T10:00:00Z')
  })

  it('days begin where the reader is, also on the day on which the clocks change', () => {
    const zone = 'Europe/Berlin'
    expect(iso('now/d', NOW, { zone })).toBe('2026-11-25T23:00:00Z')
    expect(iso('now/d', '2026-11-26T23:30:00Z', { zone })).toBe('2026-11-26T23:00:00Z')
    // Clocks went back in the night to 25 October 2026: that day has 25 hours.
    expect(iso('now/d', '2026-10-25T12:00:00Z', { zone })).toBe('2026-10-24T22:00:00Z')
    expect(iso('now/d', '2026-10-25T12:00:00Z', { zone, isEnd: true })).toBe('2026-10-25T23:00:00Z')
    expect(iso('now-1d', '2026-10-25T12:00:00Z', { zone })).toBe('2026-10-24T11:00:00Z')
    expect(iso('now/d', NOW, { zone: 'Asia/Kathmandu' })).toBe('2026-11-25T18:15:00Z')
    expect(iso('now/d', NOW, { zone: 'Middle/Earth' })).toBe('2026-11-26T00:00:00Z')
  })

  it.each([
    ['1795416105', '2026-11-23T06:41:45Z'],
    ['1795416105000', '2026-11-23T06:41:45Z'],
    ['2026-11-24', '2026-11-24T00:00:00Z'],
    ['2026-11-24T10:00:00Z', '2026-11-24T10:00:00Z'],
    ['2026-11-24T10:00:00+02:00', '2026-11-24T08:00:00Z'],
    ['2026-11-24T10:00', '2026-11-24T10:00:00Z'],
  ])('%s is a moment, whatever now is', (text, moment) => {
    expect(iso(text, NOW)).toBe(moment)
  })

  it('a time without a zone is one of the zone that is asked for', () => {
    expect(iso('2026-11-24 10:00', NOW, { zone: 'America/New_York' })).toBe('2026-11-24T15:00:00Z')
  })

  it.each([
    'soon',
    'now-',
    'now/2d',
    'now-5x',
    'now-1dd',
    'now-9999999h',
    'now--1h',
    '2026',
    '2026-99-99',
    `now${'-1h'.repeat(9)}`,
    '',
  ])('%s is no time', (text) => expect(isTimeText(text)).toBe(false))

  it('whatever the text, the answer is a moment or none', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^now([-+/ ]\d{0,6}[smhdwMy]){0,5}$/), fc.boolean(), (text, isEnd) => {
        const ms = resolveTime(text, 1_795_000_000_000, { isEnd, zone: 'Australia/Lord_Howe' })
        expect(ms === undefined || !Number.isNaN(new Date(ms).getTime())).toBe(true)
      }),
    )
  })

  it('rounding down and up meet around the moment, in any zone', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 }),
        fc.constantFrom('s', 'm', 'h', 'd', 'w', 'M', 'y'),
        fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland'),
        (nowMs, unit, zone) => {
          const start = resolveTime(`now/${unit}`, nowMs, { zone }) ?? Number.NaN
          const end = resolveTime(`now/${unit}`, nowMs, { zone, isEnd: true }) ?? Number.NaN
          expect(start).toBeLessThanOrEqual(nowMs)
          expect(end).toBeGreaterThan(nowMs)
        },
      ),
    )
  })

  it('knows what depends on a time zone, and which names are zones', () => {
    expect([isRounded('now-1d/d'), isRounded('now-1d'), isRounded('2026-11-24')]).toEqual([true, false, false])
    expect([
      isZone('Europe/Berlin'),
      isZone('UTC'),
      isZone('browser'),
      isZone('constructor'),
      isZone('+02:00'),
    ]).toEqual([true, true, false, false, false])
  })
})
