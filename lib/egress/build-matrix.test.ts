import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DOOR_STATES, type DoorState, type Judgement } from '@/lib/model/egress'
import { MATRIX_BOUNDS, type MatrixFilter, POSSIBLE } from '@/lib/model/matrix'
import { buildMatrix, type JudgedSum, type MatrixInput } from './build-matrix'
import { createPointFinder } from './point-finder'

const EVERYTHING: MatrixFilter = { cluster: '', namespaces: [], providers: [], states: [], text: '', from: 0 }
const judgement = (state: DoorState, more: Partial<Judgement> = {}) => ({ state, lean: 'none' as const, ...more })
const GROUPS: MatrixInput['groups'] = new Map([
  ...DOOR_STATES.map((state) => [state, judgement(state)] as const),
  ['by-a', judgement('sanctioned', { observedIp: '203.0.113.10' })],
  ['by-a-too', judgement('sanctioned', { observedIp: '203.0.113.11' })],
  ['outside', judgement('violation', { observedIp: '198.51.100.7' })],
  ['seen', judgement('no_rule', { observedIp: '203.0.113.10' })],
  ['weak', judgement('unverified', { reason: 'join_too_weak', lean: 'likely_ok', observedIp: '203.0.113.10' })],
  ['none', judgement('unverified', { reason: 'no_nat_evidence' })],
])
const pointOf = createPointFinder({
  points: [
    { name: 'wide', kind: 'nat-gateway', publicCidrs: ['203.0.113.0/24'], origin: 'file' },
    { name: 'nat-a', kind: 'nat-gateway', publicCidrs: ['203.0.113.10/31'], origin: 'file' },
  ],
  rules: [],
})
const SERVERS: MatrixInput['servers'] = new Map([
  ['s1', { column: 'openai', name: 'OpenAI', host: 'api.openai.com' }],
  ['s2', { column: 'openai', name: 'OpenAI', host: 'eu.api.openai.com' }],
  ['s3', { column: 'anthropic', name: 'Anthropic', host: 'api.anthropic.com' }],
  ['s4', { column: POSSIBLE, name: 'Possible', host: '198.51.100.60' }],
])
const client = (cluster: string, name: string) => ({ cluster, namespace: 'ml', name, label: `ml / ${name}` })
const CLIENTS: MatrixInput['clients'] = new Map([
  ['c1', client('prod', 'agent')],
  ['c2', client('twin', 'agent')],
  ['c3', client('prod', 'batch')],
])
const sum = (clientId: string, serverId: string, groupId: string | null, weight = 1): JudgedSum => ({
  edgeId: `${clientId}-${serverId}`,
  clientId,
  serverId,
  groupId,
  weight,
})
const build = (sums: readonly JudgedSum[], filter: Partial<MatrixFilter> = {}, bytes?: ReadonlyMap<string, number>) =>
  buildMatrix(
    { sums, groups: GROUPS, clients: CLIENTS, servers: SERVERS, pointOf, ...(bytes && { bytes }) },
    { ...EVERYTHING, ...filter },
  )

describe('cells', () => {
  it('add up the edges of several hosts of one provider', () => {
    const [cell, ...others] = build([sum('c1', 's1', 'by-a', 2), sum('c1', 's2', 'outside', 1)]).cells
    expect(others).toEqual([])
    expect(cell).toMatchObject({ state: 'violation', counts: { sanctioned: 2, violation: 1 } })
  })

  it('have a door per egress point, the narrowest that holds the address, and per address that belongs to none', () => {
    const [cell] = build([
      sum('c1', 's1', 'by-a', 2),
      sum('c1', 's1', 'by-a-too', 3),
      sum('c1', 's1', 'outside', 1),
      sum('c1', 's1', 'weak', 4),
    ]).cells
    expect(cell?.doors).toEqual([
      { door: '198.51.100.7', isPoint: false, addresses: ['198.51.100.7'], sanctioned: 0, violation: 1, seen: 0 },
      {
        door: 'nat-a',
        isPoint: true,
        addresses: ['203.0.113.10', '203.0.113.11'],
        sanctioned: 5,
        violation: 0,
        seen: 4,
      },
    ])
  })

  it('say why something is unverified, by reason and lean, heaviest first', () => {
    const [cell] = build([sum('c1', 's1', 'weak', 1), sum('c1', 's1', 'none', 5)]).cells
    expect(cell?.unverified).toEqual([
      { reason: 'no_nat_evidence', lean: 'none', connections: 5 },
      { reason: 'join_too_weak', lean: 'likely_ok', connections: 1 },
    ])
  })

  it('of edges that only wait for their judgement are none yet', () => {
    expect(build([sum('c1', 's1', null, 3)]).cells).toEqual([])
  })
})

