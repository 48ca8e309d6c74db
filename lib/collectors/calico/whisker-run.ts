import type { IncomingMessage } from 'node:http'
import { type DecodeResult, emptyDecodeResult, type RecordReject } from '@/lib/model/decoded'
import { LIMITS } from '@/lib/model/limits'
import { SECOND_MS } from '@/lib/model/units'
import { createCalicoDecoder } from '@/lib/sources/calico/decode'
import type { Puller } from '@/lib/usecases/pull-records'
import type { CollectorContext } from '../collector'
import type { CollectorSettings } from '../collector-config'
import { commitPull } from '../commit-pull'
import { pause } from '../pause'
import { type TlsMaterial, watchTls } from '../tls-files'
import { WaitingRecords } from '../waiting-records'
import type { WhiskerTimes } from '../whisker'
import { BucketPosition } from './bucket-position'
import { EventRecords, type WhiskerRecord } from './event-records'
import { PullReport } from './pull-report'
import { askFlows, readAnswer, type WhiskerTarget } from './whisker-client'
import { whiskerFailure } from './whisker-failure'

const BUCKET_S = 15
/** Goldmane hands on a bucket when the second after it is over; one more for clocks that differ. */
const SETTLED_S = 3 * BUCKET_S
const REMARK =
  'Whisker tells less than Goldmane: no endpoint types, Services or counts of connections. Prefer a collector of kind goldmane.'

export interface WhiskerRunSettings {
  readonly settings: Extract<CollectorSettings, { kind: 'whisker' }>
  readonly times: WhiskerTimes
  readonly context: CollectorContext
  readonly pull: Puller
  readonly tls?: TlsMaterial
}

/**
 * One run of a Whisker collector: follows the event stream, opened anew when it is quiet for long; where the answer is no event
 * stream, asks for one bucket after the other.
 */
export class WhiskerRun {
  private readonly position: BucketPosition
  private readonly report: PullReport
  private tls: TlsMaterial | undefined
  private renew = new AbortController()

  constructor(private readonly setup: WhiskerRunSettings) {
    this.tls = setup.tls
    this.position = new BucketPosition(setup.pull.cursor)
    this.report = new PullReport(setup.settings.url, setup.context.report, REMARK)
  }

  async run(): Promise<void> {
    const { settings, times, context } = this.setup
    const ending = new AbortController()
    const signal = AbortSignal.any([context.signal, ending.signal])
    const changed = (material: TlsMaterial) => {
      this.tls = material
      this.renew.abort()
    }
    const watching =
      settings.tls && this.tls ? watchTls(settings.tls, this.tls, changed, signal, times.tlsCheckMs) : undefined
    try {
      while (!signal.aborted) {
        this.renew = new AbortController()
        await this.read(signal)
      }
    } catch (error) {
      if (!signal.aborted) throw whiskerFailure(error, settings.url)
    } finally {
      ending.abort()
      await watching
    }
  }

  /** Reads until the other side ends, the stream is quiet for long, certificates change or the signal aborts. */
  private async read(signal: AbortSignal): Promise<void> {
    const { context } = this.setup
    const back = this.position.beginStream(context.now())
    const during = AbortSignal.any([signal, this.renew.signal])
    try {
      const response = await askFlows(this.target(), { watch: 'true', startTimeGte: String(-back) }, during)
      this.report.answered()
      if (/^text\/event-stream\b/.test(response.headers['content-type'] ?? '')) await this.follow(response, during)
      else {
        response.destroy()
        await this.poll(back, during)
      }
    } catch (error) {
      if (!this.renew.signal.aborted) throw error
    }
  }

  private async follow(response: IncomingMessage, signal: AbortSignal): Promise<void> {
    const { times } = this.setup
    const waiting = new WaitingRecords<WhiskerRecord>(
      { records: times.waitingRecords, bytes: LIMITS.pullWaitingBytes },
      response,
    )
    const events = new EventRecords((record, bytes) => waiting.add(record, bytes))
    response.on('data', (chunk: Buffer) => events.push(chunk))
    response.on('end', () => waiting.end())
    response.on('error', (error) => waiting.end(error))
    // Nothing for long may be a quiet cluster or a dead connection: a new one shows which.
    response.setTimeout(times.quietMs, () => this.renew.abort())
    const stop = () => waiting.drop()
    signal.addEventListener('abort', stop)
    try {
      for (;;) {
        const { records, end } = await waiting.take(LIMITS.pullRecords, times.batchMs)
        if (records.length > 0 && !(await this.commit(records, signal))) return
        if (end?.error && !signal.aborted) throw end.error
        if (end) return this.ended(signal)
      }
    } finally {
      signal.removeEventListener('abort', stop)
      response.destroy()
    }
  }

  /** The list merges a key over all that is asked for: only windows of one bucket keep the buckets apart. */
  private async poll(back: number, signal: AbortSignal): Promise<void> {
    const { context, times } = this.setup
    let bucketS = bucketOf(context.now() / SECOND_MS - back)
    while (!signal.aborted) {
      if (bucketS + SETTLED_S > context.now() / SECOND_MS) {
        await pause(times.pollMs, signal)
        continue
      }
      const window = { startTimeGte: String(bucketS), startTimeLt: String(bucketS + BUCKET_S) }
      const answer = await readAnswer(await askFlows(this.target(), window, signal))
      if (!(await this.commit([{ value: answer }], signal))) return
      bucketS += BUCKET_S
    }
  }

  private ended(signal: AbortSignal): void {
    if (!signal.aborted) throw Object.assign(new Error('the event stream ended'), { code: 'ECONNRESET' })
  }

  private async commit(records: readonly WhiskerRecord[], signal: AbortSignal): Promise<boolean> {
    const { context, pull, times } = this.setup
    const decoded = decodeRecords(records)
    if (isNothing(decoded)) return true
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

  private target(): WhiskerTarget {
    const { url, tls } = this.setup.settings
    return { url, ...(this.tls && { tls: this.tls }), ...(tls?.serverName && { serverName: tls.serverName }) }
  }
}

const bucketOf = (seconds: number): number => Math.floor(seconds / BUCKET_S) * BUCKET_S

function decodeRecords(records: readonly WhiskerRecord[]): DecodeResult {
  const decoder = createCalicoDecoder()
  const rejects: RecordReject[] = []
  for (const [index, record] of records.entries()) {
    if ('value' in record) {
      // An empty page says that there was nothing.
      if (!isEmptyPage(record.value)) decoder.push(record.value, index + 1)
    } else rejects.push({ line: index + 1, reason: record.reason, detail: record.detail })
  }
  const decoded = records.length > 0 ? decoder.finish() : emptyDecodeResult()
  return { ...decoded, rejects: [...rejects, ...decoded.rejects] }
}

const isNothing = ({ flows, rejects, ignored }: DecodeResult): boolean =>
  flows.length + rejects.length + Object.keys(ignored).length === 0

const isEmptyPage = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'items' in value && (value.items === null || isEmptyList(value.items))
const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0
