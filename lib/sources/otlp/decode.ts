import { AppError } from '@/lib/errors'
import type { IgnoreReason, RecordReject, RejectReason } from '@/lib/model/decoded'
import { LIMITS } from '@/lib/model/limits'
import type { DroppedSpan, Span, SpanKind } from '@/lib/model/span'
import { entryAttributes, keyFilter, SHOWN_KEYS, safeName, shownAttributes } from './allow-list'
import { countOf, textOf } from './attributes'
import { ENTRY_KEYS, entryOf } from './entry'
import { AI_KEYS, aiCallOf } from './genai'
import { isId } from './ids'
import { withEnclosingSpans } from './link-calls'
import { MESH_KEYS, meshEmitter } from './mesh'
import { PEER_KEYS, peerOf } from './peer'
import { QUEUE_KEYS, queueOf } from './queue'
import { REFUSAL_EVENT_KEYS, REFUSAL_SPAN_KEYS } from './refusal'
import { type Emitter, emitterOf, RESOURCE_KEYS } from './resource'
import { SlipCounter } from './sender-problems'
import { emitterKey } from './trace-nodes'
import { readTracesJson } from './traces-json'
import { readTracesProtobuf } from './traces-protobuf'
import type { SenderSlip, TraceSink, WireAttributes, WireFilter, WireSpan } from './wire'

export type OtlpEncoding = 'protobuf' | 'json'

export interface OtlpDecodeOptions {
  /** Rejects kept with their place and detail; the rest is only counted. Default 100. */
  readonly maxRejects?: number
  /** Spans taken in one body; more is `too_large`. Default 200 000: a real span has 100 bytes and more. */
  readonly maxSpans?: number
}

export interface OtlpDecoded {
  /** Spans that call, receive a call, or have AI facts, in the order of the body. */
  readonly spans: readonly Span[]
  /** The first refused spans, at most `maxRejects`; `line` is the span's number in the body, from 1. */
  readonly rejects: readonly RecordReject[]
  /** How many were refused, by reason and in all. */
  readonly rejectedByReason: Readonly<Partial<Record<RejectReason, number>>>
  readonly rejected: number
  readonly ignored: Readonly<Partial<Record<IgnoreReason, number>>>
  /** What the sender does wrong although it was understood, or sends that is thrown away: sentences, at most 16. */
  readonly problems: readonly string[]
  /** Spans in the body: accepted + rejected + ignored. */
  readonly total: number
  /** Links of ignored spans: a walk up the trace needs them to see past a span that was not kept. */
  readonly bridges: readonly DroppedSpan[]
}

const KINDS: readonly SpanKind[] = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer']
const HTTP_STATUS = ['http.response.status_code', 'http.status_code']
const MAX_TEXT_CHARS = LIMITS.otlpTextChars
const DEFAULT_MAX_REJECTS = 100
const DEFAULT_MAX_SPANS = LIMITS.otlpRecords

/** Only these keys are read at all; prompts, headers and query strings are stepped over before anything sees them. */
const FILTER: WireFilter = {
  resource: keyFilter(RESOURCE_KEYS),
  span: keyFilter([
    ...SHOWN_KEYS,
    ...PEER_KEYS,
    ...ENTRY_KEYS,
    ...QUEUE_KEYS,
    ...MESH_KEYS,
    ...AI_KEYS,
    ...REFUSAL_SPAN_KEYS,
    ...HTTP_STATUS,
  ]),
  event: keyFilter(REFUSAL_EVENT_KEYS),
  maxTextChars: MAX_TEXT_CHARS,
  maxItems: LIMITS.otlpAttributes,
  maxDepth: LIMITS.nesting,
}

/**
 * Decodes one ExportTraceServiceRequest. Every span ends as accepted, rejected with a reason, or ignored with a reason;
 * one bad span never costs its neighbours. Content never comes out. Throws AppError `bad_request` with a hint where the
 * body as a whole cannot be read, or `too_large`, and then nothing of it may be stored. Times are as sent: age is for the caller to judge.
 */
export function decodeOtlpTraces(
  body: Uint8Array,
  encoding: OtlpEncoding,
  options: OtlpDecodeOptions = {},
): OtlpDecoded {
  const collector = new SpanCollector(options.maxRejects ?? DEFAULT_MAX_REJECTS, options.maxSpans ?? DEFAULT_MAX_SPANS)
  if (encoding === 'json') readTracesJson(body, FILTER, collector)
  else readTracesProtobuf(body, FILTER, collector)
  return collector.result()
}

class SpanCollector implements TraceSink {
  private readonly spans: Span[] = []
  private readonly bridges: DroppedSpan[] = []
  private readonly rejects: RecordReject[] = []
  private readonly rejectedByReason: Partial<Record<RejectReason, number>> = {}
  private readonly ignored: Partial<Record<IgnoreReason, number>> = {}
  private readonly slips = new SlipCounter()
  private rejected = 0
  private total = 0
  private lastResource: WireAttributes | undefined
  private lastEmitter: Emitter | undefined

  constructor(
    private readonly maxRejects: number,
    private readonly maxSpans: number,
  ) {}

  slip(slip: SenderSlip): void {
    this.slips.add(slip)
  }

  span(wire: WireSpan, _scopeName: string, resource: WireAttributes): void {
    this.total += 1
    if (this.total > this.maxSpans)
      throw new AppError('too_large', `The body holds more than ${this.maxSpans} spans.`, {
        hint: 'Lower the batch size of the exporter or collector (send_batch_max_size).',
      })
    const refusal = refusalOf(wire)
    if (refusal) {
      this.reject(refusal.reason, refusal.detail)
      return
    }
    const span = spanOf(wire, this.emitter(resource), () => this.slip('bad_parent_id'))
    if (span.peer || span.entry || span.queue || span.ai || isCall(span)) this.spans.push(span)
    else this.ignore(span)
  }

