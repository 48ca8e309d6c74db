import { readFileSync } from 'node:fs'
import path from 'node:path'
import cytoscape from 'cytoscape'
import { describe, expect, it } from 'vitest'
import { EDGE_STATES } from '@/lib/model/verdict'
import { STATE_LOOK, type Theme } from '@/lib/view/state-colors'
import { CHANGE_MARK, type EdgeElement } from './elements'
import { NEUTRALS, type Palette, systemPalette, themePalette } from './palette'
import { stylesheetOf } from './stylesheet'

const THEMES: readonly Theme[] = ['light', 'dark']
/** A forced scheme that leaves little: white on black, with one colour of its own. */
const FORCED = systemPalette(
  (color) => ({ Canvas: '#000000', CanvasText: '#ffffff', GrayText: '#3ff23f', Highlight: '#1aebff' })[color] ?? '',
)
const PALETTES: readonly (readonly [string, Palette])[] = [
  ['light', themePalette('light')],
  ['dark', themePalette('dark')],
  ['forced', FORCED],
]

/** Neither WCAG's non-text contrast (1.4.11) nor its text contrast (1.4.3) may be missed. */
const MIN_MARK = 3
const MIN_TEXT = 4.5

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (light + 0.05) / (dark + 0.05)
}

const edge = (part: Partial<EdgeElement>) => ({
  kind: 'edge',
  source: 'a',
  target: 'b',
  state: 'allowed_by_policy',
  label: 'L',
  isProblem: false,
  volume: 1,
  isBundle: false,
  change: '',
  weights: [0.5],
  distances: [0],
  ...part,
})

/** How an edge or a node is drawn. */
function drawn(palette: Palette, data: Record<string, unknown>, classes = '', isMany = false) {
  const cy = cytoscape({ headless: true, styleEnabled: true, style: stylesheetOf({ palette, font: 'x' }, isMany) })
  cy.add([
    { data: { id: 'a', kind: 'node', look: 'workload', label: 'A' } },
    { data: { id: 'b', kind: 'node', look: 'workload', label: 'B' } },
  ])
  const item = cy.add({ data: { id: 'x', ...data }, classes })
  const style = (name: string): string => String(item.style(name))
  const all = {
    line: style('line-style'),
    width: style('width'),
    label: style('label'),
    color: style('line-color'),
    casing: `${style('underlay-opacity')} ${style('underlay-padding')}`,
    mid: style('mid-source-arrow-shape'),
    outline: `${style('outline-style')} ${style('outline-width')}`,
    border: `${style('border-style')} ${style('border-width')}`,
    shape: style('shape'),
    size: style('width'),
    image: style('background-image'),
    curve: style('curve-style'),
    opacity: style('opacity'),
  }
  cy.destroy()
  return all
}

describe.each(PALETTES)('in %s colours', (name, palette) => {
  it('what is drawn in neutral colours stands out from what it is drawn on', () => {
    const { neutral } = palette
    const faint = (['text', 'muted', 'accent'] as const).flatMap((ink) =>
      (['page', 'node', 'box'] as const).flatMap((ground) => {
        const least = ink === 'accent' ? MIN_MARK : MIN_TEXT
        const is = contrast(neutral[ink], neutral[ground])
        return is < least ? [`${ink} on ${ground}: ${is.toFixed(2)}`] : []
      }),
    )
    expect(faint).toEqual([])
  })

  it('every state has three cues or its word beside colour: line, sign, and label', () => {
    const looks = EDGE_STATES.map((state) => {
      const { glyph } = STATE_LOOK[state]
      const { line, width, color } = drawn(palette, edge({ state }))
      return { state, line, width, glyph, color }
    })
    expect(new Set(looks.map(({ line, width, glyph }) => `${line} ${width} ${glyph}`)).size).toBe(EDGE_STATES.length)
    // Where the system took the colours away, each says its sign and port without being asked.
    for (const state of EDGE_STATES)
      expect(drawn(palette, edge({ state })).label, state).toBe(name === 'forced' ? 'L' : '')
    expect(drawn(palette, edge({ state: 'denied_by_rule', isProblem: true })).label).toBe('L')
  })

  it('each difference between two windows has a sign and a line or mark of its own', () => {
    const plain = drawn(palette, edge({}))
    const looks = (['added', 'removed', 'verdict', 'volume'] as const).map((change) => {
      expect(CHANGE_MARK[change]).not.toBe('')
      const look = drawn(palette, edge({ change }))
      expect(look.label, change).toBe('L')
      expect(look.color, 'colours are for states').toBe(plain.color)
      return `${look.line} ${look.casing} ${look.mid}`
    })
    expect(new Set([...looks, `${plain.line} ${plain.casing} ${plain.mid}`]).size).toBe(5)
    expect(new Set(Object.values(CHANGE_MARK)).size).toBe(5)
  })

  it('what was found has a ring that is neither that of focus nor a colour of a state', () => {
    const node = { kind: 'node', look: 'workload', label: 'N' }
    const [plain, found, focused] = ['', 'found', 'focused'].map((classes) => drawn(palette, node, classes).outline)
    expect(new Set([plain, found, focused]).size).toBe(3)
    expect(Object.values(palette.states).filter((color) => color === palette.neutral.text).length).toBe(
      name === 'forced' ? 4 : 0,
    )
  })

  it('several drawn as one are larger, of another shape and border than one', () => {
    const one = drawn(palette, { kind: 'node', look: 'workload', label: 'N' })
    const group = drawn(palette, { kind: 'node', look: 'group-namespace', label: 'N', isGroup: true, isAi: false })
    const withAi = drawn(palette, { kind: 'node', look: 'group-namespace', label: 'N', isGroup: true, isAi: true })
    expect(group.shape).not.toBe(one.shape)
    expect(group.border).not.toBe(one.border)
    expect(Number.parseFloat(group.size)).toBeGreaterThan(Number.parseFloat(one.size))
    expect(withAi.image).not.toBe(group.image)
    expect(drawn(palette, edge({ isBundle: true })).casing).not.toBe(drawn(palette, edge({})).casing)
  })

  it('what is not looked at is faint, and of many edges each is straight and silent', () => {
    expect(Number(drawn(palette, edge({}), 'dimmed').opacity)).toBe(0.25)
    expect(Number(drawn(palette, edge({}), 'faint').opacity)).toBeGreaterThan(0.5)
    const many = drawn(palette, edge({ isProblem: true }), '', true)
    expect([many.curve, many.label]).toEqual(['straight', ''])
    expect(drawn(palette, edge({}), 'chosen', true).label).toBe('L')
  })
})

it.each(THEMES)('neutral colours are those of the style sheet in %s', (theme) => {
  const css = readFileSync(path.resolve(import.meta.dirname, '../../app/globals.css'), 'utf8')
  const [block = ''] = css.split(/\bcolor-scheme: (?=(?:light|dark);)/).filter((part) => part.startsWith(theme))
  const { page, text, muted, accent } = NEUTRALS[theme]
  for (const [name, hex] of Object.entries({ bg: page, text, 'text-muted': muted, accent }))
    expect(block).toContain(`--${name}: ${hex};`)
})
