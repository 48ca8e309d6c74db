import net from 'node:net'
import { describe, expect, it } from 'vitest'
import { demandFreePort, demandSafeHost, isAtLeast, isLoopback } from './preflight'

describe('floors', () => {
  it.each([
    ['16.4.6', true],
    ['16.4.5', false],
    ['16.10.0', true],
    ['17.0.0-rc.1', true],
    ['15.9.9', false],
  ])('%s is at or above 16.4.6: %s', (version, expected) => {
    expect(isAtLeast(version, [16, 4, 6])).toBe(expected)
  })
})

describe('isLoopback', () => {
  it('knows the loopback names and nothing that merely looks like one', () => {
    expect(['127.0.0.1', '127.1.2.3', 'localhost', '::1'].every(isLoopback)).toBe(true)
    expect(
      ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.evil.example', '127.evil.example', 'localhost.evil.example'].some(
        isLoopback,
      ),
    ).toBe(false)
  })
})

describe('demandSafeHost', () => {
  it('lets others reach Postern only with sign-in', () => {
    expect(() => demandSafeHost('0.0.0.0', undefined)).toThrow(/POSTERN_ADMIN_TOKEN/)
    expect(() => demandSafeHost('0.0.0.0', 'a'.repeat(24))).not.toThrow()
    expect(() => demandSafeHost('127.0.0.1', undefined)).not.toThrow()
  })
})

describe('demandFreePort', () => {
  it.each(['127.0.0.1', '::1'])('names a port that %s uses, and the way round it', async (host) => {
    const other = net.createServer()
    const port = await new Promise<number>((resolve) => {
      other.listen(0, host, () => {
        const address = other.address()
        resolve(typeof address === 'object' && address ? address.port : 0)
      })
    })
    await expect(demandFreePort('127.0.0.1', port, 'npm start')).rejects.toThrow(
      `Port ${port} is already in use. Stop what uses it, or choose another port:\n  PORT=${port + 1} npm start`,
    )
    await new Promise((resolve) => other.close(resolve))
    await demandFreePort('127.0.0.1', port, 'npm start')
  })

  it('says that an address is not of this machine', async () => {
    await expect(demandFreePort('192.0.2.1', 3999, 'npm start')).rejects.toThrow(/cannot listen on 192\.0\.2\.1/)
  })
})
