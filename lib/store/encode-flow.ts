import 'server-only'
import type { Peer } from '@/lib/model/endpoint'
import type { ClusteredFlow, EvidenceClass } from '@/lib/model/prepared-batch'
import {
  type FramedFlow,
  NS_PER_MS,
  type RawEntry,
  type RawSource,
  type Rest,
  rfc3339,
  type TimeForm,
} from './flow-form'
import type { FlowMemory, Shape } from './flow-memory'

/** A flow as it is written: `decodeFlow` of it is the flow. */
export interface EncodedFlow {
  readonly shape: Shape
  /** Whole milliseconds, and what is beyond them. */
  readonly startMs: number
  readonly subMsNs: number
  /** 0 = not told, or in `rest`. */
  readonly clientPort: number
  /** JSON; '' where there is nothing. */
  readonly rest: string
}

/** Takes a flow apart. Parts that were met before cost no JSON and no hash; `family` as in `Rest`. */
export function encodeFlow(
  memory: FlowMemory,
  flow: ClusteredFlow,
  { recordId, keptAs, family }: { readonly recordId: string; readonly keptAs: EvidenceClass; readonly family?: string },
): EncodedFlow {
  const startMs = Math.floor(flow.startMs)
  const time = timeOf(flow, startMs)
  const values: unknown[] = []
  const hasOwnCounts = !isPlain(flow.counts)
  const key = frameKey(memory, flow, keptAs, hasOwnCounts) + rawKey(flow, time, values)
  const frame = memory.frame(key, () => ({ flow: framed(flow, hasOwnCounts), raw: rawEntries(flow, time), keptAs }))
  const rest = restOf(flow, { recordId, family, startMs, hasOwnCounts, raw: values })
  return {
    shape: memory.shape(memory.part(flow.client), memory.part(flow.server), frame),
    startMs,
    subMsNs: time?.subMsNs ?? 0,
    clientPort: flow.clientPort ?? 0,
    rest: rest ? JSON.stringify(rest) : '',
  }
}

/** Counts of one thing, or of none, are those of many records. */
const isPlain = ({ connections, events, requests, requestErrors, bytesSent, bytesReceived }: ClusteredFlow['counts']) =>
  connections <= 1 && events <= 1 && requests <= 1 && requestErrors <= 1 && bytesSent + bytesReceived === 0

/** Equal for equal frames only: texts have their length before them. */
function frameKey(memory: FlowMemory, flow: ClusteredFlow, keptAs: EvidenceClass, hasOwnCounts: boolean): string {
  const { l7, counts } = flow
  const counted = hasOwnCounts
    ? '-'
    : `${counts.connections},${counts.events},${counts.requests},${counts.requestErrors}`
  const called = l7 ? `${l7.protocol},${l7.kind},${keyOf(l7.method)},${l7.status ?? ''}` : '-'
  return `${keptAs},${flow.source},${flow.observer},${flow.serverPort},${counted},${flow.isReply ?? '-'},${flow.repeatsSiblingCounts ?? '-'},${keyOf(flow.cluster)}${keyOf(flow.node)}${keyOf(flow.protocol)}${memory.token(flow.verdict)},${memory.token(flow.trace)},${memory.token(flow.service)},${memory.token(flow.translatedSource)},${called};`
}

const keyOf = (text: string | undefined): string => (text === undefined ? '-' : `${text.length}:${text}`)

function framed(flow: ClusteredFlow, hasOwnCounts: boolean): FramedFlow {
  const { source, cluster, node, observer, protocol, serverPort, service, verdict, trace, counts } = flow
  const { repeatsSiblingCounts, isReply, translatedSource, l7 } = flow
  return {
    source,
    cluster,
    node,
    observer,
    protocol,
    serverPort,
    service,
    verdict,
    trace,
    repeatsSiblingCounts,
    isReply,
    translatedSource,
    ...(!hasOwnCounts && { counts }),
    ...(l7 && { l7: { protocol: l7.protocol, kind: l7.kind, method: l7.method, status: l7.status } }),
  }
}

