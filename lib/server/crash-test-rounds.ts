import { setTimeout as pause } from 'node:timers/promises'
import { type Load, makeLoad, type Pick, shuffled } from './crash-test-bodies'
import { checkContent, checkLeftovers, isCaughtUp, isGone } from './crash-test-checks'
import { Observer } from './crash-test-observer'
import { Senders } from './crash-test-senders'
import type { PosternProcess, World } from './crash-test-world'
import { sendSignal } from './postmaster-file'

const HOUR_MS = 3600_000
const ROUND_MS = 60_000
/** After what triggers a kill, so that it falls anywhere within a transaction; nothing is asserted about it. */
const MOST_DELAY_MS = 25
/** A replica that is killed leaves the other; senders that were cut off send a part of the bodies once more. */
const REPLAYED = 3

export interface Round {
  readonly number: number
  readonly world: World
  readonly pick: Pick
  /** Names the database that rounds begin with: migrated and empty. */
  readonly template: string
  /** What happened, for the report of a failure. */
  note(text: string): void
}

/** Kills something at a random moment while senders send, and answers what was wrong afterwards. */
export type RoundKind = (round: Round) => Promise<string[]>

/** What is under way in a round of ingest. */
export interface Stage {
  readonly round: Round
  readonly database: string
  readonly load: Load
  readonly observer: Observer
  readonly senders: Senders
  /** Replicas that run or are to run again. */
  readonly replicas: PosternProcess[]
}

/** Rounds in which senders send all along, and `disturb` does the damage and repairs what does not repair itself. */
export const ingestRound =
  (replicas: number, disturb: (stage: Stage) => Promise<void>): RoundKind =>
  async (round) => {
    const { world, pick, number } = round
    const database = `round_${number}`
    await world.createDatabase(database, round.template)
    const observer = new Observer(world.url(database), Date.now() + ROUND_MS)
    const hourMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS
    const load = makeLoad(pick, [hourMs - 3 * HOUR_MS, hourMs - 2 * HOUR_MS], 1)
    const processes = Array.from({ length: replicas }, () => world.startPostern(database))
    const senders = new Senders(load.bodies, () => processes.flatMap((process) => process.baseUrl ?? []))
    try {
      await Promise.all(processes.map((process) => process.untilReady()))
      const sent = senders.run()
      await disturb({ round, database, load, observer, senders, replicas: processes })
      await observer.until('every body is acknowledged', () => senders.isDone)
      await sent
      return [...senders.wrong, ...(await checkAndReplay(round, load, observer, processes))]
    } finally {
      senders.stop()
      for (const process of processes) if (process.log) round.note(`${process.name} printed:\n${process.log}`)
      await world.killAll()
      await observer.close()
      await world.dropDatabase(database).catch(() => undefined)
    }
  }

/** Checks, then sends a part of the bodies once more, as after lost answers, which must change nothing. */
async function checkAndReplay(
  { world, pick, note }: Round,
  load: Load,
  observer: Observer,
  processes: readonly PosternProcess[],
): Promise<string[]> {
  await observer.until('the background work catches up', () => isCaughtUp(observer))
  const problems = await checkContent(observer, load.expected, load.bodies)
  const again = new Senders(shuffled(pick, load.bodies).slice(0, Math.ceil(load.bodies.length / REPLAYED)), () =>
    processes.flatMap((process) => process.baseUrl ?? []),
  )
  const sent = again.run()
  await observer.until('the repeated bodies are acknowledged', () => again.isDone)
  await sent
  await observer.until('the background work catches up again', () => isCaughtUp(observer))
  const after = await checkContent(observer, load.expected, load.bodies)
  note(`${again.acknowledged.size} bodies sent once more`)
  return [
    ...problems,
    ...after.filter((problem) => !problems.includes(problem)).map((problem) => `after a replay: ${problem}`),
    ...(await checkLeftovers(observer, world.livingNames())),
  ]
}

/** Waits until a random number of bodies is acknowledged, and a moment more. */
export async function untilUnderWay({ round: { pick, note }, load, senders }: Stage): Promise<void> {
  const count = 1 + pick(Math.floor(load.bodies.length * 0.8))
  await senders.reached(count)
  const delayMs = pick(MOST_DELAY_MS)
  await pause(delayMs)
  note(`struck ${delayMs} ms after ${count} of ${load.bodies.length} bodies were acknowledged`)
}

/** Starts another process in the place of one that was killed, once the database has let go of it. */
export async function replace({ round: { world }, database, observer, replicas }: Stage, dead: PosternProcess) {
  await observer.until(`the sessions of ${dead.name} end`, () => isGone(observer, dead.name))
  const process = world.startPostern(database)
  replicas.splice(replicas.indexOf(dead), 1, process)
  await process.untilReady()
}

/** `kill -9` of the one Postern. */
export const killPostern = ingestRound(1, async (stage) => {
  await untilUnderWay(stage)
  const [process] = stage.replicas
  if (!process) return
  await process.kill()
  await replace(stage, process)
})

/** `kill -9` of one of two Posterns; the other goes on. */
export const killReplica = ingestRound(2, async (stage) => {
  await untilUnderWay(stage)
  const process = stage.replicas[stage.round.pick(2)]
  if (!process) return
  await process.kill()
  await replace(stage, process)
})

/** `kill -9` of PostgreSQL itself; Postern stays, and goes on when the server is back. */
export const killPostmaster = ingestRound(1, async (stage) => {
  await untilUnderWay(stage)
  stage.round.world.killPostmaster()
  await stage.round.world.startPostgres()
})

/** `kill -9` of one session in the middle of a statement: PostgreSQL ends all others and recovers. */
export const killBackend = ingestRound(1, async (stage) => {
  const { observer, replicas, round } = stage
  await untilUnderWay(stage)
  let pid: number | undefined
  await observer.until('a session is at work, or all is sent', async () => {
    const rows = await observer.query<{ pid: number; query: string }>(
      `SELECT pid, left(query, 60) AS query FROM pg_stat_activity WHERE application_name = $1 AND state <> 'idle' ORDER BY random() LIMIT 1`,
      [replicas[0]?.name],
    )
    pid = rows[0]?.pid
    if (pid) round.note(`killed the session of: ${rows[0]?.query}`)
    return pid !== undefined || stage.senders.isDone
  })
  if (pid !== undefined) sendSignal(pid, 'SIGKILL')
})
