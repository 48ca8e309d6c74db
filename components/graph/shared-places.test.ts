import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fetchPlaces, type Places, PlaceTeller, tellPlaces } from './shared-places'

const OF = { dataset: 'd', key: 'ai/workload/c' }
const spot = (x: number, part = 0) => ({ at: { x, y: 0 }, part })
const places = (spots: Readonly<Record<string, ReturnType<typeof spot>>>): Places => ({
  spots: new Map(Object.entries(spots)),
  routes: new Map(),
})

interface Sent {
  readonly change: string
  readonly nodes: readonly (readonly [string, number, number, number?])[]
}
let sent: Sent[] = []
let answer: () => Response = () => Response.json({ nodes: [], routes: [] })

beforeEach(() => {
  vi.useFakeTimers()
  sent = []
  answer = () => Response.json({ nodes: [], routes: [] })
  vi.stubGlobal('fetch', async (_url: string, init: RequestInit) => {
    if (typeof init.body === 'string') sent.push(JSON.parse(init.body))
    return answer()
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('places that everybody shares', () => {
  it('come back as they were told: the box of a node, and the way of an edge', async () => {
    const route = { from: { x: 1, y: 2 }, to: { x: 3, y: 4 }, bends: [{ x: 5, y: 6 }] }
    const told: Places = { spots: new Map([['7', spot(10, 2)]]), routes: new Map([['e9', route]]) }
    await tellPlaces(OF, 'first', told)
    answer = () => Response.json({ nodes: [['7', 10, 0, 2]], routes: [['9', [1, 2, 3, 4, 5, 6]]] })
    expect(sent[0]).toMatchObject({ change: 'first', nodes: [['7', 10, 0, 2]], routes: [['9', [1, 2, 3, 4, 5, 6]]] })
    expect(await fetchPlaces(OF)).toEqual(told)
  })

  it('are none where the server refuses, answers nonsense or is away: the page draws all the same', async () => {
    for (const each of [
      () => new Response('no', { status: 503 }),
      () => Response.json({ nodes: 'all' }),
      () => new Response('<html>'),
      () => {
        throw new TypeError('network')
      },
    ]) {
      answer = each
      expect((await fetchPlaces(OF)).spots.size).toBe(0)
    }
  })
})

describe('telling what changed', () => {
  it('goes out together after a moment; what a person moved is theirs, also before anybody heard of it', async () => {
    const all = places({ '1': spot(1), '2': spot(2), '3': spot(3) })
    const teller = new PlaceTeller(
      OF,
      (ids) => places(Object.fromEntries([...ids].map((id) => [id, all.spots.get(id) ?? spot(0)]))),
      () => undefined,
    )
    teller.add('new', ['1', '2'])
    teller.add('moved', ['2', '3'])
    teller.add('new', [])
    expect(sent).toEqual([])
    await vi.advanceTimersByTimeAsync(1000)
    expect(sent.map(({ change, nodes }) => [change, nodes.map(([id]) => id)])).toEqual([
      ['moved', ['2', '3']],
      ['new', ['1']],
    ])
    await vi.advanceTimersByTimeAsync(1000)
    expect(sent).toHaveLength(2)
  })

  it('a new node that another browser placed before goes where it stands for everybody; others stay', async () => {
    const heard: Places[] = []
    const teller = new PlaceTeller(
      OF,
      () => places({ '1': spot(100), '2': spot(200) }),
      (elsewhere) => heard.push(elsewhere),
    )
    answer = () =>
      Response.json({
        nodes: [
          ['1', 555, 0],
          ['2', 200, 0],
        ],
        routes: [],
      })
    teller.add('new', ['1', '2'])
    await vi.advanceTimersByTimeAsync(1000)
    expect(heard).toEqual([places({ '1': spot(555) })])
  })
})
