import 'server-only'
import { createHash } from 'node:crypto'
import { TextLineSplitter } from '@/lib/ingest/text-lines'
import type { DecodeResult, RecordReject } from '@/lib/model/decoded'
import { LIMITS } from '@/lib/model/limits'
import { JsonRecordSplitter } from '@/lib/sources/framing/json-records'
import { NAT_FORMATS, type NatFormat } from '@/lib/sources/nat/formats'
import { ENVELOPES } from '@/lib/sources/nat/open-record'
import { readBounded } from './read-bounded'

const FRAMING = { maxRecordBytes: LIMITS.recordBytes, maxDepth: LIMITS.nesting, envelopes: ENVELOPES }
const BLANK = /^[\s\ufeff]*/

interface Framer {
  push(chunk: Uint8Array): void
  end(): void
}

/**
 * Reads a body of NAT records while it arrives: as text lines or as JSON records, as its format says; a format of both kinds is
 * told by the first character that is not blank. Errors: `too_large`.
 */
export async function decodeNatBody(
  request: {
    readonly format: NatFormat
    readonly fields?: readonly string[]
    readonly body: AsyncIterable<Uint8Array>
  },
  reserve: (bytes: number) => void,
): Promise<{ decoded: DecodeResult; sha256: Uint8Array }> {
  const { kind, createDecoder } = NAT_FORMATS[`nat/${request.format}`]
  const decoder = createDecoder(request.fields ? { fields: request.fields } : {})
  const rejects: RecordReject[] = []
  const framerFor = (first: string): Framer => {
    const isJson = kind === 'json-records' || (kind === 'text-or-json' && /^[[{]/.test(first))
    if (!isJson && 'pushLine' in decoder) return new TextLineSplitter((line, n) => decoder.pushLine(line, n))
    if (!('push' in decoder)) throw new Error(`the decoder of nat/${request.format} takes no records`)
    return new JsonRecords(
      (value, line) => decoder.push(value, line),
      (reject) => rejects.push(reject),
    )
  }
  let framer: Framer | undefined
  const hash = createHash('sha256')
  for await (const chunk of readBounded(request.body)) {
    reserve(chunk.byteLength)
    hash.update(chunk)
    const text = framer
      ? ''
      : Buffer.from(chunk).toString('latin1', 0, 64).replace('\u00ef\u00bb\u00bf', '').replace(BLANK, '')
    // Blank beginnings decide nothing, and are no record.
    if (!framer && kind === 'text-or-json' && text === '' && chunk.byteLength <= 64) continue
    framer ??= framerFor(text)
    framer.push(chunk)
  }
  framer?.end()
  const decoded = decoder.finish()
  return { decoded: { ...decoded, rejects: [...rejects, ...decoded.rejects] }, sha256: hash.digest() }
}

/** JSON framing with the two things that come out of it taken apart. */
class JsonRecords implements Framer {
  private readonly splitter = new JsonRecordSplitter(FRAMING)

  constructor(
    private readonly onValue: (value: unknown, line: number) => void,
    private readonly onReject: (reject: RecordReject) => void,
  ) {}

  push(chunk: Uint8Array): void {
    this.take(this.splitter.push(chunk))
  }

  end(): void {
    this.take(this.splitter.end())
  }

  private take(records: ReturnType<JsonRecordSplitter['push']>): void {
    for (const record of records) {
      if ('value' in record) this.onValue(record.value, record.line)
      else this.onReject(record.reject)
    }
  }
}