describe('the layout', () => {
  it('puts violations first, then by name; what is only possible stands last', () => {
    const answer = build([
      sum('c1', 's1', 'by-a'),
      sum('c3', 's1', 'outside'),
      sum('c2', 's4', 'none'),
      sum('c2', 's3', 'by-a'),
    ])
    expect(answer.rows.map(({ id }) => id)).toEqual(['c3', 'c2', 'c1'])
    expect(answer.columns.map(({ id }) => id)).toEqual(['anthropic', 'openai', POSSIBLE])
  })

  it('turns pages of rows, says how many there are, and leaves no cell out on the way', () => {
    const many = MATRIX_BOUNDS.rows * 2 + 7
    const clients = new Map(Array.from({ length: many }, (_, n) => [`n${n}`, client('prod', `w${n}`)]))
    const sums = [...clients.keys()].map((id) => sum(id, 's1', 'by-a'))
    const page = (from: number) =>
      buildMatrix({ sums, groups: GROUPS, clients, servers: SERVERS, pointOf }, { ...EVERYTHING, from })
    const pages = [0, 1, 2].map((n) => page(n * MATRIX_BOUNDS.rows))
    expect(pages.map(({ rows }) => rows.length)).toEqual([MATRIX_BOUNDS.rows, MATRIX_BOUNDS.rows, 7])
    expect(new Set(pages.flatMap(({ cells }) => cells.map(({ row }) => row))).size).toBe(many)
    expect(pages.map(({ rowsTotal }) => rowsTotal)).toEqual([many, many, many])
    // Beyond the end stands the last row, not nothing.
    expect(page(10_000).rows).toHaveLength(1)
  })

  it('cuts columns at the bound, and says how many there are', () => {
    const many = MATRIX_BOUNDS.columns + 5
    const servers = new Map(
      Array.from({ length: many }, (_, n) => [`p${n}`, { column: `p${n}`, name: `P${n}`, host: `p${n}.example` }]),
    )
    const sums = [...servers.keys()].map((id) => sum('c1', id, 'by-a'))
    const answer = buildMatrix({ sums, groups: GROUPS, clients: CLIENTS, servers, pointOf }, EVERYTHING)
    expect([answer.columns.length, answer.columnsTotal]).toEqual([MATRIX_BOUNDS.columns, many])
    expect(answer.totals.share.proven).toBe(many)
  })
})

describe('the verified share', () => {
  const ALL = fc.array(
    fc.record({
      clientId: fc.constantFrom('c1', 'c2', 'c3'),
      serverId: fc.constantFrom('s1', 's2', 's3', 's4'),
      groupId: fc.constantFrom(...GROUPS.keys()),
      weight: fc.integer({ min: 1, max: 50 }),
    }),
    { maxLength: 60 },
  )

  it('in all is the sum of its rows, and of its columns, and never more than everything', () => {
    fc.assert(
      fc.property(ALL, (parts) => {
        const answer = build(parts.map((part) => sum(part.clientId, part.serverId, part.groupId, part.weight)))
        const add = (shares: readonly { share: { proven: number; left: number } }[]) => ({
          proven: shares.reduce((total, { share }) => total + share.proven, 0),
          left: shares.reduce((total, { share }) => total + share.left, 0),
        })
        expect(add(answer.rows)).toEqual(answer.totals.share)
        expect(add(answer.columns)).toEqual(answer.totals.share)
        expect(answer.totals.share.proven).toBeLessThanOrEqual(answer.totals.share.left)
      }),
    )
  })

  it('does not depend on the order in which edges are told', () => {
    fc.assert(
      fc.property(ALL, (parts) => {
        const sums = parts.map((part) => sum(part.clientId, part.serverId, part.groupId, part.weight))
        const sorted = (answer: ReturnType<typeof build>) => ({
          ...answer,
          cells: [...answer.cells].sort((a, b) => (`${a.row}${a.column}` < `${b.row}${b.column}` ? -1 : 1)),
        })
        expect(sorted(build([...sums].reverse()))).toEqual(sorted(build(sums)))
      }),
    )
  })

  it('counts what no rule covers among what left, and what never left not at all', () => {
    const answer = build([
      sum('c1', 's1', 'by-a', 1),
      sum('c1', 's1', 'seen', 1),
      sum('c1', 's1', 'blocked', 9),
      sum('c1', 's1', 'broken', 9),
      sum('c1', 's1', 'not_applicable', 9),
    ])
    expect(answer.totals.share).toEqual({ proven: 1, left: 2 })
  })

  it('in bytes counts an edge only where all of its connections are proven', () => {
    const bytes = new Map([
      ['c1-s1', 100],
      ['c1-s3', 10],
      ['c3-s1', 1],
      ['c3-s3', 1000],
    ])
    const sums = [
      sum('c1', 's1', 'by-a'),
      sum('c1', 's3', 'by-a'),
      sum('c1', 's3', 'none'),
      sum('c3', 's1', 'outside'),
      sum('c3', 's1', null),
      sum('c3', 's3', 'blocked'),
    ]
    expect(build(sums, {}, bytes).totals.bytes).toEqual({ provenAtLeast: 100, total: 111 })
  })

  it('is not changed by the choice of states', () => {
    const sums = [sum('c1', 's1', 'by-a'), sum('c3', 's1', 'none'), sum('c3', 's3', 'by-a', 4)]
    const answer = build(sums, { states: ['unverified'] })
    expect(answer.rows).toMatchObject([{ id: 'c3', share: { proven: 4, left: 5 } }])
    expect(answer.columns).toMatchObject([{ id: 'openai', share: { proven: 1, left: 2 } }])
    expect(answer.totals.share).toEqual({ proven: 5, left: 6 })
  })
})

describe('hostile names', () => {
  it('of objects’ own members are names like any other', () => {
    const clients = new Map([['__proto__', client('__proto__', 'constructor')]])
    const answer = buildMatrix(
      { sums: [sum('__proto__', 's1', 'by-a')], groups: GROUPS, clients, servers: SERVERS, pointOf },
      { ...EVERYTHING, text: 'CONSTRUCTOR' },
    )
    expect(answer.cells).toHaveLength(1)
  })
})
