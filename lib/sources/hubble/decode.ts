import { createHash } from 'node:crypto'
import { type DecodeResult, emptyDecodeResult, type IgnoreReason, type RejectReason } from '@/lib/model/decoded'
import type { Flow } from '@/lib/model/flow'
import { canonicalIp } from '@/lib/sources/canonical-ip'
import type { BatchDecoder } from '@/lib/sources/decoder'
import { isRecord, unwrapShipper } from '@/lib/sources/framing/unwrap'
import { assembleFlow, observerOf, type Told, type TurnedEnds } from './assemble'
import { bySide, countsOf } from './counts'
import { DIRECTION, EVENT, LOST_SOURCE, NODE_STATE, VERDICT } from './enums'
import { eventTypeOf, NO_TRAFFIC, observationPoint } from './event-type'
import { enumName, field, flag, integer, record, text, texts, type Wire } from './fields'
import { dnsAnswerOf, l7Of } from './l7'
import { HubbleLineMemo } from './line-parts'
import { clusterOf, isKnown, isLocal, peerOf } from './peer'
import { HubbleLineReader } from './read-line'
import { dropReason, judge } from './verdict'

/**
 * Decoder of Hubble's JSON: exporter lines, `hubble observe -o json`, bare flows, snake_case or camelCase, inside any
 * shipper's wrapper. formats/hubble.md is the law. Headers and query strings never get past this point. `memo` may be shared by
 * decoders: it holds only what texts mean.
 */
export function createHubbleDecoder(memo?: HubbleLineMemo): BatchDecoder {
  let reader: HubbleLineReader | undefined
  const out: DecodeResult & { ignored: Partial<Record<IgnoreReason, number>> } = emptyDecodeResult()
  const reject = (line: number, reason: RejectReason, detail?: string) =>
    void out.rejects.push({ line, reason, ...(detail && { detail }) })
  const ignore = (reason: IgnoreReason) => {
    out.ignored[reason] = (out.ignored[reason] ?? 0) + 1
  }
  return {
    push(value, line) {
      if (!isRecord(value)) return reject(line, 'not_an_object')
      const unwrapped = unwrapShipper(value, (candidate) => isEvent(candidate) || isFlow(candidate))
      if (!unwrapped) return reject(line, 'not_json', 'the wrapped log line is no JSON object')
      if (Object.keys(unwrapped).length === 0) return reject(line, 'empty_record')
      const special = pushSpecial(unwrapped, out, ignore)
      if (special) return
      const enveloped = record(unwrapped, 'flow')
      if (!enveloped && !isFlow(unwrapped))
        return reject(line, 'no_flow', 'no `flow` in the record, and the record is no flow itself')
      const decoded = decodeFlow(enveloped ?? unwrapped, unwrapped, line)
      if (typeof decoded === 'string') {
        if (decoded === 'not_traffic') ignore(decoded)
        else reject(line, decoded)
      } else out.flows.push(...decoded)
    },
    read(bytes, from, line, n) {
      reader ??= new HubbleLineReader(memo ?? new HubbleLineMemo())
      const flow = reader.read(bytes, from, line, n)
      if (!flow) return 0
      out.flows.push(flow)
      return reader.length
    },
    finish: () => ({ ...out, flows: withoutRepeatedDenials(out.flows) }),
  }
}

const isEvent = (wire: Wire): boolean =>
  ['flow', 'lost_events', 'lostEvents', 'node_status', 'nodeStatus', 'agent_event', 'debug_event'].some((key) =>
    isRecord(wire[key]),
  )
const isFlow = (wire: Wire): boolean =>
  isRecord(wire.IP) ||
  isRecord(wire.ip) ||
  isRecord(wire.l4) ||
  (wire.verdict !== undefined && (isRecord(wire.source) || isRecord(wire.destination)))

