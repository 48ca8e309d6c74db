import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { refusalOf } from './address-policy'

const OPEN = { allowLoopback: true, allowPrivate: true }
const SHUT = { allowLoopback: false, allowPrivate: false }

describe('refusalOf', () => {
  it.each([
    '169.254.169.254',
    '169.254.0.1',
    'fe80::1',
    'fd00:ec2::254',
    'fd20:ce::254',
    '100.100.100.200',
    '168.63.129.16',
    '224.0.0.1',
    'ff02::1',
    '0.0.0.0',
    '::',
    '255.255.255.255',
    '240.0.0.1',
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
    '2001:0:a9fe:a9fe::1',
    'nonsense',
  ])('refuses %s whatever the settings say', (address) => {
    expect(refusalOf(address, OPEN)).toBeDefined()
  })

  it.each(['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1'])(
    'refuses %s unless loopback is allowed',
    (address) => {
      expect(refusalOf(address, { ...SHUT, allowPrivate: true })).toContain('POSTERN_WEBHOOK_LOOPBACK')
      expect(refusalOf(address, OPEN)).toBeUndefined()
    },
  )

  it.each(['10.0.0.1', '172.16.3.4', '192.168.1.1', '100.64.0.1', 'fd12::1', '::ffff:10.0.0.1'])(
    'refuses %s where private addresses are not allowed',
    (address) => {
      expect(refusalOf(address, { ...SHUT, allowLoopback: true })).toContain('POSTERN_WEBHOOK_PRIVATE')
      expect(refusalOf(address, OPEN)).toBeUndefined()
    },
  )

  it.each(['203.0.114.10', '8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8'])('lets %s through', (address) => {
    expect(refusalOf(address, SHUT)).toBeUndefined()
  })

  it('judges an IPv4 address alike in each of its IPv6 forms', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number)
        const hex = `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
        for (const policy of [OPEN, SHUT])
          for (const form of [`::ffff:${hex}`, `64:ff9b::${hex}`])
            expect(refusalOf(form, policy) === undefined).toBe(refusalOf(address, policy) === undefined)
      }),
    )
  })
})
