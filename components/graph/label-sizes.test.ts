import { describe, expect, it } from 'vitest'
import { LEAST_NAME_PX, nameSizes, titleOf } from './label-sizes'

const zooms = Array.from({ length: 113 }, (_, step) => 0.08 + step * 0.01)

describe('names on the drawing', () => {
  it('of a box are at least 9 px high on screen at every zoom, and no larger than they need to be', () => {
    for (const zoom of zooms) {
      const onScreen = nameSizes(zoom, false).title * zoom
      expect(onScreen, String(zoom)).toBeGreaterThanOrEqual(9)
      expect(onScreen, String(zoom)).toBeLessThan(14)
      expect(nameSizes(zoom, true).title, 'of many too').toBe(nameSizes(zoom, false).title)
    }
  })

  it('have few sizes: zooming does not measure them anew each time', () => {
    expect(new Set(zooms.map((zoom) => nameSizes(zoom, false).node)).size).toBe(3)
    expect(new Set(zooms.map((zoom) => nameSizes(zoom, true).node)).size).toBe(1)
    expect(new Set(zooms.map((zoom) => nameSizes(zoom, false).title)).size).toBeLessThanOrEqual(10)
  })

  it('of a box say its cluster where there is room for it, and else the namespace alone', () => {
    const box = { label: 'production / web', short: 'web', titleWidth: 120 }
    expect([11, 14].map((px) => titleOf(box, px))).toEqual(['production / web', 'web'])
    expect(titleOf({ ...box, titleWidth: 300 }, 32)).toBe('production / web')
  })

  it('of a node grow no further than the gaps between nodes allow, of a group a little further', () => {
    const far = nameSizes(0.1, false)
    expect([far.node, far.group]).toEqual([18, 24])
    expect(nameSizes(0.4, false).group * 0.4).toBeGreaterThanOrEqual(9)
    expect(nameSizes(0.4, false).node * 0.4).toBeGreaterThanOrEqual(LEAST_NAME_PX)
  })
})
