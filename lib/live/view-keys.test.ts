import { expect, it } from 'vitest'
import { chipOf } from '@/lib/model/filter-chip'
import type { GraphQuery } from '@/lib/model/graph'
import { viewKey } from './view-keys'

const query: GraphQuery = { dataset: '', windowMs: 1, namespaces: [], scope: 'all', states: [] }
const chips = [chipOf('source', 'namespace', 'a'), chipOf('destination', 'namespace', 'b')]

it('views that filter differently are not taken for one another', () => {
  const views: readonly GraphQuery[] = [
    query,
    { ...query, chips },
    { ...query, chips, isBothWays: true },
    { ...query, chips: chips.map((chip) => ({ ...chip, isNegated: true })) },
    { ...query, hide: 'ns = a' },
    { ...query, focus: 'ns = a' },
    { ...query, focus: 'ns = a +2' },
  ]
  expect(new Set(views.map(viewKey)).size).toBe(views.length)
})

it('the order of chips makes no other view', () => {
  expect(viewKey({ ...query, chips })).toBe(viewKey({ ...query, chips: [...chips].reverse() }))
})
