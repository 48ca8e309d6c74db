import { hash } from 'node:crypto'
import type { Peer } from '@/lib/model/endpoint'
import type { Flow, FlowCounts, Observer, SiblingPlace } from '@/lib/model/flow'
import { DAY_MS, SECOND_MS } from '@/lib/model/units'
import { canonicalIp } from '@/lib/sources/canonical-ip'
import { peerOf } from './peer'
import { traceOf, traceStrings } from './trace'
import { judge } from './verdict'
import {
  ACTION,
  counter,
  ENDPOINT_TYPE,
  enumName,
  integer,
  list,
  REPORTER,
  RecordFault,
  record,
  text,
  type Wire,
} from './wire'

const BUCKET_S = 15
/** Unix seconds up to the year 5138: milliseconds and nanoseconds lie above. */
const MAX_TIME_S = 100_000_000_000
export const PORT_PROTOCOLS: ReadonlySet<string> = new Set(['tcp', 'udp', 'sctp'])

/** What a carrier knows of its records beyond what they say. */
export interface RecordOrigin {
  /** The node whose agent wrote the records: then one key and interval is told once per node, and these add up. */
  readonly node?: string
  /** Remarks for the evidence view. */
  readonly notes?: readonly string[]
}

/**
 * One Goldmane `Flow` as our flow, oriented client → server: Calico's source is the client, `in` and `out` are relative to
 * the endpoint that reported. 'stale_zero_deny' is a denial that Felix repeats with all counters 0 (calico#13185). Throws
 * `RecordFault`.
 */
export function decodeFlow(wire: Wire, origin: RecordOrigin = {}): Flow | 'stale_zero_deny' {
  const key = record(wire, 'Key') ?? record(wire, 'key')
  if (!key) throw new RecordFault('no_flow', 'no `Key` in the flow')
  const interval = intervalOf(wire)
  const fields = keyFields(key)
  const counters = countersOf(wire)
  if (fields.action === 'Deny' && Object.values(counters).every((value) => value === 0)) return 'stale_zero_deny'
  const trace = traceOf(key)
  const enforced = traceStrings(trace.enforced)
  const pending = traceStrings(trace.pending)
  const { verdict, note } = judge(fields.action, trace)
  const service = fields.dest_service_name && `${fields.dest_service_namespace}/${fields.dest_service_name}`
  const place = placeOf([interval.startMs, identityOf(fields), origin.node ?? ''], service, enforced)
  const node = origin.node ?? nodeOf(fields)
  const notes = [...(note ? [note] : []), ...(origin.notes ?? [])]
  const raw = rawOf(interval, fields, counters, enforced, pending)
  return {
    source: 'calico',
    recordKey: recordKeyOf(place, fields.dest_service_port_name, fields.dest_service_port, pending),
    ...interval,
    observer: observerOf(fields.reporter),
    client: withAddress(peerOf(key, wire, 'source'), wire, 'source_ips'),
    server: withAddress(peerOf(key, wire, 'dest'), wire, 'dest_ips'),
    protocol: fields.proto,
    serverPort: PORT_PROTOCOLS.has(fields.proto) ? fields.dest_port : 0,
    verdict,
    trace,
    counts: countsOf(fields.reporter, counters),
    sibling: place,
    raw: notes.length > 0 ? { ...raw, notes } : raw,
    ...(node && { node }),
    ...(fields.dest_service_name && {
      service: { namespace: fields.dest_service_namespace, name: fields.dest_service_name },
    }),
  }
}

/** Where a record stands among those of its key and interval; `identity` is everything of the key but policies and Service. */
export const placeOf = (identity: readonly unknown[], service: string, enforced: readonly string[]): SiblingPlace => ({
  family: digest(identity),
  service,
  policies: enforced.length > 0 ? digest(enforced) : '',
})

/** Identity of the record: its place, and what else its source's key holds. Never labels, counters or ids that a restart changes. */
export const recordKeyOf = (place: SiblingPlace, ...rest: readonly unknown[]): string =>
  hash('sha256', JSON.stringify([place.family, place.service, place.policies, rest]), 'hex')

const digest = (value: unknown): string => hash('sha256', JSON.stringify(value), 'base64url')

const MAX_ADDRESSES = 1000

/** calico#13063 lists the addresses behind a key, at most 100: exactly one names the peer's. */
function withAddress(peer: Peer, wire: Wire, key: 'source_ips' | 'dest_ips'): Peer {
  const [first, ...others] = list(wire, key, MAX_ADDRESSES)
  const ip = others.length === 0 && typeof first === 'string' ? canonicalIp(first) : undefined
  return ip ? { ...peer, ip } : peer
}

export interface Interval {
  readonly startMs: number
  readonly endMs: number
}

