import { createHash } from 'node:crypto'
import { type DecodeResult, emptyDecodeResult } from '@/lib/model/decoded'
import { LIMITS } from '@/lib/model/limits'
import type { NatRecord } from '@/lib/model/nat-record'
import { HOUR_MS } from '@/lib/model/units'
import { type ConntrackEvent, parseConntrackLine } from './conntrack-line'

/** Turns the lines of one batch into model values; as `BatchDecoder`, for text. */
export interface LineDecoder {
  /** One line without its end, `n` counting from 1. Blank lines are nothing. */
  pushLine(line: string, n: number): void
  /** Closes the batch. May be called once. */
  finish(): DecodeResult
}

/** A longer line is refused. */
export const MAX_LINE = LIMITS.textLineBytes
const MAX_RAW = 512

/**
 * Decoder of `conntrack -E -o extended,timestamp,id` (tcp, udp, sctp; IPv4 and IPv6): one `NatRecord` per connection of the
 * batch. The translated source is where answers are sent to. A connection that was not translated is evidence too: its
 * translated source equals the original one. Where the destination was translated as well, it stays the one that the client
 * addressed, and `replySourceIp` is who answered.
 *
 * Batches: NEW and DESTROY of a connection often arrive in different ones. Both give the same `recordKey`: tuple, translated
 * tuple, zone, kernel id, and the hour in which the connection began (DESTROY tells it by `delta-time`). Store it scoped by
 * cluster and hop, and on conflict keep the earliest `at` and the latest `end_at`. The hour is there because tuples and
 * kernel ids are reused; a connection begun within a second of a full hour, or ended without `delta-time`, may give two
 * rows, which agree. Keys are unique within a batch.
 */
export function createConntrackDecoder(): LineDecoder {
  const out = emptyDecodeResult()
  const records = new Map<string, NatRecord>()
  /** Key of the newest record of each connection: UPDATE lines tell no beginning. */
  const current = new Map<string, string>()

  const take = (event: ConntrackEvent, line: string) => {
    const identity = identityOf(event)
    const startedMs = event.startedMs ?? event.atMs
    const known = event.event === 'NEW' ? undefined : records.get(current.get(identity) ?? '')
    const recordKey = known && known.endMs === undefined ? known.recordKey : keyOf(identity, startedMs)
    current.set(identity, recordKey)
    records.set(recordKey, merge(records.get(recordKey), recordOf(event, recordKey, startedMs, line), event))
  }

  return {
    pushLine(line, n) {
      if (line.trim() === '') return
      if (line.length > MAX_LINE)
        return void out.rejects.push({ line: n, reason: 'line_too_long', detail: `longer than ${MAX_LINE} characters` })
      const parsed = parseConntrackLine(line)
      if ('event' in parsed) take(parsed, line)
      else if ('ignore' in parsed) out.ignored[parsed.ignore] = (out.ignored[parsed.ignore] ?? 0) + 1
      else out.rejects.push({ line: n, reason: parsed.reason, detail: parsed.detail })
    },
    finish: () => ({ ...out, natRecords: [...records.values()] }),
  }
}

const identityOf = ({ protocol, original, reply, zone, connectionId = '' }: ConntrackEvent): string =>
  JSON.stringify([protocol, Object.values(original), Object.values(reply), zone, connectionId])

const keyOf = (identity: string, startedMs: number): string =>
  createHash('sha256')
    .update(`${identity}|${Math.floor(startedMs / HOUR_MS)}`)
    .digest('hex')

function recordOf(event: ConntrackEvent, recordKey: string, startedMs: number, line: string): NatRecord {
  const { original, reply } = event
  const isRedirected = reply.sourceIp !== original.destinationIp || reply.sourcePort !== original.destinationPort
  return {
    source: 'conntrack',
    recordKey,
    protocol: event.protocol,
    atMs: startedMs,
    originalIp: original.sourceIp,
    originalPort: original.sourcePort,
    destinationIp: original.destinationIp,
    destinationPort: original.destinationPort,
    translatedIp: reply.destinationIp,
    translatedPort: reply.destinationPort,
    raw: cleanLine(line),
    ...(event.event === 'DESTROY' && { endMs: event.atMs }),
    ...(isRedirected && { replySourceIp: reply.sourceIp, replySourcePort: reply.sourcePort }),
    ...(event.connectionId && { connectionId: event.connectionId }),
  }
}

/** A connection's record after one more of its lines. The evidence keeps the first line and the last one. */
function merge(known: NatRecord | undefined, next: NatRecord, event: ConntrackEvent): NatRecord {
  if (!known) return next
  const endMs = Math.max(known.endMs ?? 0, next.endMs ?? 0)
  const raw = event.event === 'DESTROY' ? `${known.raw.split('\n', 1)[0]}\n${next.raw}` : known.raw
  return { ...known, atMs: Math.min(known.atMs, next.atMs), raw, ...(endMs > 0 && { endMs }) }
}

/** The line as it came, bounded, without what Postgres cannot store. */
const cleanLine = (line: string): string =>
  line
    .trim()
    .replace(/[\p{Cc}\p{Cs}]+/gu, ' ')
    .slice(0, MAX_RAW)
