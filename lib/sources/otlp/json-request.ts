import { AppError } from '@/lib/errors'
import { isRecord } from '@/lib/sources/framing/unwrap'
import type { StoredSignal } from './sniff'

export type Json = Readonly<Record<string, unknown>>

/** The only field of each signal's request: by its JSON name, and by its proto name, which some senders use. */
const FIELD = {
  traces: ['resourceSpans', 'resource_spans'],
  logs: ['resourceLogs', 'resource_logs'],
  metrics: ['resourceMetrics', 'resource_metrics'],
} as const satisfies Record<StoredSignal, readonly [string, string]>

const MESSAGE = {
  traces: 'ExportTraceServiceRequest',
  logs: 'ExportLogsServiceRequest',
  metrics: 'ExportMetricsServiceRequest',
}

/** Trace files of other tools that get posted here, by the key that gives them away. */
const OTHER_FORMATS: readonly (readonly [string, string])[] = [
  ['batches', 'the trace of a Tempo query, not OTLP'],
  ['traces', 'the search result of Tempo, not OTLP'],
  ['data', 'the answer of the Jaeger query API, not OTLP'],
]

/**
 * The request of a signal in OTLP/JSON. `{}` and a field of null are empty requests, which succeed; anything else without the
 * signal's field is a mistake to name. Throws AppError `bad_request` where the text is no JSON, or the JSON no request of it.
 */
export function parseJsonRequest(body: Uint8Array, signal: StoredSignal): Json {
  const hint = `Send the OTLP/JSON of an ${MESSAGE[signal]}: {"${FIELD[signal][0]}":[…]}.`
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8').decode(body))
  } catch (cause) {
    throw new AppError('bad_request', 'The body is not JSON.', { cause, hint })
  }
  if (!isRecord(value)) {
    const first = Array.isArray(value) ? value.find(isRecord) : undefined
    const isZipkin = first !== undefined && 'traceId' in first && 'id' in first
    const what = isZipkin ? 'The body holds Zipkin spans, not OTLP.' : 'The body is JSON, but not an OTLP request.'
    throw new AppError('bad_request', what, { hint })
  }
  if (Object.keys(value).length === 0 || FIELD[signal].some((name) => name in value)) return value
  throw new AppError('bad_request', `The body is ${whatElse(value, signal)}.`, { hint })
}

function whatElse(request: Json, signal: StoredSignal): string {
  const known = OTHER_FORMATS.find(([key]) => key in request)
  if (known) return known[1]
  for (const other of ['traces', 'logs', 'metrics'] as const)
    if (FIELD[other].some((name) => name in request)) return `OTLP ${other}, not ${signal}`
  if ('resourceProfiles' in request) return `OTLP profiles, not ${signal}`
  return `JSON without \`${FIELD[signal][0]}\`, so not OTLP ${signal}`
}

/** The field by its JSON name, or by its proto name. */
export const fieldOf = (record: Json, camel: string, snake: string): unknown =>
  record[camel] ?? (Object.hasOwn(record, snake) ? record[snake] : undefined)

/** The objects of a list; whatever else it is or holds is passed over. */
export function* records(value: unknown): Generator<Json> {
  if (Array.isArray(value)) for (const item of value) if (isRecord(item)) yield item
}
