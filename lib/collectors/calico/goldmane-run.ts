import type { ServiceError } from '@grpc/grpc-js'
import type { DecodeResult } from '@/lib/model/decoded'
import { LIMITS } from '@/lib/model/limits'
import { createCalicoDecoder } from '@/lib/sources/calico/decode'
import type { Puller } from '@/lib/usecases/pull-records'
import type { CollectorContext } from '../collector'
import type { CollectorSettings } from '../collector-config'
import { commitPull } from '../commit-pull'
import type { GoldmaneTimes } from '../goldmane'
import { type TlsMaterial, watchTls } from '../tls-files'
import { WaitingRecords } from '../waiting-records'
import { BucketPosition } from './bucket-position'
import { GoldmaneClient, type GoldmaneStream, type GoldmaneTarget } from './goldmane-client'
import { goldmaneFailure } from './goldmane-failure'
import type { GoldmaneMessage } from './protocol'
import { PullReport } from './pull-report'

export interface GoldmaneRunSettings {
  readonly settings: Extract<CollectorSettings, { kind: 'goldmane' }>
  readonly times: GoldmaneTimes
  readonly context: CollectorContext
  readonly pull: Puller
  readonly tls: TlsMaterial
}

/** One run of a Goldmane collector: one stream, and another where certificates changed, until one fails or the signal aborts. */
export class GoldmaneRun {
  private readonly position: BucketPosition
  private readonly report: PullReport
  private tls: TlsMaterial
  private isTlsNew = false
  private interrupt: () => void = () => undefined

  constructor(private readonly setup: GoldmaneRunSettings) {
    this.tls = setup.tls
    this.position = new BucketPosition(setup.pull.cursor)
    this.report = new PullReport(setup.settings.address, setup.context.report)
  }

  async run(): Promise<void> {
    const { settings, times, context } = this.setup
    const ending = new AbortController()
    const signal = AbortSignal.any([context.signal, ending.signal])
    const stop = () => this.interrupt()
    signal.addEventListener('abort', stop)
    const watching = watchTls(settings.tls, this.tls, (material) => this.takeTls(material), signal, times.tlsCheckMs)
    try {
      do {
        this.isTlsNew = false
        await this.follow(signal)
      } while (this.isTlsNew && !signal.aborted)
    } finally {
      ending.abort()
      await watching
    }
  }

  private takeTls(material: TlsMaterial): void {
    this.tls = material
    this.isTlsNew = true
    this.interrupt()
  }

  /** Follows one stream to its end. What was read and not committed then is read again by the next one. */
  private async follow(signal: AbortSignal): Promise<void> {
    const { times, context } = this.setup
    const client = new GoldmaneClient(this.target())
    const stream = client.stream(this.position.beginStream(context.now()))
    const waiting = new WaitingRecords<GoldmaneMessage, ServiceError>(
      { records: times.waitingRecords, bytes: LIMITS.pullWaitingBytes },
      stream,
    )
    let wasConnected = false
    const answered = () => {
      wasConnected = true
      this.report.answered()
    }
    listen(stream, waiting, answered)
    client.onceReady(answered)
    this.interrupt = () => {
      stream.cancel()
      waiting.drop()
    }
    try {
      if (signal.aborted) return
      for (;;) {
        const { records, end } = await waiting.take(LIMITS.pullRecords, times.batchMs)
        if (records.length > 0 && !(await this.commit(records, signal))) return
        if (end?.error) throw await goldmaneFailure(end.error, this.target(), wasConnected)
        if (end) return
      }
    } finally {
      this.interrupt()
      this.interrupt = () => undefined
      this.report.reopened()
      client.close()
    }
  }

  private commit(messages: readonly GoldmaneMessage[], signal: AbortSignal): Promise<boolean> {
    const { context, pull, times } = this.setup
    const decoded = decodeMessages(messages)
    const gaps = this.position.advance(decoded.flows, context.now())
    return commitPull({
      pull,
      context,
      signal,
      decoded: { ...decoded, gaps: [...decoded.gaps, ...gaps] },
      cursor: this.position.cursor(),
      retryMs: times.retryMs,
      onDatabase: (isAway) => this.report.databaseIsAway(isAway),
    })
  }

  private target(): GoldmaneTarget {
    const { address, tls } = this.setup.settings
    return { address, tls: this.tls, ...(tls.serverName && { serverName: tls.serverName }) }
  }
}

function listen(
  stream: GoldmaneStream,
  waiting: WaitingRecords<GoldmaneMessage, ServiceError>,
  answered: () => void,
): void {
  stream.on('metadata', answered)
  stream.on('data', (message: GoldmaneMessage) => {
    answered()
    waiting.add(message, message.bytes)
  })
  stream.on('error', (error: ServiceError) => waiting.end(error))
  stream.on('end', () => waiting.end())
}

/** Messages of Goldmane as one batch; one whose bytes were no message is refused. */
export function decodeMessages(messages: readonly GoldmaneMessage[], node?: string): DecodeResult {
  const decoder = createCalicoDecoder(node ? { node } : {})
  const broken: number[] = []
  for (const [index, { value }] of messages.entries()) {
    if (value === undefined) broken.push(index + 1)
    else decoder.push(value, index + 1)
  }
  const decoded = decoder.finish()
  const rejects = broken.map((line) => ({ line, reason: 'bad_value', detail: 'no message of Goldmane' }) as const)
  return { ...decoded, rejects: [...rejects, ...decoded.rejects] }
}
