import { type ChildProcess, fork } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { childEnv } from '@/lib/env'
import { runStatement } from '@/lib/store/server-admin'
import { AHEAD_MS } from './crash-test-server-options'
import { initialiseCluster } from './postgres-cluster'
import { type RunningPostgres, runPostgres, socketUrl } from './postgres-process'
import { readPostmaster, sendSignal } from './postmaster-file'

const root = path.resolve(import.meta.dirname, '../..')
const MOST_LOG = 20_000

/** How a Postern process differs from the others. */
export interface PosternSettings {
  /** See crash-test-server-options.ts. */
  readonly aheadMs?: number
  readonly environment?: Readonly<Record<string, string>>
}

/** Everything that the crash test starts: one PostgreSQL on a folder of its own, and Postern processes on its databases. */
export class World {
  private postgres: RunningPostgres | undefined
  private readonly processes = new Set<PosternProcess>()
  private started = 0
  private starting: Promise<RunningPostgres> | undefined
  private isOver = false

  constructor(private readonly dataDir: string) {}

  private get cluster(): string {
    return path.join(this.dataDir, 'pg')
  }

  /** Makes the cluster with its files flushed as in production, and starts the server. */
  async begin(): Promise<void> {
    mkdirSync(this.dataDir, { recursive: true, mode: 0o700 })
    await initialiseCluster(this.dataDir, this.cluster, false)
    await this.startPostgres()
  }

  /** Starts the server where it does not run, on the same socket as before; answers once it takes queries. */
  async startPostgres(): Promise<void> {
    this.demandGoingOn()
    this.starting = runPostgres({
      dataDir: this.dataDir,
      cluster: this.cluster,
      isDisposable: false,
      socketDir: this.postgres?.socketDir,
    })
    this.postgres = await this.starting
  }

  /** Nothing is started any more once the end has begun: it would be left behind. */
  private demandGoingOn(): void {
    if (this.isOver) throw new Error('the run is over')
  }

  killPostmaster(): void {
    sendSignal(readPostmaster(this.cluster)?.pid ?? 0, 'SIGKILL')
  }

  /** URL of a database, for sessions that name themselves `application`. */
  url(database: string, application = 'crash-test'): string {
    return `${socketUrl(this.postgres?.socketDir ?? '', database)}&application_name=${application}`
  }

  async createDatabase(name: string, template = 'template1'): Promise<void> {
    await runStatement(this.url('postgres'), `CREATE DATABASE ${name} TEMPLATE ${template}`)
  }

  async dropDatabase(name: string): Promise<void> {
    await runStatement(this.url('postgres'), `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  }

  /** Starts a Postern on a database. It migrates before it listens: `untilReady` tells when it does. */
  startPostern(database: string, { aheadMs = AHEAD_MS, ...settings }: PosternSettings = {}): PosternProcess {
    this.demandGoingOn()
    this.started += 1
    const name = `postern-${this.started}`
    const process = new PosternProcess(name, aheadMs, {
      DATABASE_URL: this.url(database, name),
      ...settings.environment,
    })
    this.processes.add(process)
    return process
  }

  /** Names of the sessions of processes that run: no other may hold anything. */
  livingNames(): string[] {
    return [...this.processes].filter((process) => process.isRunning).map((process) => process.name)
  }

  /** Those of this round, whether they run or not. */
  processesSoFar(): readonly PosternProcess[] {
    return [...this.processes]
  }

  async killAll(): Promise<void> {
    await Promise.all([...this.processes].map((process) => process.kill()))
    this.processes.clear()
  }

  async end(): Promise<void> {
    this.isOver = true
    await this.killAll()
    await this.starting?.catch(() => undefined)
    await this.postgres?.stop()
  }
}

/** One Postern process; see crash-test-server.ts. */
export class PosternProcess {
  /** Where it listens, from the moment that it does. */
  baseUrl: string | undefined
  /** The end of what it printed. */
  log = ''
  private readonly child: ChildProcess
  private readonly ended: Promise<void>
  private readonly listening: Promise<void>

  constructor(
    /** What its database sessions are called. */
    readonly name: string,
    aheadMs: number,
    environment: Readonly<Record<string, string>>,
  ) {
    const guard = pathToFileURL(path.join(root, 'lib/server/die-with-parent.mjs')).href
    this.child = fork(path.join(import.meta.dirname, 'crash-test-server.ts'), [String(aheadMs)], {
      cwd: root,
      execArgv: ['--conditions=react-server', '--import', 'tsx', '--import', guard],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: childEnv({ ...UNSET, ...environment }),
    })
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.log = `${this.log}${chunk.toString()}`.slice(-MOST_LOG)
      })
    this.ended = new Promise((resolve) => {
      this.child.once('error', () => resolve())
      this.child.once('exit', () => resolve())
    })
    this.listening = new Promise((resolve) => {
      this.child.once('message', (message: unknown) => {
        const port = typeof message === 'object' && message && 'port' in message ? Number(message.port) : 0
        this.baseUrl = `http://127.0.0.1:${port}`
        resolve()
      })
    })
    void this.ended.then(() => {
      this.baseUrl = undefined
    })
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null
  }

  /** Throws, with what it printed, where it ends before it listens. */
  async untilReady(): Promise<void> {
    await Promise.race([this.listening, this.ended])
    if (!this.baseUrl) throw new Error(`${this.name} ended before it listened:\n${this.log.slice(-2000)}`)
  }

  /** SIGKILL; resolves once the process is gone. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.ended
  }
}

/** Set but empty, so that a developer's settings change nothing. */
const UNSET = {
  NODE_ENV: 'production',
  OTEL_SDK_DISABLED: 'true',
  POSTERN_ADMIN_TOKEN: '',
  POSTERN_ALLOWED_HOSTS: '',
  POSTERN_CLUSTER: '',
  POSTERN_CONFIG: '',
  POSTERN_FINAL_HOP: '',
  POSTERN_LOG_LEVEL: 'warn',
  POSTERN_RETENTION_HOURS: '',
  POSTERN_SANCTIONED_EGRESS: '',
  POSTERN_SETTLE_SECONDS: '',
}
