import 'server-only'
import { AppError, isAppError } from '@/lib/errors'
import type { RejectGroup } from '@/lib/model/ingest-result'
import { logger } from '@/lib/observability/logger'
import { withoutSpans } from '@/lib/observability/tracer'
import { decodeOtlpTraces, type OtlpEncoding } from '@/lib/sources/otlp/decode'
import { countDataPoints } from '@/lib/sources/otlp/metrics-count'
import { encodeExportResponse, encodeFailure, type OtlpResponse, type PartialSuccess } from '@/lib/sources/otlp/respond'
import { declaredEncoding, otlpSignalOfPath, resolveBodyEncoding, type StoredSignal } from '@/lib/sources/otlp/sniff'
import { checkDataset } from './check-dataset'
import { countRefused, groupOtlpRejects, rejectSentences } from './count-refused'
import { ingestLogs } from './ingest-logs'
import { ingestSpans } from './ingest-spans'
import { readBounded } from './read-bounded'
import type { Sender } from './sender'
import { withRoom } from './waiting-bytes'

export interface HttpExport extends Sender {
  /** One that `refuseOtlpTarget` lets pass. */
  readonly pathname: string
  readonly contentType: string | null
  /** Decompressed bytes. */
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * Takes one OTLP/HTTP export and answers as the protocol wants it: in the request's own type, success with no bytes, what
 * is not taken as partial success, passing trouble as 503 with a short Retry-After. Answers after COMMIT; never throws.
 */
export async function receiveOtlp(request: HttpExport): Promise<OtlpResponse> {
  const signal = storedSignalOf(request.pathname)
  let answer: OtlpEncoding = declaredEncoding(request.contentType) ?? 'protobuf'
  try {
    return await withRoom(async (takeRoom) => {
      const body = await collect(request.body, takeRoom)
      const resolved = resolveBodyEncoding(request.contentType, body)
      answer = resolved.answer
      const { rejected, message } = await takeSignal(signal, body, resolved.encoding, request)
      const problem = resolved.problem ?? ''
      return encodeExportResponse(signal, answer, { rejected, message: [message, problem].filter(Boolean).join(' ') })
    })
  } catch (error) {
    return encodeFailure(answer, failureOf(error))
  }
}

/**
 * Takes one OTLP/gRPC message, and answers the bytes of the response after COMMIT. Throws AppError: `unavailable` where the
 * sender may try again.
 */
export async function receiveOtlpMessage(
  signal: StoredSignal,
  message: Uint8Array,
  request: Sender,
): Promise<Uint8Array> {
  try {
    return await withRoom(async (takeRoom) => {
      takeRoom(message.byteLength)
      return encodeExportResponse(signal, 'protobuf', await takeSignal(signal, message, 'protobuf', request)).body
    })
  } catch (error) {
    throw failureOf(error)
  }
}

async function collect(body: AsyncIterable<Uint8Array>, takeRoom: (bytes: number) => void): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of readBounded(body, 'otlpBodyBytes')) {
    takeRoom(chunk.byteLength)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Spans about the receipt of spans would, sent to ourselves, never end: there are none. */
const takeSignal = (
  signal: StoredSignal,
  body: Uint8Array,
  encoding: OtlpEncoding,
  request: Sender,
): Promise<PartialSuccess> => withoutSpans(() => TAKE[signal](body, encoding, request))

type Take = (body: Uint8Array, encoding: OtlpEncoding, request: Sender) => Promise<PartialSuccess>

const TAKE: Readonly<Record<StoredSignal, Take>> = {
  logs: ingestLogs,
  async traces(body, encoding, request) {
    const decoded = decodeOtlpTraces(body, encoding)
    const { rejected, rejects } = await ingestSpans({ ...request, decoded })
    const message = rejected > 0 ? [...rejectSentences(rejects), ...decoded.problems].join(' ') : ''
    return { rejected, message }
  },
  async metrics(body, encoding, request) {
    checkDataset(request.dataset)
    const rejected = countDataPoints(body, encoding)
    const groups: readonly RejectGroup[] = groupOtlpRejects(
      rejected > 0 ? [{ line: 0, reason: 'metrics_not_stored' }] : [],
    ).map((group) => ({ ...group, count: rejected }))
    await countRefused(groups, request)
    return { rejected, message: rejectSentences(groups).join(' ') }
  },
}

function storedSignalOf(pathname: string): StoredSignal {
  const signal = otlpSignalOfPath(pathname)
  if (signal === undefined || signal === 'profiles') throw new Error('this path was to be refused before')
  return signal
}

/** A bug of ours must not make senders drop what they have: they are asked to send again. */
function failureOf(error: unknown): AppError {
  if (isAppError(error)) return error
  logger().error({ task: 'otlp', error }, 'an OTLP request could not be stored')
  return new AppError('unavailable', 'the records could not be stored', { cause: error, retryAfterS: 2 })
}
