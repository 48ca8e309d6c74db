import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { applyPatch } from '@/lib/graph/diff-graph'
import { ClientStream } from '@/lib/live/client-stream'
import { GraphHub } from '@/lib/live/graph-hub'
import type { GraphPatch, GraphQuery, ServiceGraph } from '@/lib/model/graph'
import { LIMITS } from '@/lib/model/limits'
import { query, useDatabase } from '@/lib/store/client'
import { graphChangeReader } from '@/lib/store/graph-changes'
import { createTestDatabase } from '@/lib/store/test-database'
import { ingestBatch } from './ingest-batch'
import { endStreams, openStreams } from './live-streams'
import { queryWholeGraph } from './query-graph'
import { streamGraph } from './watch-graph'

let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterEach(() => endStreams())
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

const view = (change: Partial<GraphQuery> = {}): GraphQuery => ({
  dataset: '',
  windowMs: 900_000,
  namespaces: [],
  scope: 'all',
  states: [],
  ...change,
})

const NEVER = new AbortController().signal

/** Commits one flow to a server of this name, as any replica would. */
async function commit(server: string, dataset = ''): Promise<void> {
  const time = new Date(Date.now() - 5000).toISOString()
  const pod = (name: string) => ({ ID: 1, namespace: 'live', pod_name: `${name}-0`, labels: [`k8s:app=${name}`] })
  const flow = {
    time,
    uuid: randomUUID(),
    verdict: 'FORWARDED',
    IP: { source: '10.0.0.1', destination: '10.0.0.2' },
    l4: { TCP: { source_port: 40_000, destination_port: 80, flags: { SYN: true } } },
    source: pod('web'),
    destination: pod(server),
    event_type: { type: 5 },
    traffic_direction: 'EGRESS',
  }
  async function* body() {
    yield new TextEncoder().encode(JSON.stringify({ flow, time }))
  }
  const result = await ingestBatch({
    source: 'hubble',
    body: body(),
    dataset,
    tokenId: 't',
    defaultCluster: 'c1',
    retentionMs: 86_400_000,
    nowMs: Date.now(),
  })
  expect(result.accepted).toBe(1)
}

/** What a browser makes of a stream: its graph after each event, read until one is as wanted. */
class Browser {
  graph: ServiceGraph | undefined
  lastEventId = ''
  events: string[] = []
  private readonly reader: ReadableStreamDefaultReader<Uint8Array>
  private text = ''

  constructor(body: ReadableStream<Uint8Array>) {
    this.reader = body.getReader()
  }

  async until(isWanted: (browser: this) => boolean): Promise<void> {
    while (!isWanted(this)) {
      const { value, done } = await this.reader.read()
      if (done) throw new Error('the stream ended')
      this.text += new TextDecoder().decode(value)
      for (let end = this.text.indexOf('\n\n'); end >= 0; end = this.text.indexOf('\n\n')) {
        this.take(this.text.slice(0, end))
        this.text = this.text.slice(end + 2)
      }
    }
  }

  sees = (server: string): Promise<void> => this.until(({ graph }) => namesOf(graph).includes(server))

  leave = (): Promise<void> => this.reader.cancel()

  private take(event: string): void {
    const fields = new Map(event.split('\n').map((line) => [line.split(': ')[0], line.slice(line.indexOf(': ') + 2)]))
    const data = fields.get('data')
    if (data === undefined) return
    this.events.push(fields.get('event') ?? '')
    this.lastEventId = fields.get('id') ?? ''
    if (fields.get('event') === 'snapshot') this.graph = JSON.parse(data) as ServiceGraph
    else if (this.graph) this.graph = applyPatch(this.graph, JSON.parse(data) as GraphPatch)
  }
}

const namesOf = (graph: ServiceGraph | undefined): string[] => (graph?.nodes ?? []).map((node) => node.name)

const stream = (change: Partial<GraphQuery> = {}, lastEventId = '') =>
  new Browser(streamGraph(view(change), { signal: NEVER, headers: new Headers({ 'last-event-id': lastEventId }) }))

const listeners = () =>
  query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE application_name = 'postern-listen' AND datname = current_database()`,
  )

describe('a live graph', () => {
  it('shows what is committed, as patches of what it showed', async () => {
    const browser = stream()
    await browser.until(({ graph }) => graph !== undefined)
    await commit('first')
    await browser.sees('first')
    expect(browser.events.slice(0, 2)).toEqual(['snapshot', 'patch'])
    const whole = await queryWholeGraph(view(), Date.now())
    expect(browser.graph?.nodes).toEqual(whole.nodes)
    expect(browser.graph?.edges).toEqual(whole.edges)
  })

  it('shows what was committed while the connection that listens was cut off', async () => {
    const browser = stream()
    await browser.until(({ graph }) => graph !== undefined)
    await vi.waitFor(async () => expect(await listeners()).toHaveLength(1), { timeout: 10_000 })
    const [before] = await listeners()
    await query('SELECT pg_terminate_backend($1)', [before?.pid])
    await vi.waitFor(async () => expect(await listeners()).toHaveLength(0))
    await commit('unheard')
    await browser.sees('unheard')
    await vi.waitFor(async () => expect(await listeners()).toHaveLength(1), { timeout: 10_000 })
    expect((await listeners())[0]?.pid).not.toBe(before?.pid)
    await commit('heard-again')
    await browser.sees('heard-again')
  })

  it('shows what is committed where no notification ever comes', async () => {
    const deaf = new GraphHub({
      load: (source) => queryWholeGraph(source, Date.now()),
      changes: graphChangeReader(),
      listen: () => undefined,
    })
    const fixed = { fromMs: Date.now() - 60_000, toMs: Date.now() + 60_000 }
    const body = new ClientStream(
      (listener) => deaf.watch(view(fixed), '', listener),
      () => undefined,
    )
    const browser = new Browser(body.body)
    await browser.until(({ graph }) => graph !== undefined)
    await commit('polled')
    await browser.sees('polled')
    await browser.leave()
  })

  it('goes on where the browser was that comes back, without a snapshot', async () => {
    const stays = stream()
    const leaves = stream()
    await leaves.until(({ graph }) => graph !== undefined)
    await stays.until(({ graph }) => graph !== undefined)
    await leaves.leave()
    await commit('meanwhile')
    await stays.sees('meanwhile')
    const back = stream({}, leaves.lastEventId)
    back.graph = leaves.graph
    await back.sees('meanwhile')
    expect(new Set(back.events)).toEqual(new Set(['patch']))
    expect(back.graph?.edges).toEqual(stays.graph?.edges)
  })

  it('ends with its request, and frees its place', async () => {
    const request = new AbortController()
    const browser = new Browser(streamGraph(view(), { signal: request.signal, headers: new Headers() }))
    expect(openStreams()).toBe(1)
    request.abort()
    await expect(browser.until(() => false)).rejects.toThrow('ended')
    expect(openStreams()).toBe(0)
    const over = { signal: AbortSignal.abort(), headers: new Headers() }
    await expect(new Browser(streamGraph(view(), over)).until(() => false)).rejects.toThrow('ended')
    expect(openStreams()).toBe(0)
  })

  it('is refused with a word where as many windows are watched as may be', async () => {
    for (let index = 0; index < LIMITS.streamWindows; index += 1) stream({ dataset: 'none', windowMs: 1000 + index })
    expect(() => stream({ dataset: 'none', windowMs: 5 })).toThrow(/streamWindows/)
    expect(openStreams()).toBe(LIMITS.streamWindows)
    stream({ dataset: 'none', windowMs: 1000, scope: 'ai' })
  })
})
