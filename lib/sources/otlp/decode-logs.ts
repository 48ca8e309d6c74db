import { AppError } from '@/lib/errors'
import type { RecordReject, RejectReason } from '@/lib/model/decoded'
import { LIMITS } from '@/lib/model/limits'
import { recogniseText } from '@/lib/sources/calico/strangers'
import { isRecord, unwrapShipper } from '@/lib/sources/framing/unwrap'
import { recogniseRecord } from '@/lib/sources/recognise'
import type { OtlpEncoding } from './decode'
import type { LogBounds, LogFlaw, LogSink, PlainRecord, WireLog } from './log-wire'
import { readLogsJson } from './logs-json'
import { readLogsProtobuf } from './logs-protobuf'

/** A flow record of any of our formats that a log record carried. */
export interface CarriedRecord {
  readonly value: unknown
  /** The log record's number in the request, from 1. */
  readonly line: number
  /** `k8s.cluster.name` of its resource; '' = not said. */
  readonly cluster: string
}

export interface OtlpLogs {
  readonly records: readonly CarriedRecord[]
  readonly rejects: readonly RecordReject[]
  /** Log records in the request. */
  readonly total: number
}

export interface LogDecodeOptions {
  /** Log records taken of one request; more is `too_large`. */
  readonly maxRecords?: number
}

const BOUNDS: LogBounds = { maxBytes: LIMITS.recordBytes, maxDepth: LIMITS.nesting }
const CLUSTER = 'k8s.cluster.name'
const MAX_CLUSTER_CHARS = 128

/**
 * Finds the flow records in an ExportLogsServiceRequest: a body that is a JSON text (filelog receivers, exporters of Goldmane) or a
 * map, else the attributes with the body's own fields (parsers that write there). Every other log record is refused, without
 * a word of its text. Throws AppError `bad_request` where the body as a whole cannot be read, or `too_large`.
 */
export function decodeOtlpLogs(body: Uint8Array, encoding: OtlpEncoding, options: LogDecodeOptions = {}): OtlpLogs {
  const collector = new LogCollector(options.maxRecords ?? LIMITS.otlpRecords)
  if (encoding === 'json') readLogsJson(body, BOUNDS, collector)
  else readLogsProtobuf(body, BOUNDS, collector)
  return collector
}

class LogCollector implements LogSink, OtlpLogs {
  readonly records: CarriedRecord[] = []
  readonly rejects: RecordReject[] = []
  total = 0

  constructor(private readonly maxRecords: number) {}

  log(log: WireLog, resource: PlainRecord): void {
    this.total += 1
    if (this.total > this.maxRecords)
      throw new AppError('too_large', `The body holds more than ${this.maxRecords} log records (limit otlpRecords).`, {
        hint: 'Lower the batch size of the exporter or collector (send_batch_max_size).',
      })
    const found = log.flaw ? FLAWS[log.flaw] : findRecord(log)
    if ('reason' in found) this.rejects.push({ line: this.total, ...found })
    else this.records.push({ ...found, line: this.total, cluster: clusterOf(resource) })
  }
}

type Found = { readonly value: unknown } | { readonly reason: RejectReason; readonly detail: string }
type Refusal = Extract<Found, { reason: RejectReason }>

const FLAWS: Readonly<Record<LogFlaw, Refusal>> = {
  line_too_long: { reason: 'line_too_long', detail: 'the log record has more than 1 MiB' },
  nested_too_deep: { reason: 'nested_too_deep', detail: 'a value is nested deeper than 64 levels' },
  not_an_object: { reason: 'not_an_object', detail: 'a log record is a JSON object' },
  not_a_log: { reason: 'bad_value', detail: 'no log record: are these OTLP traces or metrics, sent to the logs path?' },
}
const CUT: Refusal = { reason: 'not_json', detail: 'the text begins as JSON and is none: is max_log_size too small?' }
const FOREIGN: Refusal = { reason: 'unsupported_dialect', detail: 'a log record without a flow or DNS record' }

function findRecord({ body, attributes }: WireLog): Found {
  const fields = typeof body === 'string' ? parseText(body) : body
  if (isRecord(fields)) {
    if (nestsTooDeep(fields, LIMITS.nesting)) return FLAWS.nested_too_deep
    if (recogniseRecord(fields)) return { value: fields }
  }
  const merged = { ...attributes, ...(isRecord(fields) && fields) }
  if (recogniseRecord(merged)) return { value: merged }
  if (typeof body === 'string' && fields === undefined && body.startsWith('{')) return CUT
  const dialect = typeof body === 'string' ? recogniseText(body) : undefined
  return dialect ? { reason: 'unsupported_dialect', detail: dialect } : FOREIGN
}

/** The object that a text holds, also behind the prefix of a container runtime; undefined where it holds none. */
function parseText(text: string): unknown {
  const holder = { body: text }
  return unwrapShipper(holder, (record) => record !== holder)
}

function nestsTooDeep(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((inner) => nestsTooDeep(inner, levels - 1))
}

function clusterOf(resource: PlainRecord): string {
  const cluster = Object.hasOwn(resource, CLUSTER) ? resource[CLUSTER] : undefined
  return typeof cluster === 'string' ? cluster.trim().slice(0, MAX_CLUSTER_CHARS) : ''
}
