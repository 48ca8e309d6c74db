import { describe, expect, it } from 'vitest'
import { detailLines } from './audit-detail'

describe('detailLines', () => {
  it('tells of before and after what differs, and the rest as it is', () => {
    expect(
      detailLines({
        before: { name: 'a', kind: 'slack', clusters: [] },
        after: { name: 'b', kind: 'slack', clusters: ['x'] },
        secret: 'changed',
      }),
    ).toEqual(['name: a → b', 'clusters: nothing → x', 'secret: changed'])
  })

  it('tells what came to be and what went', () => {
    expect(detailLines({ after: { a: 1 } })).toEqual(['after: {"a":1}'])
    expect(detailLines({ before: { title: null }, after: { title: 'x' } })).toEqual(['title: nothing → x'])
    expect(detailLines({})).toEqual([])
  })

  it('writes moments as moments and lists of words as words', () => {
    expect(detailLines({ scopes: ['ingest', 'embed'], expiresMs: 1_800_000_000_000, days: 30 })).toEqual([
      'scopes: ingest, embed',
      'expiresMs: 2027-01-15 08:00:00 UTC',
      'days: 30',
    ])
    expect(detailLines({ expiresMs: 1e300, list: [1, 'a'] })).toEqual(['expiresMs: 1e+300', 'list: [1,"a"]'])
  })

  it('is bounded, whatever is in it', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`k${n}`, 'x'.repeat(5000)]))
    const lines = detailLines(many)
    expect(lines).toHaveLength(31)
    expect(lines.at(-1)).toBe('… and 470 more')
    for (const line of lines) expect(line.length).toBeLessThan(320)
    expect(detailLines(JSON.parse('{"__proto__": {"a": 1}, "before": 1}'))).toEqual(['before: 1', '__proto__: {"a":1}'])
  })
})
