import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { migrate } from '@/lib/store/migrate'
import { isGone, withoutRepeats } from './crash-test-checks'
import { Observer } from './crash-test-observer'
import { fillFirstSchema } from './crash-test-old-data'
import {
  findSession,
  finish,
  hoursAgo,
  killPostgres,
  type RoundKind,
  roundOn,
  type Stage,
  startReplica,
  startSending,
} from './crash-test-rounds'
import { sendSignal } from './postmaster-file'

const MIGRATIONS = path.resolve(import.meta.dirname, '../../prisma/migrations')
/** All that is missing takes a few hundred milliseconds. */
const MOST_DELAY_MS = 120
const MOST_KILLS = 3
const TEMPLATE_MS = 60_000

/**
 * Kills in the middle of migrations: of a database of an older schema with records in it, one Postern after the other begins to
 * migrate and is killed, or its session, or PostgreSQL. The last one is let through: it must find nothing half done, carry every
 * record over, make the very schema that a new database has, and go on to ingest.
 */
export const killInMigration: RoundKind = roundOn(
  () => 'template1',
  async (stage) => {
    const { round, database, observer, expected, taken } = stage
    const url = round.world.url(database)
    const names = migrationNames()
    await migrateFirst(url, names, 1)
    await fillFirstSchema(url, hoursAgo(4)[0] ?? 0, expected, taken)
    const since = 1 + round.pick(names.length - 1)
    await migrateFirst(url, names, since)
    round.note(`from the first ${since} of ${names.length}`)
    const kills = 1 + round.pick(MOST_KILLS)
    for (let kill = 0; kill < kills; kill += 1) await migrateAndStrike(stage)
    await startReplica(stage)
    const schema = await schemaOf(observer)
    const template = new Observer(round.world.url(round.template), Date.now() + TEMPLATE_MS)
    const wanted = await schemaOf(template).finally(() => template.close())
    const senders = startSending(stage, hoursAgo(3, 2))
    return [
      ...withoutRepeats(wanted, schema).map((line) => `a new database does not have: ${line}`),
      ...withoutRepeats(schema, wanted).map((line) => `a new database also has: ${line}`),
      ...(await finish(stage, senders)),
    ]
  },
)

const migrationNames = (): string[] =>
  readdirSync(MIGRATIONS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()

/** Brings the database to where a version with only the first `count` migrations would have left it. */
async function migrateFirst(url: string, names: readonly string[], count: number): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-crash-migrations-'))
  try {
    for (const name of names.slice(0, count))
      cpSync(path.join(MIGRATIONS, name), path.join(folder, name), { recursive: true })
    await migrate(url, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function migrateAndStrike({ round, database, observer }: Stage): Promise<void> {
  const process = round.world.startPostern(database)
  await observer.until(
    'a process migrates, or is done with it',
    async () => !process.isRunning || (await findSession(observer, [process.name], '.')) !== undefined,
    1,
  )
  const delayMs = round.pick(MOST_DELAY_MS)
  await pause(delayMs)
  const victim = ['process', 'session', 'postgres'][round.pick(3)]
  const session = await findSession(observer, [process.name], '.')
  round.note(`${victim} ${delayMs} ms into it, at: ${session?.query ?? 'nothing'}`)
  if (victim === 'session' && session) sendSignal(session.pid, 'SIGKILL')
  else if (victim === 'postgres') await killPostgres(round.world)
  // Whatever was struck: a process that lost its database ends or goes on, and the next one must get through alike.
  await process.kill()
  await observer.until(`the sessions of ${process.name} end`, () => isGone(observer, process.name))
}

/** Columns, indexes, constraints, functions and triggers, without the partitions that records brought. */
async function schemaOf(observer: Observer): Promise<string[]> {
  const rows = await observer.query<{ line: string }>(
    `WITH own AS (SELECT c.oid, c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relname !~ '_p[0-9]{10}')
     SELECT format('column %s.%s %s %s %s', own.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid)) AS line
       FROM own JOIN pg_attribute a ON a.attrelid = own.oid AND a.attnum > 0 AND NOT a.attisdropped LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     UNION ALL SELECT 'index ' || pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN own ON own.oid = i.indrelid
     UNION ALL SELECT format('constraint %s of %s: %s', k.conname, own.relname, pg_get_constraintdef(k.oid)) FROM pg_constraint k JOIN own ON own.oid = k.conrelid
     UNION ALL SELECT 'function ' || proname || ' ' || md5(prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
     UNION ALL SELECT 'trigger ' || pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN own ON own.oid = t.tgrelid WHERE NOT t.tgisinternal
     UNION ALL SELECT 'view ' || own.relname || ' ' || md5(pg_get_viewdef(own.oid)) FROM own JOIN pg_class c ON c.oid = own.oid AND c.relkind = 'v'
     ORDER BY 1`,
  )
  return rows.map((row) => row.line)
}
