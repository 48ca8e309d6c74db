import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { LIMITS } from '@/lib/model/limits'
import { SHORT_LINK_KEPT_MS } from '@/lib/model/retention'
import { query, useDatabase } from '@/lib/store/client'
import { deleteOldRows } from '@/lib/store/delete-old-rows'
import { createTestDatabase } from '@/lib/store/test-database'
import { removeView, renameView, savedViews, saveView } from './saved-views'
import { makeShortLink, openShortLink } from './short-links'

const ANNA = 'Anna (local)'
const RETENTION = { evidence: 1, buckets15s: 1, buckets1m: 1, buckets1h: 1 }
const NOBODY = '00000000-0000-4000-8000-000000000000'
const codeOf = ({ path }: { readonly path: string }): string => path.replace('/l/', '')

let database: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})
beforeEach(() => query('TRUNCATE saved_view, short_link, audit_entry'))

const told = async () =>
  (await query<{ actor: string; action: string }>('SELECT actor, action FROM audit_entry ORDER BY ctid')).map(
    ({ actor, action }) => `${actor}: ${action}`,
  )

describe('saved views', () => {
  it('are everybody’s, by name, and each change stands in the audit log once', async () => {
    const { id } = await saveView({ name: 'Mine', path: '/graph?problems=1&v=2#here' }, ANNA)
    await saveView({ name: 'all', path: '/graph?scope=all' }, 'local')
    await renameView(id, 'Problems', 'Ben (local)')
    await renameView(id, 'Problems', 'Ben (local)')
    expect(await savedViews()).toMatchObject([
      { name: 'all', path: '/graph?scope=all', owner: 'local' },
      { id, name: 'Problems', path: '/graph?problems=1&v=2', owner: ANNA },
    ])
    await removeView(id, ANNA)
    expect((await savedViews()).map(({ name }) => name)).toEqual(['all'])
    expect(await told()).toEqual([
      `${ANNA}: view.save`,
      'local: view.save',
      'Ben (local): view.rename',
      `${ANNA}: view.delete`,
    ])
  })

  it('have names of their own', async () => {
    const { id } = await saveView({ name: 'a', path: '/graph' }, ANNA)
    await saveView({ name: 'b', path: '/graph' }, ANNA)
    await expect(saveView({ name: 'a', path: '/flows' }, ANNA)).rejects.toMatchObject({ code: 'conflict' })
    await expect(renameView(id, 'b', ANNA)).rejects.toMatchObject({ code: 'conflict' })
    await expect(renameView(NOBODY, 'c', ANNA)).rejects.toMatchObject({ code: 'not_found' })
    await expect(removeView(NOBODY, ANNA)).rejects.toMatchObject({ code: 'not_found' })
    expect((await savedViews()).map(({ name }) => name)).toEqual(['a', 'b'])
  })

  it('hold pages of the console only', async () => {
    for (const path of ['//evil.example', 'https://evil.example/graph', '/api/tokens'])
      await expect(saveView({ name: 'x', path }, ANNA)).rejects.toMatchObject({ code: 'bad_request' })
    expect(await savedViews()).toEqual([])
  })

  it('are bounded, also where the last ones are saved at once', async () => {
    await query(
      `INSERT INTO saved_view (name, path, owner) SELECT 'v' || n, '/graph', 'x' FROM generate_series(2, $1) n`,
      [LIMITS.savedViews],
    )
    const both = await Promise.allSettled(['p', 'q'].map((name) => saveView({ name, path: '/graph' }, ANNA)))
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })
})

describe('short links', () => {
  it('lead back to the same path, one code per path', async () => {
    const path = `/graph?${'f=src.ns%3Dml&'.repeat(40)}v=2`
    const link = await makeShortLink(path, ANNA)
    expect(link.path).toMatch(/^\/l\/[a-z2-9]{10}$/)
    expect(await makeShortLink(path, 'local')).toEqual(link)
    expect(await openShortLink(codeOf(link))).toEqual({ path })
    expect((await makeShortLink('/graph', ANNA)).path).not.toBe(link.path)
    expect(await told()).toEqual([`${ANNA}: short-link.create`, `${ANNA}: short-link.create`])
  })

  it('made at once for one path are one', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => makeShortLink('/graph?scope=all', ANNA)))
    expect(new Set(made.map(({ path }) => path)).size).toBe(1)
    expect(await told()).toHaveLength(1)
  })

  it('never lead out of the console, whatever is stored', async () => {
    for (const path of ['//evil.example', '/\\evil.example', 'https://evil.example', '/graph/..//evil.example'])
      await expect(makeShortLink(path, ANNA)).rejects.toMatchObject({ code: 'bad_request' })
    await query(`INSERT INTO short_link (code, path, path_hash) VALUES ('aaaaaaaaaa', '//evil.example', 'x')`)
    await expect(openShortLink('aaaaaaaaaa')).rejects.toMatchObject({ code: 'not_found' })
    await expect(openShortLink('zzzzzzzzzz')).rejects.toMatchObject({ code: 'not_found' })
    await expect(openShortLink(`' OR 1=1 --`)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('stay while somebody opens them, and go half a year after', async () => {
    const nowMs = Date.now()
    const [used, unused] = [await makeShortLink('/graph', ANNA), await makeShortLink('/flows', ANNA)]
    await query('UPDATE short_link SET last_used_at = $1', [new Date(nowMs - SHORT_LINK_KEPT_MS - 1000)])
    await openShortLink(codeOf(used))
    await deleteOldRows(RETENTION, nowMs)
    expect(await openShortLink(codeOf(used))).toEqual({ path: '/graph' })
    await expect(openShortLink(codeOf(unused))).rejects.toMatchObject({ code: 'not_found' })
  })
})
