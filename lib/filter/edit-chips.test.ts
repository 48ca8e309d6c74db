import { describe, expect, it } from 'vitest'
import { chipOf, chipText, MAX_CHIPS, parseChip } from '@/lib/model/filter-chip'
import { EDGES, NODES } from './__fixtures__/small-graph'
import { termsOfNode, termsOfPort } from './chips-of-node'
import { addChip, changeChip, removeChip, swapSides } from './edit-chips'

const A = chipOf('source', 'namespace', 'agents')
const B = chipOf('either', 'port', '443', true)

describe('a row of chips', () => {
  it('holds each chip once, and one that was set aside applies when it is asked for again', () => {
    expect(addChip([{ ...A, isDisabled: true }, B], A)).toEqual([B, A])
    expect(addChip([A], { ...A, isNegated: true })).toHaveLength(2)
  })

  it('is never longer than a link carries', () => {
    const many = Array.from({ length: MAX_CHIPS }, (_, port) => chipOf('either', 'port', String(port)))
    expect(addChip(many, A)).toHaveLength(MAX_CHIPS)
  })

  it('changes and loses one chip at a time', () => {
    expect(changeChip([A, B], 1, { isNegated: false })).toEqual([A, { ...B, isNegated: false }])
    expect(removeChip([A, B], 0)).toEqual([B])
  })

  it('swapped twice is as it was', () => {
    expect(swapSides([A, B])).toEqual([chipOf('destination', 'namespace', 'agents'), B])
    expect(swapSides(swapSides([A, B]))).toEqual([A, B])
  })
})

describe('what a node or a port offers to filter by', () => {
  it('begins with what is most its own', () => {
    const [first] = NODES.map(termsOfNode)
    expect(first).toEqual([
      { field: 'workload', value: 'agents/planner' },
      { field: 'namespace', value: 'agents' },
      { field: 'role', value: 'agent' },
      { field: 'cluster', value: 'prod' },
    ])
    expect(NODES.map((node) => termsOfNode(node)[0])).toEqual([
      { field: 'workload', value: 'agents/planner' },
      { field: 'workload', value: 'agents/crawler' },
      { field: 'workload', value: 'shop/cart' },
      { field: 'workload', value: 'data/postgres' },
      { field: 'host', value: 'api.openai.com' },
      { field: 'workload', value: 'kube-system/coredns' },
      { field: 'class', value: 'internet' },
    ])
  })

  it('survives its link, however long its names are', () => {
    const [node] = NODES
    if (!node) throw new Error('a node')
    const long = {
      ...node,
      cluster: 'c'.repeat(128),
      namespace: 'n'.repeat(256),
      name: 'w'.repeat(256),
      pod: 'p'.repeat(256),
    }
    for (const { field, value } of termsOfNode(long)) {
      const chip = chipOf('source', field, value)
      expect(parseChip(chipText(chip))).toEqual(chip)
    }
  })

  it('of an edge without a port is its protocol', () => {
    expect(EDGES.map((edge) => termsOfPort(edge)[0]?.field)).toEqual(['port', 'port', 'port', 'port', 'protocol'])
  })
})
