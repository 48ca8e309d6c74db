import { isRecord } from '@/lib/sources/framing/unwrap'
import { collectionPath, type KindApi, type WatchedKind } from '@/lib/sources/kubernetes/kinds'
import { isCollectorFailure } from '../collector'
import { pause } from '../pause'
import type { ApiClient } from './api-client'
import { ApiError, isGone } from './api-error'

/** What becomes of a kind's objects. Each call may wait: then the stream is not read on. */
export interface KindSink {
  /** A list begins; what was known before is compared when it ends. */
  listStarts(): void
  put(object: unknown, api: KindApi): Promise<void>
  remove(object: unknown, api: KindApi): Promise<void>
  /** The list is complete. `isAfterGap`: events before it were lost. */
  listEnds(isAfterGap: boolean): Promise<void>
  /** A word of the server: all that happened until now was told. */
  contact(): void
  /** An event that cannot be read. */
  reject(reason: 'line_too_long' | 'not_json' | 'bad_value', detail: string): void
}

export type KindState =
  | { readonly is: 'starting' }
  | { readonly is: 'watching' }
  | { readonly is: 'not-installed' }
  | { readonly is: 'forbidden'; readonly why: string; readonly api: KindApi }
  | { readonly is: 'unauthorized'; readonly why: string }
  | { readonly is: 'failing'; readonly why: string; readonly remedy?: string; readonly isLasting?: boolean }

export interface WatchTimes {
  readonly firstPauseMs: number
  readonly longestPauseMs: number
  /** Kinds that are not installed, or may not be read, are asked for again after this long. */
  readonly absentPauseMs: number
  /** The server is asked to end a watch after this long (up to twice); then it is opened again. */
  readonly watchMs: number
  /** A watch beyond its own end by this much is dead. */
  readonly overdueMs: number
}

export const WATCH_TIMES: WatchTimes = {
  firstPauseMs: 1000,
  longestPauseMs: 60_000,
  absentPauseMs: 180_000,
  watchMs: 240_000,
  overdueMs: 30_000,
}

const PAGE = 500
const LIST_ATTEMPTS = 3
/** A watch that was open for so long was no failure, even without a word. */
const LASTING_MS = 5000
const METADATA = ';g=meta.k8s.io;v=v1,application/json'

/**
 * Lists one kind and watches it on, until the signal aborts: pages, bookmarks, reconnects from the version seen last, a new
 * list where that version is gone (410, as status or as event). A kind that is not installed or not allowed is asked for
 * again now and then; everything else that fails, after growing pauses. Never throws but for what `sink` throws.
 */
export class KindWatcher {
  private version = ''
  private api: KindApi | undefined
  private hasListed = false
  private isAfterGap = false

  constructor(
    private readonly kind: WatchedKind,
    private readonly client: ApiClient,
    private readonly sink: KindSink,
    private readonly report: (state: KindState) => void,
    private readonly times: WatchTimes,
    private readonly random: () => number,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    let pauseMs = this.times.firstPauseMs
    let goneInRow = 0
    while (!signal.aborted) {
      let waitMs = pauseMs
      try {
        const outcome = await this.step(signal)
        if (outcome === 'listed') continue
        if (outcome === 'lasted') {
          pauseMs = this.times.firstPauseMs
          goneInRow = 0
          continue
        }
      } catch (error) {
        if (signal.aborted) return
        if (isGone(error)) {
          this.version = ''
          this.isAfterGap = this.hasListed
          goneInRow += 1
          // Once is ordinary; a server that forgets its own lists must not be asked without end.
          if (goneInRow === 1) continue
        }
        const state = stateOf(error, this.api ?? this.kind.apis[0])
        this.report(state)
        const isAbsent = state.is === 'not-installed' || state.is === 'forbidden'
        if (isAbsent) this.version = ''
        const askedMs = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0
        waitMs = isAbsent ? this.times.absentPauseMs : Math.max(askedMs, pauseMs)
      }
      await pause(waitMs * (0.8 + 0.4 * this.random()), signal)
      pauseMs = Math.min(pauseMs * 2, this.times.longestPauseMs)
    }
  }

  /** `ended`: a watch that ended at once without a word, as through a proxy that closes. */
  private async step(signal: AbortSignal): Promise<'listed' | 'lasted' | 'ended'> {
    if (this.version !== '') return (await this.watch(signal)) ? 'lasted' : 'ended'
    await this.list(signal)
    return 'listed'
  }

