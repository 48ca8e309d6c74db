import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createRng } from '@/lib/demo/rng'
import { migrate } from '@/lib/store/migrate'
import { shuffled } from './crash-test-bodies'
import { killInMigration } from './crash-test-migration'
import { killBackend, killPostern, killPostmaster, killReplica, type Round, type RoundKind } from './crash-test-rounds'
import { killInRetention, killInRollUp, killOnDuty } from './crash-test-worker-rounds'
import { World } from './crash-test-world'

const root = path.resolve(import.meta.dirname, '../..')
const TEMPLATE = 'crash_template'
/** The whole run, by default; what it started is killed then. */
const DEADLINE_S = 900
const DEFAULT_ROUNDS = 50
const MOST_SEED = 2 ** 31

const KINDS: ReadonlyMap<string, RoundKind> = new Map(
  Object.entries({
    'postern while it ingests': killPostern,
    'one replica of two': killReplica,
    'postgres while it commits': killPostmaster,
    'one session of postgres': killBackend,
    'in a roll-up': killInRollUp,
    'the worker on duty': killOnDuty,
    'in retention': killInRetention,
    'in migration': killInMigration,
  }),
)

/**
 * `npm run test:crash [-- --rounds N --seed N --only KIND,KIND --deadline SECONDS]`: kills a real Postern and a real PostgreSQL with
 * SIGKILL at random points, and checks after each that what was acknowledged counts once and that nothing is left behind. Same
 * seed, same rounds and bodies; the moments depend on the machine. Exits 1 where a round failed, and keeps its details.
 */
async function main(): Promise<void> {
  const rounds = numberOf('--rounds', DEFAULT_ROUNDS)
  const seed = numberOf('--seed', Math.floor(Math.random() * MOST_SEED))
  const deadlineS = numberOf('--deadline', DEADLINE_S)
  const names = deck(rounds, seed)
  const work = mkdtempSync(path.join(os.tmpdir(), 'postern-crash-'))
  const world = new World(path.join(work, 'database'))
  const score = { passed: 0, failed: 0 }
  let ending: Promise<never> | undefined
  const end = async (code?: number): Promise<never> => {
    await world.end().catch((error: unknown) => console.error(error))
    rmSync(path.join(work, 'database'), { recursive: true, force: true })
    if (score.failed === 0) rmSync(work, { recursive: true, force: true })
    else console.log(`Details of what failed: ${work}; the same rounds again: --rounds ${rounds} --seed ${seed}`)
    console.log(`${score.passed} passed, ${score.failed} failed`)
    process.exit(code ?? (score.failed === 0 && score.passed > 0 ? 0 : 1))
  }
  const finish = (code?: number): Promise<never> => {
    ending ??= end(code)
    return ending
  }
  const fail = (reason: string): Promise<never> => {
    score.failed += 1
    console.log(`FAIL ${reason}`)
    return finish()
  }
  setTimeout(() => void fail(`not done after ${deadlineS} s`), deadlineS * 1000)
  // Not once: npm hands on a signal that this process got already, and a second one must not cut the end short.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void finish(130))

  console.log(`seed ${seed}`)
  try {
    await world.begin()
    await world.createDatabase(TEMPLATE)
    await migrate(world.url(TEMPLATE), path.join(root, 'prisma/migrations'))
    for (const [index, name] of names.entries()) {
      const isWell = await play(
        name,
        { number: index + 1, world, pick: picker(seed + index + 1), template: TEMPLATE },
        work,
      )
      score[isWell ? 'passed' : 'failed'] += 1
    }
  } catch (error) {
    await fail(textOfError(error))
  }
  await finish()
}

/** Plays one round and tells how it went; its details are kept where it failed. */
async function play(name: string, round: Omit<Round, 'note'>, work: string): Promise<boolean> {
  const startMs = Date.now()
  const notes: string[] = []
  const problems = await kindOf(name)({ ...round, note: (text) => notes.push(text) }).catch((error: unknown) => [
    textOfError(error),
  ])
  const isWell = problems.length === 0
  const seconds = ((Date.now() - startMs) / 1000).toFixed(1)
  console.log(`${isWell ? 'ok  ' : 'FAIL'} ${round.number} ${name} (${seconds} s) ${summary(notes)}`)
  for (const problem of problems) console.log(`     ${problem}`)
  const details = [`round ${round.number}: ${name}`, ...problems, '', ...notes]
  if (!isWell) writeFileSync(path.join(work, `round-${round.number}.txt`), details.join('\n'))
  return isWell
}

const textOfError = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)

/** What happened in one line: without what the processes printed. */
const summary = (notes: readonly string[]): string => notes.filter((note) => !note.includes('\n')).join('; ')

/** Kinds in turn, each turn in an order of its own, so that any number of rounds has all kinds alike. */
function deck(rounds: number, seed: number): string[] {
  const pick = picker(seed)
  const only = textOf('--only').split(',')
  const names = [...KINDS.keys()].filter((name) => only.some((part) => name.includes(part)))
  if (names.length === 0) throw new Error(`--only wants parts of: ${[...KINDS.keys()].join(', ')}`)
  const out: string[] = []
  while (out.length < rounds) out.push(...shuffled(pick, names))
  return out.slice(0, rounds)
}

function kindOf(name: string): RoundKind {
  const kind = KINDS.get(name)
  if (!kind) throw new Error(`there are no rounds called ${name}`)
  return kind
}

function picker(seed: number): (below: number) => number {
  const rng = createRng(seed)
  return (below) => Math.floor(rng() * below)
}

function textOf(option: string): string {
  const at = process.argv.indexOf(option)
  return at < 0 ? '' : (process.argv[at + 1] ?? '')
}

function numberOf(option: string, otherwise: number): number {
  const given = textOf(option)
  const value = given === '' ? otherwise : Number(given)
  if (!Number.isInteger(value) || value < 0) throw new Error(`${option} wants a whole number`)
  return value
}

await main()
