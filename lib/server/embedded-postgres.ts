import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { ensureDatabase, type ServerGuard, takeServerGuard } from '@/lib/store/server-admin'
import { initialiseCluster } from './postgres-cluster'
import { type RunningPostgres, runPostgres, socketUrl } from './postgres-process'

export interface EmbeddedPostgres {
  /** URL of the `postern` database, by Unix socket; stays the same over restarts. */
  readonly url: string
  /** True where the server of an earlier, killed start was still alive and is used on. */
  readonly wasAdopted: boolean
  stop(): Promise<void>
}

export interface EmbeddedPostgresOptions {
  /** Folder of this server alone; made with mode 0700 where missing. */
  readonly dataDir: string
  /** True trades the safety of the data for speed: for servers that live as long as one test run. */
  readonly isDisposable?: boolean
  /** Told when the server went away and could not be brought back. */
  readonly onGaveUp?: (reason: Error) => void
}

const DATABASE = 'postern'
const RESTARTS_PER_MINUTE = 5
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * Starts the embedded PostgreSQL with its data in `dataDir`, or takes over the one that is still running there, and keeps it
 * running: a server that dies is started again, at most five times a minute. Downloads nothing, listens on no network
 * port. Throws, with the way out, where the platform has no binaries, where root cannot run it, or where another Postern
 * uses the folder.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = path.resolve(options.dataDir)
  const cluster = path.join(dataDir, 'pg')
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  if (!existsSync(cluster)) await initialiseCluster(dataDir, cluster, options.isDisposable ?? false)
  const supervisor = new Supervisor(dataDir, cluster, options)
  const wasAdopted = await supervisor.start()
  return { url: supervisor.url(DATABASE), wasAdopted, stop: () => supervisor.stop() }
}

class Supervisor {
  private running: RunningPostgres | undefined
  private guard: ServerGuard | undefined
  private isStopping = false
  private restarts: number[] = []

  constructor(
    private readonly dataDir: string,
    private readonly cluster: string,
    private readonly options: EmbeddedPostgresOptions,
  ) {}

  url(database: string): string {
    return socketUrl(this.running?.socketDir ?? '', database)
  }

  /** Answers whether a running server was taken over. */
  async start(): Promise<boolean> {
    this.running = await runPostgres({
      dataDir: this.dataDir,
      cluster: this.cluster,
      isDisposable: this.options.isDisposable ?? false,
      socketDir: this.running?.socketDir,
    })
    this.guard = await this.takeGuard()
    await ensureDatabase(this.url('postgres'), DATABASE)
    return this.running.wasAdopted
  }

  async stop(): Promise<void> {
    this.isStopping = true
    await this.guard?.release()
    await this.running?.stop()
  }

  private async takeGuard(): Promise<ServerGuard> {
    // The server may need a moment to notice that the process that held the guard was killed.
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const guard = await takeServerGuard(this.url('postgres'), () => void this.restart())
      if (guard) return guard
      await sleep(100)
    }
    throw new Error(`Another Postern already runs from this folder (${this.dataDir}). Stop it first.`)
  }

  private async restart(): Promise<void> {
    while (!this.isStopping) {
      const nowMs = Date.now()
      this.restarts = [...this.restarts.filter((atMs) => atMs > nowMs - 60_000), nowMs]
      if (this.restarts.length > RESTARTS_PER_MINUTE) {
        this.options.onGaveUp?.(new Error(`PostgreSQL ended ${RESTARTS_PER_MINUTE} times within a minute.`))
        return
      }
      console.error('PostgreSQL went away; starting it again …')
      await sleep(200 * this.restarts.length)
      try {
        await this.start()
        console.error('PostgreSQL is back.')
        return
      } catch (error) {
        console.error(error instanceof Error ? error.message : error)
      }
    }
  }
}
