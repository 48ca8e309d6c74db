import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, Server as TlsServer } from 'node:tls'
import { LIMITS } from '@/lib/model/limits'
import { logger } from '@/lib/observability/logger'
import { ingestSyslog } from '@/lib/usecases/ingest-syslog'
import { type Collector, type CollectorContext, CollectorFailure } from './collector'
import type { CollectorSettings } from './collector-config'
import { type SyslogSink, serveSyslogConnection } from './syslog-connection'
import { syslogTlsOptions, tlsFilesVersion } from './syslog-tls'

type SyslogSettings = Extract<CollectorSettings, { kind: 'syslog' }>

const KEEP_ALIVE_MS = 60_000
const TLS_CHECK_MS = 30_000

/**
 * A listener for syslog over TCP or TLS (RFC 5424, 6587, 5425, and the older form), whose messages carry JSON records of
 * Calico Enterprise, or of any format that `recogniseRecord` knows. TCP acknowledges nothing: docs/syslog.md says what a
 * crash can lose.
 */
export function syslogCollector(
  settings: SyslogSettings,
  defaults: { readonly defaultCluster: string; readonly retentionMs: number },
): Collector {
  return {
    name: settings.name,
    kind: 'syslog',
    source: 'calico',
    cluster: settings.cluster,
    address: `${settings.host}:${settings.port}`,
    isExclusive: false,
    run: (context) => new SyslogListener(settings, defaults, context).run(),
  }
}

class SyslogListener {
  private readonly connections = new Map<Socket, Promise<void>>()
  private address = ''
  private awayCount = 0

  constructor(
    private readonly settings: SyslogSettings,
    private readonly defaults: { readonly defaultCluster: string; readonly retentionMs: number },
    private readonly context: CollectorContext,
  ) {}

  async run(): Promise<void> {
    const server = this.createServer()
    server.maxConnections = LIMITS.syslogConnections
    const rotation = this.watchCertificate(server)
    try {
      this.address = await listen(server, this.settings)
      this.tell()
      await untilAborted(this.context.signal, server)
    } finally {
      clearInterval(rotation)
      server.close()
      await Promise.all(this.connections.values())
    }
  }

  private createServer(): Server {
    const { tls } = this.settings
    const options = { keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS }
    const take = (socket: Socket) => this.serve(socket)
    if (!tls) return createServer(options, take)
    const server = createTlsServer({ ...options, ...syslogTlsOptions(tls) }, take)
    server.on('tlsClientError', (error, socket) => {
      logger().warn(
        { task: 'syslog', sender: socket.remoteAddress, reason: error.message },
        'a syslog sender was refused',
      )
    })
    return server
  }

  private serve(socket: Socket): void {
    const served = serveSyslogConnection(socket, this.sink, this.context.signal).finally(() => {
      this.connections.delete(socket)
      this.tell()
    })
    this.connections.set(socket, served)
    this.tell()
  }

  private readonly sink: SyslogSink = {
    commit: async (messages, batchId) => {
      await ingestSyslog({
        messages,
        batchId,
        tokenId: `collector:${this.settings.name}`,
        tokenCluster: this.settings.cluster,
        ...this.defaults,
        nowMs: this.context.now(),
      })
      this.tell()
    },
    onAway: (isAway) => {
      this.awayCount += isAway ? 1 : -1
      this.tell()
    },
    isAway: () => this.awayCount > 0,
  }

  /** Few words that change seldom: each new one is logged. */
  private tell(): void {
    const { address } = this
    if (this.awayCount > 0)
      this.context.report({
        state: 'retrying',
        detail: 'The database does not answer; senders are held back.',
        remedy: 'Nothing that was read is lost while this process lives. Check the database.',
        address,
      })
    else if (this.connections.size >= LIMITS.syslogConnections)
      this.context.report({
        state: 'connected',
        detail: `${LIMITS.syslogConnections} senders are connected; more are refused (limit syslogConnections).`,
        remedy: 'Let senders go through one relay, such as rsyslog.',
        address,
      })
    else
      this.context.report({
        state: 'connected',
        detail: this.hasSender() ? 'Senders are connected.' : 'No sender is connected.',
        address,
      })
  }

  /** Health checks connect and say nothing: they are no senders. */
  private hasSender(): boolean {
    return [...this.connections.keys()].some((socket) => socket.bytesRead > 0)
  }

  /** New connections get the new certificate once its files change. */
  private watchCertificate(server: Server): NodeJS.Timeout | undefined {
    const { tls } = this.settings
    if (!tls || !(server instanceof TlsServer)) return undefined
    let version = tlsFilesVersion(tls)
    const timer = setInterval(() => {
      const current = tlsFilesVersion(tls)
      if (current === version || current === '') return
      try {
        server.setSecureContext(syslogTlsOptions(tls))
        version = current
      } catch (error) {
        // Half of a rotation: the next look finds the rest.
        logger().warn({ task: 'syslog', error }, 'the new certificate cannot be used yet')
      }
    }, TLS_CHECK_MS)
    timer.unref()
    return timer
  }
}

function listen(server: Server, { host, port }: SyslogSettings): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(failureOf(error, `${host}:${port}`)))
    server.listen(port, host, () => {
      const bound = server.address()
      resolve(typeof bound === 'object' && bound ? `${host}:${bound.port}` : `${host}:${port}`)
    })
  })
}

function failureOf(error: NodeJS.ErrnoException, address: string): CollectorFailure {
  const why: Readonly<Record<string, readonly [string, string]>> = {
    EADDRINUSE: [`${address} is taken by another program`, 'Choose another port, or end that program.'],
    EACCES: [`${address} may not be listened on`, 'Choose a port above 1023.'],
    EADDRNOTAVAIL: [`${address} is no address of this machine`, 'Choose one that is, or 0.0.0.0.'],
  }
  const [message, remedy] = why[error.code ?? ''] ?? [`${address}: ${error.message}`, 'Check host and port.']
  return new CollectorFailure(message, remedy, true, { cause: error })
}

function untilAborted(signal: AbortSignal, server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    signal.addEventListener('abort', () => resolve(), { once: true })
    if (signal.aborted) resolve()
  })
}
