import ipaddr from 'ipaddr.js'
import type { RejectReason } from '@/lib/model/decoded'
import { SECOND_MS, type UnixMillis } from '@/lib/model/units'
import { isRecord } from '@/lib/sources/framing/unwrap'

/** One side of a connection as conntrack expects it: who sends to whom. */
export interface Tuple {
  readonly sourceIp: string
  readonly sourcePort: number
  readonly destinationIp: string
  readonly destinationPort: number
}

/** One event line about a connection that has ports. */
export interface ConntrackEvent {
  readonly event: 'NEW' | 'UPDATE' | 'DESTROY'
  readonly protocol: string
  readonly atMs: UnixMillis
  /** When the connection began, where the line tells it: `delta-time` (to the second, rounded down) or `[start=…]`. */
  readonly startedMs?: UnixMillis
  readonly original: Tuple
  readonly reply: Tuple
  readonly connectionId?: string
  /** Conntrack zone: the same tuple in two zones is two connections. */
  readonly zone: string
}

export type ConntrackLine =
  | ConntrackEvent
  | { readonly ignore: 'no_translation' | 'not_traffic' }
  | { readonly reason: RejectReason; readonly detail: string }

const ADVICE = 'run `conntrack -E -o extended,timestamp,id`'
const PORT_PROTOCOLS: ReadonlySet<string> = new Set(['tcp', 'udp', 'sctp', 'dccp', 'udplite'])
/** What container runtimes put before a line. */
const CRI_PREFIX = /^\S{1,64} (?:stdout|stderr) [FP] /
/** `[1795416108.279526]`, in older versions with a tab before the bracket. */
const TIMESTAMP = /^\[(\d{9,11})\.(\d{1,6})\s*\]\s*/
const EVENT = /^\[(NEW|UPDATE|DESTROY)\]\s*/
/** `-o ktimestamp`: the kernel's own times, as ctime(3) writes them. */
const KERNEL_TIME = /\[(start|stop)=(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})\]/g
const FAMILY = /^ipv[46]\s+\d+\s+/
const PROTOCOL = /^([a-z][a-z0-9-]{1,11})\s+\d+\s/

/**
 * Reads one line of `conntrack -E`. Protocols without ports, multicast, broadcast and loopback are 'no_translation'. The
 * time is that of the line; without one, the kernel's times of `-o ktimestamp`, read as UTC (they carry no zone: on a node
 * that keeps another zone the record joins nothing, which is safe). conntrack-tools 1.4.7.
 */
export function parseConntrackLine(text: string): ConntrackLine {
  const line = unwrap(text.replace(CRI_PREFIX, '').trim())
  if (/^conntrack v[\d.]+/.test(line)) return { ignore: 'not_traffic' }
  const stranger = recogniseStranger(line)
  if (stranger) return { reason: 'unsupported_dialect', detail: `${stranger}: ${ADVICE}` }
  const stamp = TIMESTAMP.exec(line)
  const afterStamp = stamp ? line.slice(stamp[0].length) : line
  const eventTag = EVENT.exec(afterStamp)
  const body = eventTag ? afterStamp.slice(eventTag[0].length) : afterStamp
  const protocol = PROTOCOL.exec(body.replace(FAMILY, ''))?.[1]
  if (!protocol || !body.includes('src='))
    return { reason: 'unsupported_dialect', detail: `no line of conntrack: ${ADVICE}` }
  if (!PORT_PROTOCOLS.has(protocol)) return { ignore: 'no_translation' }
  if (!eventTag) return { reason: 'missing_time', detail: `a listing tells no time and no event: ${ADVICE}` }
  const times = timesOf(stamp, body)
  if (times.atMs === undefined) return { reason: 'missing_time', detail: `no time in the line: ${ADVICE}` }
  const tuples = tuplesOf(body)
  if ('reason' in tuples) return tuples
  if (isNeverTranslated(tuples.original)) return { ignore: 'no_translation' }
  const event = eventTag[1] === 'NEW' ? 'NEW' : eventTag[1] === 'DESTROY' ? 'DESTROY' : 'UPDATE'
  return { event, protocol, ...tuples, ...times, atMs: times.atMs }
}

