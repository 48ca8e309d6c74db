import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AUDIT_KEPT_MS } from '@/lib/model/retention'
import { appendAudit } from '@/lib/store/audit-log'
import { query, useDatabase, withTransaction } from '@/lib/store/client'
import { deleteOldRows } from '@/lib/store/delete-old-rows'
import { createTestDatabase } from '@/lib/store/test-database'
import { createApiToken, endApiToken } from './api-tokens'
import { createShareLink } from './create-share-link'
import { deleteDataset, stopDeleting } from './delete-dataset'
import { loadDemo } from './load-demo'
import { renameDataset } from './name-dataset'
import { exportAudit, readAudit } from './read-audit'
import { noteRefusedSignIn, sessionOf, startSession, stopSession } from './sessions'
import { revokeShare } from './share-access'

const NOW = Date.now()
const HOUR = 3_600_000
const ANNA = 'Anna (local)'

let database: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  stopDeleting()
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})
beforeEach(() => query('TRUNCATE audit_entry'))

/** As they were written: what happens within one millisecond has no order in the log. */
const entries = () =>
  query<{ actor: string; action: string; subject: string; detail: object }>(
    'SELECT actor, action, subject, detail FROM audit_entry ORDER BY ctid',
  )
const told = async () => (await entries()).map(({ actor, action }) => `${actor}: ${action}`)

describe('what a person changes', () => {
  it('stands in the audit log once: tokens', async () => {
    const { id, token } = await createApiToken({ name: 'ci', scopes: ['ingest'], cluster: 'prod' }, NOW, ANNA)
    await endApiToken(id, NOW, 'Ben (local)')
    await endApiToken(id, NOW, 'Ben (local)')
    expect(await told()).toEqual([`${ANNA}: token.create`, 'Ben (local): token.revoke'])
    const [made] = await entries()
    expect(made).toMatchObject({ subject: `token/${id}`, detail: { name: 'ci', scopes: ['ingest'], cluster: 'prod' } })
    expect(JSON.stringify(await entries())).not.toContain(token.split('_')[2])
  })

  it('and what failed does not', async () => {
    await expect(endApiToken('0123456789ab', NOW, ANNA)).rejects.toMatchObject({ code: 'not_found' })
    await expect(renameDataset('nothing', 'x', ANNA)).rejects.toMatchObject({ code: 'not_found' })
    await expect(deleteDataset('nothing', ANNA)).rejects.toMatchObject({ code: 'not_found' })
    await expect(createShareLink('00000000-0000-4000-8000-000000000000', NOW, 1, ANNA)).rejects.toMatchObject({
      code: 'not_found',
    })
    expect(await entries()).toEqual([])
  })

  it('links to incidents', async () => {
    const [incident] = await query<{ id: string }>(
      `INSERT INTO incident (id, title, snapshot, sha256) VALUES (gen_random_uuid(), 't', '{}', '') RETURNING id::text`,
    )
    const link = await createShareLink(incident?.id ?? '', NOW, 1, ANNA)
    await revokeShare(link.linkId, ANNA)
    await revokeShare(link.linkId, ANNA)
    expect(await told()).toEqual([`${ANNA}: share-link.create`, `${ANNA}: share-link.revoke`])
    expect(JSON.stringify(await entries())).not.toContain(link.token)
  })

  it('the demo, and the name and the end of a dataset, with what it was called before', async () => {
    await loadDemo({ nowMs: NOW, retentionMs: 24 * HOUR, defaultCluster: 'default', actor: ANNA })
    await renameDataset('demo', 'First', ANNA)
    await renameDataset('demo', 'Second', ANNA)
    await deleteDataset('demo', ANNA)
    await deleteDataset('demo', ANNA)
    expect(await told()).toEqual(
      ['demo.load', 'dataset.rename', 'dataset.rename', 'dataset.delete'].map((action) => `${ANNA}: ${action}`),
    )
    expect((await entries())[2]?.detail).toEqual({ before: { title: 'First' }, after: { title: 'Second' } })
  })

  it('sessions, by the name that was said; wrong tokens once a minute, with how many there were', async () => {
    const cookie = await startSession('admin-token', NOW, 'Anna')
    expect(await sessionOf(cookie, 'admin-token', NOW)).toEqual({ name: 'Anna' })
    expect(await sessionOf(cookie, 'admin-token', NOW + 13 * HOUR)).toBeUndefined()
    expect(await sessionOf(cookie, 'another', NOW)).toBeUndefined()
    await stopSession(cookie, 'admin-token')
    await stopSession(cookie, 'admin-token')
    expect(await sessionOf(await startSession('admin-token', NOW), 'admin-token', NOW)).toEqual({})
    for (let n = 0; n < 30; n += 1) await noteRefusedSignIn(NOW + n)
    await noteRefusedSignIn(NOW + 61_000)
    expect(await told()).toEqual([
      'Anna (signed in): session.start',
      'Anna (signed in): session.end',
      'admin: session.start',
      'unknown: session.refuse',
      'unknown: session.refuse',
    ])
    expect((await entries()).slice(3).map(({ detail }) => detail)).toEqual([{ count: 1 }, { count: 30 }])
  })
})

