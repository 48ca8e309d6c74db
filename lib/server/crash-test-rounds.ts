import { setTimeout as pause } from 'node:timers/promises'
import { type Expected, makeBodies, nothingExpected, type Pick, shuffled } from './crash-test-bodies'
import {
  checkContent,
  checkLeftovers,
  holdersOfDuty,
  isCaughtUp,
  isGone,
  type KeptSince,
  type TakenBody,
  withoutRepeats,
} from './crash-test-checks'
import { Observer } from './crash-test-observer'
import { Senders } from './crash-test-senders'
import type { PosternProcess, PosternSettings, World } from './crash-test-world'
import { sendSignal } from './postmaster-file'

export const HOUR_MS = 3600_000
/** What a round may take on a machine that is busy with ten other things; alone it takes a few seconds. */
const ROUND_MS = 240_000
/** After what triggers a kill, so that it falls anywhere within a transaction; nothing is asserted about it. */
const MOST_DELAY_MS = 25
/** One body of so many is sent once more when all is over. */
const REPLAYED = 3

export interface Round {
  readonly number: number
  readonly world: World
  readonly pick: Pick
  /** Names the database that rounds begin with: migrated and empty. */
  readonly template: string
  /** What happened, for the report. */
  note(text: string): void
}

/** Kills something at a random moment, and answers what was wrong afterwards. */
export type RoundKind = (round: Round) => Promise<string[]>

/** What is under way in a round. */
export interface Stage {
  readonly round: Round
  readonly database: string
  readonly observer: Observer
  /** Processes that run, or are to run again. */
  readonly replicas: PosternProcess[]
  /** What the database must say in the end. */
  readonly expected: Expected
  /** Bodies of which the ledger must know. */
  readonly taken: TakenBody[]
}

/** A round on a database of its own; what `play` started ends with it. */
export const roundOn =
  (template: (round: Round) => string, play: (stage: Stage) => Promise<string[]>): RoundKind =>
  async (round) => {
    const { world, number } = round
    const database = `round_${number}`
    await world.createDatabase(database, template(round))
    const observer = new Observer(world.url(database), Date.now() + ROUND_MS)
    const stage = { round, database, observer, replicas: [], expected: nothingExpected(), taken: [] }
    try {
      return await play(stage)
    } finally {
      for (const { name, log } of world.processesSoFar()) if (log) round.note(`${name} printed:\n${log}`)
      await world.killAll()
      await observer.close()
      await world.startPostgres()
      await world.dropDatabase(database)
    }
  }

/** Starts another replica and waits until it listens. */
export async function startReplica(
  { round: { world }, database, replicas }: Stage,
  settings: PosternSettings = {},
): Promise<void> {
  const process = world.startPostern(database, settings)
  replicas.push(process)
  await process.untilReady()
}

/** Starts sending to whatever replica listens. */
export function startSending(
  { round: { pick }, replicas, expected, taken }: Stage,
  hours: readonly number[],
  first = 0,
): Senders {
  const bodies = makeBodies(pick, { hours, first, scale: 1 }, expected)
  taken.push(...bodies)
  const senders = new Senders(bodies, () => replicas.flatMap((process) => process.baseUrl ?? []))
  senders.start()
  return senders
}

/** Full hours before this one, so that minutes and hours can be added up at once. */
export const hoursAgo = (...hours: readonly number[]): number[] => {
  const now = Math.floor(Date.now() / HOUR_MS) * HOUR_MS
  return hours.map((count) => now - count * HOUR_MS)
}

/** Rounds in which senders send all along, and `disturb` does the damage and repairs what does not repair itself. */
const ingestRound = (replicas: number, disturb: (stage: Stage, senders: Senders) => Promise<void>): RoundKind =>
  roundOn(
    ({ template }) => template,
    async (stage) => {
      await Promise.all(Array.from({ length: replicas }, () => startReplica(stage)))
      const senders = startSending(stage, hoursAgo(3, 2))
      await disturb(stage, senders)
      return finish(stage, senders)
    },
  )

/**
 * Lets senders and background work end, checks, then sends a part of the bodies once more, as after lost answers, which must change
 * nothing.
 */
