import ipaddr from 'ipaddr.js'
import type { RejectReason } from '@/lib/model/decoded'
import type { UnixMillis } from '@/lib/model/units'
import { PLAIN_IPV4 } from '@/lib/sources/canonical-ip'

/** One side of a connection as conntrack expects it: who sends to whom. */
export interface Tuple {
  readonly sourceIp: string
  readonly sourcePort: number
  readonly destinationIp: string
  readonly destinationPort: number
}

/** One event about a connection that has ports, in whichever encoding it came. */
export interface ConntrackEvent {
  readonly event: 'NEW' | 'UPDATE' | 'DESTROY'
  readonly protocol: string
  readonly atMs: UnixMillis
  /** When the connection began, where the event tells it: `delta-time` (to the second, rounded down) or a start time. */
  readonly startedMs?: UnixMillis
  readonly original: Tuple
  readonly reply: Tuple
  readonly connectionId?: string
  /** Conntrack zone: the same tuple in two zones is two connections. `//` where none is told. */
  readonly zone: string
}

export type ConntrackLine =
  | ConntrackEvent
  | { readonly ignore: 'no_translation' | 'not_traffic' }
  | { readonly reason: RejectReason; readonly detail: string }

/** What every line needs to be read, in words for its sender. */
export const CONNTRACK_ADVICE = 'run `conntrack -E -o extended,timestamp,id`'

/** IANA numbers of the protocols that have ports, and their names as conntrack writes them. */
const PORT_PROTOCOLS: ReadonlyMap<string, string> = new Map([
  ['6', 'tcp'],
  ['17', 'udp'],
  ['33', 'dccp'],
  ['132', 'sctp'],
  ['136', 'udplite'],
])
const PORT_PROTOCOL_NAMES: ReadonlySet<string> = new Set(PORT_PROTOCOLS.values())

/** The name of a protocol with ports, from its name or number; undefined for protocols without. */
export function portProtocol(nameOrNumber: unknown): string | undefined {
  const text = String(nameOrNumber).toLowerCase()
  return PORT_PROTOCOL_NAMES.has(text) ? text : PORT_PROTOCOLS.get(text)
}

/** Fields of one direction in the words of conntrack's text; undefined where an address or a port cannot be read. */
export function tupleOf(fields: Readonly<Record<'src' | 'dst' | 'sport' | 'dport', string>>): Tuple | undefined {
  const { src, dst, sport, dport } = fields
  const sourcePort = portOf(sport)
  const destinationPort = portOf(dport)
  if (sourcePort === undefined || destinationPort === undefined) return undefined
  const sourceIp = addressOf(src)
  const destinationIp = addressOf(dst)
  return sourceIp && destinationIp ? { sourceIp, sourcePort, destinationIp, destinationPort } : undefined
}

/** An address in canonical form: four decimal parts or IPv6 without zone; undefined for everything else. */
export function addressOf(text: unknown): string | undefined {
  if (typeof text !== 'string' || text.length > 45 || text.includes('%')) return undefined
  if (PLAIN_IPV4.test(text)) return text
  const isOne = ipaddr.IPv4.isValidFourPartDecimal(text) || (text.includes(':') && ipaddr.IPv6.isValid(text))
  if (!isOne) return undefined
  const address = ipaddr.parse(text)
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress()
    ? address.toIPv4Address().toString()
    : address.toString()
}

/** A port from a number or its decimal digits; undefined for everything else. */
export function portOf(value: unknown): number | undefined {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string' || !/^\d{1,5}$/.test(text)) return undefined
  const port = Number(text)
  return port <= 65_535 ? port : undefined
}

const NEVER_TRANSLATED: ReadonlySet<string> = new Set(['multicast', 'broadcast', 'loopback'])

/** 224.0.0.0/4, 255.255.255.255, 127.0.0.0/8, in canonical text: read as text, since parsing addresses costs a fifth of a line. */
const NEVER_IPV4 = /^(?:22[4-9]|23\d|127)\.|^255\.255\.255\.255$/

/** Multicast, broadcast, and what never leaves the machine. */
export function isNeverTranslated({ sourceIp, destinationIp }: Tuple): boolean {
  const isNever = destinationIp.includes(':')
    ? NEVER_TRANSLATED.has(ipaddr.parse(destinationIp).range())
    : NEVER_IPV4.test(destinationIp)
  return isNever || sourceIp.startsWith('127.') || sourceIp === '::1'
}

/** The event of two directions, or why it is none. */
export function eventOf(
  event: ConntrackEvent['event'],
  protocol: string,
  directions: { readonly original: Tuple | undefined; readonly reply: Tuple | undefined },
  times: { readonly atMs: UnixMillis | undefined; readonly startedMs?: UnixMillis | undefined },
  identity: { readonly zone: string; readonly connectionId?: string | undefined },
): ConntrackLine {
  const { original, reply } = directions
  const { atMs, startedMs } = times
  if (!original || !reply) return { reason: 'bad_value', detail: 'an address or a port cannot be read' }
  if (atMs === undefined) return { reason: 'missing_time', detail: `no time in the record: ${CONNTRACK_ADVICE}` }
  if (isNeverTranslated(original)) return { ignore: 'no_translation' }
  return {
    event,
    protocol,
    atMs,
    original,
    reply,
    zone: identity.zone,
    ...(startedMs !== undefined && { startedMs }),
    ...(identity.connectionId && { connectionId: identity.connectionId }),
  }
}
