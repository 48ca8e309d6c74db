import 'server-only'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

/** How long statements of a migration wait for locks, and how often they are tried again. */
export interface Patience {
  /** The longest that one attempt waits for its locks, all of them together: others queue up behind a waiting migration. */
  readonly lockTimeoutMs: number
  /** The same for statements behind which nobody who reads or writes has to queue. */
  readonly harmlessTimeoutMs: number
  /** Pauses between attempts, in which those who queued up go on; one attempt more than pauses. */
  readonly pausesMs: readonly number[]
}

/** Half a second of waiting in every five and a half, for about a minute. */
export const PATIENCE: Patience = {
  lockTimeoutMs: 500,
  harmlessTimeoutMs: 600_000,
  pausesMs: [100, 200, 400, 800, 1600, 3200, ...Array<number>(10).fill(5000)],
}

/** The session that migrates, and a second one that sees what the first waits for. */
export interface MigrationSession {
  readonly client: pg.Client
  readonly pid: number
  readonly watcher: pg.Client
  readonly patience: Patience
}

const POLL_MS = 50
/** Lock not available, deadlock. Both leave nothing behind, and pass. */
const PASSING = ['55P03', '40P01']
const CANCELLED = '57014'

/**
 * Runs `attempt` until it gets its locks: each try waits for at most `lockTimeoutMs` (by the server's own lock_timeout for
 * each lock, by a watcher for their sum), then gives up everything it holds and pauses. Other errors pass through. Throws,
 * naming the sessions in the way, when the last try found no way.
 */
export async function withPatience(
  session: MigrationSession,
  isHarmless: boolean,
  attempt: () => Promise<void>,
): Promise<void> {
  const { client, patience } = session
  const limitMs = isHarmless ? patience.harmlessTimeoutMs : patience.lockTimeoutMs
  const watch = new LockWatch(session, limitMs)
  for (const pauseMs of [...patience.pausesMs, undefined]) {
    await client.query(`SET lock_timeout = ${Math.ceil(limitMs)}`)
    const watching = watch.run()
    try {
      await attempt()
      return
    } catch (error) {
      if (!isLockTrouble(error, watch)) throw error
      if (pauseMs === undefined)
        throw new Error(watch.complaint(patience.pausesMs.length + 1, limitMs), { cause: error })
    } finally {
      watch.stop()
      await watching
    }
    await sleep(pauseMs)
  }
}

function isLockTrouble(error: unknown, watch: LockWatch): boolean {
  if (!(error instanceof pg.DatabaseError)) return false
  return PASSING.includes(error.code ?? '') || (error.code === CANCELLED && watch.hasCancelled)
}

interface Blocker {
  readonly pid: number
  readonly name: string
  readonly state: string | null
  readonly seconds: number | null
}

class LockWatch {
  hasCancelled = false
  private blockers: readonly Blocker[] = []
  private pause = new AbortController()

  constructor(
    private readonly session: MigrationSession,
    private readonly limitMs: number,
  ) {}

  /** Looks until stopped; ends an attempt whose waits add up to more than the limit. */
  async run(): Promise<void> {
    this.pause = new AbortController()
    const { signal } = this.pause
    let waitedMs = 0
    let lastMs = performance.now()
    while (!signal.aborted) {
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      const blockers = await this.look().catch(() => undefined)
      const nowMs = performance.now()
      if (blockers) {
        if (blockers.length > 0) this.blockers = blockers
        waitedMs += nowMs - lastMs
      }
      lastMs = nowMs
      if (waitedMs <= this.limitMs || signal.aborted) continue
      waitedMs = 0
      this.hasCancelled = true
      await this.session.watcher.query('SELECT pg_cancel_backend($1)', [this.session.pid]).catch(() => undefined)
    }
  }

  stop(): void {
    this.pause.abort()
  }

  complaint(attempts: number, limitMs: number): string {
    const who = this.blockers.map(
      ({ pid, name, state, seconds }) =>
        `process ${pid}${name && ` (${name})`}${state ? `, ${state}` : ''}${seconds === null ? '' : `, in a transaction for ${seconds} s`}`,
    )
    const way = who.length > 0 ? `In the way: ${who.join('; ')}.` : 'The sessions in its way could not be told.'
    return (
      `it found its tables locked ${attempts} times, and waits for ${limitMs} ms at most, since others would queue up behind it. ${way} ` +
      `Let them end, or end them with SELECT pg_terminate_backend(PROCESS), and start again`
    )
  }

  /** Who holds what the migration waits for; undefined where it does not wait. Never what they run: that may hold secrets. */
  private async look(): Promise<readonly Blocker[] | undefined> {
    const { watcher, pid } = this.session
    const waits = await watcher.query(`SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = 'Lock'`, [
      pid,
    ])
    if (waits.rowCount === 0) return undefined
    const { rows } = await watcher.query<Blocker>(
      `SELECT b.pid, coalesce(a.application_name, '') AS name, a.state,
         round(extract(epoch FROM clock_timestamp() - a.xact_start))::float8 AS seconds
       FROM (SELECT DISTINCT unnest(pg_blocking_pids($1)) AS pid) b LEFT JOIN pg_stat_activity a ON a.pid = b.pid
       ORDER BY a.xact_start NULLS LAST, b.pid LIMIT 5`,
      [pid],
    )
    return rows
  }
}
