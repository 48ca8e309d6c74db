import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSyslog } from './parse-syslog'

const parse = (text: string) => parseSyslog(Buffer.from(text, 'utf8'))

describe('a syslog message', () => {
  it('of RFC 5424 as Calico Enterprise writes it carries its record', () => {
    expect(parse('<134>1 2026-11-24T10:00:00.000Z worker-1 tigera_secure - - - {"a":1}')).toEqual({
      form: 'rfc5424',
      hostname: 'worker-1',
      appName: 'tigera_secure',
      content: '{"a":1}',
    })
  })

  it('may have structured data, whose values hold brackets, braces and escaped quotes', () => {
    const data = String.raw`[id@1 a="x]{\"q\"" b="\\"][other c="\]"]`
    expect(parse(`<134>1 - - - - - ${data} {"a":1}`)).toEqual({ form: 'rfc5424', content: '{"a":1}' })
  })

  it('whose structured data do not end is not guessed at', () => {
    expect(parse('<134>1 - - - - - [id a="{\\"x\\":1} {"a":1}')).toBeUndefined()
    expect(parse('<134>1 - - - - - nonsense {"a":1}')).toBeUndefined()
  })

  it('may begin with a byte order mark, and have no text at all', () => {
    expect(parse('<134>1 - h - - - - \ufeff{"a":"é"}')?.content).toBe('{"a":"é"}')
    expect(parse('<134>1 - h - - - -')?.content).toBe('')
  })

  it('of the older form, as rsyslog forwards it by default, carries the same', () => {
    expect(parse('<134>Nov  4 10:00:00 worker-1 tigera_secure[12]: {"a":1}')).toEqual({
      form: 'rfc3164',
      hostname: 'worker-1',
      appName: 'tigera_secure',
      content: '{"a":1}',
    })
    expect(parse('<134>2026-11-24T10:00:00.1+00:00 worker-1 tigera_secure: @cee: {"a":1}')).toMatchObject({
      form: 'rfc3164',
      hostname: 'worker-1',
      content: '{"a":1}',
    })
  })

  it('without a header is its text', () => {
    expect(parse('{"a":1}\0\r')).toEqual({ form: 'bare', content: '{"a":1}' })
    expect(parse('<13>some words {"a":1}')).toEqual({ form: 'bare', content: '{"a":1}' })
    expect(parse('some words')).toEqual({ form: 'bare', content: 'some words' })
  })

  it('of any bytes throws nothing', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.string({ maxLength: 100 }).map((text) => Buffer.from(`<13>1 - - - - - [${text}`)),
        ),
        (bytes) => {
          parseSyslog(bytes)
        },
      ),
    )
  })

  it('whatever its record holds, the record comes out unchanged', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), (record) => {
        const text = JSON.stringify(record)
        for (const head of ['<134>1 - h app - - [x@1 a="b"] ', '<134>Nov 24 10:00:00 h app: ', ''])
          expect(parse(`${head}${text}`)?.content).toBe(text)
      }),
    )
  })
})
