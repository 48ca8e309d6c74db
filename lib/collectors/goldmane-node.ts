import path from 'node:path'
import { type handleBidiStreamingCall, Server, ServerCredentials, status } from '@grpc/grpc-js'
import type { CollectorStatus } from '@/lib/model/collector'
import { LIMITS } from '@/lib/model/limits'
import { SECOND_MS } from '@/lib/model/units'
import { logger } from '@/lib/observability/logger'
import { pushRecords } from '@/lib/usecases/push-records'
import { type NodeCall, serveNodeStream } from './calico/node-stream'
import { decodeMessage, GOLDMANE, type GoldmaneMessage } from './calico/protocol'
import { type Collector, type CollectorContext, CollectorFailure } from './collector'
import type { CollectorSettings } from './collector-config'
import { clearSocketPath, openSocketFile } from './socket-file'

type NodeSettings = Extract<CollectorSettings, { kind: 'goldmane-node' }>

/** Pause before records are committed again that the database did not take. */
const RETRY_MS = 2 * SECOND_MS
/** Streams may end by themselves for so long when the collector ends. */
const END_WITHIN_MS = 5 * SECOND_MS

/**
 * Serves `goldmane.FlowCollector` on the unix socket that Felix of this node dials (FelixConfiguration
 * `flowLogsLocalReporter: Enabled`): flows of one node, with the node's name, without Goldmane and its hour. No TLS: the
 * file's mode says who may connect. Every process runs its own. formats/calico.md §1.4
 */
export function createGoldmaneNode(
  settings: NodeSettings,
  defaults: { readonly defaultCluster: string; readonly retentionMs: number; readonly nodeName?: string },
  retryMs = RETRY_MS,
): Collector {
  const { name, cluster } = settings
  return {
    name,
    kind: 'goldmane-node',
    source: 'calico',
    cluster,
    address: settings.socket,
    isExclusive: false,
    run: (context) => new NodeSocket(settings, defaults, retryMs, context).run(),
  }
}

class NodeSocket {
  private readonly calls = new Set<Promise<void>>()
  private isDatabaseAway = false

  constructor(
    private readonly settings: NodeSettings,
    private readonly defaults: Parameters<typeof createGoldmaneNode>[1],
    private readonly retryMs: number,
    private readonly context: CollectorContext,
  ) {}

  async run(): Promise<void> {
    const { signal } = this.context
    const file = path.resolve(this.settings.socket)
    await clearSocketPath(file)
    const server = this.newServer()
    try {
      await bind(server, file)
      await openSocketFile(file)
      this.tell()
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve()
        else signal.addEventListener('abort', () => resolve(), { once: true })
      })
      await shutDown(server)
    } finally {
      server.forceShutdown()
    }
  }

  private newServer(): Server {
    const server = new Server({ 'grpc.max_receive_message_length': LIMITS.recordBytes })
    const {
      path: route,
      requestSerialize,
      requestDeserialize,
      responseSerialize,
      responseDeserialize,
    } = GOLDMANE.connect
    const connect: handleBidiStreamingCall<GoldmaneMessage, object> = (call) => this.accept(call)
    const method = {
      path: route,
      requestStream: true,
      responseStream: true,
      requestDeserialize: decodeMessage(requestDeserialize),
      responseSerialize,
      // Of a client, which this is not.
      requestSerialize: ({ value }: GoldmaneMessage) =>
        requestSerialize(typeof value === 'object' && value ? value : {}),
      responseDeserialize,
    }
    server.addService({ Connect: method }, { Connect: connect })
    return server
  }

  private accept(call: NodeCall): void {
    if (this.calls.size >= LIMITS.nodeSocketStreams) {
      call.emit('error', { code: status.RESOURCE_EXHAUSTED, details: 'too many streams (limit nodeSocketStreams)' })
      return
    }
    const node = this.settings.node ?? this.defaults.nodeName
    const done = serveNodeStream(call, {
      signal: this.context.signal,
      retryMs: this.retryMs,
      ...(node && { node }),
      commit: (decoded) =>
        pushRecords({
          collector: this.settings.name,
          source: 'calico',
          decoded,
          cluster: this.settings.cluster,
          defaultCluster: this.defaults.defaultCluster,
          retentionMs: this.defaults.retentionMs,
          nowMs: this.context.now(),
        }),
      onDatabase: (isAway) => {
        if (isAway === this.isDatabaseAway) return
        this.isDatabaseAway = isAway
        this.tell()
      },
    })
      // Without a receipt Felix sends the flows again.
      .catch((error: unknown) =>
        logger().error({ err: error, collector: this.settings.name }, 'flows of a node were not stored'),
      )
      .finally(() => {
        this.calls.delete(done)
        this.tell()
      })
    this.calls.add(done)
    this.tell()
  }

  private tell(): void {
    if (!this.context.signal.aborted) this.context.report({ address: this.settings.socket, ...this.status() })
  }

  private status(): CollectorStatus {
    if (this.isDatabaseAway)
      return {
        state: 'retrying',
        detail: 'The database does not take the records.',
        remedy: 'Felix waits for its receipts; it goes on by itself when the database is back.',
      }
    if (this.calls.size > 0) return { state: 'connected', detail: 'Felix is connected.' }
    return {
      state: 'connected',
      detail: 'Listening; Felix has not connected yet.',
      remedy: 'Set flowLogsLocalReporter: Enabled in FelixConfiguration, and mount /var/run/calico/flows of the node.',
    }
  }
}

function bind(server: Server, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`unix:${file}`, ServerCredentials.createInsecure(), (error) => {
      if (!error) return resolve()
      reject(
        new CollectorFailure(
          `Postern cannot listen at ${file}.`,
          'Check that the folder is writable for Postern and no other process uses the path.',
          true,
          { cause: error },
        ),
      )
    })
  })
}

/** Streams have been told by the signal; those that do not end are cut. */
function shutDown(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, END_WITHIN_MS)
    server.tryShutdown(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
