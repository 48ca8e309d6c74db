import { AppError, isAppError } from '@/lib/errors'
import type { IngestResult } from '@/lib/model/ingest-result'
import { LIMITS } from '@/lib/model/limits'
import { FILE_FORMATS, type FileFormat, recogniseFile } from '@/lib/sources/recognise-file'
import type { ImportOptions } from './import-options'
import { listFiles, problemOf } from './list-files'
import { makeBodies } from './make-bodies'
import { openFile } from './open-file'
import { addResult, emptyTotals, type FileReport, type Totals } from './report'
import { sendBody } from './send-body'

/** How much of a file is looked at to tell what it holds. */
const HEAD_BYTES = LIMITS.recordBytes

/**
 * Sends every file, and tells of each as it is done. A file that fails does not stop the next one; a server that is not there,
 * or refuses the token, does. Killed and run again it sends the same bodies, which count once.
 */
export async function* importFiles(options: ImportOptions): AsyncGenerator<FileReport> {
  for await (const listed of listFiles(options.paths)) {
    if ('problem' in listed) {
      yield { file: listed.file, state: 'failed', problem: listed.problem, isFinal: false, totals: emptyTotals() }
      continue
    }
    const report = await importFile(listed.file, options)
    yield report
    if (report.state === 'failed' && report.isFinal) return
  }
}

async function importFile(file: string, options: ImportOptions): Promise<FileReport> {
  const totals = emptyTotals()
  let format: FileFormat | undefined
  try {
    const chunks = openFile(file)
    const head = await readHead(chunks)
    if (head.size === 0) return { file, state: 'skipped', problem: 'it is empty' }
    format = options.format ?? recogniseFile(Buffer.concat(head.chunks).subarray(0, HEAD_BYTES), file)
    if (!format) return { file, state: 'skipped', problem: 'no format that Postern reads; --format names one' }
    checkHop(format, options)
    const failure = await sendAll(concat(head.chunks, chunks), format, options, totals)
    if (failure) return { file, state: 'failed', format, ...failure, totals }
    return { file, state: 'sent', format, totals }
  } catch (error) {
    const problem = isAppError(error) ? [error.message, error.hint].filter(Boolean).join('. ') : problemOf(error)
    return { file, state: 'failed', ...(format && { format }), problem, isFinal: false, totals }
  }
}

function checkHop(format: FileFormat, { hop }: ImportOptions): void {
  if ('hop' in FILE_FORMATS[format] && !hop)
    throw new AppError('bad_request', `${format}: say which NAT hop saw these translations: --hop NAME`)
}

async function sendAll(
  chunks: AsyncIterable<Uint8Array>,
  format: FileFormat,
  options: ImportOptions,
  totals: Totals,
): Promise<{ problem: string; isFinal: boolean } | undefined> {
  for await (const piece of makeBodies(chunks, format)) {
    if ('tooLongAt' in piece) {
      addResult(totals, tooLong(piece.tooLongAt))
      continue
    }
    const sent = await sendBody(piece.body.bytes, format, options)
    if ('problem' in sent) return sent
    const rejects = sent.result.rejects.map((group) => ({ ...group, lines: group.lines.map(piece.body.lineInFile) }))
    addResult(totals, { ...sent.result, rejects })
    totals.requests += 1
  }
  return undefined
}

/** Longer than a body may be: refused here, as the server would. */
const tooLong = (line: number): IngestResult => ({
  accepted: 0,
  duplicates: 0,
  ignored: {},
  rejected: 1,
  rejects: [{ reason: 'line_too_long', count: 1, lines: [line], hint: 'It is longer than a request may be.' }],
  repeatedBatch: false,
})

async function readHead(chunks: AsyncGenerator<Uint8Array>): Promise<{ chunks: Uint8Array[]; size: number }> {
  const head: Uint8Array[] = []
  let size = 0
  while (size < HEAD_BYTES) {
    const next = await chunks.next()
    if (next.done) break
    head.push(next.value)
    size += next.value.length
  }
  return { chunks: head, size }
}

async function* concat(head: readonly Uint8Array[], rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* head
  yield* rest
}
