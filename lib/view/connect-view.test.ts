import { describe, expect, it } from 'vitest'
import { addressOf, connectPath, isLoopback, parseConnectView } from './connect-view'

describe('the connect page’s link', () => {
  it('opens the same choice again', () => {
    const view = { way: 'nat-gcp', cluster: 'prod eu', address: 'https://p.example.com/x', hop: 'a&b' }
    expect(parseConnectView(new URL(connectPath(view), 'http://x').searchParams)).toEqual(view)
    expect(connectPath({})).toBe('/connect')
  })
})

describe('an address', () => {
  it.each([
    ['https://postern.example.com', 'https://postern.example.com/'],
    ['http://10.0.0.1:3000/base/', 'http://10.0.0.1:3000/base/'],
    ['postern.postern.svc:3000', 'http://postern.postern.svc:3000/'],
  ])('%j is taken', (text, href) => expect(addressOf(text)?.href).toBe(href))

  it.each(['', ' ', 'ftp://x', 'javascript:alert(1)', 'https://a:b@x', 'https://x/?q=1', 'https://x/#f', 'http://'])(
    '%j is none',
    (text) => expect(addressOf(text)).toBeUndefined(),
  )

  it('of this machine alone is known', () => {
    expect(
      ['http://localhost:3000', 'http://127.0.0.1', 'http://[::1]:3000'].map((text) => isLoopback(new URL(text))),
    ).toEqual([true, true, true])
    expect(isLoopback(new URL('http://localhost.example.com'))).toBe(false)
  })
})
