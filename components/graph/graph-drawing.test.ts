import { describe, expect, it } from 'vitest'
import { drawnEdge, drawnNode } from './__fixtures__/drawn'
import type { GraphElement } from './elements'
import { type DrawingEvents, GraphDrawing } from './graph-drawing'
import { themePalette } from './palette'

const look = { palette: themePalette('light'), font: 'sans-serif' }
const silent: DrawingEvents = { onSelect() {}, onOpen() {}, onMoved() {}, onView() {}, onPlaces() {} }

const box = (id: string): GraphElement => ({ kind: 'box', id, label: id, short: id })
const node = (id: string, parent?: string, label = id) => drawnNode(id, { label, ...(parent && { parent }) })
const edge = (id: string, source: string, target: string, label = '') => drawnEdge(id, source, target, { label })

/** Where everything stands on screen: the places of nodes and the camera in one. */
const seen = (drawing: GraphDrawing, ids: readonly string[]) => ids.map((id) => drawing.screenPosition(id))

describe('a drawing that is live', () => {
  const first = [box('a'), box('b'), node('1', 'a'), node('2', 'a'), node('3', 'b'), edge('e1', '1', '3')]

  it.each([
    ['that a person chose', false],
    ['that the page fitted', true],
  ])('keeps every node and the camera %s where they are, whatever comes, goes or changes', (_name, isFitted) => {
    const drawing = new GraphDrawing(undefined, look, silent)
    drawing.update(first)
    drawing.camera.restore({ zoom: 0.8, pan: { x: 33, y: 44 }, isFitted })
    const before = seen(drawing, ['1', '2', '3'])
    const camera = drawing.camera.now
    for (let round = 0; round < 12; round += 1) {
      const fresh = `n${round}`
      drawing.update([
        ...first.map((element) => (element.kind === 'edge' ? { ...element, label: `${round}` } : element)),
        node(fresh, round % 2 ? 'a' : 'b'),
        edge(`e${fresh}`, '1', fresh),
      ])
      expect(seen(drawing, ['1', '2', '3'])).toEqual(before)
      expect(drawing.camera.now).toEqual(camera)
    }
    drawing.update(first.filter(({ id }) => id !== '2'))
    drawing.update(first)
    expect(seen(drawing, ['1', '2', '3'])).toEqual(before)
    drawing.destroy()
  })

  it('nodes of a box that goes stay: they are in another one then', () => {
    const drawing = new GraphDrawing(undefined, look, silent)
    drawing.update(first)
    const before = seen(drawing, ['1', '2', '3'])
    drawing.update([box('c'), node('1', 'c'), node('2', 'c'), node('3'), edge('e1', '1', '3')])
    expect(seen(drawing, ['1', '2', '3'])).toEqual(before)
    drawing.destroy()
  })

  it('Tidy puts nodes elsewhere, and what was before brings each back', () => {
    const drawing = new GraphDrawing(undefined, look, silent)
    drawing.update(first)
    const before = seen(drawing, ['1', '2', '3'])
    const places = drawing.placesOf(['1', '2', '3'])
    drawing.place(
      {
        spots: new Map(['1', '2', '3'].map((id, at) => [id, { at: { x: at * 500, y: 900 }, part: 0 }])),
        routes: new Map(),
      },
      false,
    )
    expect(seen(drawing, ['1', '2', '3'])).not.toEqual(before)
    drawing.place(places, false)
    expect(seen(drawing, ['1', '2', '3'])).toEqual(before)
    drawing.destroy()
  })

  it('places of another browser are taken as they are told, and only those', () => {
    const drawing = new GraphDrawing(undefined, look, silent)
    drawing.update(first)
    const [, second] = seen(drawing, ['1', '2'])
    drawing.adopt({ spots: new Map([['1', { at: { x: -700, y: 5 }, part: 0 }]]), routes: new Map() })
    expect(seen(drawing, ['2'])).toEqual([second])
    expect(drawing.placesOf(['1']).spots.get('1')?.at).toEqual({ x: -700, y: 5 })
    drawing.destroy()
  })
})
