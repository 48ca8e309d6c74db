import { ProtobufWriter } from './protobuf-writer'

export type EncodableValue = string | number | bigint | boolean | readonly EncodableValue[]
export type EncodableAttributes = Readonly<Record<string, EncodableValue>>

/** A span as an SDK would export it. Ids are hex, times unsigned nanoseconds. */
export interface EncodableSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number
  readonly startNs: bigint
  readonly endNs: bigint
  readonly attributes: EncodableAttributes
  readonly events?: readonly {
    readonly name: string
    readonly atNs: bigint
    readonly attributes: EncodableAttributes
  }[]
  readonly links?: readonly {
    readonly traceId: string
    readonly spanId: string
    readonly attributes: EncodableAttributes
  }[]
  /** code: 0 unset, 1 ok, 2 error. */
  readonly status?: { readonly code: number; readonly message?: string }
}

export interface EncodableResourceSpans {
  readonly resource: EncodableAttributes
  readonly scope: { readonly name: string; readonly version?: string }
  readonly spans: readonly EncodableSpan[]
}

/**
 * An ExportTraceServiceRequest in OTLP/JSON, as SDKs write it: hex ids, times as decimal text, enums as numbers. Whole
 * numbers become `intValue`, others `doubleValue`.
 */
export function encodeTracesJson(resourceSpans: readonly EncodableResourceSpans[]): Uint8Array {
  const request = {
    resourceSpans: resourceSpans.map(({ resource, scope, spans }) => ({
      resource: { attributes: jsonAttributes(resource), droppedAttributesCount: 0 },
      scopeSpans: [{ scope, spans: spans.map(jsonSpan) }],
    })),
  }
  return new TextEncoder().encode(JSON.stringify(request))
}

/** The same request in protobuf. Field numbers: opentelemetry/proto/trace/v1/trace.proto v1.11. */
export function encodeTracesProtobuf(resourceSpans: readonly EncodableResourceSpans[]): Uint8Array {
  const request = new ProtobufWriter()
  for (const { resource, scope, spans } of resourceSpans)
    request.message(1, (one) => {
      one.message(1, (inner) => putAttributes(inner, 1, resource))
      one.message(2, (scopeSpans) => {
        scopeSpans.message(1, (inner) => {
          inner.text(1, scope.name)
          if (scope.version) inner.text(2, scope.version)
        })
        for (const span of spans) scopeSpans.message(2, (inner) => putSpan(inner, span))
      })
    })
  return request.finish()
}

function jsonSpan(span: EncodableSpan): Record<string, unknown> {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId && { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: span.kind,
    startTimeUnixNano: String(span.startNs),
    endTimeUnixNano: String(span.endNs),
    attributes: jsonAttributes(span.attributes),
    events: (span.events ?? []).map((event) => ({
      name: event.name,
      timeUnixNano: String(event.atNs),
      attributes: jsonAttributes(event.attributes),
    })),
    ...(span.links && {
      links: span.links.map((link) => ({ ...link, attributes: jsonAttributes(link.attributes) })),
    }),
    status: span.status ?? { code: 0 },
  }
}

const jsonAttributes = (attributes: EncodableAttributes): { key: string; value: unknown }[] =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: jsonValue(value) }))

function jsonValue(value: EncodableValue): Record<string, unknown> {
  switch (typeof value) {
    case 'string':
      return { stringValue: value }
    case 'boolean':
      return { boolValue: value }
    case 'bigint':
      return { intValue: String(value) }
    case 'number':
      return Number.isSafeInteger(value) ? { intValue: value } : { doubleValue: jsonDouble(value) }
    default:
      return { arrayValue: { values: value.map(jsonValue) } }
  }
}

const jsonDouble = (value: number): number | string => (Number.isFinite(value) ? value : String(value))

function putSpan(writer: ProtobufWriter, span: EncodableSpan): void {
  writer.data(1, bytesOf(span.traceId))
  writer.data(2, bytesOf(span.spanId))
  if (span.parentSpanId) writer.data(4, bytesOf(span.parentSpanId))
  writer.text(5, span.name)
  writer.int64(6, BigInt(span.kind))
  writer.fixed64(7, span.startNs)
  writer.fixed64(8, span.endNs)
  putAttributes(writer, 9, span.attributes)
  for (const event of span.events ?? [])
    writer.message(11, (inner) => {
      inner.fixed64(1, event.atNs)
      inner.text(2, event.name)
      putAttributes(inner, 3, event.attributes)
    })
  for (const link of span.links ?? [])
    writer.message(13, (inner) => {
      inner.data(1, bytesOf(link.traceId))
      inner.data(2, bytesOf(link.spanId))
      putAttributes(inner, 4, link.attributes)
    })
  const { status } = span
  if (status)
    writer.message(15, (inner) => {
      if (status.message) inner.text(2, status.message)
      if (status.code) inner.int64(3, BigInt(status.code))
    })
  // Sampled; parent known to be local.
  writer.fixed32(16, 0x101)
}

function putAttributes(writer: ProtobufWriter, field: number, attributes: EncodableAttributes): void {
  for (const [key, value] of Object.entries(attributes))
    writer.message(field, (entry) => {
      entry.text(1, key)
      entry.message(2, (inner) => putValue(inner, value))
    })
}

function putValue(writer: ProtobufWriter, value: EncodableValue): void {
  switch (typeof value) {
    case 'string':
      writer.text(1, value)
      return
    case 'boolean':
      writer.int64(2, value ? 1n : 0n)
      return
    case 'bigint':
      writer.int64(3, value)
      return
    case 'number':
      if (Number.isSafeInteger(value)) writer.int64(3, BigInt(value))
      else writer.double(4, value)
      return
    default:
      writer.message(5, (array) => {
        for (const item of value) array.message(1, (inner) => putValue(inner, item))
      })
  }
}

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))
