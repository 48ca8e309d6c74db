import net from 'node:net'
import type { z } from 'zod'
import { CLIENTS_OPEN, type CLIENTS_RESULT } from './bench-sse-messages'

/** Connections begun at a time: a listening socket has a backlog. */
const AT_ONCE = 50
/** The last line of an event, which ends it. JSON text has no line breaks: it stands nowhere else. */
const ID = Buffer.from('\nid: ')
const TAIL_BYTES = 96

interface Client {
  readonly view: number
  readonly socket: net.Socket
  tail: Buffer
  events: number
  /** Raw bytes with their moments, of the first client of a view alone. */
  readonly record: { readonly atMs: number; readonly bytes: Buffer }[] | undefined
}

/**
 * A child process: many clients of server-sent events on raw sockets, which look at no more of the bytes than where an event
 * ends. An event's latency at a client is its arrival less its first arrival at any client.
 */
const clients: Client[] = []
const arrivals = new Map<string, number[]>()
let beginMs = Number.POSITIVE_INFINITY
let bytes = 0
let waiting = 0
let onReady = (): void => undefined

async function open(port: number, count: number, paths: readonly string[]): Promise<void> {
  waiting = count
  const ready = new Promise<void>((resolve) => {
    onReady = resolve
  })
  for (let index = 0; index < count; index += AT_ONCE)
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, count - index) }, (_, step) => connect(port, index + step, paths)),
    )
  await ready
}

function connect(port: number, index: number, paths: readonly string[]): Promise<void> {
  const view = index % paths.length
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.write(`GET ${paths[view]} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\naccept: text/event-stream\r\n\r\n`)
      resolve()
    })
    const record = index < paths.length ? [] : undefined
    const client: Client = { view, socket, tail: Buffer.alloc(0), events: 0, record }
    clients.push(client)
    socket.once('error', reject)
    socket.on('data', (chunk) => take(client, chunk))
  })
}

function take(client: Client, chunk: Buffer): void {
  const nowMs = performance.now()
  if (nowMs >= beginMs) bytes += chunk.length
  client.record?.push({ atMs: nowMs, bytes: chunk })
  const known = client.tail.length
  const text = known > 0 ? Buffer.concat([client.tail, chunk]) : chunk
  let from = 0
  for (let at = text.indexOf(ID, from); at >= 0; at = text.indexOf(ID, from)) {
    const end = text.indexOf('\n\n', at + ID.length)
    if (end < 0) break
    from = end
    arrived(client, text.toString('latin1', at + ID.length, end), nowMs)
  }
  // What was looked at is not looked at again: an event may end in the next chunk.
  client.tail = Buffer.from(text.subarray(Math.max(from, text.length - TAIL_BYTES)))
}

function arrived(client: Client, id: string, nowMs: number): void {
  client.events += 1
  if (client.events === 1) {
    waiting -= 1
    if (waiting === 0) onReady()
  }
  if (nowMs < beginMs) return
  const times = arrivals.get(id) ?? []
  times.push(nowMs)
  arrivals.set(id, times)
}

function result(): z.infer<typeof CLIENTS_RESULT> {
  const latencies = [...arrivals.values()].flatMap((times) => {
    const first = Math.min(...times)
    return times.map((time) => time - first)
  })
  latencies.sort((a, b) => a - b)
  const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0
  const recorded = clients.flatMap(({ view, record }) => (record ? [{ view, events: eventsOf(record) }] : []))
  return {
    bytes,
    events: latencies.length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    first: recorded.map(({ events }) => events[0]?.bytes ?? ''),
    later: recorded.flatMap(({ view, events }) =>
      events.flatMap((event) =>
        event.atMs >= beginMs ? [{ view, atMs: event.atMs - beginMs, bytes: event.bytes }] : [],
      ),
    ),
  }
}

/** The events of a recorded connection: without its header and its chunks' frames (RFC 9112 §7.1). */
function eventsOf(record: NonNullable<Client['record']>): { atMs: number; bytes: string }[] {
  const raw = Buffer.concat(record.map((part) => part.bytes))
  const events: { atMs: number; bytes: string }[] = []
  let at = raw.indexOf('\r\n\r\n') + 4
  while (at < raw.length) {
    const lineEnd = raw.indexOf('\r\n', at)
    if (lineEnd < 0) break
    const length = Number.parseInt(raw.toString('latin1', at, lineEnd), 16)
    const chunk = raw.subarray(lineEnd + 2, lineEnd + 2 + length)
    at = lineEnd + 2 + length + 2
    if (chunk.includes(ID)) events.push({ atMs: momentOf(record, at), bytes: chunk.toString('base64') })
  }
  return events
}

function momentOf(record: NonNullable<Client['record']>, end: number): number {
  let read = 0
  for (const part of record) {
    read += part.bytes.length
    if (read >= end) return part.atMs
  }
  return record.at(-1)?.atMs ?? 0
}

process.on('message', (message) => {
  const parsed = CLIENTS_OPEN.safeParse(message)
  if (parsed.success) {
    const { port, clients: count, paths } = parsed.data.open
    open(port, count, paths).then(
      () => process.send?.({ ready: true }),
      (error) => {
        console.error(error)
        process.exit(1)
      },
    )
  }
  if (message === 'begin') {
    beginMs = performance.now()
    process.send?.({ ready: true })
  }
  if (message === 'end') process.send?.(result())
})
process.once('disconnect', () => process.exit(0))
