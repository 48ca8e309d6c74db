import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { query, useDatabase } from './client'
import { insertChannel, listChannels, loadReceivers, updateChannel } from './notification-channels'
import { createTestDatabase } from './test-database'

const secrets = vi.hoisted(() => ({ key: undefined as string | undefined }))
vi.mock('@/lib/env', async (load) => {
  const real = await load<typeof import('@/lib/env')>()
  return { ...real, env: () => ({ ...real.env(), POSTERN_SECRET_KEY: secrets.key }) }
})

let database: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

const CHANNEL = {
  name: 'on call',
  kind: 'generic',
  isEnabled: true,
  minSeverity: 'high',
  detectors: [],
  clusters: [],
  withPossible: false,
  sendResolved: true,
} as const
const GIVEN = {
  ...CHANNEL,
  url: 'https://hooks.example/VERYSECRET',
  secret: 'HUSHHUSH',
  shownUrl: 'https://hooks.example',
}

it('address and secret are encrypted where there is a key, and opened by that key alone', async () => {
  secrets.key = 'k'.repeat(32)
  const id = await insertChannel(GIVEN, 'anna')
  const stored = async () => JSON.stringify(await query('SELECT to_jsonb(c) AS row FROM notification_channel c'))
  expect(await stored()).not.toMatch(/VERYSEC|HUSH/)
  expect(await listChannels()).toMatchObject([{ isSealed: true, hasSecret: true }])
  expect(await loadReceivers(id)).toMatchObject([{ url: GIVEN.url, secret: GIVEN.secret }])
  for (const key of ['x'.repeat(32), undefined]) {
    secrets.key = key
    const [receiver] = await loadReceivers(id)
    expect(receiver).not.toHaveProperty('url')
    expect(receiver).not.toHaveProperty('secret')
  }
  // What is given again is stored as the key of now says; a message without its signature never leaves.
  await updateChannel(id, { ...CHANNEL, url: GIVEN.url, shownUrl: GIVEN.shownUrl }, 'anna')
  expect(await listChannels()).toMatchObject([{ isSealed: false }])
  expect((await loadReceivers(id))[0]).not.toHaveProperty('url')
  await updateChannel(id, { ...CHANNEL, secret: '' }, 'anna')
  expect(await loadReceivers(id)).toMatchObject([{ url: GIVEN.url }])
  expect(await listChannels()).toMatchObject([{ hasSecret: false }])
})
