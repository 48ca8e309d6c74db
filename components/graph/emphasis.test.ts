import { describe, expect, it } from 'vitest'
import { drawnEdge, drawnNode } from './__fixtures__/drawn'
import type { GraphElement } from './elements'
import { emphasisOf, NO_ATTENTION, pathOf } from './emphasis'

const node = (id: string) => drawnNode(id)
const edge = (id: string, source: string, target: string) => drawnEdge(`e${id}`, source, target)

/** app → agent → gateway → provider; other → gateway; agent → db. */
const ELEMENTS: readonly GraphElement[] = [
  ...['app', 'agent', 'other', 'gateway', 'provider', 'db'].map(node),
  edge('1', 'app', 'agent'),
  edge('2', 'agent', 'gateway'),
  edge('3', 'gateway', 'provider'),
  edge('4', 'other', 'gateway'),
  edge('5', 'agent', 'db'),
  { kind: 'door', id: 'd3', edge: 'e3', source: 'gateway', target: 'provider', state: 'violation' },
]

describe('the path of what a person looks at', () => {
  it('a node: all that reaches it and all that it reaches, with the doors on the way', () => {
    expect(pathOf(ELEMENTS, 'node:gateway')).toEqual(
      new Set(['gateway', 'agent', 'app', 'other', 'provider', 'e1', 'e2', 'e3', 'e4', 'd3']),
    )
  })

  it('an edge: what leads to it and what follows it, not what else its ends talk to', () => {
    expect(pathOf(ELEMENTS, 'edge:2')).toEqual(new Set(['app', 'agent', 'gateway', 'provider', 'e1', 'e2', 'e3', 'd3']))
  })

  it('calls in a circle end', () => {
    expect(pathOf([...ELEMENTS, edge('6', 'provider', 'app')], 'node:app')?.size).toBe(13)
  })

  it('what is not on the path is dimmed; a hand over something else shows that path for the while', () => {
    const chosen = emphasisOf(ELEMENTS, { ...NO_ATTENTION, selected: 'edge:2' })
    expect(chosen.get('e2')).toBe('chosen')
    expect(chosen.get('db')).toBe('dimmed')
    expect(chosen.has('d3')).toBe(false)
    const over = emphasisOf(ELEMENTS, { ...NO_ATTENTION, selected: 'edge:2', hovered: 'node:db' })
    expect(over.get('e5')).toBe('hovered')
    expect(over.get('provider')).toBe('dimmed')
  })

  it('of very many elements nothing is dimmed: what is chosen is marked with its edges and their ends, and nothing else changes', () => {
    const of = (selected: string) => emphasisOf(ELEMENTS, { ...NO_ATTENTION, selected }, true)
    expect(Object.fromEntries(of('edge:2'))).toEqual({ e2: 'chosen', agent: 'hovered', gateway: 'hovered' })
    expect([...of('node:db').keys()].sort()).toEqual(['agent', 'db', 'e5'])
    expect([...of('node:gateway').values()].join()).not.toMatch(/dimmed|faint/)
  })

  it('while something is searched for, hits have their ring and the rest is faint, not dimmed', () => {
    const found = emphasisOf(ELEMENTS, { ...NO_ATTENTION, found: new Set(['node:db', 'edge:3']) })
    expect(found.get('db')).toBe('found')
    expect(found.get('d3')).toBe('found')
    expect(found.get('agent')).toBe('faint')
    expect(emphasisOf(ELEMENTS, NO_ATTENTION).size).toBe(0)
    expect(emphasisOf(ELEMENTS, { ...NO_ATTENTION, selected: 'node:gone' }).size).toBe(0)
  })
})
