import { readFileSync } from 'node:fs'
import path from 'node:path'
import protobuf from 'protobufjs'
import type { PlainRecord, PlainValue, WireLog } from '../otlp/log-wire'
import { readLogsProtobuf } from '../otlp/logs-protobuf'
import { readTracesProtobuf } from '../otlp/traces-protobuf'
import type { WireAttributes, WireFilter, WireSpan, WireValue } from '../otlp/wire'

/** For tests: nothing is dropped, and nothing is cut that protobufjs would not cut. */
export const KEEP_ALL: WireFilter = {
  resource: () => 'keep',
  span: () => 'keep',
  event: () => 'keep',
  maxTextChars: 1 << 20,
  maxItems: 1 << 20,
  maxDepth: 64,
}

const schemaOf = (name: string) =>
  protobuf.parse(readFileSync(path.join(import.meta.dirname, `../otlp/__fixtures__/${name}.proto`), 'utf8')).root
export const TraceRequest = schemaOf('trace').lookupType('reference.ExportTraceServiceRequest')

export interface ReadSpan {
  readonly scope: string
  readonly resource: WireAttributes
  readonly span: WireSpan
}

export function readTraces(body: Uint8Array, filter: WireFilter = KEEP_ALL): ReadSpan[] {
  const out: ReadSpan[] = []
  readTracesProtobuf(body, filter, {
    span: (span, scope, resource) => out.push({ scope, resource, span }),
    slip: () => {},
  })
  return out
}

/** The same structure from protobufjs, the slow reference. */
export function referenceTraces(body: Uint8Array): unknown[] {
  const plain = TraceRequest.toObject(TraceRequest.decode(body), {
    longs: String,
    bytes: String,
    enums: Number,
    oneofs: true,
  })
  const out: unknown[] = []
  for (const resourceSpans of plain.resourceSpans ?? [])
    for (const scopeSpans of resourceSpans.scopeSpans ?? [])
      for (const span of scopeSpans.spans ?? [])
        out.push({
          scope: scopeSpans.scope?.name ?? '',
          resource: mapOf(resourceSpans.resource?.attributes),
          span: {
            traceId: hexOf(span.traceId),
            spanId: hexOf(span.spanId),
            parentSpanId: hexOf(span.parentSpanId),
            name: span.name ?? '',
            kind: span.kind ?? 0,
            startNs: BigInt(span.startTimeUnixNano ?? 0),
            endNs: BigInt(span.endTimeUnixNano ?? 0),
            attributes: mapOf(span.attributes),
            events: (span.events ?? []).map((event: { name?: string; attributes?: PlainKeyValue[] }) => ({
              name: event.name ?? '',
              attributes: mapOf(event.attributes),
            })),
            statusCode: span.status?.code ?? 0,
            statusMessage: span.status?.message ?? '',
          },
        })
  return out
}

interface PlainKeyValue {
  readonly key?: string
  readonly value?: PlainValueOfWire
}
interface PlainValueOfWire {
  readonly value?: string
  readonly stringValue?: string
  readonly boolValue?: boolean
  readonly intValue?: string
  readonly doubleValue?: number
  readonly arrayValue?: { values?: PlainValueOfWire[] }
  readonly kvlistValue?: { values?: PlainKeyValue[] }
  readonly bytesValue?: string
}

const hexOf = (base64: string | undefined): string =>
  Buffer.from(base64 ?? '', 'base64')
    .subarray(0, 32)
    .toString('hex')

const mapOf = (entries: readonly PlainKeyValue[] = []): Map<string, WireValue> =>
  new Map(entries.map(({ key, value }) => [(key ?? '').slice(0, 256), plainValue(value)]))

function plainValue(value: PlainValueOfWire | undefined): WireValue {
  switch (value?.value) {
    case 'stringValue':
      return value.stringValue ?? ''
    case 'boolValue':
      return value.boolValue ?? false
    case 'intValue': {
      const number = Number(value.intValue)
      return Number.isSafeInteger(number) ? number : BigInt(value.intValue ?? 0)
    }
    case 'doubleValue':
      return value.doubleValue ?? 0
    case 'arrayValue':
      return (value.arrayValue?.values ?? []).map(plainValue)
    case 'kvlistValue':
      return mapOf(value.kvlistValue?.values)
    case 'bytesValue':
      return value.bytesValue ?? ''
    default:
      return null
  }
}

export const LogsRequest = schemaOf('logs').lookupType('reference.ExportLogsServiceRequest')
export const MetricsRequest = schemaOf('metrics').lookupType('reference.ExportMetricsServiceRequest')

interface ReadLog {
  readonly resource: PlainRecord
  readonly body: PlainValue
  readonly attributes: PlainRecord
}

/** Our reader's log records, whatever it thinks of them. */
export function readLogs(body: Uint8Array): ReadLog[] {
  const out: ReadLog[] = []
  const log = ({ body: text, attributes }: WireLog, resource: PlainRecord) =>
    void out.push({ resource, body: text, attributes })
  readLogsProtobuf(body, { maxBytes: 1 << 20, maxDepth: 64 }, { log })
  return out
}

/** The same from protobufjs. */
export function referenceLogs(body: Uint8Array): unknown[] {
  const plain = LogsRequest.toObject(LogsRequest.decode(body), { longs: String, bytes: String, oneofs: true })
  const out: unknown[] = []
  for (const resourceLogs of plain.resourceLogs ?? [])
    for (const scopeLogs of resourceLogs.scopeLogs ?? [])
      for (const record of scopeLogs.logRecords ?? [])
        out.push({
          resource: recordOf(resourceLogs.resource?.attributes),
          body: jsonValue(record.body),
          attributes: recordOf(record.attributes),
        })
  return out
}

/** Of equal keys the last one; `__proto__` is no key of any format. */
const recordOf = (entries: readonly PlainKeyValue[] = []): unknown =>
  Object.fromEntries(
    entries
      .map(({ key, value }): [string, unknown] => [(key ?? '').slice(0, 256), jsonValue(value)])
      .filter(([key]) => key !== '__proto__'),
  )

function jsonValue(value: PlainValueOfWire | undefined): unknown {
  switch (value?.value) {
    case 'intValue': {
      const number = Number(value.intValue)
      return Number.isSafeInteger(number) ? number : value.intValue
    }
    case 'arrayValue':
      return (value.arrayValue?.values ?? []).map(jsonValue)
    case 'kvlistValue':
      return recordOf(value.kvlistValue?.values)
    case 'bytesValue':
      return Buffer.from(value.bytesValue ?? '', 'base64').toString('utf8')
    default:
      return plainValue(value)
  }
}

/** Data points of a metrics request, by protobufjs; the reference schema repeats each kind, so that each occurrence counts. */
export function referenceDataPoints(body: Uint8Array): number {
  const plain = MetricsRequest.toObject(MetricsRequest.decode(body), { arrays: true, bytes: String })
  let sum = 0
  for (const resource of plain.resourceMetrics)
    for (const scope of resource.scopeMetrics)
      for (const metric of scope.metrics)
        for (const kind of ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'])
          for (const data of metric[kind]) sum += data.dataPoints.length
  return sum
}
