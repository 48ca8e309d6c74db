import type { OtlpEncoding } from './decode'
import { fieldOf, type Json, parseJsonRequest, records } from './json-request'
import { ProtobufReader, WIRE_LEN } from './protobuf-reader'

/** Fields of Metric that hold data points, by number and by JSON name. opentelemetry/proto/metrics/v1/metrics.proto v1.11 */
const KINDS = [
  [5, 'gauge', 'gauge'],
  [7, 'sum', 'sum'],
  [9, 'histogram', 'histogram'],
  [10, 'exponentialHistogram', 'exponential_histogram'],
  [11, 'summary', 'summary'],
] as const
const KIND_TAGS: ReadonlySet<number> = new Set(KINDS.map(([field]) => (field << 3) | WIRE_LEN))

/**
 * How many data points an ExportMetricsServiceRequest holds: Postern keeps no metrics, and says how many it did not keep.
 * Nothing else of it is read. Throws AppError `bad_request` where the body is no such request.
 */
export function countDataPoints(body: Uint8Array, encoding: OtlpEncoding): number {
  return encoding === 'json' ? countJson(parseJsonRequest(body, 'metrics')) : countProtobuf(new ProtobufReader(body))
}

const FIELD_1 = (1 << 3) | WIRE_LEN
const FIELD_2 = (2 << 3) | WIRE_LEN

function countProtobuf(reader: ProtobufReader): number {
  const within = (isWanted: (tag: number) => boolean, count: () => number): number => {
    let sum = 0
    while (reader.hasMore()) {
      const tag = reader.tag()
      if (isWanted(tag)) sum += count()
      else reader.skip(tag & 7)
    }
    return sum
  }
  const inside = (isWanted: (tag: number) => boolean, count: () => number) => (): number => {
    const outer = reader.enter()
    const sum = within(isWanted, count)
    reader.leave(outer)
    return sum
  }
  const is = (wanted: number) => (tag: number) => tag === wanted
  const point = (): number => {
    reader.skip(WIRE_LEN)
    return 1
  }
  const metric = inside((tag) => KIND_TAGS.has(tag), inside(is(FIELD_1), point))
  // resource_metrics(1) › scope_metrics(2) › metrics(2)
  return within(is(FIELD_1), inside(is(FIELD_2), inside(is(FIELD_2), metric)))
}

function countJson(request: Json): number {
  let sum = 0
  for (const resource of records(fieldOf(request, 'resourceMetrics', 'resource_metrics')))
    for (const scope of records(fieldOf(resource, 'scopeMetrics', 'scope_metrics')))
      for (const metric of records(scope.metrics)) sum += pointsOf(metric)
  return sum
}

function pointsOf(metric: Json): number {
  let sum = 0
  for (const [, camel, snake] of KINDS)
    for (const data of records([fieldOf(metric, camel, snake)])) {
      const points = fieldOf(data, 'dataPoints', 'data_points')
      if (Array.isArray(points)) sum += points.length
    }
  return sum
}
