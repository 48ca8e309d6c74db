import { expect, it } from 'vitest'
import { nearestNode } from './nearest-node'

const NODES = [
  { id: 'right', at: { x: 100, y: 10 } },
  { id: 'far right', at: { x: 300, y: 0 } },
  { id: 'below', at: { x: 10, y: 90 } },
  { id: 'aside', at: { x: 60, y: 200 } },
  { id: 'left', at: { x: -80, y: 0 } },
]

it.each([
  ['right', 'right'],
  ['down', 'below'],
  ['left', 'left'],
  ['up', undefined],
] as const)('an arrow %s goes to the node that a person means, or stays', (direction, id) => {
  expect(nearestNode({ x: 0, y: 0 }, NODES, direction)?.id).toBe(id)
})
