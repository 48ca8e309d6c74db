import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '@/lib/model/limits'
import { type Connection, givePassed, groupConnections, type PlacedSighting } from './group-connections'

const T = Date.parse('2026-11-24T12:00:00Z')
let records = 0

function seen(atS: number, change: Partial<PlacedSighting> = {}): PlacedSighting {
  records += 1
  return {
    recordKey: `r${records}`,
    recordId: `r${String(records).padStart(6, '0')}`,
    dataset: '',
    cluster: 'c',
    edgeId: '1',
    atMs: T + atS * 1000,
    endMs: T + atS * 1000,
    clientIp: '10.0.0.1',
    clientPort: 40_000,
    serverIp: '203.0.113.200',
    serverPort: 443,
    protocol: 'tcp',
    isAggregate: false,
    isOpening: false,
    weight: 1,
    isBlocked: false,
    isBroken: false,
    bytesSent: 0,
    ...change,
  }
}
const opening = (atS: number, change: Partial<PlacedSighting> = {}) => seen(atS, { isOpening: true, ...change })
const portless = (atS: number, change: Partial<PlacedSighting> = {}) => seen(atS, { clientPort: undefined, ...change })
const xlated = { ip: '203.0.113.10', isEgressObservation: true }
const group = (...sightings: readonly PlacedSighting[]) =>
  groupConnections([], sightings).sort((a, b) => a.firstMs - b.firstMs)

describe('one connection', () => {
  it('is its opening and what follows, seen at several points', () => {
    const rows = group(opening(0), opening(0.001), seen(5), seen(290))
    expect(rows).toMatchObject([{ firstMs: T, lastMs: T + 290_000, weight: 1, isDirty: true }])
    expect(rows[0]?.facts.recordIds).toHaveLength(4)
  })

  it('is the same whatever the order and the cutting of its records', () => {
    const records = [opening(0), opening(0.001), seen(5), seen(60), seen(200)]
    fc.assert(
      fc.property(fc.shuffledSubarray(records, { minLength: 5 }), fc.integer({ min: 1, max: 5 }), (order, cut) => {
        const open: Connection[] = groupConnections([], order.slice(0, cut))
        const more = groupConnections(open, order.slice(cut))
        const rows = new Set([...open, ...more])
        expect(rows.size).toBe(1)
        expect([...rows][0]).toMatchObject({ firstMs: T, lastMs: T + 200_000, facts: { openedMs: T } })
      }),
      { seed: 4 },
    )
  })

  it('ends when it was quiet for five minutes', () => {
    expect(group(opening(0), seen(301))).toHaveLength(2)
  })

  it('ends when its port is opened again', () => {
    expect(group(opening(0), seen(1), opening(20), seen(21)).map((row) => row.facts.recordIds.length)).toEqual([2, 2])
  })

  it.each([
    ['another port', { clientPort: 40_001 }],
    ['another pod', { clientIp: '10.0.0.2' }],
    ['another server', { serverIp: '203.0.113.201' }],
    ['another edge', { edgeId: '2' }],
  ])('is not %s', (_name, change) => {
    expect(group(opening(0), opening(0, change))).toHaveLength(2)
  })

  it('keeps bounded lists', () => {
    const many = Array.from({ length: 60 }, (_, index) =>
      seen(index, { translated: { ...xlated, ip: `203.0.113.${index}` }, dnsNames: [`h${index}`] }),
    )
    const [row] = group(...many)
    expect([row?.facts.recordIds.length, row?.facts.translated.length, row?.facts.dnsNames?.length]).toEqual([
      20,
      8,
      LIMITS.dnsNames + 1,
    ])
  })
})

describe('refused connections', () => {
  it('retries of the same port are one attempt', () => {
    const refused = { isOpening: true, isBlocked: true }
    expect(
      group(seen(0, refused), seen(1, refused), seen(3, refused), seen(33, refused), seen(65, refused)),
    ).toMatchObject([{ blocked: true }])
  })

  it('one that is let through later is another connection', () => {
    const rows = group(opening(0, { isBlocked: true }), opening(7))
    expect(rows.map((row) => row.blocked)).toEqual([true, false])
  })

  it('a gateway without address breaks the connection that it belongs to', () => {
    expect(group(opening(0), seen(0.001, { isBroken: true }))).toMatchObject([{ broken: true, blocked: false }])
  })

  it.each([
    ['before it', [0, 1]],
    ['after it', [1, 0]],
  ])('that a gateway dropped is not the one that left from its port a minute earlier, told %s', (_words, order) => {
    const told = [opening(0), seen(60, { isBroken: true })]
    const rows: Connection[] = []
    for (const index of order) rows.push(...groupConnections(rows, told.slice(index, index + 1)))
    expect([...new Set(rows)].sort((a, b) => a.firstMs - b.firstMs)).toMatchObject([
      { firstMs: T, broken: false },
      { firstMs: T + 60_000, broken: true },
    ])
  })
})

