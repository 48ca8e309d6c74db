import 'server-only'
import type pg from 'pg'
import { processGlobal } from '@/lib/process-global'
import { openDedicated } from './dedicated-connection'
import { GRAPH_CHANNEL } from './notify-graph'

const RETRY_MS = 1000

type Listener = (payload?: string) => void

interface Ear {
  readonly listeners: Set<Listener>
  client?: pg.Client
  isOpening?: boolean
}

const ear = (): Ear => processGlobal('listen', () => ({ listeners: new Set<Listener>() }))

/**
 * Calls back on every graph notification with its payload; a lost connection is made again, with one call without payload
 * for what was missed, and one at first. All of a process listen on one connection, which does not pass through a pooler of
 * transactions. Call the answer to stop.
 */
export function listenForGraphChanges(onChange: Listener): () => void {
  const { listeners, client } = ear()
  listeners.add(onChange)
  if (client) onChange()
  else void connect()
  return () => {
    listeners.delete(onChange)
    if (listeners.size === 0) void ear().client?.end()
  }
}

async function connect(): Promise<void> {
  const state = ear()
  if (state.isOpening || state.client || state.listeners.size === 0) return
  state.isOpening = true
  let client: pg.Client | undefined
  try {
    const opened = await openDedicated('postern-listen')
    client = opened
    opened.on('notification', ({ payload }) => tell(payload))
    opened.once('end', () => {
      if (state.client !== opened) return
      state.client = undefined
      again()
    })
    await opened.query(`LISTEN ${GRAPH_CHANNEL}`)
    state.client = opened
    tell()
  } catch {
    await client?.end().catch(() => undefined)
    again()
  } finally {
    state.isOpening = false
  }
}

const again = (): void => void setTimeout(() => void connect(), RETRY_MS).unref()

function tell(payload?: string): void {
  for (const listener of ear().listeners) listener(payload)
}
