import { AppError } from '@/lib/errors'
import type { OtlpEncoding } from './decode'

export interface BodyEncoding {
  /** What the body is. */
  readonly encoding: OtlpEncoding
  /** What the answer must be written in: the request's own type where it named one of the two. */
  readonly answer: OtlpEncoding
  /** Set where the content type is missing or wrong: a sentence for the sender's operator. */
  readonly problem?: string
}

const PROTOBUF_TYPES = ['application/x-protobuf', 'application/protobuf', 'application/vnd.google.protobuf']
const OPEN_BRACE = 0x7b
/** Tag of `resource_spans`, the only field of a request; also a line feed. */
const FIELD_1 = 0x0a
const HINT = 'Send Content-Type: application/x-protobuf or application/json, gzip or uncompressed.'

/**
 * What a decompressed body is, from its content type (any case, with or without `; charset=…`) and its first bytes, which
 * win where they contradict: `{` is JSON, 0x0a is protobuf. An empty body is an empty protobuf request. Throws AppError
 * `unsupported_media` where neither tells.
 */
export function resolveBodyEncoding(contentType: string | null | undefined, body: Uint8Array): BodyEncoding {
  const declared = declaredEncoding(contentType)
  const seen = seenEncoding(body, declared)
  const type = mediaType(contentType)
  if (seen === undefined) throw unreadable(type, declared)
  if (declared === seen) return { encoding: seen, answer: seen }
  const said = type === '' ? 'The content type is missing' : `The content type is ${type.slice(0, 60)}`
  return { encoding: seen, answer: declared ?? seen, problem: `${said}, but the body is OTLP ${seen}. ${HINT}` }
}

/** The encoding that a content type names, for answers to bodies that were never read. undefined = neither of the two. */
export function declaredEncoding(contentType: string | null | undefined): OtlpEncoding | undefined {
  const type = mediaType(contentType)
  if (PROTOBUF_TYPES.includes(type)) return 'protobuf'
  return type === 'application/json' || type.endsWith('+json') ? 'json' : undefined
}

const mediaType = (contentType: string | null | undefined): string =>
  (contentType ?? '').slice(0, 256).split(';', 1)[0]?.trim().toLowerCase() ?? ''

function seenEncoding(body: Uint8Array, declared: OtlpEncoding | undefined): OtlpEncoding | undefined {
  if (body.length === 0) return declared === 'json' ? undefined : 'protobuf'
  const first = firstVisible(body)
  if (declared === 'json' && (first === OPEN_BRACE || body[0] !== FIELD_1)) return 'json'
  if (body[0] === FIELD_1) return 'protobuf'
  if (first === OPEN_BRACE) return 'json'
  return declared
}

/** First byte that is neither white space nor part of a byte order mark. */
function firstVisible(body: Uint8Array): number | undefined {
  return body.subarray(0, 64).find((byte) => byte > 0x20 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf)
}

function unreadable(type: string, declared: OtlpEncoding | undefined): AppError {
  if (declared === 'json') return new AppError('bad_request', 'The body is empty, which is not JSON.', { hint: HINT })
  if (type.startsWith('application/grpc'))
    return new AppError('unsupported_media', 'This is OTLP over HTTP, and the sender speaks gRPC.', {
      hint: 'Set the exporter’s protocol to http/protobuf.',
    })
  return new AppError('unsupported_media', 'The body is neither OTLP protobuf nor OTLP JSON.', { hint: HINT })
}

export type OtlpSignal = 'traces' | 'metrics' | 'logs' | 'profiles'
/** Signals that are answered with success, whatever of them is kept. */
export type StoredSignal = Exclude<OtlpSignal, 'profiles'>

/** Signals by the last segments of a path. */
const SIGNALS: Readonly<Record<string, OtlpSignal>> = {
  'v1/traces': 'traces',
  'v1/metrics': 'metrics',
  'v1/logs': 'logs',
  'v1/profiles': 'profiles',
  'v1development/profiles': 'profiles',
}

/**
 * Which signal a request path means. Exporters append `/v1/<signal>` to whatever base they are given, so a base that ends
 * in such a path already gives it twice: the last one counts. Doubled and trailing slashes, and our own `/api/otlp` before,
 * are cut. undefined = no OTLP path.
 */
export function otlpSignalOfPath(pathname: string): OtlpSignal | undefined {
  const segments = pathname.slice(0, 512).split('/').filter(Boolean)
  if (segments[0] === 'api' && segments[1] === 'otlp') segments.splice(0, 2)
  let signal: OtlpSignal | undefined
  for (let at = 0; at < segments.length; at += 2) {
    const pair = `${segments[at]}/${segments[at + 1]}`.toLowerCase()
    if (!Object.hasOwn(SIGNALS, pair)) return undefined
    signal = SIGNALS[pair]
  }
  return signal
}
