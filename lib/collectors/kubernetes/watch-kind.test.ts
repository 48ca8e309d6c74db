import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WATCHED_KINDS } from '@/lib/sources/kubernetes/kinds'
import { ApiClient } from './api-client'
import { TestApiServer, type TestObject } from './test-api-server'
import { type KindSink, type KindState, KindWatcher } from './watch-kind'

const SERVICES = '/api/v1/services'
const GATEWAYS = '/apis/gateway.networking.k8s.io/v1beta1/gateways'
const TIMES = { firstPauseMs: 5, longestPauseMs: 20, absentPauseMs: 20, watchMs: 60_000, overdueMs: 30_000 }

/** What a kind's objects would be, told by the sink's calls alone. */
class Recorder implements KindSink {
  readonly names = new Set<string>()
  readonly rejects: string[] = []
  readonly lists: boolean[] = []
  private listed: Set<string> | undefined

  listStarts(): void {
    this.listed = new Set()
  }
  async put(object: unknown): Promise<void> {
    this.names.add(nameOf(object))
    this.listed?.add(nameOf(object))
  }
  async remove(object: unknown): Promise<void> {
    this.names.delete(nameOf(object))
  }
  async listEnds(isAfterGap: boolean): Promise<void> {
    for (const name of this.names) if (!this.listed?.has(name)) this.names.delete(name)
    this.listed = undefined
    this.lists.push(isAfterGap)
  }
  contact(): void {}
  reject(reason: string): void {
    this.rejects.push(reason)
  }
}
const nameOf = (object: unknown): string =>
  typeof object === 'object' && object !== null && 'metadata' in object
    ? String(Reflect.get(object.metadata ?? {}, 'name'))
    : ''

let server: TestApiServer
let recorder: Recorder
let states: KindState[]
let stop: () => Promise<void>

beforeEach(async () => {
  server = new TestApiServer()
  await server.listen()
  server.serve(SERVICES)
  recorder = new Recorder()
  states = []
})
afterEach(async () => {
  await stop()
  await server.close()
})

function start(kindName: string, limits = {}, times = {}): void {
  const kind = WATCHED_KINDS.find(({ kind }) => kind === kindName)
  if (!kind) throw new Error(`no kind ${kindName}`)
  const access = {
    open: async () => ({
      server: `http://127.0.0.1:${server.port}`,
      options: { headers: { authorization: 'Bearer first-token' } },
    }),
    forget: () => undefined,
  }
  const client = new ApiClient(access, { inventoryPageBytes: 1 << 20, inventoryEventBytes: 1 << 20, ...limits })
  const ending = new AbortController()
  const report = (state: KindState) => void states.push(state)
  const over = new KindWatcher(kind, client, recorder, report, { ...TIMES, ...times }, () => 0).run(ending.signal)
  stop = async () => {
    ending.abort()
    await over
  }
}
const until = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 10 })
const service = (name: string, text = ''): TestObject => ({ metadata: { name, uid: name }, text })
const lists = (path: string) =>
  server.requests.filter((request) => request.path === path && !request.query.get('watch'))

describe('the watch of one kind', () => {
  it('a page that is too large is asked for again with fewer objects, and none is lost', async () => {
    for (let n = 0; n < 60; n += 1) server.put(SERVICES, service(`s-${n}`, 'x'.repeat(1000)))
    start('Service', { inventoryPageBytes: 10_000 })
    await until(() => expect(recorder.lists).toEqual([false]))
    expect(recorder.names.size).toBe(60)
    expect(new Set(lists(SERVICES).map(({ query }) => query.get('limit')))).toEqual(new Set(['500', '125', '31', '7']))
  })

  it('an event that is too large is refused alone', async () => {
    start('Service', { inventoryEventBytes: 2000 })
    await until(() => expect(server.watchCount(SERVICES)).toBe(1))
    server.put(SERVICES, service('large', 'x'.repeat(100_000)))
    server.put(SERVICES, service('small'))
    await until(() => expect([...recorder.names]).toEqual(['small']))
    expect(recorder.rejects).toEqual(['line_too_long'])
    expect(server.watchCount(SERVICES)).toBe(1)
  })

  it('a watch that is dead is given up and opened again from the last version', async () => {
    server.put(SERVICES, service('a'))
    start('Service', {}, { watchMs: 1000, overdueMs: 50 })
    await until(() => expect(server.requests.filter(({ query }) => query.get('watch')).length).toBeGreaterThan(2))
    server.put(SERVICES, service('b'))
    await until(() => expect([...recorder.names]).toEqual(['a', 'b']))
    expect(lists(SERVICES)).toHaveLength(1)
  })

  it('goes on from a bookmark where the versions before it are gone', async () => {
    server.serve(GATEWAYS)
    start('Service')
    await until(() => expect(server.watchCount(SERVICES)).toBe(1))
    server.put(GATEWAYS, service('elsewhere'))
    server.compact()
    server.bookmark(SERVICES)
    server.put(SERVICES, service('a'))
    await until(() => expect([...recorder.names]).toEqual(['a']))
    server.cutWatches()
    await until(() => expect(server.watchCount(SERVICES)).toBe(1))
    expect(lists(SERVICES)).toHaveLength(1)
  })

  it('takes the next API where the preferred one is not served, and notices when a kind is uninstalled', async () => {
    server.serve(GATEWAYS)
    server.put(GATEWAYS, service('g'))
    start('Gateway')
    await until(() => expect([...recorder.names]).toEqual(['g']))
    server.uninstall(GATEWAYS)
    server.cutWatches()
    await until(() => expect([...recorder.names]).toEqual([]))
    expect(states.at(-1)).toEqual({ is: 'not-installed' })
  })

  it('does not ask without end where a server forgets its own list', async () => {
    server.forgetsLists = true
    start('Service', {}, { firstPauseMs: 100_000, longestPauseMs: 100_000 })
    await until(() => expect(states.at(-1)).toMatchObject({ is: 'failing' }))
    expect(lists(SERVICES)).toHaveLength(2)
    expect(recorder.lists).toEqual([false, true])
  })
})
