import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { GraphEdge, GraphQuery, ServiceGraph } from '@/lib/model/graph'
import { LIMITS } from '@/lib/model/limits'
import { type Changes, GraphHub } from './graph-hub'
import type { GraphSource } from './view-keys'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const view = (change: Partial<GraphQuery> = {}): GraphQuery => ({
  dataset: '',
  windowMs: 900_000,
  namespaces: [],
  scope: 'all',
  states: [],
  ...change,
})

const COUNTERS = { connections: 1, events: 0, requests: 0, requestErrors: 0, spans: 0, bytesSent: 0, bytesReceived: 0 }

const edge = (passed: number): GraphEdge => ({
  id: '1',
  client: 'a',
  server: 'b',
  cluster: 'c1',
  protocol: 'tcp',
  serverPort: 80,
  state: 'allowed_by_policy',
  passed,
  denied: 0,
  wouldBeDenied: 0,
  dropped: 0,
  counters: COUNTERS,
  variants: [],
  isAi: false,
  openFindings: 0,
  firstMs: 0,
  lastMs: 0,
})

const node = (id: string) => ({ id, class: 'workload', cluster: 'c1', namespace: 'n', name: id, label: id }) as const

const HEARD = {
  source: 'hubble',
  cluster: 'c1',
  acceptedInWindow: 1,
  duplicatesInWindow: 0,
  rejectedInWindow: 0,
  rejects: [],
  lostInWindow: 0,
  gapsInWindow: 0,
} as const

/** A database of one number that grows with every commit, and what happens around it. */
class World {
  committed = 1
  unread: Changes = 'everything'
  isAway = false
  isSilent = false
  loads: GraphSource[] = []
  running = 0
  most = 0
  loadMs: (source: GraphSource) => number = () => 0
  private notify = (): void => undefined
  readonly hub = new GraphHub({
    load: async (source) => {
      this.loads.push(source)
      this.running += 1
      this.most = Math.max(this.most, this.running)
      const graph = this.draw(source)
      await new Promise((resolve) => setTimeout(resolve, this.loadMs(source)))
      this.running -= 1
      if (this.isAway) throw new Error('away')
      return graph
    },
    changes: async () => {
      if (this.isAway) throw new Error('away')
      const { unread } = this
      this.unread = []
      return unread
    },
    listen: (onChange) => {
      this.notify = onChange
    },
  })

  commit(dataset: string, cluster: string, isNotified = true): void {
    this.committed += 1
    if (this.unread !== 'everything') this.unread = [...this.unread, { dataset, cluster }]
    if (isNotified) this.notify()
  }

  private draw({ dataset }: GraphSource): ServiceGraph {
    return {
      window: { fromMs: 0, toMs: Date.now() },
      dataset,
      nodes: [node('a'), node('b')],
      edges: [edge(this.committed)],
      hidden: { edges: 0, nodes: 0 },
      coverage: [{ ...HEARD, isSilent: this.isSilent }],
      headline: { violations: 0, providerConnections: 0 },
      revision: String(this.committed),
    }
  }
}

const decode = (event: Uint8Array | undefined): { event: string; id: string; passed: number } => {
  const [, name = '', json = '', id = ''] =
    /^event: (\w+)\ndata: (.*)\nid: (.*)\n\n$/.exec(new TextDecoder().decode(event)) ?? []
  const graph = JSON.parse(json)
  return { event: name, id, passed: (graph.edges ?? graph.upsertEdges)[0]?.passed }
}