/** `[start, end)` in seconds on the wire. Felix leaves the end equal to the start: then it is one bucket. */
export function intervalOf(wire: Wire): Interval {
  const start = integer(wire, 'start_time')
  const end = integer(wire, 'end_time')
  if (start <= 0) throw new RecordFault('missing_time', 'start_time is absent or 0')
  if (start > MAX_TIME_S || end > MAX_TIME_S)
    throw new RecordFault('bad_value', 'start_time and end_time are Unix seconds')
  if (end !== 0 && end < start) throw new RecordFault('bad_value', 'end_time is before start_time')
  if ((end - start) * SECOND_MS > DAY_MS) throw new RecordFault('bad_value', 'the interval is longer than a day')
  return { startMs: start * SECOND_MS, endMs: (end <= start ? start + BUCKET_S : end) * SECOND_MS }
}

type KeyFields = ReturnType<typeof keyFields>

/** Every field of the flow key but the policies, in one spelling. */
function keyFields(key: Wire) {
  const proto = text(key, 'proto').toLowerCase()
  const port = counter(key, 'dest_port')
  if (proto === '') throw new RecordFault('bad_value', 'proto is absent')
  if (port > 65_535) throw new RecordFault('bad_value', 'dest_port is above 65535')
  return {
    reporter: enumName(key, 'reporter', REPORTER),
    action: enumName(key, 'action', ACTION),
    source_type: enumName(key, 'source_type', ENDPOINT_TYPE),
    source_namespace: text(key, 'source_namespace'),
    source_name: text(key, 'source_name'),
    dest_type: enumName(key, 'dest_type', ENDPOINT_TYPE),
    dest_namespace: text(key, 'dest_namespace'),
    dest_name: text(key, 'dest_name'),
    dest_port: port,
    proto,
    dest_service_namespace: text(key, 'dest_service_namespace'),
    dest_service_name: text(key, 'dest_service_name'),
    dest_service_port_name: text(key, 'dest_service_port_name'),
    dest_service_port: counter(key, 'dest_service_port'),
  } as const
}

function identityOf(fields: KeyFields): readonly (string | number)[] {
  return [
    fields.reporter,
    fields.action,
    fields.source_type,
    fields.source_namespace,
    fields.source_name,
    fields.dest_type,
    fields.dest_namespace,
    fields.dest_name,
    fields.dest_port,
    fields.proto,
  ]
}

type Counters = ReturnType<typeof countersOf>

const countersOf = (wire: Wire) =>
  ({
    packets_in: counter(wire, 'packets_in'),
    packets_out: counter(wire, 'packets_out'),
    bytes_in: counter(wire, 'bytes_in'),
    bytes_out: counter(wire, 'bytes_out'),
    num_connections_started: counter(wire, 'num_connections_started'),
    num_connections_completed: counter(wire, 'num_connections_completed'),
    num_connections_live: counter(wire, 'num_connections_live'),
  }) as const

/** The gauge of live connections is never summed, so it is no count; a record that started none keeps the edge alive. */
function countsOf(reporter: string, counters: Counters): FlowCounts {
  const isServerSide = reporter === 'Dst'
  const started = counters.num_connections_started
  return {
    connections: started,
    events: started === 0 ? 1 : 0,
    requests: 0,
    requestErrors: 0,
    bytesSent: isServerSide ? counters.bytes_in : counters.bytes_out,
    bytesReceived: isServerSide ? counters.bytes_out : counters.bytes_in,
  }
}

const observerOf = (reporter: string): Observer =>
  reporter === 'Src' ? 'client' : reporter === 'Dst' ? 'server' : 'unknown'

/** The node is told only where the endpoint that reported is a host: hosts are named by their node. */
function nodeOf(fields: KeyFields): string {
  if (fields.reporter === 'Src' && fields.source_type === 'HostEndpoint') return fields.source_name
  if (fields.reporter === 'Dst' && fields.dest_type === 'HostEndpoint') return fields.dest_name
  return ''
}

export const MAX_HITS_SHOWN = 32

/** The record in one spelling whatever its dialect; ICMP's port field is type × 256 + code. Listed, since spreading costs a third of the decoder. */
function rawOf(
  interval: Interval,
  fields: KeyFields,
  counters: Counters,
  enforced: readonly string[],
  pending: readonly string[],
): Flow['raw'] {
  return {
    reporter: fields.reporter,
    action: fields.action,
    source_type: fields.source_type,
    source_namespace: fields.source_namespace,
    source_name: fields.source_name,
    dest_type: fields.dest_type,
    dest_namespace: fields.dest_namespace,
    dest_name: fields.dest_name,
    dest_port: fields.dest_port,
    proto: fields.proto,
    dest_service_namespace: fields.dest_service_namespace,
    dest_service_name: fields.dest_service_name,
    dest_service_port_name: fields.dest_service_port_name,
    dest_service_port: fields.dest_service_port,
    start_time: interval.startMs / SECOND_MS,
    end_time: interval.endMs / SECOND_MS,
    packets_in: counters.packets_in,
    packets_out: counters.packets_out,
    bytes_in: counters.bytes_in,
    bytes_out: counters.bytes_out,
    num_connections_started: counters.num_connections_started,
    num_connections_completed: counters.num_connections_completed,
    num_connections_live: counters.num_connections_live,
    enforced_policies: enforced.slice(0, MAX_HITS_SHOWN),
    pending_policies: pending.slice(0, MAX_HITS_SHOWN),
  }
}