function restOf(
  flow: ClusteredFlow,
  row: {
    readonly recordId: string
    readonly family: string | undefined
    readonly startMs: number
    readonly hasOwnCounts: boolean
    readonly raw: readonly unknown[]
  },
): Rest | undefined {
  const { l7, recordKey, startMs, endMs, counts, sibling, clientPort, traceId, dnsAnswer } = flow
  const hasOwnL7 = l7 && (l7.path !== undefined || l7.latencyNs !== undefined || l7.query !== undefined)
  const isOrdinary =
    recordKey === row.recordId && startMs === row.startMs && endMs === startMs && clientPort !== 0 && !row.hasOwnCounts
  if (isOrdinary && !row.family && !sibling && !traceId && !dnsAnswer && !hasOwnL7 && row.raw.length === 0)
    return undefined
  return {
    ...(row.family !== undefined && { family: row.family }),
    ...(startMs !== row.startMs && { startMs }),
    ...(endMs !== startMs && { endMs }),
    ...(recordKey !== row.recordId && { recordKey }),
    ...(row.hasOwnCounts && { counts }),
    ...(sibling && { sibling }),
    ...(clientPort === 0 && { clientPort }),
    ...(traceId !== undefined && { traceId }),
    ...(hasOwnL7 && { l7: { path: l7.path, latencyNs: l7.latencyNs, query: l7.query } }),
    ...(dnsAnswer && { dnsAnswer }),
    ...(row.raw.length > 0 && { raw: row.raw }),
  }
}

interface Time {
  readonly subMsNs: number
  readonly form: TimeForm
}

/** By length of the whole text. */
const FIXED: ReadonlyMap<number, TimeForm> = new Map([
  [24, 'fixed3'],
  [27, 'fixed6'],
  [30, 'fixed9'],
])

/** How the raw record spells the start, where it does so in a usual way, up to nanoseconds. */
function timeOf(flow: ClusteredFlow, startMs: number): Time | undefined {
  const { time } = flow.raw
  if (typeof time !== 'string' || time.length < 20 || time.length > 30) return undefined
  const subMsNs = time.length > 24 ? Number(time.slice(23, -1).padEnd(6, '0')) : 0
  if (!Number.isInteger(subMsNs) || subMsNs < 0 || subMsNs >= NS_PER_MS) return undefined
  const form = time.at(-2) === '0' ? (FIXED.get(time.length) ?? 'trimmed') : 'trimmed'
  return time === rfc3339(startMs, subMsNs, form) ? { subMsNs, form } : undefined
}

/** Raw members that differ between records of one frame: counters, gauges and times of Calico. */
const VARYING: ReadonlySet<string> = new Set([
  'time',
  'uuid',
  'source',
  'destination',
  'start_time',
  'end_time',
  'packets_in',
  'packets_out',
  'bytes_in',
  'bytes_out',
  'num_flows',
  'num_flows_started',
  'num_flows_completed',
  'num_connections_started',
  'num_connections_completed',
  'num_connections_live',
  'http_requests_allowed_in',
  'http_requests_denied_in',
  'source_port',
])

/** One letter each, so that keys of frames are short. */
const SOURCE_LETTER: Readonly<Record<RawSource, string>> = {
  trimmed: 't',
  fixed3: '3',
  fixed6: '6',
  fixed9: '9',
  key: 'k',
  node: 'n',
  clientIp: 'c',
  serverIp: 's',
  clientNames: 'C',
  serverNames: 'S',
  rest: 'r',
}

/** Equal for equal raw entries only; puts the values that vary into `values`. */
function rawKey(flow: ClusteredFlow, time: Time | undefined, values: unknown[]): string {
  const { raw } = flow
  let key = ''
  for (const name of Object.keys(raw)) {
    const value = raw[name]
    if (value === undefined) continue
    const source = sourceOf(flow, time, name, value)
    if (source === 'rest') values.push(value)
    key += `${name.length}:${name}${source ? SOURCE_LETTER[source] : valueKey(value)}`
  }
  return key
}

const rawEntries = (flow: ClusteredFlow, time: Time | undefined): RawEntry[] =>
  Object.entries(flow.raw).flatMap(([name, value]): RawEntry[] => {
    if (value === undefined) return []
    const source = sourceOf(flow, time, name, value)
    return [source ? [name, 0, source] : [name, value]]
  })

function sourceOf(flow: ClusteredFlow, time: Time | undefined, name: string, value: unknown): RawSource | undefined {
  if (typeof value === 'string') {
    if (name === 'time' && time) return time.form
    if (value === flow.recordKey) return 'key'
    if (value === flow.node) return 'node'
    if (value === flow.client.ip) return 'clientIp'
    if (value === flow.server.ip) return 'serverIp'
  } else if (name === 'destination_names') {
    if (isSameList(value, flow.server.dnsNames)) return 'serverNames'
    if (isSameList(value, flow.client.dnsNames)) return 'clientNames'
  }
  return VARYING.has(name) ? 'rest' : undefined
}

const isSameList = (value: unknown, names: Peer['dnsNames']): boolean =>
  Array.isArray(value) && value.length === names?.length && value.every((item, index) => item === names[index])

/** Equal for equal JSON values only, never beginning as a letter of a source does, and never a beginning of another. */
const valueKey = (value: unknown): string =>
  typeof value === 'string' ? `=${value.length}:${value}` : `~${JSON.stringify(value)};`
