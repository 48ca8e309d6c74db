import { SECOND_MS, type UnixMillis } from '@/lib/model/units'
import { type ConntrackLine, eventOf, portProtocol, type Tuple, tupleOf } from './conntrack-event'

type Fields = Readonly<Record<string, unknown>>

/** Unix seconds up to the year 5138. */
const LATEST_S = 100_000_000_000
/** Bits of NFCT's `ct.event`. */
const EVENT_BITS = { NEW: 1, UPDATE: 2, DESTROY: 4 } as const

/** True for a record of ulogd2's connection tracking input, in JSON. */
export const isUlogdRecord = (record: Fields): boolean => 'ct.id' in record || 'orig.ip.protocol' in record

/**
 * Reads one record of ulogd2 (input NFCT, output JSON), in its own names (`orig.ip.saddr.str`) or those that its JSON output
 * gives some of them (`src_ip`). Addresses must be text: the IP2STR filter belongs into the stack. NEW and DESTROY of a
 * connection name beginnings that differ by microseconds, so what relates them is `ct.id`. ulogd 2.0.8.
 */
export function parseUlogdRecord(record: Fields): ConntrackLine {
  const protocol = portProtocol(record['orig.ip.protocol'] ?? record['ip.protocol'])
  if (!protocol) return { ignore: 'no_translation' }
  const [original, reply] = [tupleOfSide(record, 'orig'), tupleOfSide(record, 'reply')]
  if ((!original || !reply) && typeof record['orig.ip.saddr'] === 'number')
    return { reason: 'bad_value', detail: 'addresses as numbers: put the IP2STR filter into the stack of ulogd' }
  const start = timeOf(record, 'start')
  const end = timeOf(record, 'end')
  const event = eventName(record['ct.event'], end !== undefined)
  const connectionId = /^\d{1,20}$/.exec(String(record['ct.id'] ?? ''))?.[0]
  const zone = record['ct.zone'] === undefined ? '' : String(record['ct.zone']).slice(0, 10)
  return eventOf(
    event,
    protocol,
    { original, reply },
    { atMs: event === 'DESTROY' ? (end ?? start) : start, startedMs: start },
    { zone: `${zone}//`, connectionId },
  )
}

function tupleOfSide(record: Fields, side: 'orig' | 'reply'): Tuple | undefined {
  const isOriginal = side === 'orig'
  const pick = (...names: readonly (string | false)[]): string => {
    const value = names.flatMap((name) => (name !== false && record[name] !== undefined ? [record[name]] : []))[0]
    return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  }
  return tupleOf({
    src: pick(`${side}.ip.saddr.str`, isOriginal && 'src_ip', `${side}.ip.saddr`),
    dst: pick(`${side}.ip.daddr.str`, isOriginal && 'dest_ip', `${side}.ip.daddr`),
    sport: pick(`${side}.l4.sport`, isOriginal && 'src_port'),
    dport: pick(`${side}.l4.dport`, isOriginal && 'dest_port'),
  })
}

function timeOf(record: Fields, which: 'start' | 'end'): UnixMillis | undefined {
  const seconds = Number(record[`flow.${which}.sec`])
  const micros = Number(record[`flow.${which}.usec`] ?? 0)
  const isTime = Number.isInteger(seconds) && seconds > 0 && seconds <= LATEST_S && micros >= 0 && micros < 1_000_000
  return isTime ? seconds * SECOND_MS + Math.floor(micros / 1000) : undefined
}

/** With its hash table on, ulogd writes one record per connection, at its end, and may leave the event out. */
function eventName(bits: unknown, hasEnded: boolean): 'NEW' | 'UPDATE' | 'DESTROY' {
  const event = Number(bits)
  if (hasEnded || (event & EVENT_BITS.DESTROY) !== 0) return 'DESTROY'
  return (event & EVENT_BITS.UPDATE) !== 0 && (event & EVENT_BITS.NEW) === 0 ? 'UPDATE' : 'NEW'
}
