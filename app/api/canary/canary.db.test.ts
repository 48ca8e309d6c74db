import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { createApiToken } from '@/lib/usecases/api-tokens'
import { rememberCallers } from '@/lib/usecases/caller-address'
import { GET as echo } from './echo/route'
import { GET as manifest } from './manifest/route'
import { POST as probe, GET as probes } from './probes/route'

const ADMIN = 'an-admin-token-of-this-test-0123456789'
const settings = vi.hoisted(() => ({ proxies: ['127.0.0.0/8'] as string[] }))
vi.mock('@/lib/env', async (original) => {
  const real = await original<typeof import('@/lib/env')>()
  return {
    ...real,
    env: () => ({ ...real.env(), POSTERN_ADMIN_TOKEN: ADMIN, POSTERN_TRUSTED_PROXIES: settings.proxies }),
  }
})

let database: Awaited<ReturnType<typeof createTestDatabase>>
let server: Server
let origin = ''

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  rememberCallers('/api/canary/')
  const routes = {
    'GET /api/canary/echo': echo,
    'GET /api/canary/manifest': manifest,
    'POST /api/canary/probes': probe,
    'GET /api/canary/probes': probes,
  }
  server = createServer((incoming, response) => {
    const url = new URL(incoming.url ?? '', origin)
    const route = Object.entries(routes).find(([name]) => name === `${incoming.method} ${url.pathname}`)?.[1]
    if (!route) return void response.writeHead(404).end()
    const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)])
    void route(new Request(url, { method: incoming.method ?? 'GET', headers }), { params: Promise.resolve({}) }).then(
      async (answer) => {
        response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text())
      },
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve))
  await useDatabase(undefined)
  await database.drop()
})
beforeEach(async () => {
  settings.proxies = ['127.0.0.0/8']
  await query('TRUNCATE canary_probe')
})

const FROM_NAT = { 'x-forwarded-for': '203.0.113.10' }
const bearer = async (namespace = 'ml') => {
  const { token } = await createApiToken({ name: 'p', scopes: ['canary'], cluster: 'prod', namespace }, Date.now())
  return { authorization: `Bearer ${token}` }
}
const report = (headers: Record<string, string>, path = '?node=n1') =>
  fetch(`${origin}/api/canary/probes${path}`, { method: 'POST', headers })
const stored = () => query('SELECT cluster, namespace, node, address, basis FROM canary_probe ORDER BY basis')

describe('the echo endpoint', () => {
  it('answers anybody by which address he came, and tells that no cache did', async () => {
    const ask = async () => (await fetch(`${origin}/api/canary/echo`, { headers: FROM_NAT })).json()
    const [first, second] = [await ask(), await ask()]
    expect(first).toMatchObject({ address: '203.0.113.10', isPublic: true })
    expect(first.nonce).not.toBe(second.nonce)
  })
  it('believes nobody who is not a trusted proxy, by whatever header', async () => {
    settings.proxies = []
    const refused = await fetch(`${origin}/api/canary/echo`, { headers: FROM_NAT })
    expect(refused.status).toBe(400)
    expect((await refused.json()).hint).toContain('POSTERN_TRUSTED_PROXIES')
    const plain = await fetch(`${origin}/api/canary/echo`, { headers: { 'x-postern-caller': 'mine' } })
    expect(await plain.json()).toMatchObject({ address: '127.0.0.1', isPublic: false })
  })
  it('refuses one address that asks too often, and no other', async () => {
    const ask = async (from: string) =>
      (await fetch(`${origin}/api/canary/echo`, { headers: { 'x-forwarded-for': from } })).status
    const many: number[] = []
    for (let n = 0; n < 61; n += 1) many.push(await ask('203.0.113.99'))
    expect(many.at(-1)).toBe(429)
    expect(await ask('203.0.113.98')).toBe(200)
  })
})

