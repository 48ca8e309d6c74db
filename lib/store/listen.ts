import 'server-only'
import pg from 'pg'
import { databaseUrl } from './client'

const RETRY_MS = 1000

/**
 * Calls back on every graph notification with its payload; a lost connection is made again, with one call without payload
 * for what was missed.
 */
export function listenForGraphChanges(onChange: (payload?: string) => void): void {
  const again = () => void setTimeout(() => void connect(), RETRY_MS).unref()
  const connect = async (): Promise<void> => {
    const client = new pg.Client({ connectionString: databaseUrl(), application_name: 'postern-listen' })
    client.on('error', () => undefined)
    client.on('notification', ({ payload }) => onChange(payload))
    try {
      await client.connect()
      await client.query('LISTEN postern_graph')
      client.once('end', again)
      onChange()
    } catch {
      again()
    }
  }
  void connect()
}