describe('records without the client port', () => {
  it('belong to the only connection of the pod that is open', () => {
    const [row] = group(opening(0), portless(0.5, { translated: xlated }))
    expect(row?.facts.translated).toMatchObject([{ ip: '203.0.113.10', isOnlyCandidate: true }])
  })

  it('with several open ones go to the nearest, and say so', () => {
    const rows = group(opening(0), opening(60, { clientPort: 40_001 }), portless(60.2, { translated: xlated }))
    expect(rows).toHaveLength(2)
    expect(rows[1]?.facts.translated).toMatchObject([{ isOnlyCandidate: false }])
  })

  it('an opening among several is told apart by its time', () => {
    const rows = group(
      opening(0),
      opening(60, { clientPort: 40_001 }),
      portless(60.2, { isOpening: true, translated: xlated }),
    )
    expect(rows[1]?.facts.translated).toMatchObject([{ isOnlyCandidate: true }])
  })

  it('that come first wait for the port', () => {
    const first = groupConnections([], [portless(0, { isOpening: true, translated: xlated })])
    first.forEach((row) => {
      row.isDirty = false
    })
    const changed = groupConnections(first, [opening(0.002)])
    expect(changed).toEqual(first)
    expect(changed).toMatchObject([{ clientPort: 40_000, isDirty: true }])
  })
})

describe('what a node on the way tells, which knows no name', () => {
  const NAMED = '1'
  const passing = (atS: number, change: Partial<PlacedSighting> = {}) =>
    portless(atS, { edgeId: 'address', isPassing: true, isOpening: true, translated: xlated, ...change })
  /** Bodies that arrive one after the other. */
  function arrive(...bodies: readonly (readonly PlacedSighting[])[]): Connection[] {
    let stored: Connection[] = []
    for (const body of bodies) {
      const rows = [...new Set([...stored, ...groupConnections(stored, body)])]
      const { gone } = givePassed(rows)
      stored = rows.filter((row) => !gone.has(row))
    }
    return stored.sort((a, b) => a.firstMs - b.firstMs)
  }
  const claimsOf = (rows: readonly Connection[]) =>
    rows.map(({ edgeId, facts }) => [
      edgeId,
      ...facts.translated.map(({ ip, isOnlyCandidate }) => [ip, isOnlyCandidate]),
    ])

  it('is of the connection that the pod’s node names, in any order and in one body', () => {
    const flow = opening(0, { dnsNames: ['api.openai.com'] })
    const trace = passing(0.01)
    const ways = [arrive([flow, trace]), arrive([flow], [trace]), arrive([trace], [flow])]
    const [first] = ways
    expect(claimsOf(first ?? [])).toEqual([[NAMED, ['203.0.113.10', true]]])
    expect(first).toMatchObject([{ firstMs: T, lastMs: T + 10, clientPort: 40_000 }])
    for (const way of ways)
      expect(
        way.map(({ facts, ...row }) => [row, facts.openedMs, facts.translated, [...facts.recordIds].sort()]),
      ).toEqual(first?.map(({ facts, ...row }) => [row, facts.openedMs, facts.translated, [...facts.recordIds].sort()]))
    for (const [row] of ways) expect(row).toMatchObject({ isDirty: true })
    for (const [row] of ways) expect(row?.facts.isPassing).toBeUndefined()
  })

  it('stays for itself where the pod’s node tells nothing of that call', () => {
    const alone = [
      arrive([passing(0)]),
      ...[
        opening(60),
        opening(0, { serverIp: '203.0.113.201' }),
        opening(0, { clientIp: '10.0.0.2' }),
        opening(0, { cluster: 'd', edgeId: '2' }),
        opening(0, { protocol: 'udp', edgeId: '3' }),
        opening(0, { serverPort: 8443, edgeId: '4' }),
        opening(0, { pod: 'another' }),
        opening(0, { isBlocked: true }),
      ].flatMap((flow) => [
        arrive([passing(0, { pod: 'agent' })], [flow]),
        arrive([flow], [passing(0, { pod: 'agent' })]),
      ]),
    ]
    for (const rows of alone)
      expect(claimsOf(rows.filter(({ edgeId }) => edgeId === 'address'))).toEqual([['address', ['203.0.113.10', true]]])
  })

  it('is told from others by its opening, and proves nothing of two that opened at once', () => {
    const later = opening(60, { clientPort: 40_001 })
    const bodies = [[opening(0)], [later], [passing(60.01)]]
    for (const order of [bodies, bodies.toReversed()])
      expect(claimsOf(arrive(...order))).toEqual([[NAMED], [NAMED, ['203.0.113.10', true]]])
    const both = [opening(0), opening(1, { clientPort: 40_001 })]
    expect(claimsOf(arrive(both, [passing(0.01)]))).toEqual([[NAMED, ['203.0.113.10', false]], [NAMED]])
    expect(claimsOf(arrive([passing(0.01)], both))).toEqual([[NAMED, ['203.0.113.10', false]], [NAMED]])
  })

  it('that saw no opening proves nothing among several, by one name or by two', () => {
    const packet = passing(30, { isOpening: false })
    for (const edgeId of [NAMED, 'other name']) {
      const both = [opening(0), opening(20, { clientPort: 40_001, edgeId })]
      for (const rows of [arrive(both, [packet]), arrive([packet], both)])
        expect(claimsOf(rows)).toEqual([[NAMED], [edgeId, ['203.0.113.10', false]]])
    }
  })

  it('may be of any that the pod’s node tells of, though one lies on the very edge', () => {
    const both = [opening(0, { edgeId: 'address' }), opening(60, { clientPort: 40_001 })]
    const rows = arrive(both, [passing(60.5, { isOpening: false })])
    expect(claimsOf(rows)).toEqual([['address'], [NAMED, ['203.0.113.10', false]]])
  })

  it('goes to the nearest, and not to whoever lies on the very edge', () => {
    const both = [opening(0), opening(2, { clientPort: 40_001, edgeId: 'address' })]
    for (const rows of [arrive(both, [passing(0.01)]), arrive([passing(0.01)], both)])
      expect([claimsOf(rows), rows[1]?.firstMs]).toEqual([[[NAMED, ['203.0.113.10', false]], ['address']], T + 2000])
  })

  it('brings no name along, which others may have asked for', () => {
    const trace = passing(0.01, { fqdnSelectors: ['cdn.example.com'] })
    const flow = opening(0, { dnsNames: ['api.openai.com'] })
    for (const [row] of [arrive([flow], [trace]), arrive([trace], [flow])])
      expect([row?.facts.dnsNames, row?.facts.fqdnSelectors]).toEqual([['api.openai.com'], undefined])
  })

  it('goes on as one where the pod’s node never tells', () => {
    const rows = arrive([passing(0)], [passing(5, { isOpening: false })], [passing(200, { isOpening: false })])
    expect(rows).toMatchObject([{ lastMs: T + 200_000, facts: { isPassing: true } }])
  })
})

