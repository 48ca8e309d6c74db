import { z } from 'zod'
import { IGNORE_REASONS, REJECT_REASONS } from '@/lib/model/decoded'
import type { IngestResult } from '@/lib/model/ingest-result'
import { SECOND_MS } from '@/lib/model/units'
import type { FileFormat } from '@/lib/sources/recognise-file'
import type { ImportOptions } from './import-options'

/** A server that is away or overloaded is asked for so long. */
const PATIENCE_MS = 10 * 60 * SECOND_MS
const FIRST_PAUSE_MS = SECOND_MS
const LONGEST_PAUSE_MS = 15 * SECOND_MS
const TRANSIENT = [429, 502, 503, 504]

/** The answer to one body. `isFinal`: no other body will fare better (no server there, token refused). */
export type Sent = { readonly result: IngestResult } | { readonly problem: string; readonly isFinal: boolean }

const count = z.number().int().nonnegative()
const ingestResult = z.object({
  accepted: count,
  duplicates: count,
  ignored: z.partialRecord(z.enum(IGNORE_REASONS), count).catch({}),
  rejected: count,
  rejects: z.array(
    z.object({
      reason: z.enum(REJECT_REASONS),
      count,
      lines: z.array(count),
      detail: z.string().optional(),
      hint: z.string(),
    }),
  ),
  repeatedBatch: z.boolean(),
  firstMs: z.number().optional(),
  lastMs: z.number().optional(),
})
const problemBody = z.object({
  detail: z.string().optional(),
  message: z.string().optional(),
  hint: z.string().optional(),
})
const partialSuccess = z.object({
  partialSuccess: z
    .object({
      rejectedSpans: z.coerce.number().optional(),
      rejectedLogRecords: z.coerce.number().optional(),
      errorMessage: z.string().optional(),
    })
    .optional(),
})

/**
 * Posts one body and waits for the answer, which comes after its commit. A server that is away or asks to come back
 * (429, 503, `Retry-After`) is asked again for ten minutes; sent again, a body counts once. Never throws.
 */
export async function sendBody(
  bytes: Uint8Array,
  format: FileFormat,
  options: ImportOptions,
  patienceMs = PATIENCE_MS,
): Promise<Sent> {
  const untilMs = Date.now() + patienceMs
  let pauseMs = FIRST_PAUSE_MS
  for (;;) {
    const answer = await post(bytes, format, options)
    if ('sent' in answer) return answer.sent
    const waitMs = answer.retryAfterMs ?? pauseMs
    if (Date.now() + waitMs > untilMs) return { problem: answer.problem, isFinal: true }
    await new Promise((resolve) => setTimeout(resolve, waitMs))
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
  }
}

type Answer = { readonly sent: Sent } | { readonly problem: string; readonly retryAfterMs?: number }

async function post(bytes: Uint8Array, format: FileFormat, options: ImportOptions): Promise<Answer> {
  try {
    const response = await fetch(addressOf(format, options), {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': contentTypeOf(format),
        ...(options.cluster && { 'x-postern-cluster': options.cluster }),
        ...(options.token && { authorization: `Bearer ${options.token}` }),
      },
      body: Buffer.from(bytes),
    })
    const text = await response.text()
    if (response.ok) return { sent: resultOf(text, format) }
    const problem = problemOf(text, response.status)
    if (TRANSIENT.includes(response.status)) return { problem, ...retryAfter(response) }
    const isUnknown = response.status === 401
    return {
      sent: {
        problem: isUnknown ? `${problem} For this command it is POSTERN_TOKEN, or --token-file.` : problem,
        // 409: the dataset is being deleted, for every other body too.
        isFinal: isUnknown || response.status === 403 || response.status === 409,
      },
    }
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    return { problem: `${options.url} does not answer (${cause})` }
  }
}

/** Path and query that take this format. */
export function addressOf(format: FileFormat, { url, dataset, hop, fields }: ImportOptions): string {
  const params = new URLSearchParams()
  if (dataset) params.set('dataset', dataset)
  if (hop && format.startsWith('nat/')) params.set('hop', hop)
  if (fields && format === 'nat/aws-vpc') params.set('fields', fields)
  const query = params.size > 0 ? `?${params}` : ''
  if (format === 'otlp/logs') return `${url}/v1/logs${query}`
  if (format.startsWith('otlp/')) return `${url}/v1/traces${query}`
  return `${url}/api/ingest/${format}${query}`
}

function contentTypeOf(format: FileFormat): string {
  if (format === 'otlp/traces-protobuf') return 'application/x-protobuf'
  if (format.startsWith('otlp/')) return 'application/json'
  return format === 'nat/conntrack' ? 'text/plain' : 'application/x-ndjson'
}

const NOTHING: IngestResult = {
  accepted: 0,
  duplicates: 0,
  ignored: {},
  rejected: 0,
  rejects: [],
  repeatedBatch: false,
}

function resultOf(text: string, format: FileFormat): Sent {
  if (format.startsWith('otlp/')) return { result: otlpResult(text) }
  const parsed = ingestResult.safeParse(jsonOf(text))
  return parsed.success
    ? { result: parsed.data }
    : { problem: 'the answer is none of Postern’s: check --url', isFinal: true }
}

/** OTLP answers tell what was refused and nothing else; protobuf answers are read no further than that they are not empty. */
function otlpResult(text: string): IngestResult {
  if (text === '') return NOTHING
  const refused = partialSuccess.safeParse(jsonOf(text)).data?.partialSuccess
  const rejected = (refused?.rejectedSpans ?? 0) + (refused?.rejectedLogRecords ?? 0)
  if (rejected === 0) return NOTHING
  const hint = refused?.errorMessage ?? 'see the log of the server'
  return { ...NOTHING, rejected, rejects: [{ reason: 'bad_value', count: rejected, lines: [], hint }] }
}

function problemOf(text: string, status: number): string {
  const parsed = problemBody.safeParse(jsonOf(text)).data
  const words = [parsed?.detail ?? parsed?.message, parsed?.hint].filter(Boolean)
  return words.length > 0 ? `${words.join('. ')} (${status})` : `the server answered ${status}`
}

function retryAfter(response: Response): { retryAfterMs?: number } {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? { retryAfterMs: Math.min(seconds, 60) * SECOND_MS } : {}
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
