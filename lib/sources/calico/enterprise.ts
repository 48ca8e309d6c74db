import type { Flow, FlowCounts, Observer } from '@/lib/model/flow'
import { type Interval, intervalOf, MAX_HITS_SHOWN, PORT_PROTOCOLS, placeOf, recordKeyOf } from './decode-flow'
import { enterprisePeerOf, ipOf, textsOf } from './enterprise-peer'
import { enterpriseTrace } from './enterprise-policies'
import { traceStrings } from './trace'
import { judge } from './verdict'
import { counter, field, list, RecordFault, text, type Wire } from './wire'

const ACTIONS: ReadonlyMap<string, string> = new Map([
  ['allow', 'Allow'],
  ['deny', 'Deny'],
])
const MAX_SHOWN = 10
const AGGREGATE = '*'

/**
 * A flow log of Calico Enterprise or Cloud as our flow, oriented client → server. An absent or null field is unknown, `-` is none
 * or aggregated, `*` is several: neither is a value. Ports of SNAT are shown as evidence and prove no address. Names, ids and
 * arguments of processes are dropped: command lines hold secrets. 'stale_zero_deny' as in Goldmane's flows. Throws
 * `RecordFault`. formats/calico.md §3
 */
export function decodeEnterprise(wire: Wire): Flow | 'stale_zero_deny' {
  const interval = intervalOf(wire)
  const reporters = reportersOf(wire)
  const fields = keyFields(wire, reporters)
  const counters = countersOf(wire)
  if (fields.action === 'Deny' && Object.values(counters).every((value) => value === 0)) return 'stale_zero_deny'
  const { trace, transit, note: traceNote } = enterpriseTrace(wire, fields.action, reporters)
  const enforced = traceStrings(trace.enforced)
  const pending = traceStrings(trace.pending)
  const { verdict, note } = judge(fields.action, trace)
  const service = serviceOf(wire)
  // One process of several is a record of its own; what it is called stays here.
  const identity = [interval, fields, text(wire, 'process_name'), text(wire, 'process_id')]
  const place = placeOf(identity, service ? `${service.namespace}/${service.name}` : '', enforced)
  const notes = [note, traceNote].filter((one) => one !== undefined)
  const clientPort = clientPortOf(fields, reporters)
  return {
    source: 'calico',
    recordKey: recordKeyOf(place, text(wire, 'dest_service_port'), pending),
    ...interval,
    observer: observerOf(reporters),
    client: enterprisePeerOf(wire, 'source'),
    server: enterprisePeerOf(wire, 'dest'),
    protocol: fields.proto,
    serverPort: PORT_PROTOCOLS.has(fields.proto) ? fields.dest_port : 0,
    verdict,
    trace,
    counts: countsOf(reporters, counters),
    sibling: place,
    raw: {
      ...rawOf(wire, interval, fields, counters),
      enforced_policies: enforced.slice(0, MAX_HITS_SHOWN),
      pending_policies: pending.slice(0, MAX_HITS_SHOWN),
      ...(transit.length > 0 && { transit_policies: traceStrings(transit).slice(0, MAX_HITS_SHOWN) }),
      ...(notes.length > 0 && { notes }),
    },
    ...(fields.host && { node: fields.host }),
    ...(clientPort > 0 && { clientPort }),
    ...(service && { service }),
  }
}

/** `src`, `dst`, `fwd`, or several with commas between. */
function reportersOf(wire: Wire): ReadonlySet<string> {
  return new Set(
    text(wire, 'reporter')
      .split(',', 8)
      .map((one) => one.trim().toLowerCase()),
  )
}

/** An end of the connection knows more of it than a host on the way, which only forwards. */
const observerOf = (reporters: ReadonlySet<string>): Observer =>
  reporters.has('src') ? 'client' : reporters.has('dst') ? 'server' : reporters.has('fwd') ? 'gateway' : 'unknown'

type KeyFields = ReturnType<typeof keyFields>

/** Every field of the aggregated key but policies, Service and process, in one spelling. */
function keyFields(wire: Wire, reporters: ReadonlySet<string>) {
  const proto = text(wire, 'proto').toLowerCase()
  if (proto === '') throw new RecordFault('bad_value', 'proto is absent')
  return {
    host: text(wire, 'host'),
    reporter: [...reporters].sort().join(','),
    action: ACTIONS.get(text(wire, 'action').toLowerCase()) ?? '',
    ...endFields(wire, 'source'),
    ...endFields(wire, 'dest'),
    source_port: portOf(wire, 'source_port'),
    dest_port: PORT_PROTOCOLS.has(proto) ? portOf(wire, 'dest_port') : counter(wire, 'dest_port'),
    proto,
  }
}

