import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { sendRecords } from '@/lib/usecases/__fixtures__/flow-scene'
import { POST as saveView } from './saved-views/route'

type Get = (request: Request, route: { params: Promise<Record<string, string | string[]>> }) => Promise<Response>
interface Route {
  readonly GET?: Get
}

const routes = import.meta.glob<Route>('./**/route.ts')

let database: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  const nowMs = Date.now()
  // Something to ask for: an empty database sends few of the statements.
  await sendRecords(
    Array.from({ length: 20 }, (_, n) => ({ n, atMs: nowMs - 2000 - n, client: n % 3 })),
    nowMs,
  )
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

const NAMES = ['dataset', 'cluster', 'ns', 'q', 'pod', 'reason', 'policy', 'key', 'actor', 'action', 'host', 'name']
const HUGE = '9'.repeat(400)
const QUERIES: readonly string[] = [
  ...NAMES.flatMap((name) => [`scope=all&${name}=%00`, `scope=all&${name}=%F0%9F%98%80${'a'.repeat(2000)}`]),
  'scope=all&in=%00/%00/%00&f=src.namespace%3D%2500&f=any.text%3D%2500',
  'scope=all&pod=%25_%5C&reason=%27%3B--&f=any.text%3D%27%22%3B--',
  `scope=all&limit=${HUGE}&from=${HUGE}&to=${HUGE}&sel=edge:${'9'.repeat(20)}&port=99999`,
  'scope=all&from=1&to=99999999999999',
  'scope=all&from=now-999999y&to=now%2B999999y',
  'scope=all&from=9999-12-31&to=0000-01-01&against=now-999999d',
  `scope=all&sel=node:-${'9'.repeat(19)}&at=1&against=1`,
  `scope=all&find=${'('.repeat(500)}&hide=${'a%20or%20'.repeat(71)}b&focus=${'!'.repeat(400)}a`,
  `scope=all&${'f=~%21any.text%3Da&'.repeat(200)}both=1&${'open=g0123456789abcdef&'.repeat(50)}`,
  `cursor=${HUGE}_${HUGE}_1_2&format=csv&at=${HUGE}&edge=${HUGE}&window=${HUGE}`,
]
const PARAMS = ["' OR 1=1 --", '\0', HUGE, '__proto__', '9223372036854775808', '../../etc/passwd', '%']

const ask = async (get: Get, url: string, params: Record<string, string | string[]>): Promise<number> => {
  const abort = new AbortController()
  const request = new Request(url, { headers: { host: 'localhost' }, signal: abort.signal })
  const response = await get(request, { params: Promise.resolve(params) })
  await response.body?.cancel()
  abort.abort()
  return response.status
}

/** What a file's folder is called in Next: `[name]` and `[...name]` are parameters. */
const paramsOf = (file: string, value: string): Record<string, string | string[]> =>
  Object.fromEntries(
    [...file.matchAll(/\[(\.\.\.)?(\w+)\]/g)].map(([, rest, name]) => [name ?? '', rest ? [value] : value]),
  )

describe('whatever an address asks for', () => {
  it.each(Object.keys(routes).sort())('GET of %s is an answer or a refusal, never a bug', async (file) => {
    const { GET } = (await routes[file]?.()) ?? {}
    if (!GET) return
    const failed: string[] = []
    const told = async (status: number, what: string) => status >= 500 && failed.push(`${status} ${what.slice(0, 80)}`)
    const hasParams = file.includes('[')
    const url = `http://localhost/api/${file.slice(2, -'/route.ts'.length).replaceAll(/[[\].]/g, '')}`
    for (const asked of QUERIES) await told(await ask(GET, `${url}?${asked}`, paramsOf(file, '1')), asked)
    if (hasParams)
      for (const value of PARAMS) await told(await ask(GET, `${url}?scope=all`, paramsOf(file, value)), value)
    expect(failed).toEqual([])
  })

  it('finds the routes', () => {
    expect(Object.keys(routes).length).toBeGreaterThan(50)
  })
})

describe('a name for a view', () => {
  const save = async (name: string) => {
    const request = new Request('http://localhost/api/saved-views', {
      method: 'POST',
      headers: { host: 'localhost', 'content-type': 'application/json' },
      body: JSON.stringify({ name, path: '/graph?scope=all' }),
    })
    return saveView(request, { params: Promise.resolve({}) })
  }

  it.each(['', ' ', '\u200b', 'a\0b', 'a\nb', 'a\u202eb', 'a\u2066b', 'a\ud800', 'x'.repeat(1000)])(
    '%j is refused: it would hide, or turn what stands around it',
    async (name) => {
      expect((await save(name)).status).toBe(400)
      expect(await query('SELECT 1 FROM saved_view')).toEqual([])
    },
  )

  it.each(['<img src=x onerror=alert(1)>', '__proto__', '監視', 'Zoë’s view 🚪', "'; DROP TABLE saved_view; --"])(
    '%j is kept as it is',
    async (name) => {
      const answer = await save(name)
      expect([answer.status, (await answer.json()).name]).toEqual([201, name])
      await query('DELETE FROM saved_view')
    },
  )
})
