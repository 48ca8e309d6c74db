import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalAddress, cidrContains, isPublicAddress, isPublicCidr, parseCidr } from './address'

const cidr = (text: string) => {
  const parsed = parseCidr(text)
  if ('error' in parsed) throw new Error(parsed.error)
  return parsed.cidr
}

describe('addresses', () => {
  it.each([
    '10.1',
    '0x0a.0.0.1',
    '010.0.0.1',
    '1.2.3.4.5',
    '256.1.1.1',
    '',
    'a',
    '1.2.3.4%eth0',
    'fe80::1%eth0',
    '1.2.3.4/32',
  ])('%s has no one reading', (text) => expect(canonicalAddress(text)).toBeUndefined())
  it('one address has one spelling', () => {
    expect(canonicalAddress('2001:DB8:0:0::1')).toBe('2001:db8::1')
    expect(canonicalAddress('::ffff:203.0.113.10')).toBe('203.0.113.10')
  })
  it.each([
    '10.0.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '224.0.0.22',
    'fd00::1',
    'fe80::1',
    '::1',
    '::',
  ])('%s is not public', (text) => expect(isPublicAddress(text)).toBe(false))
  it.each(['203.0.113.10', '198.51.100.7', '172.32.0.1', '8.8.8.8', '2001:db8:1::1', '2606:4700::1'])(
    '%s is public',
    (text) => expect(isPublicAddress(text)).toBe(true),
  )
})

describe('networks', () => {
  it('a network with host bits is refused with what was probably meant', () => {
    expect(parseCidr('203.0.113.10/24')).toEqual({
      error:
        '"203.0.113.10/24" is not canonical: host bits are set. Write 203.0.113.0/24, or 203.0.113.10/32 for the one address',
    })
    expect(parseCidr('2001:db8:1::5/64')).toHaveProperty('error')
  })
  it('one address is the network of itself', () => {
    expect(cidr('203.0.113.10').text).toBe('203.0.113.10/32')
    expect(cidr('2001:DB8::1').text).toBe('2001:db8::1/128')
  })
  it.each(['203.0.113.10/33', '203.0.113.10/', '203.0.113.10/a', '1.2.3.4/32/1', 'x', '203.0.113.10/-1'])(
    '%s is refused',
    (text) => expect(parseCidr(text)).toHaveProperty('error'),
  )
  it.each(['0.0.0.0/0', '::/0', '8.0.0.0/5', '10.0.0.0/8', '10.1.0.0/16', '::/2'])('%s is not wholly public', (text) =>
    expect(isPublicCidr(cidr(text))).toBe(false),
  )
  it('holds its own addresses and no others', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.integer({ min: 0, max: 32 }), fc.nat(0xffffffff), (base, prefix, other) => {
        const text = (n: number) => [24, 16, 8, 0].map((shift) => (n >>> shift) & 255).join('.')
        const mask = prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0
        const network = cidr(`${text((base & mask) >>> 0)}/${prefix}`)
        expect(cidrContains(network, text(other))).toBe((base & mask) >>> 0 === (other & mask) >>> 0)
      }),
    )
    expect(cidrContains(cidr('::/0'), '1.2.3.4')).toBe(false)
  })
})
