import { describe, expect, it } from 'vitest'
import type { GraphEdge, ServiceGraph } from '@/lib/model/graph'
import { changeSentence } from './change-sentence'

/** Edges by id with their states; nothing else of a graph counts here. */
const graph = (states: Readonly<Record<string, GraphEdge['state']>>): ServiceGraph =>
  ({ edges: Object.entries(states).map(([id, state]) => ({ id, state })), nodes: [] }) as unknown as ServiceGraph

const MANY = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`old${at}`, 'allowed_by_policy'] as const))

describe('what is said of a live graph', () => {
  it.each([
    [
      'new edges and those of them that are denied',
      { a: 'denied_by_rule', b: 'allowed_no_policy' },
      '2 new edges, 1 denied',
    ],
    ['one new edge', { a: 'allowed_by_policy' }, '1 new edge'],
    ['an edge that turned', { old1: 'mixed' }, '1 edge denied now'],
    ['an edge that turned to good', { old1: 'allowed_no_policy' }, '1 edge with another verdict'],
    ['nothing where only numbers changed', {}, ''],
  ] as const)('%s', (_name, part, sentence) => {
    expect(changeSentence(graph(MANY), graph({ ...MANY, ...part }))).toBe(sentence)
  })

  it('edges that are gone are counted; where most is another, only what is shown', () => {
    const { old3: _, ...rest } = MANY
    expect(changeSentence(graph(MANY), graph(rest))).toBe('1 edge gone')
    expect(changeSentence(undefined, graph(MANY))).toBe('20 edges shown')
    expect(changeSentence(graph(MANY), graph({ other: 'mixed' }))).toBe('1 edge shown')
  })
})
