import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { TokenScope } from '@/lib/model/api-token'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { createApiToken, endApiToken } from '@/lib/usecases/api-tokens'
import { startSession, stopSession } from '@/lib/usecases/sessions'
import { actorOf } from './actor'
import { type Access, authenticate } from './authenticate'

const settings = vi.hoisted(() => ({ adminToken: undefined as string | undefined }))
vi.mock('@/lib/env', async (load) => {
  const real = await load<typeof import('@/lib/env')>()
  return {
    ...real,
    env: () => ({ ...real.env(), POSTERN_ADMIN_TOKEN: settings.adminToken, POSTERN_ALLOWED_HOSTS: ['postern.lan'] }),
  }
})

const ADMIN = 'an-admin-token-of-this-test-0123456789'
const NOW = Date.now()
let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})
beforeEach(() => {
  settings.adminToken = ADMIN
})

const call = (access: Access, headers: Record<string, string> = {}, method = 'GET', nowMs = NOW) =>
  authenticate(
    new Request('http://localhost:3000/api/x', { method, headers: { host: 'localhost:3000', ...headers } }),
    access,
    nowMs,
  )
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const tokenFor = async (scopes: readonly TokenScope[], more: { cluster?: string; expiresInDays?: number } = {}) =>
  createApiToken({ name: 't', scopes, ...more }, NOW)

