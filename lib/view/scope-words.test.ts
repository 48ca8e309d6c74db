import { describe, expect, it } from 'vitest'
import { hiddenWords, placeSteps, podWords, shownWords } from './scope-words'

describe('what is hidden, in words', () => {
  it('says for each cause how many edges, how much of the traffic, and how many of them are denied', () => {
    const words = hiddenWords({
      edges: 1242,
      nodes: 3,
      measure: 'bytes',
      by: {
        filters: { edges: 1, denied: 1, share: 0.5 },
        noise: { edges: 41, denied: 0, share: 0.004 },
        limit: { edges: 1200, denied: 0, share: 0.02 },
      },
    })
    expect(words.map(({ text }) => text)).toEqual([
      '1,200 quiet edges are left out for readability (2 % of bytes, 0 denied)',
      '41 edges are hidden as noise (<1 % of bytes, 0 denied)',
      '1 more edge does not match this view (50 % of bytes, 1 denied)',
    ])
    expect(words[0]?.why).toContain('never AI traffic')
  })

  it('is nothing where nothing is hidden, and of snapshots that did not count it', () => {
    expect(hiddenWords({ edges: 0, nodes: 0, by: {} })).toEqual([])
    expect(hiddenWords({ edges: 5, nodes: 0 })).toEqual([])
  })

  it('adds up: drawn, within groups and hidden are all edges', () => {
    const group = { kind: 'namespace', members: 3, innerEdges: 4, aiWorkloads: 0 } as const
    const node = { id: 'g', class: 'workload', cluster: 'k', namespace: 'n', name: 'n', label: 'n', group } as const
    expect(shownWords({ nodes: [node], edges: [], hidden: { edges: 6, nodes: 0 } })).toBe(
      'Showing 0 of 10 edges, 4 within groups',
    )
  })
})

it('the pod level says what it is made of and what it does not know', () => {
  expect(podWords({ records: 1200, recordsLeft: 300, edgesWithoutPods: 1 })).toBe(
    'Pods are drawn from 1,200 kept flow records; 300 older ones were not read. Of allowed traffic within a cluster only examples are kept: figures are of these records. 1 edge stays with the workload: no record of it names a pod.',
  )
})

it('a place has a step per part, the last one itself', () => {
  expect(placeSteps({ cluster: 'eu', namespace: 'ml', workload: 'agent' }).map(({ label }) => label)).toEqual([
    'eu',
    'ml',
    'agent',
  ])
  expect(placeSteps({ cluster: '' }).at(-1)?.place).toEqual({ cluster: '' })
})