/** Gap markers and events that are no flows. True where the record was one. */
function pushSpecial(wire: Wire, out: DecodeResult, ignore: (reason: IgnoreReason) => void): boolean {
  const lost = record(wire, 'lost_events')
  const status = record(wire, 'node_status')
  const node = text(wire, 'node_name')
  const atMs = timeMs(text(wire, 'time')) ?? shipperMs(wire)
  if (lost) {
    const firstMs = timeMs(text(lost, 'first')) ?? atMs
    const endMs = timeMs(text(lost, 'last'))
    const count = integer(lost, 'num_events_lost')
    if (firstMs === undefined) ignore('not_traffic')
    else
      out.gaps.push({
        source: 'hubble',
        reason: enumName(lost, 'source', LOST_SOURCE) ?? 'lost events',
        atMs: firstMs,
        ...(node && { node }),
        ...(endMs !== undefined && { endMs }),
        ...(count !== undefined && { lost: count }),
      })
    return true
  }
  if (status) {
    const state = enumName(status, 'state_change', NODE_STATE)
    if (state && state !== 'NODE_CONNECTED' && atMs !== undefined)
      out.gaps.push({ source: 'hubble', reason: state, atMs, node: texts(status, 'node_names').join(', ') || node })
    else ignore('node_status')
    return true
  }
  if (record(wire, 'agent_event') || record(wire, 'debug_event')) {
    ignore('not_traffic')
    return true
  }
  return false
}

function decodeFlow(flow: Wire, envelope: Wire, line: number): Flow[] | RejectReason | 'not_traffic' {
  const time = text(flow, 'time') ?? text(envelope, 'time')
  const startMs = timeMs(time)
  if (time === undefined || startMs === undefined) return 'missing_time'
  const eventType = eventTypeOf(flow)
  if (eventType !== undefined && NO_TRAFFIC.has(eventType)) return 'not_traffic'
  const direction = enumName(flow, 'traffic_direction', DIRECTION)
  const judged = judge(flow, eventType, direction)
  if (!judged) return 'not_traffic'
  const ends = endsOf(flow)
  if (!ends) return 'missing_endpoints'
  const point = observationPoint(flow, eventType)
  const cluster = clusterOf(flow)
  const node = text(flow, 'node_name') ?? text(envelope, 'node_name')
  const l7 = l7Of(flow)
  const isReply = flag(flow, 'is_reply')
  const ip = record(flow, 'IP') ?? {}
  const destinationNames = texts(flow, 'destination_names', 8)
  const told: Told = {
    time: text(flow, 'time'),
    uuid: text(flow, 'uuid', 64),
    verdict: enumName(flow, 'verdict', VERDICT),
    drop_reason: dropReason(flow),
    event: eventType,
    direction,
    observation_point: point,
    is_reply: isReply,
    source: text(ip, 'source', 64),
    source_xlated: text(ip, 'source_xlated', 64),
    destination: text(ip, 'destination', 64),
    encrypted: field(ip, 'encrypted') === true ? true : undefined,
    destination_names: destinationNames.length > 0 ? destinationNames : undefined,
    node_name: text(flow, 'node_name'),
  }
  const decoded = assembleFlow(told, ends, {
    line,
    recordKey: told.uuid ?? keyWithoutUuid(flow, [node, time, ends.key, eventType, point]),
    startMs,
    observer: observerOf({
      eventType,
      direction,
      point,
      isReply: ends.isReply,
      isForwarded: told.verdict === 'FORWARDED',
      isSourceLocal: isLocal(record(flow, 'source')),
      isDestinationLocal: isLocal(record(flow, 'destination')),
    }),
    judged,
    counts: countsOf(flow, eventType, judged.verdict.outcome, ends, l7),
    cluster,
    node,
    translated: canonicalIp(told.source_xlated),
    l7,
    dnsAnswer: dnsAnswerOf(flow),
    traceId: traceIdOf(flow),
  })
  return bySide(decoded, flow, direction)
}

interface Ends extends TurnedEnds {
  readonly isOpening: boolean
  readonly key: string
}

const PROTOCOLS = {
  TCP: 'tcp',
  UDP: 'udp',
  SCTP: 'sctp',
  ICMPv4: 'icmp',
  ICMPv6: 'icmp6',
  VRRP: 'vrrp',
  IGMP: 'igmp',
} as const

/** Canonical; what is no address is none. */
const addressOf = (ip: Wire, key: string): string | undefined => canonicalIp(text(ip, key, 64))

