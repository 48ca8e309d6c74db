/**
 * What both encodings of OTLP are read into, before any meaning is given to it. An attribute without a value is `null`;
 * integers beyond 2^53 are bigint; bytes stay base64 text, as OTLP/JSON has them.
 */
export type WireValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly WireValue[]
  | ReadonlyMap<string, WireValue>
export type WireAttributes = ReadonlyMap<string, WireValue>

export interface WireEvent {
  readonly name: string
  readonly attributes: WireAttributes
}

/** Why a span can already be told to be unusable while it is read. */
export type WireFlaw = 'nested_too_deep' | 'log_record' | 'not_an_object' | 'bad_time'

/** One span as sent: ids are lower-case hex of whatever length was sent ('' = none), times are unsigned nanoseconds. */
export interface WireSpan {
  traceId: string
  spanId: string
  parentSpanId: string
  name: string
  /** 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer; other values as sent. */
  kind: number
  startNs: bigint
  endNs: bigint
  attributes: WireAttributes
  events: readonly WireEvent[]
  /** 0 unset, 1 ok, 2 error. */
  statusCode: number
  statusMessage: string
  flaw?: WireFlaw
}

/** Slips of a sender that are put right on the way in; each is counted and told to people. */
export type SenderSlip =
  | 'base64_ids'
  | 'double_encoded_ids'
  | 'snake_case'
  | 'attributes_as_object'
  | 'enum_names'
  | 'times_as_numbers'
  | 'bad_parent_id'
  | 'content_discarded'

/** `content` is dropped like any other key that is not kept, and counted. */
export type KeyVerdict = 'keep' | 'drop' | 'content'

/** What of a body is read at all. Everything else is skipped without being decoded. */
export interface WireFilter {
  readonly resource: (key: string) => KeyVerdict
  readonly span: (key: string) => KeyVerdict
  readonly event: (key: string) => KeyVerdict
  /** Characters kept of a string. */
  readonly maxTextChars: number
  /** Items kept of an array or a map, and events of a span. */
  readonly maxItems: number
  /** Nesting of an attribute value. */
  readonly maxDepth: number
}

/** Receives what a reader finds, in the order of the body, so that no batch is held twice. */
export interface TraceSink {
  span(span: WireSpan, scopeName: string, resource: WireAttributes): void
  slip(slip: SenderSlip): void
}
