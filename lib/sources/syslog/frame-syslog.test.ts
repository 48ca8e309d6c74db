import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FramedMessage, SyslogFramer } from './frame-syslog'

const LIMIT = 200

/** What a framer makes of bytes that arrive in these pieces. */
function frame(pieces: readonly Uint8Array[], limit = LIMIT): string[] {
  const framer = new SyslogFramer(limit)
  return [...pieces.flatMap((piece) => framer.push(piece)), ...framer.finish()].map(told)
}
const told = (message: FramedMessage): string =>
  'bytes' in message
    ? Buffer.from(message.bytes).toString('latin1')
    : 'broken' in message
      ? `broken: ${message.broken}`
      : 'too long'
const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8')
const counted = (text: string): string => `${Buffer.byteLength(text)} ${text}`
const whole = (text: string): string[] => frame([bytes(text)])

describe('messages of one connection', () => {
  it('are cut by their octet counts, line feeds within them included', () => {
    expect(whole(counted('<134>1 a') + counted('<134>1 b\nc') + counted('{"x":1}'))).toEqual([
      '<134>1 a',
      '<134>1 b\nc',
      '{"x":1}',
    ])
  })

  it('are cut at line feeds, with CR, NUL and empty lines around them', () => {
    expect(whole('<134>1 a\n\n\0<134>1 b\r\n{"x":1}\n')).toEqual(['<134>1 a', '<134>1 b\r', '{"x":1}'])
  })

  it('of both framings may follow each other', () => {
    expect(whole(`${counted('<1>a')}<2>b\n${counted('<3>c')}\n${counted('<4>d')}`)).toEqual([
      '<1>a',
      '<2>b',
      '<3>c',
      '<4>d',
    ])
  })

  it('that begin with digits and are no count are lines', () => {
    expect(whole('2026-11-24 host {}\n12 apples\n00 <x\n12345678901 <x\n')).toEqual([
      '2026-11-24 host {}',
      '12 apples',
      '00 <x',
      '12345678901 <x',
    ])
  })

  it('beyond the limit are passed over, and the next one is read', () => {
    const long = `<1>${'x'.repeat(LIMIT)}`
    expect(whole(counted(long) + counted('<2>b'))).toEqual(['too long', '<2>b'])
    expect(whole(`${long}\n<2>b\n`)).toEqual(['too long', '<2>b'])
    expect(whole(`<1>${'x'.repeat(LIMIT - 3)}\n`)).toHaveLength(1)
    expect(whole(`<1>${'x'.repeat(LIMIT - 3)}\n`)).not.toEqual(['too long'])
  })

  it('after a count that lies are not guessed at: the connection is given up', () => {
    expect(whole(`4 <1>abc${counted('<2>b')}`)).toEqual(['<1>a', 'broken: the octet count of a message is wrong'])
    expect(whole(`9999999999 <1>abc${counted('<2>b')}`)).toEqual([
      'broken: the octet count of a message is far beyond any message',
    ])
  })

  it('cut off by the end of the connection are still handed on, for their reader to refuse', () => {
    expect(whole(`${counted('<1>a')}50 <2>b`)).toEqual(['<1>a', '50 <2>b'])
    expect(whole('<1>a\n<2>b')).toEqual(['<1>a', '<2>b'])
    expect(whole('12')).toEqual(['12'])
  })

  const message = fc.oneof(
    fc.string({ maxLength: 60 }).map((text) => counted(`<13>${text}`)),
    fc.string({ maxLength: 60 }).map((text) => `<13>${text.replaceAll('\n', ' ')}\n`),
    fc.constant(counted(`<13>${'y'.repeat(LIMIT * 2)}`)),
    fc.constant(`<13>${'z'.repeat(LIMIT * 2)}\n`),
    fc.constantFrom('3 <1>abc', '300000 <1>', '77777777777 <', '\0', '\n', ' ', '5', '12 '),
    fc.string({ maxLength: 20 }),
  )
  const stream = fc.array(message, { maxLength: 12 }).map((parts) => bytes(parts.join('')))

  it('are the same however their bytes are cut', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(40), { minLength: 1, maxLength: 20 }), (all, sizes) => {
        const pieces: Uint8Array[] = []
        for (let at = 0, n = 0; at < all.length; n += 1) {
          const size = (sizes[n % sizes.length] ?? 0) + 1
          pieces.push(all.subarray(at, at + size))
          at += size
        }
        expect(frame(pieces)).toEqual(frame([all]))
      }),
      { numRuns: 400 },
    )
  })

  it('made of any bytes throw nothing, and nothing beyond the limit is held', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 }), (pieces) => {
        const framer = new SyslogFramer(LIMIT)
        for (const piece of pieces) {
          for (const one of framer.push(piece)) if ('bytes' in one) expect(one.bytes.length).toBeLessThanOrEqual(LIMIT)
          expect(framer.heldBytes).toBeLessThanOrEqual(LIMIT + 4096)
        }
        framer.finish()
      }),
      { numRuns: 400 },
    )
  })

  it('that are well formed come out as they went in', () => {
    const texts = fc.array(
      fc.string({ maxLength: 80 }).map((text) => `<13>${text}`),
      { maxLength: 20 },
    )
    fc.assert(
      fc.property(texts, (all) => {
        expect(frame([bytes(all.map(counted).join(''))], 4096)).toEqual(
          all.map((text) => bytes(text)).map((one) => Buffer.from(one).toString('latin1')),
        )
      }),
    )
  })

  it('one large message in a million pieces costs no more than its bytes', () => {
    const size = 1024 * 1024
    const framer = new SyslogFramer(size)
    const byte = bytes('x')
    let copied = 0
    const original = Buffer.prototype.copy
    Buffer.prototype.copy = function (this: Buffer, ...args: Parameters<typeof original>) {
      copied += this.length
      return original.apply(this, args)
    }
    try {
      framer.push(bytes(`${size} <1>`))
      for (let n = 3; n < size - 1; n += 1) framer.push(byte)
      expect(framer.push(byte)).toHaveLength(1)
    } finally {
      Buffer.prototype.copy = original
    }
    expect(copied).toBeLessThan(8 * size)
  })
})
