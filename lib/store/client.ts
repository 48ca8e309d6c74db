import 'server-only'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { env } from '@/lib/env'
import { AppError, isAppError } from '@/lib/errors'
import { processGlobal } from '@/lib/process-global'
import { PrismaClient } from './generated/client'

interface Database {
  url?: string
  pool?: pg.Pool
  prisma?: PrismaClient
}

const database = (): Database => processGlobal('database', () => ({}))

// 64-bit integers stay text: content hashes use all 64 bits; sums are asked for as float8.
function openPool(url: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: 20,
    application_name: 'postern',
    statement_timeout: 30_000,
    // The server's own limit cannot end a statement when the server hangs or the network is gone.
    query_timeout: 35_000,
    keepAlive: true,
    connectionTimeoutMillis: 5000,
  })
  // An idle connection that dies is replaced on next use; without a listener it would end the process.
  pool.on('error', () => undefined)
  // Nor may one that dies between two statements of a transaction: the pool listens only while it is idle.
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

/** Where this process's database is: `useDatabase`, else `DATABASE_URL`. For connections that cannot be of the pool. */
export const databaseUrl = (): string | undefined => database().url ?? env().DATABASE_URL

/** The pool of this process, on `DATABASE_URL`. Throws `unavailable` where no database is configured. */
export function pool(): pg.Pool {
  const current = database()
  if (!current.pool) {
    const url = databaseUrl()
    if (!url) throw new AppError('unavailable', 'DATABASE_URL is not set: start Postern with npm start')
    current.pool = openPool(url)
  }
  return current.pool
}

/** Prisma on the same pool, for ordinary reads and writes; never on the ingest path. */
export function prisma(): PrismaClient {
  const current = database()
  current.prisma ??= new PrismaClient({ adapter: new PrismaPg(pool()) })
  return current.prisma
}

/** Closes the pool once what runs on it is done; for the end of the process. */
export async function closeDatabase(): Promise<void> {
  const { pool: open } = database()
  if (open && !open.ended) await open.end()
}

/** Points this process at another database, or with `undefined` back at `DATABASE_URL`: for tests and commands. */
export async function useDatabase(url: string | undefined): Promise<void> {
  const current = database()
  const old = { ...current }
  current.url = url
  current.pool = undefined
  current.prisma = undefined
  await old.prisma?.$disconnect()
  if (old.pool && !old.pool.ended) await old.pool.end()
}

export type Queryable = Pick<pg.ClientBase, 'query'>

const ATTEMPTS = 4

/**
 * Runs `work` in one transaction, again where it lost a deadlock or a serialisation conflict: `work` may only change the
 * database. A lost or overloaded database becomes `unavailable`, which senders retry.
 */
export async function withTransaction<T>(work: (client: Queryable) => Promise<T>, begin = 'BEGIN'): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runTransaction(work, begin)
    } catch (error) {
      const isMissing = isPartitionMissing(error)
      // Retention, on any replica, dropped what this process takes to be there.
      if (isMissing) knownPartitions().clear()
      if (attempt >= ATTEMPTS || !(isMissing || sqlState(error).startsWith('40'))) throw asUnavailable(error)
    }
  }
}

/** Names of partitions that are known to be there, of the database in use. */
export const knownPartitions = (): Set<string> => {
  const byPool = processGlobal('known-partitions', () => new WeakMap<pg.Pool, Set<string>>())
  const current = pool()
  const names = byPool.get(current) ?? new Set<string>()
  byPool.set(current, names)
  return names
}

const isPartitionMissing = (error: unknown): boolean =>
  error instanceof Error && sqlState(error) === '23514' && error.message.startsWith('no partition of relation')

/** Runs reads that must see one state of the database, in one snapshot. The same errors. */
export async function withSnapshot<T>(work: (client: Queryable) => Promise<T>): Promise<T> {
  try {
    // Compiling takes longer than these reads do.
    return await runTransaction(work, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL jit = off')
  } catch (error) {
    throw asUnavailable(error)
  }
}

/**
 * Runs `work` in one transaction that sees one state of the database from its first statement on, again where another changed
 * the same rows: `work` may only change the database. The same errors as `withTransaction`.
 */
export const withSnapshotTransaction = <T>(work: (client: Queryable) => Promise<T>): Promise<T> =>
  withTransaction(work, 'BEGIN ISOLATION LEVEL REPEATABLE READ')

async function runTransaction<T>(work: (client: Queryable) => Promise<T>, begin: string): Promise<T> {
  const client = await connect()
  let isBroken = false
  try {
    await client.query(begin)
    const result = await work(client)
    await client.query('COMMIT')
    return result
  } catch (error) {
    // Behind a statement that hangs a rollback would hang too: closing the connection rolls back.
    isBroken = isReadTimeout(error)
    if (!isBroken)
      await client.query('ROLLBACK').catch(() => {
        isBroken = true
      })
    throw error
  } finally {
    client.release(isBroken)
  }
}

/** One read on the pool, with the same errors. */
export async function query<Row extends pg.QueryResultRow>(
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  try {
    return (await pool().query<Row>(text, [...values])).rows
  } catch (error) {
    throw asUnavailable(error)
  }
}

async function connect(): Promise<pg.PoolClient> {
  try {
    return await pool().connect()
  } catch (error) {
    throw asUnavailable(error)
  }
}

/**
 * SQLSTATE classes that pass by themselves: connection, resources, wrong state (a database closed to connections), operator
 * intervention, serialisation, deadlock.
 */
const PASSING = ['08', '53', '55', '57', '40']

function asUnavailable(error: unknown): unknown {
  if (isAppError(error) || !(error instanceof Error)) return error
  const code = sqlState(error)
  const isPassing =
    PASSING.includes(code.slice(0, 2)) ||
    /^E[A-Z]+$/.test(code) ||
    /timeout|terminated|not queryable|Connection/.test(error.message)
  return isPassing
    ? new AppError('unavailable', 'the database is away or overloaded', { cause: error, retryAfterS: 2 })
    : error
}

/** pg's own word for a `query_timeout` that ran out. */
const isReadTimeout = (error: unknown): boolean => error instanceof Error && error.message === 'Query read timeout'

const sqlState = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