describe('with sign-in', () => {
  it('nobody gets in without a token but where it is public', async () => {
    for (const access of ['viewer', 'embed', 'ingest', 'nat', 'metrics', 'canary', 'admin'] as const)
      await expect(call(access)).rejects.toMatchObject({
        code: 'unauthenticated',
        hint: expect.stringContaining('Bearer'),
      })
    await expect(call('public')).resolves.toMatchObject({ tokenId: '' })
  })

  it('a scope opens its routes and no others', async () => {
    const opens: Record<TokenScope, readonly Access[]> = {
      ingest: ['ingest', 'nat'],
      'nat-evidence': ['nat'],
      metrics: ['metrics'],
      embed: ['embed'],
      read: ['viewer', 'embed'],
      canary: ['canary'],
    }
    for (const [scope, allowed] of Object.entries(opens) as [TokenScope, readonly Access[]][]) {
      const { token } = await tokenFor([scope])
      for (const access of ['viewer', 'embed', 'ingest', 'nat', 'metrics', 'canary', 'admin'] as const)
        if (allowed.includes(access)) await expect(call(access, bearer(token))).resolves.toBeDefined()
        else await expect(call(access, bearer(token))).rejects.toMatchObject({ code: 'forbidden' })
    }
  })

  it('only the nat-evidence scope makes NAT records prove something', async () => {
    const [plain, trusted] = [await tokenFor(['ingest']), await tokenFor(['ingest', 'nat-evidence'])]
    expect(await call('nat', bearer(plain.token))).toMatchObject({ mayProve: false })
    expect(await call('nat', bearer(trusted.token))).toMatchObject({ mayProve: true })
  })

  it('a token says which cluster its records belong to', async () => {
    const { token, id } = await tokenFor(['ingest'], { cluster: 'prod' })
    expect(await call('ingest', bearer(token))).toEqual({ tokenId: id, cluster: 'prod', mayProve: false })
  })

  it('a revoked, an expired and an altered token open nothing', async () => {
    const revoked = await tokenFor(['ingest'])
    await call('ingest', bearer(revoked.token))
    await endApiToken(revoked.id, NOW)
    await expect(call('ingest', bearer(revoked.token))).rejects.toMatchObject({ code: 'unauthenticated' })
    const expired = await tokenFor(['ingest'], { expiresInDays: 1 })
    await expect(call('ingest', bearer(expired.token), 'GET', NOW + 2 * 86_400_000)).rejects.toMatchObject({
      code: 'unauthenticated',
    })
    const altered = `${expired.token.slice(0, -1)}${expired.token.endsWith('A') ? 'B' : 'A'}`
    await expect(call('ingest', bearer(altered))).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  it('the database holds no secret', async () => {
    const { token } = await tokenFor(['ingest'])
    const secret = token.split('_').slice(2).join('_')
    const rows = await query<{ row: string }>('SELECT t::text AS row FROM api_token t')
    expect(rows.some(({ row }) => row.includes(secret))).toBe(false)
  })

  it('a session opens pages but sends no records, ends by sign-out, and ends when the admin token changes', async () => {
    const cookie = { cookie: `postern_session=${await startSession(ADMIN, NOW)}` }
    await expect(call('viewer', cookie)).resolves.toMatchObject({ tokenId: 'session' })
    await expect(call('ingest', cookie)).rejects.toMatchObject({ code: 'unauthenticated' })
    settings.adminToken = `${ADMIN}-changed`
    await expect(call('viewer', cookie)).rejects.toMatchObject({ code: 'unauthenticated' })
    settings.adminToken = ADMIN
    await stopSession(cookie.cookie.split('=')[1] ?? '', ADMIN)
    await expect(call('viewer', cookie)).rejects.toMatchObject({ code: 'unauthenticated' })
  })
})

describe('who did it', () => {
  const names = ['postern', 'admin', 'local', 'token 0123456789ab', 'Anna (signed in)', '%', '%00', '%E0%A4%A']

  it('with sign-in is who the session says; a cookie says nothing', async () => {
    const anna = await startSession(ADMIN, NOW, 'Anna')
    const nobody = await startSession(ADMIN, NOW)
    for (const name of ['', ...names.map((text) => `; postern_name=${text}`), '; postern_name=Ben']) {
      expect(actorOf(await call('admin', { cookie: `postern_session=${anna}${name}` }))).toBe('Anna (signed in)')
      expect(actorOf(await call('admin', { cookie: `postern_session=${nobody}${name}` }))).toBe('admin')
      expect(actorOf(await call('admin', { ...bearer(ADMIN), cookie: `x=1${name}` }))).toBe('admin')
    }
  })

  it('without is who the cookie says, unless that reads as somebody else; a token is a token', async () => {
    settings.adminToken = undefined
    for (const name of names)
      expect(actorOf(await call('admin', { cookie: `postern_name=${encodeURIComponent(name)}` }))).toBe('local')
    for (const name of names) expect(actorOf(await call('admin', { cookie: `postern_name=${name}` }))).toBe('local')
    expect(actorOf(await call('admin', { cookie: `postern_name=${encodeURIComponent('Ann Müller')}` }))).toBe(
      'Ann Müller (local)',
    )
    const { id, token } = await createApiToken({ name: 't', scopes: ['read'] }, NOW)
    expect(actorOf(await call('viewer', { ...bearer(token), cookie: 'postern_name=Anna' }))).toBe(`token ${id}`)
  })
})

describe('without sign-in', () => {
  beforeEach(() => {
    settings.adminToken = undefined
  })

  it('everything is open to this machine, and to names that were allowed', async () => {
    await expect(call('admin')).resolves.toMatchObject({ mayProve: true })
    await expect(call('admin', { host: 'postern.lan:3000' })).resolves.toBeDefined()
  })

  it('a foreign Host is refused, and so is what another web page sends', async () => {
    await expect(call('viewer', { host: 'attacker.example' })).rejects.toMatchObject({ code: 'forbidden' })
    await expect(call('ingest', { origin: 'https://attacker.example' }, 'POST')).rejects.toMatchObject({
      code: 'forbidden',
    })
    await expect(call('ingest', { 'sec-fetch-site': 'cross-site' }, 'POST')).rejects.toMatchObject({
      code: 'forbidden',
    })
  })

  it('a token that is sent nevertheless still limits what it may prove', async () => {
    const { token } = await tokenFor(['ingest'], { cluster: 'edge' })
    expect(await call('nat', bearer(token))).toMatchObject({ mayProve: false, cluster: 'edge' })
  })
})