  /** Tries the kind's APIs in order. Throws `ApiError` 404 where none is served. */
  private async list(signal: AbortSignal): Promise<void> {
    for (const [index, api] of this.kind.apis.entries()) {
      try {
        this.api = api
        await this.listFrom(api, signal)
        return
      } catch (error) {
        const isLast = index === this.kind.apis.length - 1
        if (!(error instanceof ApiError) || error.status !== 404) throw error
        if (!isLast) continue
        // Its definition was removed, and with it every object.
        if (this.hasListed) {
          this.sink.listStarts()
          await this.sink.listEnds(false)
          this.hasListed = false
        }
        throw error
      }
    }
  }

  private async listFrom(api: KindApi, signal: AbortSignal): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.readPages(api, signal)
        return
      } catch (error) {
        // The token of the next page expires where pages are read slowly; a list that goes on elsewhere is not consistent.
        if (!isGone(error) || attempt >= LIST_ATTEMPTS) throw error
      }
    }
  }

  private async readPages(api: KindApi, signal: AbortSignal): Promise<void> {
    const path = collectionPath(api, this.kind.resource)
    const accept = this.kind.isMetadataOnly
      ? `application/json;as=PartialObjectMetadataList${METADATA}`
      : 'application/json'
    this.sink.listStarts()
    let next = ''
    let limit = PAGE
    for (;;) {
      const query = { limit: String(limit), ...(next && { continue: next }) }
      const page = await this.client.list(path, query, accept, signal).catch((error: unknown) => {
        if (!(error instanceof ApiError) || error.status !== 413 || limit === 1) throw error
        return undefined
      })
      if (!page) {
        limit = Math.max(1, Math.floor(limit / 4))
        continue
      }
      for (const item of page.items) await this.sink.put(item, api)
      next = page.next
      if (next) continue
      if (page.resourceVersion === '') throw new ApiError(0, 'the list has no resource version')
      await this.sink.listEnds(this.isAfterGap)
      this.version = page.resourceVersion
      this.hasListed = true
      this.isAfterGap = false
      return
    }
  }

  /** True where the server said anything, or kept the watch open as asked. */
  private async watch(signal: AbortSignal): Promise<boolean> {
    const { api } = this
    if (!api) return false
    const seconds = Math.max(1, Math.round((this.times.watchMs * (1 + this.random())) / 1000))
    const query = {
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: this.version,
      timeoutSeconds: String(seconds),
    }
    const accept = this.kind.isMetadataOnly
      ? `application/json;as=PartialObjectMetadata${METADATA}`
      : 'application/json'
    const overdue = AbortSignal.timeout(seconds * 1000 + this.times.overdueMs)
    const path = collectionPath(api, this.kind.resource)
    const lines = this.client.watch(
      path,
      query,
      accept,
      AbortSignal.any([signal, overdue]),
      seconds * 1000 + this.times.overdueMs,
    )
    this.report({ is: 'watching' })
    const startMs = Date.now()
    let isFruitful = false
    for await (const line of lines) {
      isFruitful = true
      await this.take(line, api)
    }
    return isFruitful || Date.now() - startMs > LASTING_MS
  }

  private async take(line: string | undefined, api: KindApi): Promise<void> {
    if (line === undefined)
      return this.sink.reject('line_too_long', `an event of ${this.kind.kind} (limit inventoryEventBytes)`)
    if (line.trim() === '') return
    const event = parse(line)
    if (!isRecord(event) || !isRecord(event.object))
      return this.sink.reject('not_json', `an event of ${this.kind.kind}`)
    if (event.type === 'ERROR') throw errorOfEvent(event.object)
    if (event.type === 'ADDED' || event.type === 'MODIFIED') await this.sink.put(event.object, api)
    else if (event.type === 'DELETED') await this.sink.remove(event.object, api)
    else if (event.type !== 'BOOKMARK') return this.sink.reject('bad_value', `an event of an unknown type`)
    const metadata = isRecord(event.object.metadata) ? event.object.metadata : {}
    if (typeof metadata.resourceVersion === 'string' && metadata.resourceVersion)
      this.version = metadata.resourceVersion
    this.sink.contact()
  }
}

function errorOfEvent(status: Readonly<Record<string, unknown>>): ApiError {
  const message = typeof status.message === 'string' ? status.message.slice(0, 200) : 'the API server ended the watch'
  return new ApiError(typeof status.code === 'number' ? status.code : 0, message)
}

function stateOf(error: unknown, api: KindApi | undefined): KindState {
  if (isCollectorFailure(error))
    return { is: 'failing', why: error.message, remedy: error.remedy, isLasting: error.isLasting }
  if (!(error instanceof ApiError)) throw error
  if (error.status === 404) return { is: 'not-installed' }
  if (error.status === 403 && api) return { is: 'forbidden', why: error.message, api }
  if (error.status === 401) return { is: 'unauthorized', why: error.message }
  return { is: 'failing', why: error.message }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
