import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { chipOf } from '@/lib/model/filter-chip'
import { GRAPH_LEVELS, NOISE_KINDS } from '@/lib/model/graph'
import { EDGE_STATES } from '@/lib/model/verdict'
import {
  DEFAULT_VIEW,
  DOCK_PARTS,
  type GraphView,
  PANEL_TABS,
  parseGraphView,
  serializeGraphView,
  toGraphQuery,
} from './graph-view'

const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/links.md'), 'utf8')
const rows = [...page.matchAll(/^\| `(\w+)` \| (.+?) \| (.+?) \| (\d) \|$/gm)].map(
  ([, name, values, byDefault, since]) => ({
    name: name ?? '',
    values: values ?? '',
    byDefault: byDefault ?? '',
    since: Number(since),
  }),
)
const row = (name: string) => rows.find((one) => one.name === name)

/** Nothing at its default, so that every parameter is written. */
const FULL: Required<{ [Key in keyof GraphView]: NonNullable<GraphView[Key]> }> = {
  from: 'now-6h',
  to: '1795416108000',
  zone: 'Europe/Berlin',
  dataset: 'replay-1',
  cluster: 'prod',
  namespaces: ['ml', 'shop'],
  scope: 'all',
  states: ['mixed'],
  layout: 'table',
  selected: 'edge:-12',
  level: 'pod',
  inside: { cluster: 'eu/1', namespace: 'ml', workload: 'planner' },
  expanded: ['g0123456789abcdef'],
  isOnlyProblems: true,
  quiet: ['dns'],
  chips: [chipOf('source', 'namespace', 'ml')],
  isBothWays: true,
  find: 'denied',
  hide: 'dns',
  focus: 'ns = ml',
  isUncapped: true,
  panel: 'policies',
  dock: 'denies',
  at: '1795416107000',
  against: '1795416100000',
}

describe('docs/links.md', () => {
  it('names every parameter that a link can carry, and no other', () => {
    expect(Object.entries(FULL).filter(([key, value]) => value === DEFAULT_VIEW[key as keyof GraphView])).toEqual([])
    const written = rows.filter(({ byDefault }) => byDefault !== 'read only')
    expect(written.map(({ name }) => name).sort()).toEqual([...new Set(serializeGraphView(FULL).keys())].sort())
    expect(parseGraphView(serializeGraphView(FULL))).toEqual(FULL)
  })

  it('names every value of those that have a list', () => {
    const lists = { state: EDGE_STATES, level: GRAPH_LEVELS, quiet: NOISE_KINDS, panel: PANEL_TABS, dock: DOCK_PARTS }
    for (const [name, values] of Object.entries(lists))
      expect([...(row(name)?.values ?? '').matchAll(/`([a-z_]+)`/g)].map(([, value]) => value)).toEqual([...values])
  })

  it('says the defaults that parsing an empty link gives', () => {
    const told = (name: string) => row(name)?.byDefault.replaceAll('`', '')
    expect({ from: told('from'), to: told('to'), scope: told('scope'), layout: told('layout') }).toEqual({
      from: DEFAULT_VIEW.from,
      to: DEFAULT_VIEW.to,
      scope: DEFAULT_VIEW.scope,
      layout: DEFAULT_VIEW.layout,
    })
    expect(parseGraphView(new URLSearchParams())).toEqual(DEFAULT_VIEW)
  })

  it('says of each parameter since which version it is there', () => {
    const firsts = 'from to dataset cluster ns scope state q layout sel'.split(' ')
    expect(rows.filter(({ since }) => since === 1).map(({ name }) => name)).toEqual(firsts)
  })
})

/** Links as version 1 wrote them. They are in chats, tickets and runbooks: a line here never changes. */
const VERSION_1: readonly (readonly [string, Partial<GraphView>])[] = [
  ['', {}],
  ['from=now-6h', { from: 'now-6h' }],
  ['from=1795416105000&to=1795416108000', { from: '1795416105000', to: '1795416108000' }],
  [
    'from=2026-11-24T10%3A00%3A00Z&to=2026-11-24T11%3A00%3A00Z',
    { from: '2026-11-24T10:00:00Z', to: '2026-11-24T11:00:00Z' },
  ],
  ['dataset=replay-1&scope=all', { dataset: 'replay-1', scope: 'all' }],
  ['cluster=prod-eu&ns=ml%2Cagents', { cluster: 'prod-eu', namespaces: ['ml', 'agents'] }],
  ['scope=all&state=denied_by_rule%2Cdenied_no_rule', { scope: 'all', states: ['denied_by_rule', 'denied_no_rule'] }],
  ['q=planner&layout=table', { chips: [chipOf('either', 'text', 'planner')], layout: 'table' }],
  ['sel=edge%3A-4611686018427387904', { selected: 'edge:-4611686018427387904' }],
  ['scope=all&sel=node%3A12&from=now-24h', { scope: 'all', selected: 'node:12', from: 'now-24h' }],
]

describe('a link of version 1', () => {
  it.each(VERSION_1)('%j opens the view that it was made of', (link, part) => {
    const view = parseGraphView(new URLSearchParams(link))
    expect(view).toEqual({ ...DEFAULT_VIEW, ...part })
    // Written again it is of version 2, and means the same.
    const again = serializeGraphView(view)
    expect(parseGraphView(again)).toEqual(view)
    const nowMs = 1_795_416_200_000
    expect(toGraphQuery(parseGraphView(again), nowMs)).toEqual(toGraphQuery(view, nowMs))
  })

  it('of a later version is read as far as it is known', () => {
    expect(parseGraphView(new URLSearchParams('v=3&scope=all&colour=blue&state=mixed,dreamt'))).toEqual({
      ...DEFAULT_VIEW,
      scope: 'all',
      states: ['mixed'],
    })
  })
})