describe('a probe', () => {
  it('is stored with the address that this server saw, for the place that its token names', async () => {
    const answer = await report({ ...(await bearer()), ...FROM_NAT })
    expect([answer.status, await answer.json()]).toEqual([201, { address: '203.0.113.10', isPublic: true }])
    expect(await stored()).toEqual([
      { cluster: 'prod', namespace: 'ml', node: 'n1', address: '203.0.113.10', basis: 'seen' },
    ])
  })
  it('cannot speak for another namespace or cluster than its token', async () => {
    await report({ ...(await bearer()), ...FROM_NAT }, '?node=n1&cluster=other&namespace=web')
    expect(await stored()).toMatchObject([{ cluster: 'prod', namespace: 'ml' }])
  })
  it('may tell what an echo service answered, beside what was seen', async () => {
    await report({ ...(await bearer()), ...FROM_NAT }, '?node=n1&told=198.51.100.7%0A')
    expect(await stored()).toMatchObject([
      { address: '203.0.113.10', basis: 'seen' },
      { address: '198.51.100.7', basis: 'told' },
    ])
  })
  it.each([
    ['an address that is none', '?told=<html>', 400],
    ['a node that is none', '?node=a%22b', 400],
    ['a parameter that is none', '?note=x', 400],
    ['one that stands twice', '?node=a&node=b', 400],
  ])('is refused with %s, and nothing is stored', async (_, path, status) => {
    const answer = await report({ ...(await bearer()), ...FROM_NAT }, path)
    expect(answer.status).toBe(status)
    expect(await stored()).toEqual([])
  })
  it('needs a token of its own scope', async () => {
    expect((await report(FROM_NAT)).status).toBe(401)
    const { token } = await createApiToken(
      { name: 'i', scopes: ['ingest', 'nat-evidence'], cluster: 'prod' },
      Date.now(),
    )
    expect((await report({ authorization: `Bearer ${token}`, ...FROM_NAT })).status).toBe(403)
    expect(await stored()).toEqual([])
  })
  it('of one token is taken so often a minute', async () => {
    const headers = { ...(await bearer()), ...FROM_NAT }
    const statuses: number[] = []
    for (let n = 0; n < 121; n += 1) statuses.push((await report(headers)).status)
    expect(statuses.slice(0, 120).every((status) => status === 201)).toBe(true)
    expect(statuses.at(-1)).toBe(429)
  })
})

describe('the list of probes', () => {
  const list = async (path = '') => {
    const headers = { authorization: `Bearer ${ADMIN}` }
    return (await fetch(`${origin}/api/canary/probes${path}`, { headers })).json()
  }
  it('has the newest of each place, and says which showed nothing', async () => {
    const [ml, web] = [await bearer(), await bearer('web')]
    await report({ ...ml, ...FROM_NAT })
    await report({ ...ml, 'x-forwarded-for': '203.0.113.11' })
    await report({ ...web, 'x-forwarded-for': '10.1.2.3' })
    expect((await list()).probes).toMatchObject([
      { cluster: 'prod', namespace: 'web', address: '10.1.2.3', isPublic: false },
      { cluster: 'prod', namespace: 'ml', address: '203.0.113.11', isPublic: true },
    ])
    expect((await list('?cluster=other')).probes).toEqual([])
  })
  it('is not for the token of a probe', async () => {
    expect((await fetch(`${origin}/api/canary/probes`, { headers: await bearer() })).status).toBe(403)
  })
})

describe('the manifest', () => {
  const ask = (path: string) =>
    fetch(`${origin}/api/canary/manifest${path}`, { headers: { authorization: `Bearer ${ADMIN}` } })
  it('is YAML for that namespace, with this server as the one to reach', async () => {
    const answer = await ask('?namespace=ml&interval=10&labels=app=agent,team=ml&nodes=pool=gpu')
    const text = await answer.text()
    expect(answer.headers.get('content-type')).toBe('application/yaml')
    expect(text).toContain(`value: ${origin}\n`)
    expect(text).toContain('schedule: "*/10 * * * *"')
    expect(text).toContain('app: agent')
    expect(text).toContain('pool: gpu')
  })
  it.each([
    ['no namespace', ''],
    ['a namespace that is none', '?namespace=ML'],
    ['a namespace with YAML in it', '?namespace=ml%0Akind:%20Pod'],
    ['an interval that cron cannot keep', '?namespace=ml&interval=7'],
    ['an image with more than a name', '?namespace=ml&image=a%20b'],
    ['a URL with credentials', '?namespace=ml&url=https://u:p@h'],
    ['a URL of another kind', '?namespace=ml&url=file:///etc/passwd'],
    ['a URL with a quote', "?namespace=ml&echo=https://h/'$(id)'"],
    ['labels that are none', '?namespace=ml&labels=a=b=c'],
  ])('is refused for %s', async (_, path) => {
    const answer = await ask(path)
    expect(answer.status).toBe(400)
  })
  it('is for those who may see the pages', async () => {
    expect((await fetch(`${origin}/api/canary/manifest?namespace=ml`)).status).toBe(401)
  })
})
