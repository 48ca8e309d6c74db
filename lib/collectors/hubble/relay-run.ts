import { status } from '@grpc/grpc-js'
import type { Gap } from '@/lib/model/flow'
import { LIMITS } from '@/lib/model/limits'
import { MINUTE_MS } from '@/lib/model/units'
import { isRecord } from '@/lib/sources/framing/unwrap'
import { createHubbleDecoder } from '@/lib/sources/hubble/decode'
import { recordFromProtobuf } from '@/lib/sources/hubble/from-protobuf'
import type { Puller } from '@/lib/usecases/pull-records'
import { type CollectorContext, CollectorFailure } from '../collector'
import type { CollectorSettings } from '../collector-config'
import { commitPull } from '../commit-pull'
import { type GrpcPeer, grpcFailure } from '../grpc-failure'
import type { RelayTimes } from '../hubble-relay'
import { pause } from '../pause'
import { type TlsMaterial, watchTls } from '../tls-files'
import { FlowReader } from './flow-reader'
import { NodeStates } from './node-states'
import { RelayClient, type RelayMessage } from './relay-client'
import { RelayReport } from './relay-report'
import { OVERLAP_MS, readCursor, StreamPosition } from './stream-position'

/** ServerStatus calls in a row without an answer, while no flow came either, that make a connection a dead one. */
const MISSED_POLLS = 3
/** Gaps that wait for a database that is away; nodes that come and go meanwhile add no more. */
const MAX_UNTOLD_GAPS = 10_000

const COUNTED_NODE_STATUS = { node_status: { state_change: 'NODE_CONNECTED' } }

export interface RelayRunSettings {
  readonly settings: Extract<CollectorSettings, { kind: 'hubble-relay' }>
  readonly times: RelayTimes
  readonly context: CollectorContext
  readonly pull: Puller
  readonly tls?: TlsMaterial
}

/** One run of a Relay collector: streams one after the other, until one fails, the other side ends it, or the signal aborts. */
export class RelayRun {
  private readonly report: RelayReport
  private readonly position: StreamPosition
  private readonly nodes = new NodeStates()
  private client: RelayClient
  private reader: FlowReader | undefined
  private tls: TlsMaterial | undefined
  private isTlsNew = false
  private isDead = false
  private untoldGaps: Gap[] = []

  constructor(private readonly setup: RelayRunSettings) {
    const { settings, context, pull, tls } = setup
    const cursor = readCursor(pull.cursor)
    this.tls = tls
    this.position = new StreamPosition(cursor?.atMs, cursor?.nodes)
    this.report = new RelayReport(settings.address, context.report)
    this.client = this.connect()
  }

  async run(): Promise<void> {
    const ending = new AbortController()
    const signal = AbortSignal.any([this.setup.context.signal, ending.signal])
    const wake = () => this.reader?.wake()
    signal.addEventListener('abort', wake)
    const beside = [this.pollStatus(signal), this.watchFiles(signal)]
    try {
      while (await this.followOne(signal)) if (this.isTlsNew) this.reconnect()
    } finally {
      ending.abort()
      this.reader?.cancel()
      this.client.close()
      await Promise.all(beside)
    }
  }

  /** Follows one stream; true where a new one is to be opened. */
  private async followOne(signal: AbortSignal): Promise<boolean> {
    const { times, context, settings } = this.setup
    const sinceMs = this.position.sinceMs ?? context.now() - settings.lookBackMinutes * MINUTE_MS
    this.position.beginStream()
    const bounds = { messages: times.waitingRecords, bytes: LIMITS.pullWaitingBytes }
    const reader = new FlowReader(this.client.getFlows(sinceMs), bounds, () => this.report.answered())
    this.reader = reader
    for (;;) {
      if (signal.aborted) return false
      if (this.isTlsNew || this.position.isBeyond(sinceMs + OVERLAP_MS + times.renewAfterMs)) break
      const { messages, end } = await reader.take(LIMITS.pullRecords, times.batchMs)
      if (signal.aborted) return false
      if (this.isDead) throw deadConnection(settings.address)
      if (messages.length > 0 || this.untoldGaps.length > 0) await this.commit(messages, signal)
      if (end?.error) throw await grpcFailure(end.error, this.peer(), reader.hasAnswered, signal)
      if (end) return false
    }
    // What waits is read again by the next stream.
    reader.cancel()
    return true
  }

