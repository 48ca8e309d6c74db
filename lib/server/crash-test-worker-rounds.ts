import { setTimeout as pause } from 'node:timers/promises'
import { holdersOfDuty, type KeptSince } from './crash-test-checks'
import {
  findSession,
  finish,
  HOUR_MS,
  hoursAgo,
  killAndReplace,
  killPostgres,
  type RoundKind,
  roundOn,
  type Stage,
  startReplica,
  startSending,
} from './crash-test-rounds'
import { AHEAD_MS } from './crash-test-server-options'
import type { PosternSettings } from './crash-test-world'
import { sendSignal } from './postmaster-file'

/** After the statement is seen: transactions of the worker take a few milliseconds. */
const MOST_DELAY_MS = 8
const ROLL_UP = '^(WITH sums AS|SELECT c.dataset, c.bucket_start|INSERT INTO bucket_change|DELETE FROM bucket_change)'
/** The stations of a drop; the last one is any of them. */
const RETENTION = [
  'DETACH PARTITION|^DROP TABLE',
  '^INSERT INTO storage_floor',
  'PARTITION|^DROP TABLE|^CREATE TABLE|^INSERT INTO storage_floor|^WITH gone AS',
]

const isEmpty = ({ template }: { readonly template: string }): string => template

/** Strikes when the storage worker is at a statement of that kind, and answers what: its process, its session, or PostgreSQL. */
async function strikeAt(
  stage: Stage,
  pattern: string,
  isOver: () => boolean | Promise<boolean>,
  settings: PosternSettings = {},
): Promise<string | undefined> {
  const { round, observer, replicas } = stage
  const skipped = round.pick(3)
  let seen = 0
  let found: Awaited<ReturnType<typeof findSession>>
  await observer.until(
    'the worker is at it',
    async () => {
      const names = replicas.map((process) => process.name)
      const session = await findSession(observer, names, pattern)
      if (session) seen += 1
      // Not always at the first one.
      if (session && seen > skipped) found = session
      return found !== undefined || (await isOver())
    },
    1,
  )
  const delayMs = round.pick(MOST_DELAY_MS)
  if (delayMs > 0) await pause(delayMs)
  const victim = ['process', 'session', 'postgres'][round.pick(3)]
  round.note(`${victim} ${delayMs} ms after ${found ? found.query : 'it was over'}`)
  if (victim === 'session' && found) sendSignal(found.pid, 'SIGKILL')
  else if (victim === 'postgres') await killPostgres(round.world)
  else await killAndReplace(stage, replicas.find((process) => process.name === found?.name) ?? replicas[0], settings)
  return victim
}

/** A kill in the middle of adding up minutes and hours. */
export const killInRollUp: RoundKind = roundOn(isEmpty, async (stage) => {
  await startReplica(stage)
  const senders = startSending(stage, hoursAgo(3, 2))
  await strikeAt(stage, ROLL_UP, () => senders.isDone)
  return finish(stage, senders)
})

/** Of two replicas the one with the storage worker's duty is killed; the other takes it. */
export const killOnDuty: RoundKind = roundOn(isEmpty, async (stage) => {
  const { round, observer, replicas } = stage
  await Promise.all([startReplica(stage), startReplica(stage)])
  let holder: string | undefined
  await observer.until('one of two has the duty', async () => {
    ;[holder] = await holdersOfDuty(observer)
    return holder !== undefined
  })
  const senders = startSending(stage, hoursAgo(3, 2))
  await senders.reached(1 + round.pick(senders.bodies.length - 1))
  const victim = replicas.find((process) => process.name === holder)
  const other = replicas.find((process) => process.name !== holder)
  round.note(`after ${senders.acknowledged.size} of ${senders.bodies.length} bodies`)
  await victim?.kill()
  await observer.until('the other one takes the duty', async () => {
    const holders = await holdersOfDuty(observer)
    return holders.length === 1 && holders[0] === other?.name
  })
  await killAndReplace(stage, victim)
  return finish(stage, senders)
})

