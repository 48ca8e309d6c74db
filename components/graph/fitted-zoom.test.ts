import ELK from 'elkjs/lib/elk.bundled.js'
import { describe, expect, it } from 'vitest'
import { drawnEdge, drawnNode } from './__fixtures__/drawn'
import type { GraphElement } from './elements'
import { fittedZoom, LEGIBLE_ZOOM, moreLegible } from './fitted-zoom'
import { layersBy } from './layout'
import { packedLayout } from './packed-layout'

const box = (id: string): GraphElement => ({ kind: 'box', id: `ns:${id}`, label: id, short: id })
const node = (id: string, namespace?: string) =>
  drawnNode(id, namespace === undefined ? {} : { parent: `ns:${namespace}` })
const edge = (source: string, target: string) => drawnEdge(`e${source} ${target}`, source, target)

/** Namespaces of ten: each calls the one before, a quarter the first of all, some across, one in twenty a name outside. */
function cluster(nodes: number): GraphElement[] {
  const ids = Array.from({ length: nodes }, (_, at) => at)
  const outside = ids.slice(0, nodes / 20).map((at) => `out${at}`)
  return [
    ...ids.filter((at) => at % 10 === 0).map((at) => box(`ns${at / 10}`)),
    ...ids.map((at) => node(`w${at}`, `ns${Math.floor(at / 10)}`)),
    ...outside.map((id) => node(id)),
    ...ids.slice(1).map((at) => edge(`w${at}`, `w${at - 1}`)),
    ...ids.slice(4).flatMap((at) => (at % 4 === 0 ? [edge(`w${at}`, 'w0')] : [edge(`w${at}`, `w${(at * 7) % nodes}`)])),
    ...outside.map((id, at) => edge(`w${at * 13}`, id)),
  ]
}

/** A hub that all call, in seven namespaces. */
function star(nodes: number): GraphElement[] {
  const others = Array.from({ length: nodes - 1 }, (_, at) => `n${at}`)
  return [
    ...['hub', 'a', 'b', 'c', 'd', 'e', 'f'].map(box),
    node('hub', 'hub'),
    ...others.map((id, at) => node(id, 'abcdef'[at % 6])),
    ...others.map((id) => edge(id, 'hub')),
  ]
}

describe('a picture in a usual window', () => {
  it.each([
    [30, 0.7],
    [60, 0.55],
    [100, 0.44],
    [150, 0.39],
  ])('shows a cluster of %s nodes, and a star of as many, so large that their names are read', (nodes, least) => {
    for (const elements of [cluster(nodes), star(nodes)])
      expect(fittedZoom(elements, packedLayout(elements))).toBeGreaterThan(least)
  })

  it('keeps layers where names are read in them, and leaves them where they are too wide', async () => {
    const small = [box('a'), box('b'), node('1', 'a'), node('2', 'a'), node('3', 'b'), edge('1', '2'), edge('2', '3')]
    const layers = await layersBy(new ELK(), small)
    expect(fittedZoom(small, layers)).toBeGreaterThan(LEGIBLE_ZOOM)
    expect(moreLegible(small, layers, packedLayout(small))).toBe(layers)
    const wide = cluster(60)
    const [wideLayers, packed] = [await layersBy(new ELK(), wide), packedLayout(wide)]
    expect(fittedZoom(wide, wideLayers)).toBeLessThan(LEGIBLE_ZOOM)
    expect(moreLegible(wide, wideLayers, packed)).toBe(packed)
  })

  it('is the same for the same elements', () => {
    expect(packedLayout(cluster(100))).toEqual(packedLayout(cluster(100)))
  })
})
