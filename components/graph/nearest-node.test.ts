import { expect, it } from 'vitest'
import { nearestNode } from './nearest-node'

const NODES = [
  { id: 'right', at: { x: 100, y: 10 } },
  { id: 'far right', at: { x: 300, y: 0 } },
  { id: 'below', at: { x: 10, y: 90 } },
  { id: 'aside', at: { x: 60, y: 200 } },
  { id: 'left', at: { x: -80, y: 0 } },
  { id: 'above', at: { x: 5, y: -70 } },
  { id: 'far above', at: { x: 0, y: -400 } },
]

it.each([
  ['right', 'right'],
  ['down', 'below'],
  ['left', 'left'],
  ['up', 'above'],
] as const)('an arrow %s goes to the node that a person means, or stays', (direction, id) => {
  expect(nearestNode({ x: 0, y: 0 }, NODES, direction)?.id).toBe(id)
})

it.each([
  ['right', 'far right'],
  ['down', 'aside'],
  ['left', 'left'],
  ['up', 'far above'],
] as const)('an arrow %s stays where nothing stands that way', (direction, last) => {
  const from = NODES.find(({ id }) => id === last)?.at ?? { x: 0, y: 0 }
  expect(nearestNode(from, NODES, direction)).toBeUndefined()
})
