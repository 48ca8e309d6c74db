import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { EDGE_STATES } from '@/lib/model/verdict'
import { STATE_COLORS, STATE_LOOK, type StateColor, type Theme } from './state-colors'

type Triple = readonly [number, number, number]

const SURFACES: Readonly<Record<Theme, readonly string[]>> = {
  light: ['#ffffff', '#f6f7f9'],
  dark: ['#0d1117', '#161b22'],
}
const MIN_CONTRAST: Readonly<Record<Theme, number>> = { light: 3.2, dark: 4 }
/** Simulations of tritanopia, which is rare, disagree most: by the strictest we know the colours are still this far apart. */
const MIN_DISTANCE: Readonly<Record<string, number>> = { normal: 23, protanopia: 23, deuteranopia: 23, tritanopia: 18 }

interface Vision {
  /** Linear RGB: the half space in which `normal · rgb >= 0` takes the first matrix, the other one the second. */
  readonly normal: Triple
  readonly matrices: readonly [readonly Triple[], readonly Triple[]]
}

const SAME: readonly Triple[] = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
]
/** Brettel, Viénot, Mollon 1997, for sRGB primaries. */
const VISIONS: Readonly<Record<string, Vision>> = {
  normal: { normal: [0, 0, 0], matrices: [SAME, SAME] },
  protanopia: {
    normal: [0.00048, 0.00393, -0.00441],
    matrices: [
      [
        [0.1498, 1.19548, -0.34528],
        [0.10764, 0.84864, 0.04372],
        [0.00384, -0.0054, 1.00156],
      ],
      [
        [0.1457, 1.16172, -0.30742],
        [0.10816, 0.85291, 0.03892],
        [0.00386, -0.00524, 1.00139],
      ],
    ],
  },
  deuteranopia: {
    normal: [-0.00281, -0.00611, 0.00892],
    matrices: [
      [
        [0.36477, 0.86381, -0.22858],
        [0.26294, 0.64245, 0.09462],
        [-0.02006, 0.02728, 0.99278],
      ],
      [
        [0.37298, 0.88166, -0.25464],
        [0.25954, 0.63506, 0.1054],
        [-0.0198, 0.02784, 0.99196],
      ],
    ],
  },
  tritanopia: {
    normal: [0.03901, -0.02788, -0.01113],
    matrices: [
      [
        [1.01277, 0.13548, -0.14826],
        [-0.01243, 0.86812, 0.14431],
        [0.07589, 0.805, 0.11911],
      ],
      [
        [0.93678, 0.18979, -0.12657],
        [0.06154, 0.81526, 0.1232],
        [-0.37562, 1.12767, 0.24796],
      ],
    ],
  },
}

const channels = (hex: string): Triple =>
  [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255) as never
const linear = (value: number): number => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
const linearRgb = (hex: string): Triple => channels(hex).map(linear) as never
const times = (matrix: readonly Triple[], v: Triple): Triple =>
  matrix.map((row) => Math.min(1, Math.max(0, row[0] * v[0] + row[1] * v[1] + row[2] * v[2]))) as never

function seenAs({ normal, matrices }: Vision, rgb: Triple): Triple {
  const side = normal[0] * rgb[0] + normal[1] * rgb[1] + normal[2] * rgb[2]
  return times(side >= 0 ? matrices[0] : matrices[1], rgb)
}

/** CIE L*a*b* under D65. */
function lab(rgb: Triple): Triple {
  const x = (0.4124564 * rgb[0] + 0.3575761 * rgb[1] + 0.1804375 * rgb[2]) / 0.95047
  const y = 0.2126729 * rgb[0] + 0.7151522 * rgb[1] + 0.072175 * rgb[2]
  const z = (0.0193339 * rgb[0] + 0.119192 * rgb[1] + 0.9503041 * rgb[2]) / 1.08883
  const f = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : (24389 / 27 / 116) * t + 16 / 116)
  return [116 * f(y) - 16, 500 * (f(x) - f(y)), 200 * (f(y) - f(z))]
}

const luminance = (hex: string): number => {
  const [r, g, b] = linearRgb(hex)
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05)
}

const themes = Object.keys(STATE_COLORS) as Theme[]

describe('state colours', () => {
  for (const theme of themes) {
    const colors = Object.entries(STATE_COLORS[theme]) as [StateColor, string][]
    for (const [word, vision] of Object.entries(VISIONS))
      it(`every two differ by ΔE*ab of at least ${MIN_DISTANCE[word]} in ${theme}, ${word}`, () => {
        const seen = colors.map(([name, hex]) => ({ name, at: lab(seenAs(vision, linearRgb(hex))) }))
        const close = seen.flatMap((a, at) =>
          seen.slice(at + 1).flatMap((b) => {
            const distance = Math.hypot(a.at[0] - b.at[0], a.at[1] - b.at[1], a.at[2] - b.at[2])
            return distance < (MIN_DISTANCE[word] ?? 23) ? [`${a.name} and ${b.name}: ${distance.toFixed(1)}`] : []
          }),
        )
        expect(close).toEqual([])
      })

    it(`each stands out from its surfaces in ${theme}`, () => {
      const faint = colors.flatMap(([name, hex]) =>
        SURFACES[theme].flatMap((surface) =>
          contrast(hex, surface) < MIN_CONTRAST[theme] ? [`${name} on ${surface}: ${contrast(hex, surface)}`] : [],
        ),
      )
      expect(faint).toEqual([])
    })

    it(`the style sheet has the same colours in ${theme}`, () => {
      const css = readFileSync(path.resolve(import.meta.dirname, '../../app/globals.css'), 'utf8')
      const own = css.split(/\bcolor-scheme: (?=(?:light|dark);)/).filter((block) => block.startsWith(theme))
      expect(own.length).toBe(theme === 'light' ? 1 : 2)
      for (const block of own) for (const [name, hex] of colors) expect(block).toContain(`--state-${name}: ${hex};`)
    })
  }

  it('no two states look alike without their colour', () => {
    const looks = EDGE_STATES.map((state) => {
      const { width, line, glyph } = STATE_LOOK[state]
      return `${width} ${line} ${glyph}`
    })
    expect(new Set(looks).size).toBe(EDGE_STATES.length)
  })
})