  result(): OtlpDecoded {
    return {
      spans: this.bridges.length === 0 ? this.spans : withEnclosingSpans(this.spans, this.bridges),
      rejects: this.rejects,
      rejectedByReason: this.rejectedByReason,
      rejected: this.rejected,
      ignored: this.ignored,
      problems: this.slips.sentences(),
      total: this.total,
      bridges: this.bridges,
    }
  }

  /** All spans of a resource share its Map, so the emitter is worked out once per resource. */
  private emitter(resource: WireAttributes): Emitter {
    if (this.lastEmitter === undefined || this.lastResource !== resource) {
      this.lastResource = resource
      this.lastEmitter = emitterOf(resource)
    }
    return this.lastEmitter
  }

  private ignore(span: Span): void {
    this.ignored.internal_span = (this.ignored.internal_span ?? 0) + 1
    this.bridges.push({
      traceId: span.traceId,
      spanId: span.spanId,
      ...(span.parentSpanId && { parentSpanId: span.parentSpanId }),
      kind: span.kind,
      emitter: emitterKey(span),
      workload: span.workload,
      ...(span.cluster && { cluster: span.cluster }),
    })
  }

  private reject(reason: RejectReason, detail: string): void {
    this.rejected += 1
    this.rejectedByReason[reason] = (this.rejectedByReason[reason] ?? 0) + 1
    if (this.rejects.length < this.maxRejects) this.rejects.push({ line: this.total, reason, detail })
  }
}

interface Refusal {
  readonly reason: RejectReason
  readonly detail: string
}

function refusalOf(wire: WireSpan): Refusal | undefined {
  switch (wire.flaw) {
    case 'log_record':
      return { reason: 'bad_id', detail: 'this is a log record: logs go to /v1/logs, only traces here' }
    case 'not_an_object':
      return { reason: 'not_an_object', detail: 'a span is a JSON object' }
    case 'nested_too_deep':
      return { reason: 'nested_too_deep', detail: 'an attribute value is nested deeper than 64 levels' }
    case 'bad_time':
      return {
        reason: 'bad_value',
        detail: 'startTimeUnixNano or endTimeUnixNano is not a whole number of nanoseconds',
      }
    case undefined:
      return refusalOfIds(wire) ?? refusalOfTimes(wire)
  }
}

function refusalOfIds({ traceId, spanId }: WireSpan): Refusal | undefined {
  if (traceId === '' && spanId === '')
    return { reason: 'bad_id', detail: 'the span has no ids: is this OTLP logs or metrics, sent to the traces path?' }
  if (!isId(traceId, 16)) return { reason: 'bad_id', detail: idDetail('trace id', traceId, 16) }
  if (!isId(spanId, 8)) return { reason: 'bad_id', detail: idDetail('span id', spanId, 8) }
  return undefined
}

function idDetail(what: string, id: string, bytes: number): string {
  if (/^0+$/.test(id)) return `the ${what} is all zero`
  return `the ${what} is not ${bytes} bytes (${bytes * 2} hex digits)`
}

function refusalOfTimes({ startNs, endNs }: WireSpan): Refusal | undefined {
  if (startNs === 0n) return { reason: 'missing_time', detail: 'the span has no start time' }
  if (endNs === 0n) return { reason: 'missing_time', detail: 'the span has no end time' }
  return endNs < startNs ? { reason: 'bad_value', detail: 'the span ends before it starts' } : undefined
}

function spanOf(wire: WireSpan, emitter: Emitter, onBadParent: () => void): Span {
  const { attributes } = wire
  const kind = KINDS[wire.kind] ?? 'unspecified'
  const httpStatus = httpStatusOf(attributes)
  const errorType = textOf(attributes, ['error.type'], 128)
  const ai = aiCallOf(wire, kind, httpStatus)
  const peer = peerOf(attributes, kind, ai !== undefined)
  const isEntry = kind === 'server' || kind === 'consumer'
  const queue = queueOf(attributes, kind)
  const shown = shownAttributes(attributes)
  const hasParent = isId(wire.parentSpanId, 8)
  if (!hasParent && /[^0]/.test(wire.parentSpanId)) onBadParent()
  return {
    traceId: wire.traceId,
    spanId: wire.spanId,
    ...(hasParent && { parentSpanId: wire.parentSpanId }),
    name: safeName(wire.name),
    kind,
    startMs: msOf(wire.startNs),
    endMs: msOf(wire.endNs),
    durationNs: Number(wire.endNs - wire.startNs),
    isError: wire.statusCode === 2 || errorType !== undefined || (kind === 'client' && (httpStatus ?? 0) >= 400),
    ...meshEmitter(emitter, attributes),
    ...(peer && { peer }),
    ...(isEntry && { entry: entryOf(attributes) }),
    ...(queue && { queue }),
    ...(httpStatus !== undefined && { httpStatus }),
    ...(errorType && { errorType }),
    ...(ai && { ai }),
    attributes: isEntry && !ai ? entryAttributes(shown) : shown,
  }
}

/** A call may be named by its other end alone: kept without a peer too. */
const isCall = (span: Span): boolean => span.kind === 'client' || span.kind === 'producer'

/** Milliseconds with microseconds behind the point: what a double holds exactly, and what the store keeps. */
const msOf = (ns: bigint): number => Number(ns / 1000n) / 1000

function httpStatusOf(attributes: WireAttributes): number | undefined {
  const status = countOf(attributes, HTTP_STATUS)
  return status !== undefined && status >= 100 && status <= 599 ? status : undefined
}
