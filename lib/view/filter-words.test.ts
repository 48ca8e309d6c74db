import { expect, it } from 'vitest'
import { chipOf } from '@/lib/model/filter-chip'
import { filterWords, UNFILTERED } from './filter-words'
import { DEFAULT_VIEW, type GraphView, serializeGraphView } from './graph-view'

const FILTERED: GraphView = {
  ...DEFAULT_VIEW,
  cluster: 'prod',
  namespaces: ['ml', 'shop'],
  states: ['mixed'],
  isOnlyProblems: true,
  inside: { cluster: 'prod', namespace: 'ml' },
  chips: [chipOf('source', 'namespace', 'ml'), { ...chipOf('either', 'port', '443'), isDisabled: true }],
  isBothWays: true,
  hide: 'dns',
  focus: 'ns = ml',
  quiet: ['dns'],
}

it('each filter that is on is named, a disabled chip is not', () => {
  expect(filterWords(FILTERED)).toEqual([
    'AI traffic only',
    'cluster prod',
    'namespaces ml, shop',
    'edges that are Mixed',
    'only problems',
    'inside prod / ml',
    'end A namespace is ml',
    'hide dns',
    'focus ns = ml',
    'without dns',
  ])
})

it('a chip has a source again where both ways do not count', () => {
  expect(filterWords({ ...FILTERED, isBothWays: false })).toContain('source namespace is ml')
})

it('nothing filters a view that all filters were taken off', () => {
  const bare = { ...FILTERED, ...UNFILTERED }
  expect(filterWords(bare)).toEqual([])
  expect(serializeGraphView(bare).toString()).toBe('scope=all&v=2')
})
