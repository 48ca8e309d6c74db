import { describe, expect, it } from 'vitest'
import { callerAddress } from './forwarded-address'

const PROXIES = ['10.0.0.0/8', '2001:db8:f::/48']
const of = (peer: string | undefined, forwardedFor?: string, trusted = PROXIES) =>
  callerAddress({ ...(peer && { peer }), ...(forwardedFor !== undefined && { forwardedFor }) }, trusted)

describe('where a request came from', () => {
  it.each<[string, string, string | undefined, string]>([
    ['the other end of the connection', '203.0.113.10', undefined, '203.0.113.10'],
    ['an IPv4 address in IPv6 form is the same one', '::ffff:203.0.113.10', undefined, '203.0.113.10'],
    ['what a trusted proxy says', '10.0.0.1', '203.0.113.10', '203.0.113.10'],
    ['what the first of two trusted proxies says', '10.0.0.1', '203.0.113.10, 10.0.0.2', '203.0.113.10'],
    ['not what stands left of it', '10.0.0.1', '198.51.100.66, 203.0.113.10, 10.0.0.2', '203.0.113.10'],
    ['with its port', '10.0.0.1', '203.0.113.10:4711', '203.0.113.10'],
    ['IPv6 with its port', '2001:db8:f::1', '[2001:db8::7]:4711', '2001:db8::7'],
  ])('%s', (_, peer, forwardedFor, address) => expect(of(peer, forwardedFor)).toEqual({ address }))
  it.each<[string, string | undefined, string | undefined, string]>([
    ['a proxy that nobody trusts', '192.0.2.9', '203.0.113.10', 'unknown_proxy'],
    ['a trusted proxy that says nothing', '10.0.0.1', undefined, 'silent_proxy'],
    ['trusted proxies all the way', '10.0.0.1', '10.0.0.2', 'silent_proxy'],
    ['nonsense', '10.0.0.1', 'unknown', 'unreadable'],
    ['no connection that is known', undefined, '203.0.113.10', 'unreadable'],
  ])('is not known behind %s', (_, peer, forwardedFor, problem) => expect(of(peer, forwardedFor)).toEqual({ problem }))
  it('nobody is trusted unless he is named: a caller cannot give himself another address', () => {
    expect(of('198.51.100.7', '203.0.113.10', [])).toEqual({ problem: 'unknown_proxy' })
    expect(of('198.51.100.7', undefined, [])).toEqual({ address: '198.51.100.7' })
  })
  it('a long list costs no more than a short one, and ends unknown', () => {
    expect(of('10.0.0.1', Array.from({ length: 5000 }, () => '10.0.0.2').join(','))).toEqual({
      problem: 'silent_proxy',
    })
  })
})
