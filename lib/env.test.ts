import { describe, expect, it } from 'vitest'
import { parseEnv, webhookPolicy } from './env'

describe('parseEnv', () => {
  it('gives the documented defaults where nothing is set', () => {
    expect(parseEnv({})).toMatchObject({
      PORT: 3000,
      POSTERN_HOST: '127.0.0.1',
      POSTERN_CLUSTER: 'default',
      POSTERN_EMBED_ORIGINS: [],
      POSTERN_RETENTION_HOURS: 168,
    })
  })

  it('takes an empty variable as not set', () => {
    const settings = parseEnv({ PORT: '', POSTERN_ADMIN_TOKEN: '', DATABASE_URL: '' })
    expect(settings.PORT).toBe(3000)
    expect(settings.POSTERN_ADMIN_TOKEN).toBeUndefined()
    expect(settings.DATABASE_URL).toBeUndefined()
  })

  it.each([
    ['PORT', 'grafana'],
    ['PORT', '70000'],
    ['POSTERN_ADMIN_TOKEN', 'short'],
    ['POSTERN_EMBED_ORIGINS', 'https://grafana.example.com/path'],
    ['POSTERN_LOG_LEVEL', 'loud'],
    ['POSTERN_PUBLIC_URL', 'javascript:alert(1)'],
    ['POSTERN_RETENTION_HOURS', '0'],
    ['DATABASE_URL', 'mysql://localhost/x'],
    ['POSTERN_SECRET_KEY', 'too-short'],
    ['POSTERN_WEBHOOK_LOOPBACK', 'perhaps'],
    ['POSTERN_WEBHOOK_PRIVATE', '1'],
    ['POSTERN_RETENTION_AUDIT_HOURS', '0'],
  ])('names %s where it is %s', (name, value) => {
    expect(() => parseEnv({ [name]: value })).toThrow(new RegExp(`^ {2}${name}: `, 'm'))
  })

  it('never repeats a value, which may be a secret', () => {
    const secret = 'hunter2hunter2'
    expect(() => parseEnv({ POSTERN_ADMIN_TOKEN: secret })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(secret) }),
    )
  })

  it.each([
    [{}, true, true],
    [{ POSTERN_HOST: '0.0.0.0' }, false, true],
    [{ POSTERN_HOST: '0.0.0.0', POSTERN_WEBHOOK_LOOPBACK: 'allow' }, true, true],
    [{ POSTERN_WEBHOOK_LOOPBACK: 'refuse', POSTERN_WEBHOOK_PRIVATE: 'refuse' }, false, false],
  ])('with %j webhooks to this machine: %s, to private addresses: %s', (given, allowLoopback, allowPrivate) => {
    expect(webhookPolicy(parseEnv(given))).toEqual({ allowLoopback, allowPrivate })
  })

  it('splits lists, and takes the trailing slash off the public address', () => {
    const settings = parseEnv({
      POSTERN_EMBED_ORIGINS: 'https://a.example, http://b.example:3000',
      POSTERN_PUBLIC_URL: 'https://postern.example/',
    })
    expect(settings.POSTERN_EMBED_ORIGINS).toEqual(['https://a.example', 'http://b.example:3000'])
    expect(settings.POSTERN_PUBLIC_URL).toBe('https://postern.example')
  })

  it('cannot be changed afterwards', () => {
    const settings = parseEnv({})
    expect(Object.isFrozen(settings) && Object.isFrozen(settings.POSTERN_EMBED_ORIGINS)).toBe(true)
  })
})
