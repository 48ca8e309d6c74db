import type { AppError, ErrorCode } from '@/lib/errors'
import type { OtlpEncoding } from './decode'
import { ProtobufWriter } from './protobuf-writer'
import type { OtlpSignal } from './sniff'

/** An answer as bytes: the HTTP layer adds nothing but transport headers. */
export interface OtlpResponse {
  readonly status: number
  /** Exactly one of the two types, without charset: collectors compare it as text and drop data where the body differs. */
  readonly contentType: 'application/x-protobuf' | 'application/json'
  /** Seconds, where the sender may try again. */
  readonly retryAfterS?: number
  readonly body: Uint8Array
}

const CONTENT_TYPE = { protobuf: 'application/x-protobuf', json: 'application/json' } as const
const MAX_MESSAGE_CHARS = 1024
/** SDKs give up where Retry-After exceeds their 10 s budget (measured: 30 s drops the batch). */
const MAX_RETRY_AFTER_S = 3
const DEFAULT_RETRY_AFTER_S = 1

/**
 * HTTP status and google.rpc.Code per error. Only 429, 502, 503 and 504 make senders try again, so a failure of ours
 * (`internal`) is 503 and never 500. opentelemetry-proto docs/specification.md v1.11
 */
const STATUS: Readonly<Record<ErrorCode, readonly [http: number, rpc: number]>> = {
  bad_request: [400, 3],
  unauthenticated: [401, 16],
  forbidden: [403, 7],
  not_found: [404, 5],
  method_not_allowed: [405, 12],
  conflict: [409, 10],
  gone: [410, 5],
  too_large: [413, 8],
  unsupported_media: [415, 3],
  rate_limited: [429, 8],
  unavailable: [503, 14],
  internal: [503, 14],
}

/**
 * Success: an ExportTraceServiceResponse. Without rejects and message the protobuf body has no bytes and JSON is `{}`. With
 * `rejected` 0 and a message it is a warning; the sender must not send again in any case.
 */
export function encodeTraceResponse(
  encoding: OtlpEncoding,
  partial: { readonly rejected: number; readonly message: string } = { rejected: 0, message: '' },
): OtlpResponse {
  const message = partial.message.slice(0, MAX_MESSAGE_CHARS)
  const isPlain = partial.rejected === 0 && message === ''
  if (encoding === 'json') {
    const answer = isPlain ? {} : { partialSuccess: { rejectedSpans: String(partial.rejected), errorMessage: message } }
    return { status: 200, contentType: CONTENT_TYPE.json, body: utf8(JSON.stringify(answer)) }
  }
  const writer = new ProtobufWriter()
  if (!isPlain)
    writer.message(1, (success) => {
      if (partial.rejected > 0) success.int64(1, BigInt(partial.rejected))
      if (message) success.text(2, message)
    })
  return { status: 200, contentType: CONTENT_TYPE.protobuf, body: writer.finish() }
}

/** Failure: a google.rpc.Status whose message says what is wrong and, where known, how to mend it. */
export function encodeFailure(
  encoding: OtlpEncoding,
  error: Pick<AppError, 'code' | 'message' | 'hint' | 'retryAfterS'>,
): OtlpResponse {
  const [status, code] = STATUS[error.code]
  const message = [error.message, error.hint].filter(Boolean).join(' ').slice(0, MAX_MESSAGE_CHARS)
  const mayRetry = status === 429 || status === 503
  const retryAfterS = Math.min(Math.max(error.retryAfterS ?? DEFAULT_RETRY_AFTER_S, 1), MAX_RETRY_AFTER_S)
  return {
    status,
    contentType: CONTENT_TYPE[encoding],
    ...(mayRetry && { retryAfterS }),
    body: encodeStatus(encoding, code, message),
  }
}

/**
 * The answer to a signal that is not read here: 404, so that nobody believes the data kept, with the way out. It is not
 * retried.
 */
export function encodeOtherSignal(encoding: OtlpEncoding, signal: Exclude<OtlpSignal, 'traces'>): OtlpResponse {
  const message =
    `Only traces are taken here; these ${signal} were not stored. Point only the traces exporter at this address ` +
    '(OTEL_EXPORTER_OTLP_TRACES_ENDPOINT), or set the exporter of the other signals to none.'
  return { status: 404, contentType: CONTENT_TYPE[encoding], body: encodeStatus(encoding, 12, message) }
}

function encodeStatus(encoding: OtlpEncoding, code: number, message: string): Uint8Array {
  if (encoding === 'json') return utf8(JSON.stringify({ code, message }))
  const writer = new ProtobufWriter()
  writer.int64(1, BigInt(code))
  writer.text(2, message)
  return writer.finish()
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
