import { LIMITS } from '@/lib/model/limits'
import { type Cutter, JsonCutter, LineCutter, type Slice } from '@/lib/sources/framing/cut-records'
import { FILE_FORMATS, type FileFormat } from '@/lib/sources/recognise-file'

/** Well below `bodyBytes`: one body is one transaction. A file always gives the same bodies, so that each counts once. */
const BODY_BYTES = LIMITS.bodyBytes / 4
const LF = Buffer.from('\n')

export interface Body {
  readonly bytes: Uint8Array
  /** The file's line of a line of this body. */
  lineInFile(line: number): number
}

/** What a file is sent as, one after the other. */
export type Piece = { readonly body: Body } | { readonly tooLongAt: number }

/** Cuts a file of a format into bodies at the bounds of its records; never holds more than one. */
export async function* makeBodies(chunks: AsyncIterable<Uint8Array>, format: FileFormat): AsyncGenerator<Piece> {
  const { framing } = FILE_FORMATS[format]
  if (framing === 'whole') yield* wholeFile(chunks)
  else if (framing === 'each') {
    for await (const slice of slicesOf(chunks, new JsonCutter(LIMITS.otlpBodyBytes)))
      yield 'bytes' in slice ? { body: bodyOf([slice]) } : { tooLongAt: slice.line }
  } else yield* together(chunks, format)
}

async function* together(chunks: AsyncIterable<Uint8Array>, format: FileFormat): AsyncGenerator<Piece> {
  const cutter = FILE_FORMATS[format].framing === 'lines' ? undefined : new JsonCutter(LIMITS.bodyBytes)
  let slices: (Slice & { bytes: Uint8Array })[] = []
  let size = 0
  let header: (Slice & { bytes: Uint8Array }) | undefined
  for await (const slice of slicesOf(chunks, cutter)) {
    if (!('bytes' in slice)) {
      yield { tooLongAt: slice.line }
      continue
    }
    if (slice.line === 1 && format === 'nat/aws-vpc' && isHeader(slice.bytes)) {
      header = slice
      continue
    }
    if (size + slice.bytes.length > BODY_BYTES && slices.length > 0) {
      yield { body: bodyOf(slices, header) }
      slices = []
      size = 0
    }
    slices.push(slice)
    size += slice.bytes.length + 1
  }
  if (slices.length > 0) yield { body: bodyOf(slices, header) }
}

/** Text formats may come wrapped in JSON: a file that begins with `{` is cut as JSON. */
async function* slicesOf(chunks: AsyncIterable<Uint8Array>, given: Cutter | undefined): AsyncGenerator<Slice> {
  let cutter = given
  for await (const chunk of chunks) {
    cutter ??= beginsWithJson(chunk) ? new JsonCutter(LIMITS.bodyBytes) : new LineCutter(LIMITS.recordBytes)
    yield* cutter.push(chunk)
  }
  if (cutter) yield* cutter.end()
}

const beginsWithJson = (chunk: Uint8Array): boolean =>
  /^\ufeff?\s*\{/.test(Buffer.from(chunk.subarray(0, 64)).toString('utf8'))

/** AWS flow logs in files name their columns in the first line, which every body needs. */
const isHeader = (bytes: Uint8Array): boolean => /^[a-z][a-z0-9 -]+$/.test(Buffer.from(bytes).toString('latin1').trim())

function bodyOf(
  slices: readonly { readonly line: number; readonly bytes: Uint8Array }[],
  header?: { readonly bytes: Uint8Array },
): Body {
  const parts: Uint8Array[] = header ? [header.bytes, LF] : []
  const starts: { readonly inBody: number; readonly inFile: number }[] = []
  let line = header ? 2 : 1
  for (const slice of slices) {
    starts.push({ inBody: line, inFile: slice.line })
    parts.push(slice.bytes, LF)
    line += 1 + countLf(slice.bytes)
  }
  return {
    bytes: Buffer.concat(parts),
    lineInFile: (wanted) => {
      const start = starts.findLast((one) => one.inBody <= wanted)
      return start ? start.inFile + wanted - start.inBody : wanted
    },
  }
}

function countLf(bytes: Uint8Array): number {
  let count = 0
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) count += 1
  return count
}

async function* wholeFile(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Piece> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.length
    if (size > LIMITS.otlpBodyBytes) {
      yield { tooLongAt: 1 }
      return
    }
    parts.push(chunk)
  }
  if (size > 0) yield { body: { bytes: Buffer.concat(parts), lineInFile: (line) => line } }
}