export async function finish(stage: Stage, senders: Senders, kept: () => KeptSince = () => ({})): Promise<string[]> {
  const { round, observer, replicas, expected, taken } = stage
  await senders.end(observer)
  await observer.until('the background work catches up', () => isCaughtUp(observer))
  const problems = await checkContent(observer, expected, taken, kept())
  const part = shuffled(round.pick, senders.bodies).slice(0, Math.ceil(senders.bodies.length / REPLAYED))
  const again = new Senders(part, () => replicas.flatMap((process) => process.baseUrl ?? []))
  again.start()
  await again.end(observer)
  await observer.until('the background work catches up again', () => isCaughtUp(observer))
  const after = await checkContent(observer, expected, taken, kept())
  await observer.until('a living process has the duty', async () => {
    const living = round.world.livingNames()
    const holders = await holdersOfDuty(observer)
    return holders.length === 1 && holders.every((name) => living.includes(name))
  })
  return [
    ...[...senders.wrong, ...again.wrong].map((answer) => `a sender was answered ${answer}`),
    ...problems,
    ...withoutRepeats(problems, after).map((problem) => `after a replay: ${problem}`),
    ...replicas.filter((process) => !process.isRunning).map((process) => `${process.name} ended by itself`),
    ...(await checkLeftovers(observer, round.world.livingNames())),
  ]
}

/** Waits until a random number of bodies is acknowledged, and a moment more. */
export async function untilUnderWay({ round }: Stage, senders: Senders): Promise<void> {
  const count = 1 + round.pick(Math.floor(senders.bodies.length * 0.8))
  await senders.reached(count)
  const delayMs = round.pick(MOST_DELAY_MS)
  await pause(delayMs)
  round.note(`${delayMs} ms after ${count} of ${senders.bodies.length} bodies`)
}

/** `kill -9` of a process; another starts in its place once the database has let go of it. */
export async function killAndReplace(
  stage: Stage,
  victim: PosternProcess | undefined,
  settings: PosternSettings = {},
): Promise<void> {
  if (!victim) throw new Error('there is no process to kill')
  const { replicas, observer } = stage
  await victim.kill()
  replicas.splice(replicas.indexOf(victim), 1)
  await observer.until(`the sessions of ${victim.name} end`, () => isGone(observer, victim.name))
  await startReplica(stage, settings)
}

/** `kill -9` of PostgreSQL itself, which is started again. */
export async function killPostgres(world: World): Promise<void> {
  world.killPostmaster()
  await world.startPostgres()
}

/** A session of these that is in a transaction, and whose last statement is like the pattern. */
export async function findSession(
  observer: Observer,
  names: readonly string[],
  pattern: string,
): Promise<{ readonly pid: number; readonly query: string; readonly name: string } | undefined> {
  const rows = await observer.query<{ pid: number; query: string; name: string }>(
    `SELECT pid, regexp_replace(left(query, 80), '\\s+', ' ', 'g') AS query, application_name AS name FROM pg_stat_activity
     WHERE application_name = ANY($1::text[]) AND state IN ('active', 'idle in transaction') AND query ~* $2 ORDER BY random() LIMIT 1`,
    [names, pattern],
  )
  return rows[0]
}

/** `kill -9` of the one Postern. */
export const killPostern = ingestRound(1, async (stage, senders) => {
  await untilUnderWay(stage, senders)
  await killAndReplace(stage, stage.replicas[0])
})

/** `kill -9` of one of two Posterns; the other goes on. */
export const killReplica = ingestRound(2, async (stage, senders) => {
  await untilUnderWay(stage, senders)
  await killAndReplace(stage, stage.replicas[stage.round.pick(2)])
})

/** `kill -9` of PostgreSQL itself; Postern stays, and goes on when the server is back. */
export const killPostmaster = ingestRound(1, async (stage, senders) => {
  await untilUnderWay(stage, senders)
  await killPostgres(stage.round.world)
})

/** `kill -9` of one session in the middle of a statement: PostgreSQL ends all others and recovers. */
export const killBackend = ingestRound(1, async (stage, senders) => {
  const { observer, replicas, round } = stage
  await untilUnderWay(stage, senders)
  const names = replicas.map((process) => process.name)
  await observer.until('a session is at work, or all is sent', async () => {
    const found = await findSession(observer, names, '.')
    if (found) round.note(`session of: ${found.query}`)
    if (found) sendSignal(found.pid, 'SIGKILL')
    return found !== undefined || senders.isDone
  })
})
