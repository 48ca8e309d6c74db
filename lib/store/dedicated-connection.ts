import 'server-only'
import pg from 'pg'
import { databaseUrl } from './client'

/** How often a connection that has nothing to say is asked whether it lives, and how long it may take to answer. */
const HEARTBEAT_MS = 5000
const ANSWER_MS = 4000

/** Has the server notice within half a minute that this machine is gone: what the session holds (locks) is free again then. */
const KEEPALIVE =
  'SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; SET tcp_user_timeout = 25000'

/**
 * A connection of its own that is held for long, for LISTEN or a session's lock. A dead one is noticed on both sides: it is
 * asked for a sign of life every few seconds and ends (`end` event) where none comes, be it that the network swallows it
 * without a word. Throws where it cannot be made within five seconds.
 */
export async function openDedicated(name: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: databaseUrl(),
    application_name: name,
    connectionTimeoutMillis: 5000,
    query_timeout: ANSWER_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query(KEEPALIVE)
  } catch (error) {
    await client.end().catch(() => undefined)
    throw error
  }
  const heartbeat = setInterval(() => {
    client.query('SELECT 1').catch(() => {
      clearInterval(heartbeat)
      // The question is still open: so this cuts the socket and does not wait for a goodbye.
      return client.end().catch(() => undefined)
    })
  }, HEARTBEAT_MS)
  heartbeat.unref()
  client.once('end', () => clearInterval(heartbeat))
  return client
}
