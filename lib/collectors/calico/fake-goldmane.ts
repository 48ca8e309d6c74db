import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createServer, type Socket, type Server as TcpServer } from 'node:net'
import path from 'node:path'
import {
  type handleServerStreamingCall,
  Server,
  ServerCredentials,
  type ServerWritableStream,
  type status as Status,
  status,
} from '@grpc/grpc-js'
import { GOLDMANE } from './protocol'

const TLS = path.join(import.meta.dirname, '__fixtures__/tls')
export const testTlsFile = (name: string): string => path.join(TLS, name)

type Call = ServerWritableStream<object, object>

/** For tests: a server that speaks Goldmane's stream over mTLS, with its ring, its ids and its failures. */
export class FakeGoldmane {
  private server: Server
  private readonly ring = new Map<number, object[]>()
  private readonly open = new Set<Call>()
  /** What is being sent to each stream: one after the other. */
  private readonly sending = new WeakMap<Call, Promise<void>>()
  /** Stands between, so that connections can be lost without a word. */
  private readonly wire: TcpServer
  private readonly sockets = new Set<Socket>()
  private serverPort = 0
  private nextId = 1
  private refusal: Status | undefined
  port = 0
  /** `start_time_gte` of each stream that was opened. */
  readonly asked: number[] = []
  /** Names in the certificates of clients, one per stream. */
  readonly clients: string[] = []
  /** Messages that gRPC's flow control has not taken yet. */
  held = 0

  constructor(private readonly nowS: () => number) {
    this.server = this.newServer()
    this.wire = createServer((socket) => this.pass(socket))
  }

  async listen(): Promise<void> {
    const pair = {
      cert_chain: readFileSync(testTlsFile('server.crt')),
      private_key: readFileSync(testTlsFile('server.key')),
    }
    const credentials = ServerCredentials.createSsl(readFileSync(testTlsFile('ca.crt')), [pair], true)
    this.serverPort = await new Promise<number>((resolve, reject) => {
      this.server.bindAsync('127.0.0.1:0', credentials, (error, port) => (error ? reject(error) : resolve(port)))
    })
    if (this.wire.listening) return
    await new Promise<void>((resolve) => this.wire.listen(0, '127.0.0.1', resolve))
    const address = this.wire.address()
    if (typeof address === 'object' && address) this.port = address.port
  }

  private pass(near: Socket): void {
    const far = connect(this.serverPort, '127.0.0.1')
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        this.sockets.delete(socket)
        other.destroy()
      })
    }
    near.pipe(far)
    far.pipe(near)
  }

  /** Ends a bucket: streams get it, and later ones find it in the ring. */
  async rollOver(startS: number, flows: readonly object[]): Promise<void> {
    const results = flows.map((flow) => ({
      id: String(this.nextId++),
      flow: { ...flow, start_time: startS, end_time: startS + 15 },
    }))
    this.ring.set(startS, [...(this.ring.get(startS) ?? []), ...results])
    await Promise.all([...this.open].map((call) => this.enqueue(call, results)))
  }

  /** Replaces what the ring holds of a bucket, as late nodes do before somebody reads it again. */
  rewrite(startS: number, flows: readonly object[]): void {
    this.ring.delete(startS)
    void this.rollOver(startS, flows)
  }

  /** Connections break without a word. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy()
    this.open.clear()
  }

  /** Every stream is answered by this status, until `undefined`. */
  refuse(code: Status | undefined): void {
    this.refusal = code
    if (code !== undefined) for (const call of this.open) this.fail(call, code)
  }

  /** Comes back at the same port with an empty ring, and counts its ids anew. */
  async restart(): Promise<void> {
    this.cut()
    this.server.forceShutdown()
    this.ring.clear()
    this.nextId = 1
    this.server = this.newServer()
    await this.listen()
  }

  async stop(): Promise<void> {
    this.cut()
    this.server.forceShutdown()
    await new Promise((resolve) => this.wire.close(resolve))
  }

  get streams(): number {
    return this.open.size
  }

  private newServer(): Server {
    const server = new Server()
    const { path: route, requestDeserialize, responseSerialize } = GOLDMANE.stream
    const handler: handleServerStreamingCall<object, object> = (call) => this.serve(call)
    server.addService(
      {
        Stream: {
          path: route,
          requestStream: false,
          responseStream: true,
          requestDeserialize,
          responseSerialize,
          requestSerialize: GOLDMANE.stream.requestSerialize,
          responseDeserialize: GOLDMANE.stream.responseDeserialize,
        },
      },
      { Stream: handler },
    )
    return server
  }

  private serve(call: Call): void {
    const { request } = call
    const asked = 'start_time_gte' in request ? Number(request.start_time_gte) : 0
    this.asked.push(asked)
    this.clients.push(serialOf(call))
    call.on('cancelled', () => this.open.delete(call))
    if (this.refusal !== undefined) {
      this.fail(call, this.refusal)
      return
    }
    const fromS = asked < 0 ? this.nowS() + asked : asked
    for (const [startS, results] of [...this.ring].sort(([a], [b]) => a - b))
      if (asked !== 0 && startS >= fromS) void this.enqueue(call, results)
    this.open.add(call)
  }

  private enqueue(call: Call, results: readonly object[]): Promise<void> {
    const done = (this.sending.get(call) ?? Promise.resolve()).then(() => this.send(call, results))
    this.sending.set(call, done)
    return done
  }

  /** As a server that waits for slow readers. */
  private async send(call: Call, results: readonly object[]): Promise<void> {
    for (const result of results) {
      if (call.cancelled || call.destroyed) return
      if (call.write(result)) continue
      this.held += 1
      const waiting = new AbortController()
      const { signal } = waiting
      await Promise.race(
        ['drain', 'cancelled', 'close'].map((event) => once(call, event, { signal }).catch(() => undefined)),
      )
      waiting.abort()
      this.held -= 1
    }
  }

  private fail(call: Call, code: Status): void {
    this.open.delete(call)
    call.emit('error', { code, details: code === status.RESOURCE_EXHAUSTED ? 'too many streams' : 'refused' })
  }
}

function serialOf(call: Call): string {
  const certificate = call.getAuthContext().sslPeerCertificate
  return certificate?.serialNumber ?? ''
}