/** A watch, with what it was sent. */
function watch(world: World, query: GraphQuery, lastEventId = '') {
  const events: Uint8Array[] = []
  const handle = world.hub.watch(query, lastEventId, (event) => void events.push(event))
  return { ...handle, events, last: () => decode(events.at(-1)) }
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

describe('what many look at', () => {
  it('is read once and turned into bytes once, however many listen and however they write the same filters', async () => {
    const world = new World()
    const first = watch(world, view({ namespaces: ['n', 'm'], hide: ' ns = a ' }))
    const others = Array.from({ length: 50 }, () => watch(world, view({ namespaces: ['m', 'n', 'n'], hide: 'ns = a' })))
    await pass(1000)
    world.loads = []
    world.commit('', 'c1')
    await pass(1000)
    expect(world.loads).toHaveLength(1)
    expect(first.last()).toMatchObject({ event: 'patch', passed: 2 })
    for (const other of others) expect(other.events.at(-1)).toBe(first.events.at(-1))
  })

  it('in one window is read once for all its views, and who comes later is shown it without another read', async () => {
    const world = new World()
    const views = ['n', 'x', 'y'].map((name) => watch(world, view({ namespaces: [name] })))
    await pass(1000)
    world.loads = []
    world.commit('', 'c1')
    await pass(1000)
    const late = watch(world, view({ scope: 'ai' }))
    expect(world.loads).toHaveLength(1)
    expect(views[0]?.last().passed).toBe(2)
    expect(late.events).toHaveLength(1)
    expect(decode(views[1]?.events[0]).passed).toBeUndefined()
  })

  it('is not read any more once nobody looks', async () => {
    const world = new World()
    watch(world, view()).stop()
    await pass(0)
    world.loads = []
    world.commit('', 'c1')
    await pass(120_000)
    expect(world.loads).toEqual([])
  })

  it('is read at once when somebody looks again, though nothing changed since', async () => {
    const world = new World()
    watch(world, view()).stop()
    await pass(5000)
    const again = watch(world, view())
    await pass(10)
    expect(again.last()).toMatchObject({ event: 'snapshot', passed: 1 })
  })

  it('stays within the limit of windows, which more views of a watched window do not count for', async () => {
    const world = new World()
    for (let index = 0; index < LIMITS.streamWindows; index += 1) watch(world, view({ windowMs: 1000 + index }))
    expect(world.hub.hasRoomFor(view({ windowMs: 5 }))).toBe(false)
    expect(world.hub.hasRoomFor(view({ windowMs: 1000, namespaces: ['new'] }))).toBe(true)
  })
})

describe('a change', () => {
  it('concerns only views of its dataset; one of another cluster waits for the tick', async () => {
    const world = new World()
    const fixed = { fromMs: 0, toMs: 1000 }
    watch(world, view({ ...fixed, dataset: 'other' }))
    watch(world, view({ ...fixed, fromMs: 1, cluster: 'c2' }))
    watch(world, view({ ...fixed, fromMs: 2, cluster: 'c1' }))
    await pass(5000)
    world.loads = []
    world.commit('', 'c1')
    await pass(4000)
    expect(world.loads.map((source) => [source.dataset, source.fromMs])).toEqual([['', 2]])
    await pass(10_000)
    expect(world.loads.map((source) => [source.dataset, source.fromMs])).toEqual([
      ['', 2],
      ['', 1],
    ])
  })

  it('of all clusters of a dataset concerns every view of it', async () => {
    const world = new World()
    const one = watch(world, view({ cluster: 'c1' }))
    await pass(1000)
    world.commit('', '')
    await pass(1000)
    expect(one.last().passed).toBe(2)
  })

  it('whose notification is lost is shown within three seconds', async () => {
    const world = new World()
    const one = watch(world, view())
    await pass(1000)
    world.commit('', 'c1', false)
    await pass(3000)
    expect(one.last()).toMatchObject({ event: 'patch', passed: 2 })
  })

  it('that was committed while the database could not be asked is shown once it can', async () => {
    const world = new World()
    const one = watch(world, view())
    await pass(1000)
    world.isAway = true
    world.commit('', 'c1')
    await pass(60_000)
    expect(one.last().passed).toBe(1)
    world.isAway = false
    await pass(13_000)
    expect(one.last().passed).toBe(2)
  })

  it('is not needed to show that a source fell silent, or speaks again: the next tick does', async () => {
    const world = new World()
    const a = watch(world, view())
    await pass(1000)
    world.isSilent = true
    await pass(10_000)
    expect(new TextDecoder().decode(a.events.at(-1))).toMatch(/^event: patch\n.*"isSilent":true/)
    world.isSilent = false
    await pass(10_000)
    expect(new TextDecoder().decode(a.events.at(-1))).toMatch(/^event: patch\n.*"isSilent":false/)
    const { length } = a.events
    await pass(20_000)
    expect(a.events).toHaveLength(length)
  })

  it('that could not be read is read again, in a window with fixed ends too', async () => {
    const world = new World()
    const one = watch(world, view({ fromMs: 0, toMs: 1 }))
    await pass(1000)
    world.loadMs = () => 500
    world.commit('', 'c1')
    await pass(300)
    // Asked what changed, then away: nobody will tell of the change again.
    world.isAway = true
    await pass(600)
    world.isAway = false
    await pass(12_000)
    expect(one.last().passed).toBe(2)
  })

  it('during a read is read again after it', async () => {
    const world = new World()
    world.loadMs = () => 1000
    const one = watch(world, view())
    await pass(5000)
    world.commit('', 'c1')
    await pass(400)
    world.commit('', 'c1')
    await pass(6000)
    expect(one.last().passed).toBe(3)
  })
})

describe('reads', () => {
  it('are at most two at a time, never two of one window, and no window starves under steady commits', async () => {
    const world = new World()
    const at = new Map<string, number>()
    const running = new Set<number>()
    let doubled = false
    world.loadMs = (source) => {
      doubled ||= running.has(source.windowMs)
      running.add(source.windowMs)
      setTimeout(() => running.delete(source.windowMs), source.windowMs - 1)
      return source.windowMs
    }
    const views = Array.from({ length: 20 }, (_, index) => watch(world, view({ windowMs: 200 + index })))
    for (let step = 0; step < 120; step += 1) {
      world.commit('', 'c1')
      await pass(500)
      for (const [index, one] of views.entries()) if (one.events.length > 0) at.set(`${index}`, one.last().passed)
    }
    expect(world.most).toBe(2)
    expect(doubled).toBe(false)
    // A round of twenty reads of 0.2 s, two at a time, takes two seconds: four commits, and what came during the round.
    for (let index = 0; index < 20; index += 1) expect(at.get(`${index}`)).toBeGreaterThan(121 - 12)
  })

  it('of a heavy window rest twice as long as they take', async () => {
    const world = new World()
    world.loadMs = () => 1000
    watch(world, view({ fromMs: 0, toMs: 1 }))
    await pass(10_000)
    world.loads = []
    for (let step = 0; step < 120; step += 1) {
      world.commit('', 'c1')
      await pass(250)
    }
    expect(world.loads.length).toBeGreaterThanOrEqual(9)
    expect(world.loads.length).toBeLessThanOrEqual(11)
  })
})

describe('a browser that comes back', () => {
  it('gets what it missed, and nothing where it missed nothing', async () => {
    const world = new World()
    const stays = watch(world, view())
    await pass(1000)
    const left = stays.last().id
    world.commit('', 'c1')
    await pass(1000)
    world.commit('', 'c1')
    await pass(1000)
    const back = watch(world, view(), left)
    expect(back.events).toEqual(stays.events.slice(-2))
    expect(watch(world, view(), stays.last().id).events).toEqual([])
  })

  it('gets a snapshot where its last event is of another view, another process, or too long ago', async () => {
    const world = new World()
    const stays = watch(world, view())
    const elsewhere = watch(world, view({ scope: 'ai' }))
    await pass(1000)
    const old = stays.last().id
    for (let step = 0; step < 40; step += 1) {
      world.commit('', 'c1')
      await pass(1000)
    }
    for (const id of [old, elsewhere.last().id, '7.0badcafe.3', '__proto__'])
      expect(watch(world, view(), id).last()).toMatchObject({ event: 'snapshot', passed: 41 })
  })
})