  /** Decodes a batch and commits it with the cursor behind it; tries again while the database is away. */
  private async commit(messages: readonly RelayMessage[], signal: AbortSignal): Promise<void> {
    const { context, pull, times } = this.setup
    const decoded = this.decode(messages)
    await commitPull({
      pull,
      context,
      signal,
      decoded,
      cursor: this.position.cursor(),
      retryMs: times.retryMs,
      onDatabase: (isAway) => this.report.databaseIsAway(isAway),
    })
  }

  private decode(messages: readonly RelayMessage[]) {
    const decoder = createHubbleDecoder()
    const gaps = this.untoldGaps
    this.untoldGaps = []
    const nowMs = this.setup.context.now()
    for (const [index, { response }] of messages.entries()) {
      const record = recordFromProtobuf(response)
      const event = isRecord(record) && isRecord(record.node_status) ? record.node_status : undefined
      if (isRecord(record) && event) gaps.push(...this.nodes.take(event, timeOf(record, nowMs)))
      // The decoder makes one gap of a whole event; here each node has its own, and the decoder only counts it.
      decoder.push(event ? COUNTED_NODE_STATUS : record, index + 1)
    }
    const decoded = decoder.finish()
    for (const flow of decoded.flows) if (flow.node) gaps.push(...this.nodes.spoke(flow.node, flow.startMs))
    const missed = this.position.advance(decoded.flows, nowMs)
    return { ...decoded, gaps: [...decoded.gaps, ...gaps, ...missed] }
  }

  /** Asks Relay for its nodes; also what notices a connection that died without a word. */
  private async pollStatus(signal: AbortSignal): Promise<void> {
    let missed = 0
    for (; !signal.aborted; await pause(this.setup.times.statusEveryMs, signal)) {
      const reader = this.reader
      const before = reader?.received
      try {
        const answer = await this.client.serverStatus(signal, this.setup.times.statusTimeoutMs)
        missed = 0
        this.report.serverStatus(answer)
        const told = this.nodes.onlyAway(answer.unavailable_nodes, this.setup.context.now())
        if (this.untoldGaps.length < MAX_UNTOLD_GAPS) this.untoldGaps.push(...told)
        if (this.untoldGaps.length > 0) this.reader?.wake()
      } catch (error) {
        if (codeOf(error) === status.UNIMPLEMENTED) return
        const isSilent = codeOf(error) === status.DEADLINE_EXCEEDED && reader?.received === before
        missed = isSilent ? missed + 1 : 0
        if (missed < MISSED_POLLS) continue
        this.isDead = true
        this.reader?.wake()
        return
      }
    }
  }

  private async watchFiles(signal: AbortSignal): Promise<void> {
    const { settings, times } = this.setup
    if (!settings.tls || !this.tls) return
    const changed = (material: TlsMaterial) => {
      this.tls = material
      this.isTlsNew = true
      this.reader?.wake()
    }
    await watchTls(settings.tls, this.tls, changed, signal, times.tlsCheckMs)
  }

  private connect(): RelayClient {
    const { address, tls } = this.setup.settings
    return new RelayClient({ address, tls: this.tls, serverName: tls?.serverName })
  }

  private reconnect(): void {
    this.isTlsNew = false
    this.client.close()
    this.client = this.connect()
  }

  private peer(): GrpcPeer {
    const { address, tls } = this.setup.settings
    return {
      peer: 'Hubble Relay',
      usualAddress: 'hubble-relay.kube-system.svc:80, or :443 with TLS',
      address,
      ...(this.tls && { tls: this.tls }),
      ...(tls?.serverName && { serverName: tls.serverName }),
    }
  }
}

const deadConnection = (address: string): CollectorFailure =>
  new CollectorFailure(
    `${address} no longer answers on the open connection.`,
    'Nothing to do: it is opened again. If it happens often, look at Relay’s load and at what lies between.',
  )

const codeOf = (error: unknown): number | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined

function timeOf(record: Readonly<Record<string, unknown>>, nowMs: number): number {
  const parsed = typeof record.time === 'string' ? Date.parse(record.time) : Number.NaN
  return Number.isFinite(parsed) ? parsed : nowMs
}
