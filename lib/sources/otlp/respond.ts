import type { AppError, ErrorCode } from '@/lib/errors'
import type { OtlpEncoding } from './decode'
import { ProtobufWriter } from './protobuf-writer'
import type { StoredSignal } from './sniff'

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

/** What was not taken of a request that as a whole succeeded; the sender must not send again in any case. */
export interface PartialSuccess {
  /** Spans, log records or data points that were not stored. */
  readonly rejected: number
  /** Why, and how to fix the sender; with `rejected` 0 it is a warning, '' = none. */
  readonly message: string
}

/** Field 1 of each signal's partial success in JSON; in protobuf they all have number 1. */
const REJECTED_FIELD: Readonly<Record<StoredSignal, string>> = {
  traces: 'rejectedSpans',
  metrics: 'rejectedDataPoints',
  logs: 'rejectedLogRecords',
}

/**
 * Success: an Export…ServiceResponse of the signal. Without rejects and message the protobuf body has no bytes and JSON is
 * `{}`.
 */
export function encodeExportResponse(
  signal: StoredSignal,
  encoding: OtlpEncoding,
  partial: PartialSuccess = { rejected: 0, message: '' },
): OtlpResponse {
  const message = partial.message.slice(0, MAX_MESSAGE_CHARS)
  const isPlain = partial.rejected === 0 && message === ''
  if (encoding === 'json') {
    const rejected = { [REJECTED_FIELD[signal]]: String(partial.rejected) }
    const answer = isPlain ? {} : { partialSuccess: { ...rejected, errorMessage: message } }
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

type Failure = Pick<AppError, 'code' | 'message' | 'hint' | 'retryAfterS'>

/** Failure: a google.rpc.Status whose message says what is wrong and, where known, how to mend it. */
export function encodeFailure(encoding: OtlpEncoding, error: Failure): OtlpResponse {
  const { code, message, retryAfterS } = rpcStatusOf(error)
  return {
    status: STATUS[error.code][0],
    contentType: CONTENT_TYPE[encoding],
    ...(retryAfterS !== undefined && { retryAfterS }),
    body: encodeStatus(encoding, code, message),
  }
}

/** A failure as OTLP/gRPC says it. */
export interface RpcStatus {
  /** google.rpc.Code. */
  readonly code: number
  readonly message: string
  /** Seconds, 1 to 3, where the sender may try again: it is told by a RetryInfo, without which it drops what it has. */
  readonly retryAfterS?: number
}

/** The status of a failure; what is too large is RESOURCE_EXHAUSTED without a pause, so that it is not sent again. */
export function rpcStatusOf(error: Failure): RpcStatus {
  const [status, code] = STATUS[error.code]
  const message = [error.message, error.hint].filter(Boolean).join(' ').slice(0, MAX_MESSAGE_CHARS)
  const mayRetry = status === 429 || status === 503
  const retryAfterS = Math.min(Math.max(error.retryAfterS ?? DEFAULT_RETRY_AFTER_S, 1), MAX_RETRY_AFTER_S)
  return { code, message, ...(mayRetry && { retryAfterS }) }
}

/**
 * The status with its pause as gRPC carries it in `grpc-status-details-bin`: google.rpc.Status{code=1, message=2,
 * details=3 Any{type_url=1, value=2 RetryInfo{retry_delay=1 Duration{seconds=1}}}}.
 */
export function encodeRetryDetails({ code, message, retryAfterS = 0 }: RpcStatus): Uint8Array {
  const writer = new ProtobufWriter()
  writer.int64(1, BigInt(code))
  writer.text(2, message)
  writer.message(3, (any) => {
    any.text(1, 'type.googleapis.com/google.rpc.RetryInfo')
    any.message(2, (retry) => retry.message(1, (duration) => duration.int64(1, BigInt(retryAfterS))))
  })
  return writer.finish()
}

function encodeStatus(encoding: OtlpEncoding, code: number, message: string): Uint8Array {
  if (encoding === 'json') return utf8(JSON.stringify({ code, message }))
  const writer = new ProtobufWriter()
  writer.int64(1, BigInt(code))
  writer.text(2, message)
  return writer.finish()
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
