import { describe, expect, it } from 'vitest'
import { natFieldsOf, natFormatOf } from './nat-request'

describe('what the URL of NAT evidence says', () => {
  it('a known format is taken, and an unknown one is answered with all that are known', () => {
    expect(natFormatOf('gcp-nat')).toBe('gcp-nat')
    for (const name of ['', 'netflow', '__proto__', 'constructor', 'nat/conntrack'])
      expect(() => natFormatOf(name)).toThrow(
        expect.objectContaining({
          code: 'not_found',
          hint: expect.stringContaining('/api/ingest/nat/conntrack?hop=NAME'),
        }),
      )
  })

  it('columns are named as AWS or a shell writes them, or refused', () => {
    expect(natFieldsOf('')).toEqual({})
    expect(natFieldsOf(`pkt_srcaddr,\${pkt-dstaddr} start`)).toEqual({
      fields: ['pkt-srcaddr', 'pkt-dstaddr', 'start'],
    })
    for (const text of ['1,2', '<script>', ',', 'a'.repeat(5000)])
      expect(() => natFieldsOf(text)).toThrow(expect.objectContaining({ code: 'bad_request' }))
  })
})