function endFields<Side extends 'source' | 'dest'>(wire: Wire, side: Side) {
  return {
    [`${side}_type`]: text(wire, `${side}_type`),
    [`${side}_namespace`]: text(wire, `${side}_namespace`),
    [`${side}_name`]: text(wire, `${side}_name`),
    [`${side}_name_aggr`]: text(wire, `${side}_name_aggr`),
    [`${side}_ip`]: ipOf(wire, `${side}_ip`) ?? null,
  }
}

/** 0 where it is aggregated. */
function portOf(wire: Wire, key: string): number {
  const port = counter(wire, key)
  if (port > 65_535) throw new RecordFault('bad_value', `${key} is above 65535`)
  return port
}

/** Only the client's own node sees its port before any SNAT. */
const clientPortOf = (fields: KeyFields, reporters: ReadonlySet<string>): number =>
  reporters.has('src') ? fields.source_port : 0

/** `-` is none, `*` several: neither is one Service. */
function serviceOf(wire: Wire): Flow['service'] {
  const [name, namespace] = [text(wire, 'dest_service_name'), text(wire, 'dest_service_namespace')]
  return name === '' || name === AGGREGATE || namespace === AGGREGATE ? undefined : { namespace, name }
}

type Counters = ReturnType<typeof countersOf>

const countersOf = (wire: Wire) =>
  ({
    packets_in: counter(wire, 'packets_in'),
    packets_out: counter(wire, 'packets_out'),
    bytes_in: counter(wire, 'bytes_in'),
    bytes_out: counter(wire, 'bytes_out'),
    num_flows: counter(wire, 'num_flows'),
    num_flows_started: counter(wire, 'num_flows_started'),
    num_flows_completed: counter(wire, 'num_flows_completed'),
  }) as const

/** `num_flows` is a gauge over the interval and is never summed. A host that forwards counts as the server's side does: in is from the client. */
function countsOf(reporters: ReadonlySet<string>, counters: Counters): FlowCounts {
  const isClientSide = reporters.has('src')
  const started = counters.num_flows_started
  return {
    connections: started,
    events: started === 0 ? 1 : 0,
    requests: 0,
    requestErrors: 0,
    bytesSent: isClientSide ? counters.bytes_out : counters.bytes_in,
    bytesReceived: isClientSide ? counters.bytes_in : counters.bytes_out,
  }
}

/** Shown where they are not 0: what tells of trouble on the way. */
const TROUBLE = [
  'tcp_total_retransmissions',
  'tcp_lost_packets',
  'tcp_unrecovered_to',
  'tcp_mean_smooth_rtt',
  'tcp_max_smooth_rtt',
  'http_requests_allowed_in',
  'http_requests_denied_in',
  'num_original_source_ips',
] as const

/** What of the record may be shown: its key and counters, by allow-list. */
function rawOf(wire: Wire, interval: Interval, fields: KeyFields, counters: Counters): Flow['raw'] {
  const ports = list(wire, 'nat_outgoing_ports', 1000).filter((port) => Number.isInteger(port))
  const original = list(wire, 'original_source_ips', 1000).flatMap((ip) =>
    typeof ip === 'string' ? (ipOf({ ip }, 'ip') ?? []) : [],
  )
  const domains = textsOf(wire, 'dest_domains')
  // 0 and '' stand for what the record does not tell.
  const told = Object.entries({ ...fields, ...serviceFields(wire) }).filter(
    ([, value]) => value !== null && value !== '' && value !== 0,
  )
  const counted = TROUBLE.flatMap((key) =>
    typeof field(wire, key) === 'number' ? [[key, counter(wire, key)] as const] : [],
  )
  return {
    ...Object.fromEntries(told),
    start_time: interval.startMs / 1000,
    end_time: interval.endMs / 1000,
    ...counters,
    ...Object.fromEntries(counted.filter(([, value]) => value > 0)),
    ...(domains.length > 0 && { dest_domains: domains.slice(0, MAX_SHOWN) }),
    ...(ports.length > 0 && { nat_outgoing_ports: ports.slice(0, MAX_SHOWN) }),
    ...(original.length > 0 && { original_source_ips: original.slice(0, MAX_SHOWN) }),
  }
}

const serviceFields = (wire: Wire) => ({
  dest_service_namespace: text(wire, 'dest_service_namespace'),
  dest_service_name: text(wire, 'dest_service_name'),
  dest_service_port: text(wire, 'dest_service_port'),
  dest_service_port_num: counter(wire, 'dest_service_port_num'),
})
