import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'

const ROOT = path.resolve(import.meta.dirname, '..')

type Victim = 'server' | 'postgres' | 'launcher'

/** Postern by its own launcher, on an embedded PostgreSQL in a folder of its own, or on the database given. */
export class Instance {
  private launcher: ChildProcess | undefined
  /** A server whose launcher was killed: it ends by itself, and answers until then. */
  private orphan: number | undefined
  private log = ''

  constructor(
    readonly baseUrl: string,
    private readonly port: number,
    private readonly dataDir: string,
    private readonly databaseUrl = '',
    /** Environment beside what every instance has. */
    private readonly settings: Readonly<Record<string, string>> = {},
  ) {}

  /** Starts what does not run, and waits until the whole answers. */
  async up(): Promise<void> {
    const deadlineMs = Date.now() + 60_000
    for (;;) {
      if (this.orphan !== undefined && isAlive(this.orphan)) {
        await new Promise((resolve) => setTimeout(resolve, 50))
        continue
      }
      if (!this.launcher || this.launcher.exitCode !== null || this.launcher.signalCode !== null) this.start()
      const isReady = await fetch(`${this.baseUrl}/api/health/ready`, { signal: AbortSignal.timeout(2000) }).then(
        (response) => response.ok,
        () => false,
      )
      if (isReady) return
      if (Date.now() > deadlineMs) throw new Error(`not ready in a minute:\n${this.log.slice(-4000)}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  private start(): void {
    const child = spawn(process.execPath, ['--conditions=react-server', '--import', 'tsx', 'lib/server/main.ts'], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PORT: String(this.port),
        POSTERN_DATA_DIR: this.dataDir,
        DATABASE_URL: this.databaseUrl,
        POSTERN_ADMIN_TOKEN: '',
        POSTERN_CONFIG: '',
        POSTERN_CLUSTER: '',
        POSTERN_OTLP_GRPC_PORT: '0',
        POSTERN_OTLP_HTTP_PORT: '0',
        POSTERN_SANCTIONED_EGRESS: '',
        ...this.settings,
      },
    })
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        this.log += chunk.toString()
      })
    this.launcher = child
  }

  kill(victim: Victim): void {
    const pid = victim === 'launcher' ? this.launcher?.pid : victim === 'server' ? this.serverPid() : this.postgresPid()
    if (pid === undefined) throw new Error(`no ${victim} to kill`)
    this.orphan = victim === 'launcher' ? this.serverPid() : undefined
    process.kill(pid, 'SIGKILL')
  }

  /** Process id of Next's server. */
  serverPid(): number | undefined {
    const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n')
    for (const row of rows) {
      const [, pid, parent, args = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row) ?? []
      if (Number(parent) === this.launcher?.pid && /next/.test(args)) return Number(pid)
    }
    return undefined
  }

  private postgresPid(): number | undefined {
    for (const file of readdirSync(this.dataDir, { recursive: true, encoding: 'utf8' }))
      if (path.basename(file) === 'postmaster.pid')
        return Number(readFileSync(path.join(this.dataDir, file), 'utf8').split('\n')[0])
    return undefined
  }

  async down(): Promise<void> {
    const { launcher } = this
    if (!launcher || launcher.exitCode !== null || launcher.signalCode !== null) return
    const ended = new Promise((resolve) => launcher.once('exit', resolve))
    launcher.kill('SIGTERM')
    await ended
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** A port of this machine that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  server.close()
  return typeof address === 'object' && address ? address.port : 0
}
