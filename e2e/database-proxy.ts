import net from 'node:net'

/** up: bytes pass · refusing: nobody listens and what was open is cut · hanging: connections stay, and nothing passes. */
export type ProxyMode = 'up' | 'refusing' | 'hanging'

/** Stands between Postern and a real PostgreSQL, so that the database can go away without being harmed. */
export class DatabaseProxy {
  private readonly sockets = new Set<net.Socket>()
  private server = net.createServer()
  private mode: ProxyMode = 'up'
  port = 0

  constructor(private readonly target: URL) {}

  /** Where Postern connects to, for a database of that name on the real server. */
  url(database: string): string {
    const { username, password } = this.target
    return `postgresql://${username}${password && `:${password}`}@127.0.0.1:${this.port}/${database}`
  }

  async listen(): Promise<void> {
    this.server = net.createServer((socket) => this.connect(socket))
    await new Promise<void>((resolve) => this.server.listen(this.port, '127.0.0.1', resolve))
    const address = this.server.address()
    this.port = typeof address === 'object' && address ? address.port : 0
  }

  async set(mode: ProxyMode): Promise<void> {
    const before = this.mode
    this.mode = mode
    if (mode === 'refusing') await this.close()
    else if (before === 'refusing') await this.listen()
    // What hung is lost: a network that was gone does not give back what it swallowed.
    else if (mode === 'up') this.cut()
    else for (const socket of this.sockets) socket.pause()
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve))
    this.cut()
    await closed
  }

  private cut(): void {
    for (const socket of this.sockets) socket.destroy()
  }

  private connect(socket: net.Socket): void {
    this.keep(socket)
    if (this.mode === 'hanging') {
      socket.pause()
      return
    }
    const folder = this.target.searchParams.get('host')
    const port = Number(this.target.port || 5432)
    const upstream = folder?.startsWith('/')
      ? net.connect(`${folder}/.s.PGSQL.${port}`)
      : net.connect(port, folder ?? this.target.hostname)
    this.keep(upstream)
    for (const [from, to] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      from.on('data', (chunk) => {
        if (!to.write(chunk)) from.pause()
      })
      to.on('drain', () => {
        if (this.mode !== 'hanging') from.resume()
      })
      from.on('close', () => to.destroy())
    }
  }

  private keep(socket: net.Socket): void {
    this.sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => this.sockets.delete(socket))
  }
}
