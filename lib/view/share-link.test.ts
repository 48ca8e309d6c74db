import { describe, expect, it } from 'vitest'
import { chipOf } from '@/lib/model/filter-chip'
import { DEFAULT_VIEW, type GraphView, parseGraphView, windowOf } from './graph-view'
import { hasMovingTimes, linkPath } from './share-link'

const NOW = Date.parse('2026-11-24T12:00:00Z')
const view: GraphView = {
  ...DEFAULT_VIEW,
  from: 'now-1h',
  against: 'now-2h',
  scope: 'all',
  chips: [chipOf('source', 'namespace', 'a&b')],
}
const opened = (path: string) => parseGraphView(new URL(path, 'http://x').searchParams)

describe('a link to a view', () => {
  it('as it moves opens the same view, with its times as they are written', () => {
    expect(opened(linkPath('/graph', view, 'moving', NOW))).toEqual(view)
    expect(linkPath('/graph', DEFAULT_VIEW, 'moving', NOW)).toBe('/graph')
  })

  it('of this exact window shows the same window whenever it is opened, and everything else alike', () => {
    const path = linkPath('/graph', view, 'exact', NOW)
    const { window } = windowOf(new URL(path, 'http://x').searchParams, NOW + 86_400_000)
    expect(window).toEqual({ fromMs: NOW - 3_600_000, toMs: NOW })
    const { from, to, against, ...others } = opened(path)
    expect(hasMovingTimes(opened(path))).toBe(false)
    expect(against).toBe(String(NOW - 7_200_000))
    expect({ ...view, ...others }).toEqual(view)
    expect(linkPath('/graph', opened(path), 'exact', NOW + 999_999)).toBe(path)
  })
})
