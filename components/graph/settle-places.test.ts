import { describe, expect, it } from 'vitest'
import { drawnEdge, drawnNode } from './__fixtures__/drawn'
import type { Point } from './edge-geometry'
import { type GraphElement, type NodeElement, roomOf } from './elements'
import { overlaps, padded, roomAround, union } from './free-space'
import { partId, type Spot } from './place-node'
import { settlePlaces } from './settle-places'

type Area = ReturnType<typeof roomAround>

const node = (id: string, parent?: string) => drawnNode(id, parent === undefined ? {} : { parent })
const edge = drawnEdge

/** A drawing as a page keeps it: places of all that were ever seen, and what is on screen. */
class Page {
  readonly places = new Map<string, Spot>()
  drawn: ReadonlySet<string> = new Set()

  draw(elements: readonly GraphElement[]): ReadonlyMap<string, Spot> {
    const settled = settlePlaces(elements, this.places, this.drawn)
    for (const [id, spot] of settled) this.places.set(id, spot)
    this.drawn = new Set(elements.filter(({ kind }) => kind === 'node').map(({ id }) => id))
    return settled
  }
}

/** A seeded generator: a failure repeats. */
function dice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

const namespaceOf = (index: number) => (index % 12 === 0 ? undefined : `ns${index % 11}`)

/** As a first layout would: boxes close to each other, so that few can grow. */
function tightRows(nodes: readonly NodeElement[]): Map<string, Spot> {
  const places = new Map<string, Spot>()
  const rows = new Map<string, NodeElement[]>()
  for (const item of nodes) {
    const row = rows.get(item.parent ?? '')
    if (row) row.push(item)
    else rows.set(item.parent ?? '', [item])
  }
  for (const [row, items] of [...rows.values()].entries())
    for (const [column, item] of items.entries())
      places.set(item.id, { at: { x: column * 126, y: row * 160 }, part: 0 })
  return places
}

function intrusions(nodes: readonly NodeElement[], places: ReadonlyMap<string, Spot>): string[] {
  const boxes = new Map<string, Area>()
  const rooms = nodes.map((item) => {
    const spot = places.get(item.id)
    if (!spot) throw new Error(`${item.id} has no place`)
    const box = item.parent === undefined ? undefined : partId(item.parent, spot.part)
    const area = roomAround(spot.at, roomOf(item))
    if (box !== undefined) boxes.set(box, union(boxes.get(box), area))
    return { id: item.id, box, area }
  })
  const found: string[] = []
  for (const [at, a] of rooms.entries())
    for (const b of rooms.slice(at + 1)) if (overlaps(a.area, b.area)) found.push(`${a.id} covers ${b.id}`)
  for (const [box, area] of boxes) {
    for (const room of rooms)
      if (room.box !== box && overlaps(padded(area), room.area)) found.push(`${box} has ${room.id}`)
    for (const [other, its] of boxes)
      if (other > box && overlaps(padded(area), padded(its))) found.push(`${box} enters ${other}`)
  }
  return found
}

describe('places over a long day', () => {
  it.each([1, 2, 3])(
    'in 50 rounds in which 2 % of 200 nodes go and as many come, nobody who stays moves, and nothing covers anything (seed %i)',
    (seed) => {
      const roll = dice(seed)
      let count = 0
      const make = () => {
        count += 1
        return node(String(count), namespaceOf(roll(1000)))
      }
      let nodes = Array.from({ length: 200 }, make)
      const page = new Page()
      for (const [id, spot] of tightRows(nodes)) page.places.set(id, spot)
      const gone: NodeElement[] = []
      page.draw(nodes)
      expect(intrusions(nodes, page.places)).toEqual([])
      for (let round = 0; round < 50; round += 1) {
        const before = new Map([...page.places].filter(([id]) => page.drawn.has(id)))
        for (let at = 0; at < 4; at += 1) gone.push(...nodes.splice(roll(nodes.length), 1))
        // One that was here before comes back, three are new.
        const back = gone.splice(roll(gone.length), 1)
        nodes = [...nodes, ...back, make(), make(), make()]
        const edges = nodes
          .slice(-4)
          .map((item, at) => edge(`e${round}-${at}`, item.id, nodes[roll(nodes.length)]?.id ?? item.id))
        page.draw([...nodes, ...edges])
        const moved = nodes.filter(({ id }) => before.has(id) && page.places.get(id) !== before.get(id))
        expect(moved).toEqual([])
        expect(intrusions(nodes, page.places)).toEqual([])
      }
    },
  )

  it('who is filtered away and comes back stands where it stood, also when others came meanwhile', () => {
    const page = new Page()
    const [a, b, c] = [node('1', 'ns'), node('2', 'ns'), node('3', 'ns')]
    page.draw([a, b, c])
    const before = new Map(page.places)
    const newcomers = [node('4', 'ns'), node('5', 'ns'), edge('e4', '1', '4'), edge('e5', '1', '5')]
    page.draw([a, c])
    page.draw([a, c, ...newcomers])
    page.draw([a, b, c, ...newcomers])
    for (const [id, spot] of before) expect(page.places.get(id)).toEqual(spot)
  })

  it('a newcomer stands beside those that it talks to, within its namespace', () => {
    const page = new Page()
    const nodes = Array.from({ length: 6 }, (_, at) => node(String(at), 'ns'))
    for (const [at, item] of nodes.entries()) page.places.set(item.id, { at: { x: at * 400, y: 0 }, part: 0 })
    page.draw(nodes)
    page.draw([...nodes, node('new', 'ns'), edge('e', '4', 'new')])
    const at = page.places.get('new')?.at as Point
    expect(Math.abs(at.x - 1600)).toBeLessThan(200)
  })

  it('a namespace that is walled in goes on in another box instead of swallowing its neighbours', () => {
    const page = new Page()
    const wall: NodeElement[] = []
    for (let x = -4; x <= 4; x += 1)
      for (let y = -4; y <= 4; y += 1)
        if (Math.max(Math.abs(x), Math.abs(y)) === 4 || (x === 0 && y === 0)) {
          const item = node(`${x},${y}`, x === 0 && y === 0 ? 'in' : 'out')
          if (item.parent === 'out') wall.push({ ...item, parent: `w${x},${y}` })
          else wall.push(item)
          page.places.set(item.id, { at: { x: x * 165, y: y * 145 }, part: 0 })
        }
    page.draw(wall)
    const many = Array.from({ length: 60 }, (_, at) => node(`n${at}`, 'in'))
    page.draw([...wall, ...many])
    expect(intrusions([...wall, ...many], page.places)).toEqual([])
    expect(many.some(({ id }) => (page.places.get(id)?.part ?? 0) > 0)).toBe(true)
  })

  it('of a remembered drawing two pictures on one place are told apart, and labels that a person put over each other stay', () => {
    const page = new Page()
    const nodes = [node('1'), node('2'), node('3'), node('4')]
    page.places.set('1', { at: { x: 0, y: 0 }, part: 0 })
    page.places.set('2', { at: { x: 3, y: 0 }, part: 0 })
    page.places.set('3', { at: { x: 70, y: 0 }, part: 0 })
    page.places.set('4', { at: { x: 0, y: 50 }, part: 0 })
    const settled = page.draw(nodes)
    expect([...settled.keys()]).toEqual(['2'])
  })
})