/** Everything is taken and kept. */
const LONG = environment(100, 100, 720)
/** What is more than a few hours old goes, grain by grain. */
const KEPT_HOURS: Readonly<Record<string, number>> = {
  edge_bucket_15s: 2,
  edge_bucket_1m: 26,
  flow_record: 2,
  egress_connection: 2,
  nat_record: 2,
  span: 2,
}
const SHORT = environment(2, 2, 26)

function environment(hours: number, hours15s: number, hours1m: number): PosternSettings {
  const settings = {
    POSTERN_RETENTION_HOURS: `${hours}`,
    POSTERN_RETENTION_15S_HOURS: `${hours15s}`,
    POSTERN_RETENTION_1M_HOURS: `${hours1m}`,
  }
  return { environment: settings }
}

/** lib/model/retention.ts: rows stay that much longer. */
const SLACK_MS = HOUR_MS

/**
 * A kill in the middle of dropping partitions: days of records are taken under a long retention; under a short one old partitions
 * are dropped, after they were added up, while senders go on.
 */
export const killInRetention: RoundKind = roundOn(isEmpty, async (stage) => {
  const { observer, replicas } = stage
  await startReplica(stage, LONG)
  const old = startSending(stage, hoursAgo(75, 50, 15, 9))
  await old.end(observer)
  // As it stands: much is not added up yet, and a worker whose clock is right would wait for more before it does.
  await replicas.pop()?.kill()
  await startReplica(stage, { ...SHORT, aheadMs: 0 })
  const senders = startSending(stage, hoursAgo(1), old.bodies.length * 100)
  const isOver = () => hasNothingToDrop(stage)
  const pattern = RETENTION[stage.round.pick(RETENTION.length)] ?? ''
  if ((await strikeAt(stage, pattern, isOver, SHORT)) !== 'process') await killAndReplace(stage, replicas[0], SHORT)
  await observer.until('what is past retention is dropped', isOver)
  const problems = await finish(stage, senders, keptNow)
  return [...old.wrong.map((answer) => `a sender was answered ${answer}`), ...problems]
})

/** True where no partition is left that lies whole in what is past, whole or half dropped. */
async function hasNothingToDrop({ observer }: Stage): Promise<boolean> {
  const rows = await observer.query<{ table: string; bounds: string }>(
    `SELECT i.inhparent::regclass::text AS table, pg_get_expr(c.relpartbound, c.oid) AS bounds
     FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent WHERE p.relkind = 'p'
     UNION ALL SELECT relname, 'detached' FROM pg_class WHERE relkind = 'r' AND relname ~ '_p[0-9]{10}$' AND NOT relispartition`,
  )
  return rows.every(({ table, bounds }) => {
    if (bounds === 'detached') return false
    const end = endMsOf(bounds)
    return !(end <= Date.now() - (KEPT_HOURS[table] ?? Number.POSITIVE_INFINITY) * HOUR_MS - SLACK_MS)
  })
}

/** End of a partition in ms; NaN for those of pinned datasets. Bounds are ms, ns, or a timestamp with its offset. */
function endMsOf(bounds: string): number {
  const end = /TO \('', '([^']+)'\)/.exec(bounds)?.[1] ?? ''
  if (!/^\d+$/.test(end)) return Date.parse(end.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'))
  return end.length > 16 ? Number(end) / 1e6 : Number(end)
}

const WIDTH_MS: Readonly<Record<string, number>> = {
  edge_bucket_15s: 6 * HOUR_MS,
  edge_bucket_1m: 24 * HOUR_MS,
  flow_record: 6 * HOUR_MS,
  egress_connection: 6 * HOUR_MS,
  nat_record: 6 * HOUR_MS,
  span: 6 * HOUR_MS,
}

/** Partitions go whole, and the worker's clock is ahead. */
function keptNow(): KeptSince {
  const entries = Object.entries(KEPT_HOURS).map(([table, hours]) => {
    const horizonMs = Date.now() - hours * HOUR_MS - SLACK_MS
    return [table, { fromMs: horizonMs + AHEAD_MS, untilMs: horizonMs - (WIDTH_MS[table] ?? 0) }] as const
  })
  return Object.fromEntries(entries)
}
