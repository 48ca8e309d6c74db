import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface TestObject {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly uid: string } & Record<
    string,
    unknown
  >
  readonly [field: string]: unknown
}

interface Event {
  readonly version: number
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: TestObject
}

interface Collection {
  readonly objects: Map<string, TestObject>
  readonly events: Event[]
  /** Watches from an older version are too old. */
  compactedAt: number
}

interface Watch {
  readonly path: string
  readonly response: ServerResponse
  readonly isMetadataOnly: boolean
}

/**
 * An API server as far as list and watch go, for tests: versions, pages with tokens that expire, watches as chunked JSON
 * lines, bookmarks, 410 as status and as event, 403 and 404 per collection, 429, bearer tokens, cut connections. It keeps what was asked for.
 */
export class TestApiServer {
  readonly requests: { readonly path: string; readonly query: URLSearchParams; readonly accept: string }[] = []
  readonly tokens = new Set(['first-token'])
  readonly forbidden = new Set<string>()
  /** Paths that answer 429 once. */
  readonly busyOnce = new Set<string>()
  /** The next page token of this path is refused as expired, once. */
  readonly expireOnce = new Set<string>()
  /** True: connections are cut unanswered. */
  isDown = false
  /** True: a watch that is too old is told so by an event; false: by its status. */
  tellsGoneByEvent = false
  /** True: every version is too old to be watched. */
  forgetsLists = false
  private readonly collections = new Map<string, Collection>()
  private readonly watches = new Set<Watch>()
  private version = 100
  private readonly server: Server = createServer((request, response) => this.answer(request, response))

  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve))
    return `http://127.0.0.1:${this.port}`
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    this.cutWatches()
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }

  /** Serves a collection; others answer 404. */
  serve(...paths: readonly string[]): void {
    for (const path of paths)
      if (!this.collections.has(path)) this.collections.set(path, { objects: new Map(), events: [], compactedAt: 0 })
  }

  uninstall(path: string): void {
    this.collections.delete(path)
  }

  put(path: string, object: TestObject): void {
    const collection = this.collectionOf(path)
    this.version += 1
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.version) } }
    const type = collection.objects.has(keyOf(object)) ? 'MODIFIED' : 'ADDED'
    collection.objects.set(keyOf(object), stored)
    this.emit(path, collection, { version: this.version, type, object: stored })
  }

  remove(path: string, object: TestObject): void {
    const collection = this.collectionOf(path)
    const stored = collection.objects.get(keyOf(object))
    if (!stored) return
    this.version += 1
    collection.objects.delete(keyOf(object))
    const last = { ...stored, metadata: { ...stored.metadata, resourceVersion: String(this.version) } }
    this.emit(path, collection, { version: this.version, type: 'DELETED', object: last })
  }

  /** Forgets events so far: watches from before are too old. */
  compact(): void {
    this.version += 1
    for (const collection of this.collections.values()) {
      collection.compactedAt = this.version
      collection.events.length = 0
    }
  }

  bookmark(path: string): void {
    for (const watch of this.watchesOf(path))
      this.write(watch, 'BOOKMARK', { kind: 'Any', metadata: { resourceVersion: String(this.version) } })
  }

  /** Bytes into every watch of a collection, whatever they are. */
  disturb(path: string, text: string): void {
    for (const watch of this.watchesOf(path)) watch.response.write(text)
  }

  cutWatches(): void {
    for (const watch of this.watches) watch.response.destroy()
    this.watches.clear()
  }

  watchCount(path: string): number {
    return this.watchesOf(path).length
  }

  private emit(path: string, collection: Collection, event: Event): void {
    collection.events.push(event)
    for (const watch of this.watchesOf(path)) this.write(watch, event.type, event.object)
  }

  private watchesOf(path: string): Watch[] {
    return [...this.watches].filter((watch) => watch.path === path)
  }

  private collectionOf(path: string): Collection {
    const collection = this.collections.get(path)
    if (!collection) throw new Error(`${path} is not served`)
    return collection
  }

  /** In two chunks, cut in the middle: lines need not arrive whole. */
  private write({ response, isMetadataOnly }: Watch, type: string, object: object): void {
    const line = `${JSON.stringify({ type, object: isMetadataOnly ? partial(object) : object })}\n`
    const middle = Math.floor(line.length / 2)
    response.write(line.slice(0, middle))
    response.write(line.slice(middle))
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://test')
    const path = url.pathname
    const accept = String(request.headers.accept ?? '')
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    const collection = this.collections.get(path)
    this.requests.push({ path, query: url.searchParams, accept })
    if (this.isDown) response.destroy()
    else if (!this.tokens.has(token)) refuse(response, 401, 'Unauthorized')
    else if (!collection) refuse(response, 404, 'the server could not find the requested resource')
    else if (this.forbidden.has(path)) refuse(response, 403, `${path} is forbidden: User "postern" cannot list it`)
    else if (this.busyOnce.delete(path)) refuse(response, 429, 'too many requests', { 'retry-after': '1' })
    else if (url.searchParams.get('watch')) this.watch(path, collection, url.searchParams, accept, response)
    else this.list(path, collection, url.searchParams, accept, response)
  }

  private list(
    path: string,
    collection: Collection,
    query: URLSearchParams,
    accept: string,
    response: ServerResponse,
  ): void {
    const [version = '', offsetText = '0'] = (query.get('continue') ?? `${this.version}:0`).split(':')
    if (query.get('continue') && this.expireOnce.delete(path)) {
      refuse(response, 410, 'The provided continue parameter is too old')
      return
    }
    const offset = Number(offsetText)
    const limit = Number(query.get('limit') ?? '0') || Number.MAX_SAFE_INTEGER
    const all = [...collection.objects.values()]
    const items = all.slice(offset, offset + limit)
    const isLast = offset + limit >= all.length
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify({
        kind: 'List',
        metadata: { resourceVersion: version, ...(!isLast && { continue: `${version}:${offset + limit}` }) },
        items: items.length === 0 ? null : accept.includes('PartialObjectMetadata') ? items.map(partial) : items,
      }),
    )
  }

  private watch(
    path: string,
    collection: Collection,
    query: URLSearchParams,
    accept: string,
    response: ServerResponse,
  ): void {
    const from = Number(query.get('resourceVersion'))
    const isGone = this.forgetsLists || from < collection.compactedAt
    if (isGone && !this.tellsGoneByEvent) {
      refuse(response, 410, 'too old resource version')
      return
    }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    const watch = { path, response, isMetadataOnly: accept.includes('PartialObjectMetadata') }
    if (isGone) {
      this.write({ ...watch, isMetadataOnly: false }, 'ERROR', status(410, 'too old resource version'))
      response.end()
      return
    }
    for (const event of collection.events) if (event.version > from) this.write(watch, event.type, event.object)
    this.watches.add(watch)
    response.on('close', () => this.watches.delete(watch))
  }
}

const keyOf = ({ metadata }: TestObject): string => `${metadata.namespace ?? ''}/${metadata.name}`
const status = (code: number, message: string) => ({ kind: 'Status', status: 'Failure', code, message })
const partial = (object: object) => ({
  kind: 'PartialObjectMetadata',
  metadata: 'metadata' in object ? object.metadata : {},
})

function refuse(response: ServerResponse, code: number, message: string, headers: Record<string, string> = {}): void {
  response.writeHead(code, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(status(code, message)))
}
