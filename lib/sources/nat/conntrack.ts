import { hash } from 'node:crypto'
import { emptyDecodeResult } from '@/lib/model/decoded'
import { LIMITS } from '@/lib/model/limits'
import type { NatTuple } from '@/lib/model/nat-record'
import { HOUR_MS } from '@/lib/model/units'
import type { LineDecoder } from '@/lib/sources/decoder'
import { CRI_PREFIX, isRecord } from '@/lib/sources/framing/unwrap'
import { CONNTRACK_ADVICE, type ConntrackEvent, type ConntrackLine } from './conntrack-event'
import { parseConntrackLine } from './conntrack-line'
import { parseConntrackXml } from './conntrack-xml'
import { cleanRaw } from './raw'
import { isUlogdRecord, parseUlogdRecord } from './ulogd'
import { XmlFlows, type XmlPiece } from './xml-flows'

/** A longer line is refused. */
export const MAX_LINE = LIMITS.textLineBytes

/**
 * Decoder of what conntrack says of connections (tcp, udp, sctp, dccp; IPv4 and IPv6), in three encodings told apart line by
 * line: `conntrack -E -o extended,timestamp,id`, its XML, and ulogd2's JSON. One `NatRecord` per connection of the batch. The
 * translated source is where answers are sent to. A connection that was not translated is evidence too: its translated source
 * equals the original one. Where the destination was translated as well, it stays the one that the client addressed, and
 * `replySourceIp` is who answered.
 *
 * Batches: NEW and DESTROY of a connection often arrive in different ones. Both give the same `recordKey`: tuple, translated
 * tuple, zone, kernel id, and the hour in which the connection began (DESTROY tells it by `delta-time`). The key does not
 * depend on the encoding, so a hop that tells a connection twice gives one row. Store it scoped by cluster and hop, and on
 * conflict keep the earliest `at` and the latest `end_at`. The hour is there because tuples and kernel ids are reused; a
 * connection begun within a second of a full hour, or ended without `delta-time`, may give two rows, which agree. Keys are
 * unique within a batch.
 */
export function createConntrackDecoder(): LineDecoder {
  const out = emptyDecodeResult()
  const records = new Map<string, NatTuple>()
  /** Key of the newest record of each connection: UPDATE lines tell no beginning. */
  const current = new Map<string, string>()
  const xml = new XmlFlows(MAX_LINE)

  const add = (event: ConntrackEvent, line: string) => {
    const identity = identityOf(event)
    const startedMs = event.startedMs ?? event.atMs
    const known = event.event === 'NEW' ? undefined : records.get(current.get(identity) ?? '')
    const recordKey = known && known.endMs === undefined ? known.recordKey : keyOf(identity, startedMs)
    current.set(identity, recordKey)
    records.set(recordKey, merge(records.get(recordKey), recordOf(event, recordKey, startedMs, line), event))
  }
  const take = (parsed: ConntrackLine, line: string, n: number) => {
    if ('event' in parsed) add(parsed, line)
    else if ('ignore' in parsed) out.ignored[parsed.ignore] = (out.ignored[parsed.ignore] ?? 0) + 1
    else out.rejects.push({ line: n, reason: parsed.reason, detail: parsed.detail })
  }
  const takeXml = (pieces: readonly XmlPiece[]) => {
    for (const piece of pieces) {
      if ('flow' in piece) take(parseConntrackXml(piece.flow), piece.flow, piece.line)
      else if (piece.bad === 'too long') out.rejects.push(tooLong(piece.line))
      else out.rejects.push({ line: piece.line, reason: 'bad_value', detail: `XML that is ${piece.bad}` })
    }
  }

  return {
    pushLine(line, n) {
      if (line.trim() === '') return
      const inner = innerOf(line)
      if (typeof inner !== 'string') return take(parseJson(inner), line, n)
      if (xml.isOpen || inner.startsWith('<')) return takeXml(xml.push(inner, n))
      if (line.length > MAX_LINE) return void out.rejects.push(tooLong(n))
      take(parseConntrackLine(inner), line, n)
    },
    finish() {
      takeXml(xml.end())
      return { ...out, natRecords: [...records.values()] }
    },
  }
}

const tooLong = (line: number) => ({
  line,
  reason: 'line_too_long' as const,
  detail: `longer than ${MAX_LINE} characters`,
})

const parseJson = (record: Readonly<Record<string, unknown>>): ConntrackLine =>
  isUlogdRecord(record)
    ? parseUlogdRecord(record)
    : { reason: 'unsupported_dialect', detail: `JSON that is not of ulogd2's NFCT input: ${CONNTRACK_ADVICE}` }

/** The text within a runtime's prefix and a log shipper's JSON wrapper, or a JSON record of its own. */
function innerOf(line: string): string | Readonly<Record<string, unknown>> {
  let text = line.replace(CRI_PREFIX, '').trim()
  for (let depth = 0; depth < 3 && text.startsWith('{') && text.length <= MAX_LINE; depth += 1) {
    const record = recordOfJson(text)
    if (!record) return text
    const inner = [record.log, record.message, record.line].find((value) => typeof value === 'string')
    if (typeof inner !== 'string' || isUlogdRecord(record)) return record
    text = inner.replace(CRI_PREFIX, '').trim()
  }
  return text
}

function recordOfJson(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

const identityOf = ({ protocol, original, reply, zone, connectionId = '' }: ConntrackEvent): string =>
  JSON.stringify([protocol, Object.values(original), Object.values(reply), zone, connectionId])

const keyOf = (identity: string, startedMs: number): string =>
  hash('sha256', `${identity}|${Math.floor(startedMs / HOUR_MS)}`, 'hex')

function recordOf(event: ConntrackEvent, recordKey: string, startedMs: number, line: string): NatTuple {
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
    raw: cleanRaw(line),
    ...(event.event === 'DESTROY' && { endMs: event.atMs }),
    ...(isRedirected && { replySourceIp: reply.sourceIp, replySourcePort: reply.sourcePort }),
    ...(event.connectionId && { connectionId: event.connectionId }),
  }
}

/** A connection's record after one more of its lines. The evidence keeps the first line and the last one. */
function merge(known: NatTuple | undefined, next: NatTuple, event: ConntrackEvent): NatTuple {
  if (!known) return next
  const endMs = Math.max(known.endMs ?? 0, next.endMs ?? 0)
  const raw = event.event === 'DESTROY' ? `${known.raw.split('\n', 1)[0]}\n${next.raw}` : known.raw
  return { ...known, atMs: Math.min(known.atMs, next.atMs), raw, ...(endMs > 0 && { endMs }) }
}
