import 'server-only'
import pg from 'pg'
import { env } from '@/lib/env'
import { AppError, isAppError } from '@/lib/errors'
import { processGlobal } from '@/lib/process-global'

// 64-bit integers: ids stay text (content hashes use all 64 bits); sums are asked for as float8.
const poolOf = (url: string): pg.Pool =>
  new pg.Pool({
    connectionString: url,
    max: 20,
    application_name: 'postern',
    statement_timeout: 30_000,
    connectionTimeoutMillis: 5000,
  })

const holder = (): { pool?: pg.Pool } => processGlobal('pool', () => ({}))

/** Opens the pool of this process on a database of the caller's choice: for tests and command-line programs. */
export function openPool(url: string): pg.Pool {
  const created = poolOf(url)
  // An idle connection that the server ends is replaced on next use; without a listener it would end the process.
  created.on('error', () => undefined)
  holder().pool = created
  return created
}

/** The pool of this process, on DATABASE_URL. Throws where no database is configured. */
export function pool(): pg.Pool {
  const open = holder().pool
  if (open) return open
  const url = env().DATABASE_URL
  if (!url) throw new AppError('unavailable', 'DATABASE_URL is not set: start Postern with npm start')
  return openPool(url)
}

export type Queryable = Pick<pg.ClientBase, 'query'>

/** Runs `work` in one transaction; a lost or overloaded database becomes `unavailable`, which senders retry. */
export async function withTransaction<T>(work: (client: Queryable) => Promise<T>): Promise<T> {
  const client = await connect()
  let isBroken = false
  try {
    await client.query('BEGIN')
    const result = await work(client)
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {
      isBroken = true
    })
    throw asUnavailable(error)
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

/** SQLSTATE classes that pass by themselves: connection, resources, operator intervention, serialisation, deadlock. */
const PASSING = ['08', '53', '57', '40']

function asUnavailable(error: unknown): unknown {
  if (isAppError(error) || !(error instanceof Error)) return error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const isPassing =
    PASSING.includes(code.slice(0, 2)) || /^E[A-Z]+$/.test(code) || /timeout|terminated|Connection/.test(error.message)
  return isPassing
    ? new AppError('unavailable', 'the database is away or overloaded', { cause: error, retryAfterS: 2 })
    : error
}