/** The text in a log shipper's JSON wrapper, or the line itself. */
function unwrap(line: string): string {
  if (!line.startsWith('{')) return line
  try {
    const wrapper: unknown = JSON.parse(line)
    if (!isRecord(wrapper)) return line
    const inner = [wrapper.log, wrapper.message, wrapper.line].find((text) => typeof text === 'string')
    return typeof inner === 'string' ? inner.replace(CRI_PREFIX, '').trim() : line
  } catch {
    return line
  }
}

function recogniseStranger(line: string): string | undefined {
  if (/^<(?:\?xml|\/?conntrack|flow)\b/.test(line)) return 'conntrack XML'
  if (line.startsWith('{')) return line.includes('orig.ip.') || line.includes('"ct.') ? 'ulogd2 JSON' : 'JSON'
  return undefined
}

function timesOf(stamp: RegExpExecArray | null, body: string): { atMs?: UnixMillis; startedMs?: UnixMillis } {
  const kernel: Record<string, number> = {}
  for (const [, which = '', time = ''] of body.matchAll(KERNEL_TIME)) {
    const parsed = Date.parse(`${time} UTC`)
    if (Number.isFinite(parsed)) kernel[which] = parsed
  }
  const [, seconds, fraction = ''] = stamp ?? []
  const atMs = seconds
    ? Number(seconds) * SECOND_MS + Math.floor(Number(fraction.padEnd(6, '0')) / 1000)
    : (kernel.stop ?? kernel.start)
  const delta = /\bdelta-time=(\d{1,9})\b/.exec(body)?.[1]
  const lastedMs = delta ? Number(delta) * SECOND_MS : undefined
  const startedMs = seconds && lastedMs !== undefined ? Number(atMs) - lastedMs : seconds ? undefined : kernel.start
  return { ...(atMs !== undefined && { atMs }), ...(startedMs !== undefined && { startedMs }) }
}

type Tuples = Pick<ConntrackEvent, 'original' | 'reply' | 'zone' | 'connectionId'>

/** `src= dst= sport= dport=` twice: the original direction, then the direction of the answers. */
function tuplesOf(body: string): Tuples | { readonly reason: RejectReason; readonly detail: string } {
  const directions: Record<string, string>[] = []
  const rest: Record<string, string> = {}
  for (const token of body.split(/\s+/)) {
    const equals = token.indexOf('=')
    if (equals <= 0) continue
    const name = token.slice(0, equals)
    if (name === 'src') directions.push({})
    if (TUPLE_FIELDS.has(name)) Object.assign(directions.at(-1) ?? {}, { [name]: token.slice(equals + 1) })
    else if (REST_FIELDS.has(name)) rest[name] = token.slice(equals + 1)
  }
  const [original, reply] = directions.map(tupleOf)
  if (directions.length !== 2) return { reason: 'bad_value', detail: `${directions.length} directions in place of 2` }
  if (!original || !reply) return { reason: 'bad_value', detail: 'an address or a port cannot be read' }
  const connectionId = /^\d{1,20}$/.exec(rest.id ?? '')?.[0]
  const zone = [rest.zone, rest['zone-orig'], rest['zone-reply']].map((part) => part?.slice(0, 10) ?? '').join('/')
  return { original, reply, zone, ...(connectionId && { connectionId }) }
}

const TUPLE_FIELDS: ReadonlySet<string> = new Set(['src', 'dst', 'sport', 'dport'])
const REST_FIELDS: ReadonlySet<string> = new Set(['id', 'zone', 'zone-orig', 'zone-reply'])

function tupleOf(fields: Readonly<Record<string, string>>): Tuple | undefined {
  const { src = '', dst = '', sport = '', dport = '' } = fields
  const ports = [sport, dport].map((port) => (/^\d{1,5}$/.test(port) ? Number(port) : Number.NaN))
  const [sourcePort = Number.NaN, destinationPort = Number.NaN] = ports
  if (!ipaddr.isValid(src) || !ipaddr.isValid(dst) || !(sourcePort <= 65_535) || !(destinationPort <= 65_535))
    return undefined
  return {
    sourceIp: ipaddr.parse(src).toString(),
    sourcePort,
    destinationIp: ipaddr.parse(dst).toString(),
    destinationPort,
  }
}

const NEVER_TRANSLATED: ReadonlySet<string> = new Set(['multicast', 'broadcast', 'loopback'])

const isNeverTranslated = (tuple: Tuple): boolean =>
  NEVER_TRANSLATED.has(ipaddr.parse(tuple.destinationIp).range()) || ipaddr.parse(tuple.sourceIp).range() === 'loopback'
