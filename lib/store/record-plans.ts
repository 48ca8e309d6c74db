import 'server-only'
import path from 'node:path'
import pg from 'pg'
import { pool } from './client'
import {
  type Catalogue,
  explainOf,
  isStatement,
  judgePlan,
  loadCatalogue,
  type Reads,
  type Statement,
} from './plan-check'

/** Where in lib/store a statement was sent, outside the modules that only pass it on. */
export interface Place {
  /** `load-doors.ts`, `folder/file.ts`. */
  readonly file: string
  readonly line: number
}

/** One statement of a piece of work, whatever it is. */
export interface SentStatement extends Statement {
  /** From the innermost place outwards; none where a test itself sent it. */
  readonly places: readonly Place[]
  /** What it read, as the database was when it was sent; undefined for what has no plan, or was explained often enough. */
  readonly reads?: Reads
  /** Why it could not be explained. */
  readonly failure?: string
}

/** The same text is explained so often: the first times may have had nothing to do. */
const EXPLAINED_AT_MOST = 6
/** Frames of a stack: what calls through use cases is deep. */
const FRAMES = 60
const PASS_ON = ['client.ts', 'plan-check.ts', 'record-plans.ts', 'test-database.ts']
const SAVEPOINT = 'plan_check'

/** What is known of a statement until the work is over. */
type Sent = Statement & { readonly places: readonly Place[]; plan?: unknown; failure?: string }

/**
 * For tests: all that `work` sends over any connection of this process, with the file of lib/store that sent it, and what it read.
 * Each is explained on its own connection right before it runs, in a savepoint that is rolled back: what it then finds is what it
 * finds in use. Scans are made dear, so that a small table's plan is that of a large one. One at a time in a process.
 */
export async function recordPlans(work: () => Promise<unknown>): Promise<SentStatement[]> {
  const before = await withCatalogue()
  const recorder = new Recorder()
  recorder.start()
  try {
    await work()
  } finally {
    recorder.stop()
  }
  const after = await withCatalogue()
  // Partitions are made and dropped meanwhile.
  const catalogue = {
    parents: new Map([...before.parents, ...after.parents]),
    firstColumns: new Map([...before.firstColumns, ...after.firstColumns]),
  }
  return recorder.sent.map(({ plan, ...sent }) => ({
    ...sent,
    ...(plan !== undefined && { reads: judgePlan(plan, catalogue) }),
  }))
}

async function withCatalogue(): Promise<Catalogue> {
  const client = await pool().connect()
  try {
    return await loadCatalogue(client)
  } finally {
    client.release()
  }
}

class Recorder {
  readonly sent: Sent[] = []
  readonly #times = new Map<string, number>()
  /** Connections in a transaction, by what was sent. */
  readonly #open = new WeakSet<pg.Client>()
  /** Who asked the pool: by the time that it has a connection, the stack is another. */
  readonly #askers = new WeakMap<object, readonly Place[]>()
  readonly #ofClient = pg.Client.prototype.query
  readonly #ofPool = pg.Pool.prototype.query
  readonly #limit = Error.stackTraceLimit

  start(): void {
    Error.stackTraceLimit = FRAMES
    const recorder = this
    pg.Pool.prototype.query = function (this: pg.Pool, ...args: unknown[]) {
      const [first, second] = args
      const tag = typeof first === 'object' && first !== null ? first : Array.isArray(second) ? second : undefined
      if (tag) recorder.#askers.set(tag, placesOf(new Error().stack))
      return Reflect.apply(recorder.#ofPool, this, args)
    }
    pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
      recorder.#note(this, args)
      return Reflect.apply(recorder.#ofClient, this, args)
    }
  }

  stop(): void {
    pg.Client.prototype.query = this.#ofClient
    pg.Pool.prototype.query = this.#ofPool
    Error.stackTraceLimit = this.#limit
  }

  #note(client: pg.Client, [first, second]: readonly unknown[]): void {
    const asked = [first, second].map((tag) =>
      typeof tag === 'object' && tag !== null ? this.#askers.get(tag) : undefined,
    )
    const places = asked.find((known) => known !== undefined) ?? placesOf(new Error().stack)
    const { text, values } =
      typeof first === 'string'
        ? { text: first, values: second }
        : isStatement(first)
          ? first
          : { text: '', values: [] }
    // Values of the object form may stand beside it.
    const given = Array.isArray(values) ? values : Array.isArray(second) ? second : []
    const sent: Sent = { text, values: given, places }
    this.sent.push(sent)
    if (/^\s*BEGIN/i.test(text)) this.#open.add(client)
    else if (/^\s*(COMMIT|END|ROLLBACK(?!\s+TO))/i.test(text)) this.#open.delete(client)
    else if (/^\s*(select|insert|update|delete|with)\b/i.test(text)) this.#explain(client, sent)
  }

  /** Statements of a connection run in the order in which they are given: nothing comes between these and the one to come. */
  #explain(client: pg.Client, sent: Sent): void {
    const times = (this.#times.get(sent.text) ?? 0) + 1
    this.#times.set(sent.text, times)
    if (times > EXPLAINED_AT_MOST) return
    const run = (text: string, values: readonly unknown[] = []): Promise<{ rows: { 'QUERY PLAN'?: unknown }[] }> =>
      Reflect.apply(this.#ofClient, client, [text, [...values]])
    const ignore = () => undefined
    const inTransaction = this.#open.has(client)
    run(inTransaction ? `SAVEPOINT ${SAVEPOINT}` : 'BEGIN').catch(ignore)
    run('SET LOCAL enable_seqscan = off').catch(ignore)
    run(explainOf(sent.text), sent.values).then(
      ({ rows }) => {
        sent.plan = rows[0]?.['QUERY PLAN']
      },
      (error) => {
        sent.failure = String(error)
      },
    )
    run(inTransaction ? `ROLLBACK TO SAVEPOINT ${SAVEPOINT}` : 'ROLLBACK').catch(ignore)
    if (inTransaction) run(`RELEASE SAVEPOINT ${SAVEPOINT}`).catch(ignore)
  }
}

const FRAME = /lib\/store\/((?:[\w-]+\/)*[\w-]+\.ts):(\d+)/

/** Frames within lib/store, without those of tests. */
function placesOf(stack = ''): Place[] {
  return stack.split('\n').flatMap((line) => {
    const [, file, at] = FRAME.exec(line.split(path.sep).join('/')) ?? []
    return file && at && !PASS_ON.includes(file) && !file.startsWith('generated/') ? [{ file, line: Number(at) }] : []
  })
}
