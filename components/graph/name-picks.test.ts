import { expect, it } from 'vitest'
import { drawnEdge, drawnNode } from './__fixtures__/drawn'
import type { NodeElement } from './elements'
import { namePicks } from './name-picks'

const node = (id: string, part: Partial<NodeElement> = {}) => drawnNode(id, { label: `service-${id}`, ...part })
const edge = (source: string, target: string, isProblem: boolean) =>
  drawnEdge(`e${source}${target}`, source, target, { isProblem })
const of = (px: number) => ({ title: px, group: px })
const inRow = (id: string) => ({ x: Number(id) * 130, y: 0 })

it('in a row too tight for all names: who is of AI or has a problem is named, then the busiest, and no name lies on another', () => {
  const row = ['0', '1', '2', '3', '4', '5', '6', '7'].map((id) =>
    node(id, { look: id === '3' ? 'agent' : 'workload' }),
  )
  const edges = [edge('5', '0', true), edge('7', '4', false), edge('7', '3', false), edge('7', '2', false)]
  expect([...namePicks([...row, ...edges], of(40), inRow)]).toEqual(['0', '3', '5', '7'])
})

it('a name lies on no name of a group', () => {
  const group = (label: string) => node('1', { isGroup: true, label })
  expect([...namePicks([group('a group with a very long name'), node('0')], of(14), inRow)]).toEqual([])
  expect([...namePicks([group('short'), node('0')], of(14), inRow)]).toEqual(['0'])
})

it('a name lies on no name of a box', () => {
  const box = { kind: 'box', id: 'b', label: 'team', short: 'team', titleX: 0, titleWidth: 100 } as const
  expect([...namePicks([{ ...box, titleY: 60 }, node('0')], of(20), inRow)]).toEqual([])
  expect([...namePicks([{ ...box, titleY: 120 }, node('0')], of(20), inRow)]).toEqual(['0'])
})

it('a name covers no picture of another node, and where there is room for all, all are named', () => {
  const elements = ['0', '1', '2'].map((id) => node(id))
  expect(namePicks(elements, of(11), inRow).size).toBe(3)
  // The second stands where the name of the first would be.
  const below = (id: string) => ({ x: 0, y: Number(id) * 50 })
  expect([...namePicks(elements, of(11), below)]).toEqual(['2'])
})