describe('aggregates', () => {
  const aggregate = (atS: number, change: Partial<PlacedSighting> = {}) =>
    seen(atS, {
      isAggregate: true,
      clientIp: undefined,
      clientPort: undefined,
      serverIp: undefined,
      endMs: T + atS * 1000 + 15_000,
      ...change,
    })

  it('stand for as many connections as they opened, each for itself', () => {
    expect(
      group(aggregate(0, { isOpening: true, weight: 4 }), aggregate(15, { isOpening: true, weight: 2 })).map(
        (row) => row.weight,
      ),
    ).toEqual([4, 2])
  })

  it('that opened none go on with the last one', () => {
    expect(group(aggregate(0, { isOpening: true, weight: 4 }), aggregate(15), aggregate(30))).toMatchObject([
      { weight: 4, lastMs: T + 45_000 },
    ])
  })

  it('refused and allowed ones stay apart', () => {
    expect(group(aggregate(0, { isOpening: true }), aggregate(15, { isBlocked: true }))).toHaveLength(2)
  })
})

describe('judging again', () => {
  const quiet = (...sightings: readonly PlacedSighting[]) => {
    const open = groupConnections([], [opening(0, { labels: { app: 'a' } }), seen(1, { translated: xlated })])
    for (const row of open) row.isDirty = false
    return groupConnections(open, sightings).map((row) => row.isDirty)
  }
  it('is not needed for a connection that only goes on', () => {
    expect(quiet(seen(10), seen(20, { translated: xlated }))).toEqual([false])
  })
  it('is needed for another address, a name, or a break', () => {
    expect(quiet(seen(10, { translated: { ...xlated, ip: '198.51.100.7' } }))).toEqual([true])
    expect(quiet(seen(10, { dnsNames: ['api.openai.com'] }))).toEqual([true])
    expect(quiet(seen(10, { isBroken: true }))).toEqual([true])
  })
})
