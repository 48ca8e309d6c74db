import { expect, it } from 'vitest'
import { graphLayout } from '@/lib/model/graph-layout'
import { idsOf } from './hash-id'

it('takes the ids of what is drawn at any level: workloads, groups, pods, and the edges between them', () => {
  const ids = ['-1144557249870114446', ...idsOf('g', ['group']).values(), ...idsOf('p', ['pod']).values()]
  expect(ids).toHaveLength(3)
  const layout = {
    nodes: ids.map((id) => [id, 1, 2]),
    routes: ids.map((id) => [id, [0, 0, 10, 10, 5, 5]]),
  }
  expect(graphLayout.safeParse(layout).error).toBeUndefined()
})

it('refuses ids of no drawing', () => {
  for (const id of ['', 'p1', 'x0123456789abcdef', '__proto__', 'g0123456789abcdef0'])
    expect(graphLayout.safeParse({ nodes: [], routes: [[id, [0, 0, 10, 10, 5, 5]]] }).success).toBe(false)
})
