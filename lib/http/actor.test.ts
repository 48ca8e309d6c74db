import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { actorOf } from './actor'

describe('actorOf', () => {
  it.each([
    [{ tokenId: '' }, 'local'],
    [{ tokenId: '', name: 'Anna' }, 'Anna (local)'],
    [{ tokenId: 'session' }, 'admin'],
    [{ tokenId: 'session', name: 'Anna' }, 'Anna (signed in)'],
    [{ tokenId: 'admin' }, 'admin'],
    [{ tokenId: '0123456789ab' }, 'token 0123456789ab'],
  ])('%j is %s', (caller, actor) => expect(actorOf({ mayProve: false, ...caller })).toBe(actor))
})

describe('routes that change something', () => {
  /** What they do is no change of a person's, or says who by itself. */
  const WITHOUT: Readonly<Record<string, string>> = {
    'session/route.ts': 'who signs in is not known before',
    'notifications/channels/[channelId]/test/route.ts': 'changes nothing; its log tells of it',
    'egress/preview/route.ts': 'changes nothing',
    'canary/probes/route.ts': 'what a probe tells, by its token',
    'places/route.ts': 'how a picture looks, not what anybody decided; it is moved back as easily',
  }
  const root = path.resolve(import.meta.dirname, '../../app/api')
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((name) => name.split(path.sep).join('/'))
    .filter((name) => name.endsWith('route.ts') && !/^(ingest|otlp)\//.test(name))

  it('say who did it', () => {
    const silent = files.filter((name) => {
      const text = readFileSync(path.join(root, name), 'utf8')
      return /export const (POST|PUT|PATCH|DELETE)\b/.test(text) && !text.includes('actorOf(caller)')
    })
    expect(files.length).toBeGreaterThan(15)
    expect(silent.filter((name) => !Object.hasOwn(WITHOUT, name))).toEqual([])
  })
})
