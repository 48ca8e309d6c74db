import { SECOND_MS, type UnixMillis } from '@/lib/model/units'
import {
  CONNTRACK_ADVICE as ADVICE,
  type ConntrackLine,
  eventOf,
  portProtocol,
  type Tuple,
  tupleOf,
} from './conntrack-event'

/** `[1795416108.279526]`, in older versions with a tab before the bracket. */
const TIMESTAMP = /^\[(\d{9,11})\.(\d{1,6})\s*\]\s*/
const EVENT = /^\[(NEW|UPDATE|DESTROY)\]\s*/
/** `-o ktimestamp`: the kernel's own times, as ctime(3) writes them. */
const KERNEL_TIME = /\[(start|stop)=(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})\]/g
const FAMILY = /^ipv[46]\s+\d+\s+/
const PROTOCOL = /^([a-z][a-z0-9-]{1,11})\s+\d+\s/

/**
 * Reads one line of `conntrack -E`, without what shippers put around it. Protocols without ports, multicast, broadcast and
 * loopback are 'no_translation'. The time is that of the line; without one, the kernel's times of `-o ktimestamp`, read as UTC
 * (they carry no zone: on a node that keeps another zone the record joins nothing, which is safe). conntrack-tools 1.4.7.
 */
export function parseConntrackLine(line: string): ConntrackLine {
  if (/^conntrack v[\d.]+/.test(line)) return { ignore: 'not_traffic' }
  const stamp = TIMESTAMP.exec(line)
  const afterStamp = stamp ? line.slice(stamp[0].length) : line
  const eventTag = EVENT.exec(afterStamp)
  const body = eventTag ? afterStamp.slice(eventTag[0].length) : afterStamp
  const name = PROTOCOL.exec(body.replace(FAMILY, ''))?.[1]
  if (!name || !body.includes('src='))
    return { reason: 'unsupported_dialect', detail: `no line of conntrack: ${ADVICE}` }
  const protocol = portProtocol(name)
  if (!protocol) return { ignore: 'no_translation' }
  if (!eventTag) return { reason: 'missing_time', detail: `a listing tells no time and no event: ${ADVICE}` }
  const tuples = tuplesOf(body)
  if (tuples.count !== 2) return { reason: 'bad_value', detail: `${tuples.count} directions in place of 2` }
  const event = eventTag[1] === 'NEW' ? 'NEW' : eventTag[1] === 'DESTROY' ? 'DESTROY' : 'UPDATE'
  return eventOf(event, protocol, tuples, timesOf(stamp, body), tuples)
}

function timesOf(
  stamp: RegExpExecArray | null,
  body: string,
): { atMs: UnixMillis | undefined; startedMs?: UnixMillis } {
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
  return { atMs, ...(startedMs !== undefined && { startedMs }) }
}

interface Tuples {
  readonly count: number
  readonly original: Tuple | undefined
  readonly reply: Tuple | undefined
  readonly zone: string
  readonly connectionId?: string
}

/** `src= dst= sport= dport=` twice: the original direction, then the direction of the answers. */
function tuplesOf(body: string): Tuples {
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
  const [original, reply] = directions.map(({ src = '', dst = '', sport = '', dport = '' }) =>
    tupleOf({ src, dst, sport, dport }),
  )
  const connectionId = /^\d{1,20}$/.exec(rest.id ?? '')?.[0]
  const zone = [rest.zone, rest['zone-orig'], rest['zone-reply']].map((part) => part?.slice(0, 10) ?? '').join('/')
  return { count: directions.length, original, reply, zone, ...(connectionId && { connectionId }) }
}

const TUPLE_FIELDS: ReadonlySet<string> = new Set(['src', 'dst', 'sport', 'dport'])
const REST_FIELDS: ReadonlySet<string> = new Set(['id', 'zone', 'zone-orig', 'zone-reply'])
