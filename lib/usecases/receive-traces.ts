import 'server-only'
import { AppError, isAppError } from '@/lib/errors'
import { logger } from '@/lib/observability/logger'
import { decodeOtlpTraces, type OtlpEncoding } from '@/lib/sources/otlp/decode'
import { encodeFailure, encodeTraceResponse, type OtlpResponse } from '@/lib/sources/otlp/respond'
import { declaredEncoding, resolveBodyEncoding } from '@/lib/sources/otlp/sniff'
import { ingestSpans, type SpanIngestRequest } from './ingest-spans'
import { readBounded } from './read-bounded'

export interface TracesRequest extends Omit<SpanIngestRequest, 'decoded'> {
  readonly contentType: string | null
  /** Decompressed bytes. */
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * Takes one OTLP export of traces and answers as the protocol wants it: in the request's own type, success with no bytes,
 * bad spans as partial success, passing trouble as 503 with a short Retry-After. Answers after COMMIT; never throws.
 */
export async function receiveTraces(request: TracesRequest): Promise<OtlpResponse> {
  let answer: OtlpEncoding = declaredEncoding(request.contentType) ?? 'protobuf'
  try {
    const body = await collect(request.body)
    const resolved = resolveBodyEncoding(request.contentType, body)
    answer = resolved.answer
    const decoded = decodeOtlpTraces(body, resolved.encoding)
    const result = await ingestSpans({ ...request, decoded })
    const reasons = result.rejects.map((group) => `${group.count} × ${group.reason}: ${group.detail ?? group.hint}`)
    const message = [...reasons, ...decoded.problems, ...(resolved.problem ? [resolved.problem] : [])].join(' ')
    return encodeTraceResponse(answer, {
      rejected: result.rejected,
      message: result.rejected > 0 ? message : (resolved.problem ?? ''),
    })
  } catch (error) {
    return encodeFailure(answer, failureOf(error))
  }
}

/** A bug of ours must not make senders drop their spans: they are asked to send again. */
export function failureOf(error: unknown): AppError {
  if (isAppError(error)) return error
  logger().error({ task: 'traces', error }, 'spans could not be stored')
  return new AppError('unavailable', 'the spans could not be stored', { cause: error, retryAfterS: 2 })
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of readBounded(body)) chunks.push(chunk)
  return Buffer.concat(chunks)
}
