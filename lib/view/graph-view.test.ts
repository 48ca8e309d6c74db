import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CHIP_FIELDS, CHIP_SIDES, chipOf } from '@/lib/model/filter-chip'
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

const views: fc.Arbitrary<GraphView> = fc.record({
  from: fc.constantFrom('now-15m', 'now-6h', '1795416105000'),
  to: fc.constantFrom('now', '1795416108000', 'now-1d/d'),
  zone: fc.constantFrom('', 'Europe/Berlin'),
  dataset: fc.constantFrom('', 'replay-1'),
  cluster: fc.constantFrom('', 'prod-eu'),
  namespaces: fc.uniqueArray(fc.constantFrom('ml', 'agents', 'shop')),
  scope: fc.constantFrom('ai' as const, 'all' as const),
  states: fc.subarray([...EDGE_STATES]),
  layout: fc.constantFrom('graph' as const, 'table' as const),
  selected: fc.constantFrom('', 'edge:-12', 'node:9007199254740993', 'node:g0123456789abcdef'),
  level: fc.constantFrom('' as const, ...GRAPH_LEVELS),
  inside: fc.option(
    fc.oneof(
      fc.record({ cluster: fc.constantFrom('', 'eu/1', 'prod'), namespace: fc.constantFrom('ml', 'a/b') }),
      fc.record({
        cluster: fc.constant('prod'),
        namespace: fc.constant('ml'),
        workload: fc.string({ minLength: 1, maxLength: 9, unit: 'grapheme-ascii' }),
      }),
      // A cluster may have no name, and is a place too.
      fc.record({ cluster: fc.constantFrom('prod', '') }),
    ),
    { nil: undefined },
  ),
  expanded: fc.uniqueArray(fc.constantFrom('g0123456789abcdef', 'gffffffffffffffff')),
  isOnlyProblems: fc.boolean(),
  quiet: fc.subarray([...NOISE_KINDS]),
  chips: fc.array(
    fc.record({
      side: fc.constantFrom(...CHIP_SIDES),
      field: fc.constantFrom(...CHIP_FIELDS),
      values: fc.array(
        fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' }).filter((text) => text.length <= 253),
        { minLength: 1, maxLength: 3 },
      ),
      isNegated: fc.boolean(),
      isDisabled: fc.boolean(),
    }),
    { maxLength: 3 },
  ),
  isBothWays: fc.boolean(),
  find: fc.string({ maxLength: 20 }),
  hide: fc.string({ maxLength: 20 }),
  focus: fc.string({ maxLength: 20 }),
  isUncapped: fc.boolean(),
  panel: fc.constantFrom('' as const, ...PANEL_TABS),
  dock: fc.constantFrom('' as const, ...DOCK_PARTS),
  at: fc.constantFrom('', '1795416107000'),
  against: fc.constantFrom('', 'now-1d', '1795316107000'),
})

describe('the URL is the state', () => {
  it('every view survives the round trip', () => {
    fc.assert(
      fc.property(views, (view) => {
        expect(parseGraphView(new URLSearchParams(serializeGraphView(view).toString()))).toEqual(view)
      }),
    )
  })

  it('the default view has an empty query', () => {
    expect(serializeGraphView(DEFAULT_VIEW).toString()).toBe('')
  })

  it('nonsense falls back to the defaults', () => {
    expect(parseGraphView(new URLSearchParams('from=soon&to=%00&scope=everything&state=fine&sel=edge:1;drop'))).toEqual(
      DEFAULT_VIEW,
    )
  })
})

describe('links from before there were chips', () => {
  it('a part of a name in q is a chip, before all others, and a link written anew carries it as one', () => {
    const view = parseGraphView(new URLSearchParams('q= Crawler &f=src.namespace%3Dagents'))
    expect(view.chips).toEqual([chipOf('either', 'text', 'Crawler'), chipOf('source', 'namespace', 'agents')])
    expect(serializeGraphView(view).get('q')).toBeNull()
    expect(serializeGraphView(view).getAll('f')).toEqual(['any.text=Crawler', 'src.namespace=agents'])
  })

  it('a blank q asks nothing', () => {
    expect(parseGraphView(new URLSearchParams('q=%20')).chips).toEqual([])
  })
})

describe('times', () => {
  it('yesterday is a whole day of the reader, and a zone that nobody knows is UTC', () => {
    const now = Date.parse('2026-11-26T14:00:00Z')
    const windowIn = (tz: string) =>
      toGraphQuery(parseGraphView(new URLSearchParams(`from=now-1d/d&to=now-1d/d&${tz}`)), now)
    const day = { fromMs: Date.parse('2026-11-25T00:00:00Z'), toMs: Date.parse('2026-11-26T00:00:00Z') }
    for (const tz of ['', 'tz=Middle/Earth', 'timezone=utc', 'timezone=browser'])
      expect(windowIn(tz)).toMatchObject(day)
    for (const tz of ['tz=Europe/Berlin', 'timezone=Europe/Berlin'])
      expect(windowIn(tz)).toMatchObject({ fromMs: day.fromMs - 3600_000, toMs: day.toMs - 3600_000 })
  })

  it('a window from a fixed start until now keeps its start, one for all who look', () => {
    const view = { ...DEFAULT_VIEW, from: 'now/d' }
    const [early, late] = ['2026-11-26T10:00:00Z', '2026-11-26T11:00:00Z'].map((at) =>
      toGraphQuery(view, Date.parse(at)),
    )
    expect(early).toMatchObject({ fromMs: Date.parse('2026-11-26T00:00:00Z'), toMs: late?.toMs })
    expect(early?.toMs).toBeGreaterThan(Date.parse('2026-11-27T00:00:00Z'))
  })

  it('a window that ends now moves, a fixed one stays', () => {
    expect(toGraphQuery(DEFAULT_VIEW, 5_000_000)).toMatchObject({ windowMs: 900_000 })
    expect(toGraphQuery(DEFAULT_VIEW, 5_000_000).toMs).toBeUndefined()
    const fixed = toGraphQuery({ ...DEFAULT_VIEW, from: '1795416105000', to: '1795416108000' }, 0)
    expect(fixed).toMatchObject({ fromMs: 1_795_416_105_000, toMs: 1_795_416_108_000 })
  })
})
