import cytoscape from 'cytoscape'
import { describe, expect, it } from 'vitest'
import { DrawingCamera, isFittedAgain } from './drawing-camera'

const fitted = { width: 1000, height: 600 }
/** As a fit leaves it: a rim on each side. */
const drawn = { x1: 44, y1: 44, x2: 956, y2: 556 }

it('a notice or a line that comes or goes with live data moves no camera', () => {
  for (const height of [568, 600, 640]) expect(isFittedAgain(drawn, fitted, { width: 1000, height })).toBe(false)
})

it('what the new size cuts off is fitted into it, and much more room is used', () => {
  expect(isFittedAgain(drawn, fitted, { width: 600, height: 600 })).toBe(true)
  expect(isFittedAgain(drawn, fitted, { width: 1000, height: 400 })).toBe(true)
  expect(isFittedAgain(drawn, fitted, { width: 1400, height: 600 })).toBe(true)
  expect(isFittedAgain(drawn, fitted, { width: 1000, height: 800 })).toBe(true)
})

it('a canvas that is taken off the page, without a size, is none to fit into', () => {
  for (const size of [0, Number.NaN]) expect(isFittedAgain(drawn, fitted, { width: size, height: size })).toBe(false)
})

it('what came since and stands out of view is no reason to move the rest', () => {
  expect(isFittedAgain({ ...drawn, x2: 1200 }, fitted, { width: 980, height: 600 })).toBe(false)
})

describe('a camera that is restored on a canvas of another size, as beside a comparison', () => {
  const camera = () => {
    const nodes = [0, 500].map((x) => ({ data: { id: `${x}` }, position: { x, y: 100 } }))
    const cy = cytoscape({ headless: true, styleEnabled: true, elements: nodes, layout: { name: 'preset' } })
    // Headless, a canvas has no size of its own.
    return new DrawingCamera(Object.assign(cy, { width: () => 300, height: () => 300 }))
  }
  const wide = { zoom: 1, pan: { x: 50, y: 50 }, canvas: { width: 600, height: 300 } }

  it('shows all that was fitted, and remembers that it is', () => {
    const restored = camera()
    restored.restore({ ...wide, isFitted: true })
    expect(restored.now.zoom).toBeLessThan(0.6)
    expect(restored.now).toMatchObject({ isFitted: true, canvas: expect.any(Object) })
  })

  it('stays where a person moved it, and where the canvas is as it was', () => {
    const moved = camera()
    moved.restore({ ...wide, isFitted: false })
    expect(moved.now).toMatchObject({ zoom: 1, pan: wide.pan })
    const same = camera()
    same.restore({ ...wide, isFitted: true, canvas: expect.any(Object) })
    expect(same.now).toMatchObject({ zoom: 1, pan: wide.pan })
  })
})

it('what is fitted into a low canvas leaves the strip free that the tools stand in, and stays whole', () => {
  const cy = cytoscape({
    headless: true,
    styleEnabled: true,
    elements: [0, 4000].map((y) => ({ data: { id: `${y}` }, position: { x: y / 4, y } })),
    layout: { name: 'preset' },
  })
  // Headless, a canvas has no size of its own.
  Object.assign(cy, { width: () => 900, height: () => 300 })
  new DrawingCamera(cy).fit()
  const { x1, y1, x2, y2 } = cy.nodes().renderedBoundingBox()
  expect(y1).toBeGreaterThan(43)
  expect(y2).toBeLessThan(cy.height() - 20)
  expect(x1).toBeGreaterThan(20)
  expect(x2).toBeLessThan(cy.width() - 20)
  cy.add({ group: 'edges', data: { id: 'loop', source: '0', target: '0' } })
  new DrawingCamera(cy).fit()
  expect(cy.nodes().renderedBoundingBox().y1).toBeGreaterThan(y1)
})