/** Client → server: a reply is turned round; where the flow does not say, it is presumed forward. */
function endsOf(flow: Wire): Ends | undefined {
  const ip = record(flow, 'IP') ?? record(flow, 'ip') ?? {}
  const source = record(flow, 'source') ?? {}
  const destination = record(flow, 'destination') ?? {}
  const [sourceIp, destinationIp] = [addressOf(ip, 'source'), addressOf(ip, 'destination')]
  if (!sourceIp && !isKnown(source)) return undefined
  if (!destinationIp && !isKnown(destination)) return undefined
  const l4 = record(flow, 'l4') ?? {}
  const name = Object.keys(PROTOCOLS).find((key) => isRecord(l4[key]) || isRecord(l4[key.toLowerCase()])) as
    | keyof typeof PROTOCOLS
    | undefined
  const transport = name ? (record(l4, name) ?? record(l4, name.toLowerCase()) ?? {}) : {}
  const [sourcePort = 0, destinationPort = 0] = [
    integer(transport, 'source_port'),
    integer(transport, 'destination_port'),
  ]
  const flags = record(transport, 'flags') ?? {}
  const isReply = flag(flow, 'is_reply') === true
  const from = peerOf(source, sourceIp, texts(flow, 'source_names'))
  const to = peerOf(destination, destinationIp, texts(flow, 'destination_names'))
  return {
    client: isReply ? to : from,
    server: isReply ? from : to,
    protocol: name ? PROTOCOLS[name] : 'unknown',
    serverPort: isReply ? sourcePort : destinationPort,
    clientPort: isReply ? destinationPort : sourcePort,
    isReply,
    isOpening: flags.SYN === true && flags.ACK !== true,
    key: [sourceIp, sourcePort, destinationIp, destinationPort, name].join('|'),
  }
}

/** A denied packet gives a verdict and a drop event some µs apart; the drop adds nothing where the verdict is there. */
function withoutRepeatedDenials(flows: Flow[]): Flow[] {
  const verdicts = new Map<string, number>()
  const keyOf = (flow: Flow) =>
    `${flow.client.ip}|${flow.clientPort}|${flow.server.ip}|${flow.serverPort}|${flow.protocol}|${flow.observer}`
  for (const flow of flows)
    if (flow.raw.event === EVENT.policyVerdict && flow.verdict.outcome === 'denied')
      verdicts.set(keyOf(flow), flow.startMs)
  return flows.map((flow) => {
    if (flow.raw.event !== EVENT.drop || flow.verdict.outcome !== 'denied') return flow
    const verdictMs = verdicts.get(keyOf(flow))
    const isRepeat = verdictMs !== undefined && Math.abs(verdictMs - flow.startMs) <= 1000
    return isRepeat ? { ...flow, counts: { ...flow.counts, connections: 0, events: 1 } } : flow
  })
}

function traceIdOf(flow: Wire): string | undefined {
  const id = text(record(record(flow, 'trace_context') ?? {}, 'parent') ?? {}, 'trace_id', 32)
  return id && /^[0-9a-f]{32}$/.test(id) ? id : undefined
}

const timeMs = (time: string | undefined): number | undefined => {
  const parsed = time ? Date.parse(time.replace(/(\.\d{3})\d+/, '$1')) : Number.NaN
  return Number.isFinite(parsed) ? parsed : undefined
}

/** Fluent Bit's parser may have moved `time` into its own `date`, in seconds. */
const shipperMs = (wire: Wire): number | undefined =>
  typeof wire.date === 'number' && wire.date > 0 && wire.date < 1e11 ? Math.round(wire.date * 1000) : undefined

/** Identity of a line without uuid: of an aggregated or masked one, its ends are more than addresses. */
function keyWithoutUuid(flow: Wire, parts: readonly unknown[]): string {
  const side = (name: string) => {
    const end = record(flow, name) ?? {}
    return [text(end, 'namespace'), text(end, 'pod_name'), texts(end, 'labels')]
  }
  const l7 = record(flow, 'l7') ?? {}
  const whole = [
    ...parts,
    enumName(flow, 'verdict', VERDICT),
    dropReason(flow),
    field(flow, 'is_reply'),
    side('source'),
    side('destination'),
    texts(flow, 'destination_names'),
    l7.type,
    record(l7, 'http')?.code,
    record(l7, 'dns')?.query,
  ]
  return createHash('sha256').update(JSON.stringify(whole)).digest('hex')
}
