import { describe, expect, it } from 'vitest'
import { LIMITS } from '@/lib/model/limits'
import type { FileFormat } from '@/lib/sources/recognise-file'
import { makeBodies } from './make-bodies'

async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const all = Buffer.from(text)
  for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size)
}
async function bodies(text: string, format: FileFormat, size = 65_536) {
  const out: string[] = []
  const lines: ((line: number) => number)[] = []
  const tooLong: number[] = []
  for await (const piece of makeBodies(pieces(text, size), format)) {
    if ('tooLongAt' in piece) tooLong.push(piece.tooLongAt)
    else {
      out.push(Buffer.from(piece.body.bytes).toString())
      lines.push(piece.body.lineInFile)
    }
  }
  return { out, lines, tooLong }
}

const record = (n: number) => JSON.stringify({ flow: { n, pad: 'x'.repeat(1000) } })

describe('bodies of a file', () => {
  it('hold every record once, in order, below the limit, and are the same however the file is read', async () => {
    const records = Array.from({ length: 12_000 }, (_, n) => record(n))
    const { out } = await bodies(records.join('\n'), 'hubble')
    expect(out.length).toBeGreaterThan(1)
    expect(out.join('').trimEnd().split('\n')).toEqual(records)
    for (const body of out) expect(body.length).toBeLessThan(LIMITS.bodyBytes)
    expect((await bodies(records.join('\n'), 'hubble', 10_007)).out).toEqual(out)
    expect((await bodies(`[${records.join(',')}]`, 'hubble')).out).toEqual(out)
  })

  it('know the lines of the file, over many lines of one record too', async () => {
    const { lines } = await bodies('{"a":1}\n\n\n{\n"b":2\n}\n{"c":3}\n', 'hubble')
    expect([1, 2, 3, 4, 5].map((line) => lines[0]?.(line))).toEqual([1, 4, 5, 6, 7])
  })

  it('of AWS flow logs each begin with the file’s own header', async () => {
    const header = 'version account-id interface-id srcaddr dstaddr'
    const rows = Array.from(
      { length: 90_000 },
      (_, n) => `2 123456789012 eni-0a1b2c3d4e5f60718 10.0.0.${n % 250} 10.1.1.${n}`,
    )
    const { out, lines } = await bodies(`${header}\n${rows.join('\n')}\n`, 'nat/aws-vpc')
    expect(out.length).toBe(1 + Math.floor(rows.join('\n').length / (LIMITS.bodyBytes / 4)))
    for (const body of out) expect(body.startsWith(`${header}\n2 `)).toBe(true)
    expect(out.flatMap((body) => body.trimEnd().split('\n').slice(1))).toEqual(rows)
    expect(lines[0]?.(2)).toBe(2)
  })

  it('of traces are one request each', async () => {
    expect((await bodies('{"resourceSpans":[]}\n{"resourceSpans":[1]}\n', 'otlp/traces')).out).toEqual([
      '{"resourceSpans":[]}\n',
      '{"resourceSpans":[1]}\n',
    ])
  })

  it('leave out a record that no request may hold, and name its line', async () => {
    const long = `{"a":"${'x'.repeat(LIMITS.bodyBytes)}"}`
    expect(await bodies(`{"a":1}\n${long}\n{"b":2}\n`, 'hubble')).toMatchObject({
      out: ['{"a":1}\n{"b":2}\n'],
      tooLong: [2],
    })
  })
})
