import { EventEmitter, once } from 'node:events'
import {
  ServerCredentials as Credentials,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Server,
  type ServerCredentials,
  type ServerWritableStream,
  status,
} from '@grpc/grpc-js'
import { isRecord } from '@/lib/sources/framing/unwrap'
import { responseShape } from './encode-response'
import { OBSERVER } from './protocol'

type Wire = Readonly<Record<string, unknown>>

/** One message to send, as protojson prints a GetFlowsResponse. */
export type RelayEvent = Wire & { readonly time: string; readonly node_name?: string }

interface OpenStream {
  readonly call: ServerWritableStream<object, object>
  readonly sinceMs: number
  readonly queue: RelayEvent[]
  isPumping: boolean
}

/**
 * For tests: a Hubble Relay that speaks the published protocol over a real socket. It keeps what was sent in a ring, answers `since`
 * from it, holds streams open, respects flow control, and fails in the ways that real ones do.
 */
export class FakeRelay {
  /** What ServerStatus answers; undefined = UNIMPLEMENTED. */
  serverStatus: Wire | undefined = {
    num_connected_nodes: { value: 1 },
    num_unavailable_nodes: { value: 0 },
    version: 'v1.19.2',
  }
  /** Takes calls and answers nothing, as over a connection that died without a word. */
  isMute = false
  /** What every stream begins with. */
  greeting: RelayEvent[] = []
  /** How many messages the ring holds. */
  ringSize = 4095
  /** Messages handed to gRPC, over all streams. */
  written = 0
  /** `since` of each GetFlows, in ms. */
  readonly requests: number[] = []
  /** Subjects of client certificates, one for each stream. */
  readonly clients: string[] = []
  /** Events `stream`, `written`, `status`, `closed`. */
  readonly events = new EventEmitter()
  private ring: RelayEvent[] = []
  private readonly streams = new Set<OpenStream>()
  private server = new Server()
  private port = 0

  constructor(private readonly credentials: ServerCredentials = Credentials.createInsecure()) {
    this.events.setMaxListeners(100)
  }

  async start(): Promise<this> {
    this.server = new Server({ 'grpc.max_concurrent_streams': 100 })
    this.server.addService(
      { GetFlows: OBSERVER.getFlows, ServerStatus: OBSERVER.serverStatus },
      { GetFlows: this.getFlows, ServerStatus: this.getStatus },
    )
    this.port = await new Promise<number>((resolve, reject) =>
      this.server.bindAsync(`127.0.0.1:${this.port}`, this.credentials, (error, port) =>
        error ? reject(error) : resolve(port),
      ),
    )
    return this
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  get openStreams(): number {
    return this.streams.size
  }

  /** Cuts every connection and stops listening; `start` listens on the same port again. The ring stays. */
  stop(): void {
    this.streams.clear()
    this.server.forceShutdown()
  }

  /** Puts events into the ring and onto every open stream. */
  send(...events: readonly RelayEvent[]): void {
    this.remember(events)
    for (const stream of this.streams) this.enqueue(stream, events)
  }

  /** Happens at the nodes while nobody reads, or faster than streams: only the ring knows. */
  remember(events: readonly RelayEvent[]): void {
    this.ring = [...this.ring, ...events].slice(-this.ringSize)
  }

  /** What Relay does when it has found a node again: everything of it since the stream's beginning, once more. */
  replay(node: string): void {
    for (const stream of this.streams)
      this.enqueue(
        stream,
        this.ring.filter((event) => event.node_name === node && Date.parse(event.time) >= stream.sinceMs),
      )
  }

  /** Ends every stream with a status. */
  failStreams(code: status, details: string): void {
    for (const { call } of this.streams) call.emit('error', { code, details })
    this.streams.clear()
  }

  /** Resolves once a condition holds; it is looked at after each event of the server. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await once(this.events, 'any')
  }

  private readonly getFlows: handleServerStreamingCall<object, object> = (call) => {
    const request: object = call.request
    const since = isRecord(request) && isRecord(request.since) ? request.since : {}
    const sinceMs = Number(since.seconds ?? 0) * 1000 + Number(since.nanos ?? 0) / 1e6
    this.requests.push(sinceMs)
    const certificate = call.getAuthContext().sslPeerCertificate
    this.clients.push(certificate && 'subject' in certificate ? String(certificate.subject.CN) : '')
    const stream: OpenStream = { call, sinceMs, queue: [], isPumping: false }
    this.streams.add(stream)
    call.on('cancelled', () => {
      this.streams.delete(stream)
      this.tell()
    })
    this.enqueue(stream, [...this.greeting, ...this.ring.filter((event) => Date.parse(event.time) >= sinceMs)])
    this.tell()
  }

  private readonly getStatus: handleUnaryCall<object, object> = (_call, answer) => {
    if (this.isMute) return
    if (this.serverStatus) answer(null, this.serverStatus)
    else answer({ code: status.UNIMPLEMENTED, details: 'unknown method ServerStatus' })
    this.tell()
  }

  private enqueue(stream: OpenStream, events: readonly RelayEvent[]): void {
    for (const event of events) stream.queue.push(event)
    if (!stream.isPumping) void this.pump(stream)
  }

  /** Writes only as fast as the other side reads. */
  private async pump(stream: OpenStream): Promise<void> {
    stream.isPumping = true
    for (let event = stream.queue.shift(); event && this.streams.has(stream); event = stream.queue.shift()) {
      const hasRoom = stream.call.write(responseShape(event))
      this.written += 1
      if (this.written % 100 === 0) this.tell()
      if (!hasRoom) await once(stream.call, 'drain').catch(() => undefined)
    }
    stream.isPumping = false
    this.tell()
  }

  private tell(): void {
    this.events.emit('any')
  }
}
