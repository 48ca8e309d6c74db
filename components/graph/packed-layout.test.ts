import { expect, it } from 'vitest'
import { type GraphElement, roomOf } from './elements'
import { overlaps, padded, roomAround, union } from './free-space'
import { packedLayout } from './packed-layout'

it('thousands of nodes get places in which nothing covers anything and no box enters another', () => {
  const elements: GraphElement[] = []
  for (let at = 0; at < 1200; at += 1)
    elements.push({
      kind: 'node',
      id: String(at),
      ...(at % 10 !== 0 && { parent: `ns${at % 37}` }),
      look: 'workload',
      label: at % 7 === 0 ? 'a\nb\nc\nd' : 'a',
      isAlarmed: false,
      isGroup: at % 50 === 0,
      isAi: false,
      category: '',
    })
  const { spots } = packedLayout(elements)
  const boxes = new Map<string, ReturnType<typeof roomAround>>()
  const rooms = elements.flatMap((element) => {
    const spot = element.kind === 'node' ? spots.get(element.id) : undefined
    if (element.kind !== 'node' || !spot) return []
    const area = roomAround(spot.at, roomOf(element))
    if (element.parent) boxes.set(element.parent, union(boxes.get(element.parent), area))
    return [{ area, parent: element.parent }]
  })
  expect(rooms).toHaveLength(1200)
  let hits = 0
  for (const [at, a] of rooms.entries()) for (const b of rooms.slice(at + 1)) if (overlaps(a.area, b.area)) hits += 1
  const all = [...boxes]
  for (const [at, [, a]] of all.entries())
    for (const [, b] of all.slice(at + 1)) if (overlaps(padded(a), padded(b))) hits += 1
  for (const [box, area] of all)
    for (const room of rooms) if (room.parent !== box && overlaps(padded(area), room.area)) hits += 1
  expect(hits).toBe(0)
})