describe('reading the audit log', () => {
  const write = (rows: readonly { actor: string; action: string; subject: string; agoMs: number }[]) =>
    query(
      `INSERT INTO audit_entry (at, actor, action, subject, detail)
       SELECT to_timestamp($1::float8 / 1000) - ago * interval '1 ms', actor, action, subject, '{}' FROM unnest($2::text[], $3::text[], $4::text[], $5::float8[])
         AS u(actor, action, subject, ago)`,
      [
        NOW,
        rows.map((row) => row.actor),
        rows.map((row) => row.action),
        rows.map((row) => row.subject),
        rows.map((row) => row.agoMs),
      ],
    )

  it('gives every entry once, page by page, also where many are of one moment', async () => {
    await write(Array.from({ length: 250 }, (_, n) => ({ actor: 'a', action: 'x', subject: `s/${n}`, agoMs: n % 3 })))
    const seen: string[] = []
    let page = await readAudit({}, NOW)
    seen.push(...page.rows.map(({ subject }) => subject))
    while (page.next) {
      page = await readAudit({}, NOW, page.next)
      seen.push(...page.rows.map(({ subject }) => subject))
    }
    expect(seen).toHaveLength(250)
    expect(new Set(seen).size).toBe(250)
    expect((await exportAudit({}, NOW)).rows.map(({ subject }) => subject)).toEqual(seen)
  })

  it('finds by who, what, to what and when; texts are beginnings and nothing else', async () => {
    await write([
      { actor: 'Anna (local)', action: 'token.create', subject: 'token/1', agoMs: HOUR },
      { actor: 'Ben (local)', action: 'token.revoke', subject: 'token/1', agoMs: 2 * HOUR },
      { actor: '100% (local)', action: 'channel.create', subject: 'channel/1', agoMs: 40 * 24 * HOUR },
    ])
    const found = async (filter: Parameters<typeof readAudit>[0]) =>
      (await readAudit(filter, NOW)).rows.map(({ actor }) => actor.split(' ')[0])
    expect(await found({})).toEqual(['Anna', 'Ben'])
    expect(await found({ fromMs: 0 })).toEqual(['Anna', 'Ben', '100%'])
    expect(await found({ fromMs: NOW - 2 * HOUR, toMs: NOW - HOUR })).toEqual(['Ben'])
    expect(await found({ actor: 'Ben' })).toEqual(['Ben'])
    expect(await found({ action: 'token.' })).toEqual(['Anna', 'Ben'])
    expect(await found({ subject: 'token/1', action: 'token.r' })).toEqual(['Ben'])
    expect(await found({ actor: '%' })).toEqual([])
    expect(await found({ actor: "' OR 1=1 --" })).toEqual([])
  })

  it('an export ends at its limit, and says behind what the rest begins', async () => {
    await write(Array.from({ length: 10_003 }, (_, n) => ({ actor: 'a', action: 'x', subject: `s/${n}`, agoMs: n })))
    const first = await exportAudit({}, NOW)
    expect([first.rows.length, first.rows.at(-1)?.subject]).toEqual([10_000, 's/9999'])
    const rest = await exportAudit({}, NOW, first.next)
    expect(rest.rows.map(({ subject }) => subject)).toEqual(['s/10000', 's/10001', 's/10002'])
    expect(rest).not.toHaveProperty('next')
  })

  it('ends with its retention', async () => {
    await write([
      { actor: 'old', action: 'x', subject: 's', agoMs: AUDIT_KEPT_MS + HOUR },
      { actor: 'kept', action: 'x', subject: 's', agoMs: AUDIT_KEPT_MS - HOUR },
    ])
    await deleteOldRows({ evidence: HOUR, buckets15s: HOUR, buckets1m: HOUR, buckets1h: HOUR }, NOW)
    expect((await readAudit({ fromMs: 0 }, NOW)).rows.map(({ actor }) => actor)).toEqual(['kept'])
    await deleteOldRows({ evidence: HOUR, buckets15s: HOUR, buckets1m: HOUR, buckets1h: HOUR, audit: HOUR }, NOW)
    expect((await readAudit({ fromMs: 0 }, NOW)).rows).toEqual([])
  })

  it('a text that Postgres refuses is cleaned, not an error', async () => {
    const entry = { actor: 'a\u0000b', action: 'x', subject: 's\u0000\ud800', detail: { text: '\u0000' } }
    await withTransaction((client) => appendAudit(client, entry))
    expect(await entries()).toMatchObject([{ actor: 'ab', subject: 's\ufffd' }])
  })
})
