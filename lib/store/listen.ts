import 'server-only'
import pg from 'pg'
import { env } from '@/lib/env'

const RETRY_MS = 1000

/** Calls back on every graph notification; a lost connection is made again, with one call for what was missed. */
export function listenForGraphChanges(onChange: () => void): void {
  const connect = async (): Promise<void> => {
    const client = new pg.Client({ connectionString: env().DATABASE_URL, application_name: 'postern-listen' })
    const again = () => setTimeout(() => void connect().catch(() => again()), RETRY_MS).unref()
    client.on('error', () => undefined)
    client.once('end', again)
    client.on('notification', onChange)
    await client.connect()
    await client.query('LISTEN postern_graph')
    onChange()
  }
  void connect().catch(() => setTimeout(() => listenForGraphChanges(onChange), RETRY_MS).unref())
}
