import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { createApiToken } from '@/lib/usecases/api-tokens'
import { POST as actOnCase } from '../cases/[caseId]/[action]/route'
import { POST as openCase } from '../cases/route'
import { POST as actOnFinding } from './[findingId]/[action]/route'

const ADMIN = 'an-admin-token-of-this-test-0123456789'
vi.mock('@/lib/env', async (load) => {
  const real = await load<typeof import('@/lib/env')>()
  return { ...real, env: () => ({ ...real.env(), POSTERN_ADMIN_TOKEN: ADMIN }) }
})

const ID = '00000000-0000-4000-8000-000000000001'
const DAY = 24 * 3_600_000
let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})
beforeEach(async () => {
  await query('TRUNCATE finding, finding_event, incident_case, case_event, audit_entry')
  await query(
    `INSERT INTO finding (id, detector, dataset, cluster, is_current, status, severity, title, workload, target, cause, count, first_seen, last_seen)
     VALUES ($1::uuid, 'D0', '', 'demo', true, 'open', 'medium', 't', 'w', 'x', 'c', 1, now(), now())`,
    [ID],
  )
})

const request = (body: object, token: string) =>
  new Request('http://localhost:3000/api/x', {
    method: 'POST',
    headers: { host: 'localhost:3000', 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  })
const act = async (action: string, body: object = {}, token = ADMIN, findingId = ID) =>
  (await actOnFinding(request(body, token), { params: Promise.resolve({ findingId, action }) })).status
const actCase = async (caseId: string, action: string, body: object = {}) =>
  (await actOnCase(request(body, ADMIN), { params: Promise.resolve({ caseId, action }) })).status

describe('what can be done with a finding', () => {
  it('is done by an admin, who stands in the audit log, and by no token that only reads', async () => {
    const { token } = await createApiToken({ name: 'n', scopes: ['read', 'ingest'] }, Date.now())
    expect(await act('acknowledge', {}, token)).toBe(403)
    expect(await act('acknowledge')).toBe(200)
    expect(await query(`SELECT actor, action, subject FROM audit_entry WHERE action LIKE 'finding.%'`)).toEqual([
      { actor: 'admin', action: 'finding.acknowledge', subject: `finding/${ID}` },
    ])
  })

  it.each([
    ['accept', { reason: 'r' }, 400],
    ['accept', { until: 'ended' }, 400],
    ['accept', { reason: '  ', until: 'ended' }, 400],
    ['accept', { reason: 'r', until: 'never' }, 400],
    ['accept', { reason: 'r', until: Date.now() - 1 }, 400],
    ['accept', { reason: 'r', until: Date.now() + 367 * DAY }, 400],
    ['accept', { reason: 'r'.repeat(1001), until: 'ended' }, 400],
    ['accept', { reason: 'r', until: 'ended' }, 200],
    ['accept', { reason: 'r', until: Date.now() + DAY }, 200],
    ['assign', { assignee: 'a'.repeat(101) }, 400],
    ['assign', { assignee: 'a'.repeat(100) }, 200],
    ['comment', { text: '' }, 400],
    ['comment', { text: 'a'.repeat(2001) }, 400],
    ['comment', { text: 'a'.repeat(2000) }, 200],
    ['acknowledge', { by: 'somebody else' }, 400],
    ['delete', {}, 404],
    ['__proto__', {}, 404],
    ['constructor', {}, 404],
  ])('%s with %j answers %i', async (action, body, status) => {
    expect(await act(action, body)).toBe(status)
    const [row] = await query<{ n: number }>('SELECT count(*)::int AS n FROM audit_entry')
    expect(row?.n).toBe(status === 200 ? 1 : 0)
  })

  it('is not found where there is no such finding', async () => {
    expect(await act('acknowledge', {}, ADMIN, '00000000-0000-4000-8000-000000000002')).toBe(404)
    expect(await act('acknowledge', {}, ADMIN, 'x')).toBe(404)
  })
})

it('an incident is opened over findings, owned, resolved with a reason, and opened again', async () => {
  const answer = await openCase(request({ findingIds: [ID] }, ADMIN), { params: Promise.resolve({}) })
  expect(answer.status).toBe(201)
  const [made] = await query<{ id: string }>('SELECT id::text FROM incident_case')
  const id = made?.id ?? ''
  expect(await actCase(id, 'own', { owner: 'Ada' })).toBe(200)
  expect(await actCase(id, 'resolve', {})).toBe(400)
  expect(await actCase(id, 'resolve', { reason: 'A test.' })).toBe(200)
  expect(await query('SELECT owner, status, resolved_reason FROM incident_case')).toEqual([
    { owner: 'Ada', status: 'resolved', resolved_reason: 'A test.' },
  ])
  expect(await actCase(id, 'reopen')).toBe(200)
  expect(await actCase(id, 'merge', { into: id })).toBe(404)
  expect(await actCase(id, 'remove', { findingIds: [] })).toBe(400)
})
