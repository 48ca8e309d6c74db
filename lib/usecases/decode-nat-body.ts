import 'server-only'
import { createHash } from 'node:crypto'
import { TextLineSplitter } from '@/lib/ingest/text-lines'
import type { DecodeResult } from '@/lib/model/decoded'
import { NAT_FORMATS, type NatFormat } from '@/lib/sources/nat/formats'
import { ENVELOPES } from '@/lib/sources/nat/open-record'
import { JsonBody } from './json-body'
import { readBounded } from './read-bounded'

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
  takeRoom: (bytes: number) => void,
): Promise<{ decoded: DecodeResult; sha256: Uint8Array }> {
  const { kind, createDecoder } = NAT_FORMATS[`nat/${request.format}`]
  const decoder = createDecoder(request.fields ? { fields: request.fields } : {})
  let json: JsonBody | undefined
  const framerFor = (first: string): Framer => {
    const isJson = kind === 'json-records' || (kind === 'text-or-json' && /^[[{]/.test(first))
    if (!isJson && 'pushLine' in decoder) return new TextLineSplitter((line, n) => decoder.pushLine(line, n))
    if (!('push' in decoder)) throw new Error(`the decoder of nat/${request.format} takes no records`)
    json = new JsonBody((value, line) => decoder.push(value, line), { envelopes: ENVELOPES })
    return json
  }
  let framer: Framer | undefined
  const hash = createHash('sha256')
  for await (const chunk of readBounded(request.body)) {
    takeRoom(chunk.byteLength)
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
  return { decoded: { ...decoded, rejects: [...(json?.rejects ?? []), ...decoded.rejects] }, sha256: hash.digest() }
}
