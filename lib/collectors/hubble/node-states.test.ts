import { describe, expect, it } from 'vitest'
import { NodeStates } from './node-states'

const T = 1_790_000_000_000
const MINUTE = 60_000
const event = (state_change: unknown, ...node_names: string[]) => ({ state_change, node_names })

describe('nodes that go and come', () => {
  it('are one gap when they go and one stretch up to their return', () => {
    const nodes = new NodeStates()
    expect(nodes.take(event('NODE_UNAVAILABLE', 'a', 'b'), T)).toMatchObject([
      { node: 'a', reason: 'NODE_UNAVAILABLE', atMs: T },
      { node: 'b', reason: 'NODE_UNAVAILABLE', atMs: T },
    ])
    expect(nodes.take(event('NODE_CONNECTED', 'a', 'c'), T + 2 * MINUTE)).toEqual([
      { source: 'hubble', node: 'a', reason: 'NODE_UNAVAILABLE', atMs: T, endMs: T + 2 * MINUTE },
    ])
    expect(nodes.take(event('NODE_CONNECTED', 'a'), T + 3 * MINUTE)).toEqual([])
  })

  it('that stay away are told every 5 minutes, as stretches without holes', () => {
    const nodes = new NodeStates()
    nodes.take(event(2, 'a'), T)
    expect(nodes.take(event(2, 'a'), T + 4 * MINUTE)).toEqual([])
    expect(nodes.take(event(2, 'a'), T + 5 * MINUTE)).toMatchObject([{ atMs: T, endMs: T + 5 * MINUTE }])
    expect(nodes.onlyAway([], T + 6 * MINUTE)).toMatchObject([{ atMs: T + 5 * MINUTE, endMs: T + 6 * MINUTE }])
  })

  it('are back where a flow of theirs is younger than the word about them', () => {
    const nodes = new NodeStates()
    nodes.take(event('NODE_ERROR', 'a'), T)
    expect(nodes.spoke('a', T - 1)).toEqual([])
    expect(nodes.spoke('a', T + 3000)).toMatchObject([{ reason: 'NODE_ERROR', atMs: T, endMs: T + 3000 }])
    expect(nodes.spoke('a', T + 4000)).toEqual([])
  })

  it('of unknown states and without names do no harm', () => {
    const nodes = new NodeStates()
    expect(nodes.take(event(99, 'a'), T)).toMatchObject([{ reason: '99' }])
    expect(nodes.take({}, T)).toEqual([])
    expect(nodes.take(event('NODE_GONE', '__proto__'), T)).toMatchObject([{ node: '__proto__', reason: 'NODE_GONE' }])
  })
})
