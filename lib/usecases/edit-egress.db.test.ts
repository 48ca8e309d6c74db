import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DEMO_EGRESS_YAML } from '@/lib/demo/demo-config'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { auditOf } from './__fixtures__/audit-of'
import { listEgressEntries, putEgressEntry, removeEgressEntry } from './edit-egress'
import { egressConfig, refreshEgressConfig, startEgressConfig } from './egress-config'

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
  await query('TRUNCATE egress_entry, audit_entry')
  await startEgressConfig({ fileText: DEMO_EGRESS_YAML })
})

const BY = { actor: 'token t' }
const RULE = { workloads: { namespaces: ['research'] }, providers: ['anthropic'], egressPoints: ['nat-a'] }
const rules = () => egressConfig().rules.map((rule) => `${rule.name} (${rule.origin})`)

describe('egress entries', () => {
  it('a rule put by API is in force at once, with another version, and survives the next start', async () => {
    const before = egressConfig().version
    await putEgressEntry('rule', 'research-out', RULE, BY)
    expect(rules()).toEqual(['ai-through-nat-a (file)', 'research-out (api)'])
    expect(egressConfig().version).not.toBe(before)
    await startEgressConfig({ sanctionedEgress: '198.51.100.1', finalHop: 'nat-gw' })
    expect(rules()).toEqual(['POSTERN_SANCTIONED_EGRESS (env)', 'research-out (api)'])
    expect(egressConfig().paths).toMatchObject([{ finalHop: 'nat-gw', origin: 'env' }])
  })

  it('an entry of the file is changed in the file only, and one of the API keeps its name', async () => {
    await expect(putEgressEntry('rule', 'ai-through-nat-a', RULE, BY)).rejects.toMatchObject({ code: 'conflict' })
    await expect(removeEgressEntry('point', 'nat-a', BY)).rejects.toMatchObject({ code: 'conflict' })
    await startEgressConfig({})
    await putEgressEntry('point', 'nat-a', { publicCidrs: ['203.0.113.99/32'] }, BY)
    const warnings = await startEgressConfig({ fileText: DEMO_EGRESS_YAML })
    expect(warnings.join()).toContain('point nat-a of the file is not in force')
    expect(egressConfig().points).toMatchObject([{ publicCidrs: ['203.0.113.99/32'], origin: 'api' }])
  })

  it('a wrong entry changes nothing and every problem is named', async () => {
    const before = egressConfig()
    await expect(
      putEgressEntry('rule', 'wrong', { providers: ['openay'], egressPoints: ['nowhere'], extra: 1 }, BY),
    ).rejects.toMatchObject({ code: 'bad_request', message: expect.stringContaining('extra') })
    await expect(putEgressEntry('rule', 'wrong', { ...RULE, egressPoints: ['nowhere'] }, BY)).rejects.toMatchObject({
      message: expect.stringContaining('nowhere'),
    })
    await refreshEgressConfig()
    expect(egressConfig()).toEqual(before)
  })

  it('a point that a rule names stays until the rule goes', async () => {
    await putEgressEntry('point', 'nat-b', { publicCidrs: ['203.0.113.20'] }, BY)
    await putEgressEntry('rule', 'b-out', { ...RULE, egressPoints: ['nat-b'] }, BY)
    await expect(removeEgressEntry('point', 'nat-b', BY)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('b-out'),
    })
    await removeEgressEntry('rule', 'b-out', BY)
    await removeEgressEntry('point', 'nat-b', BY)
    await expect(removeEgressEntry('point', 'nat-b', BY)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('who saves what somebody changed meanwhile gets a conflict, and nothing is lost', async () => {
    await putEgressEntry('rule', 'shared', RULE, { ...BY, expected: null })
    await expect(putEgressEntry('rule', 'shared', RULE, { ...BY, expected: null })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('is there already'),
    })
    const read = async () => (await listEgressEntries(0)).entries.find(({ name }) => name === 'shared')?.revision ?? ''
    const first = await read()
    await putEgressEntry('rule', 'shared', { ...RULE, priority: 1 }, { ...BY, expected: first })
    await expect(
      putEgressEntry('rule', 'shared', { ...RULE, priority: 2 }, { ...BY, expected: first }),
    ).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('changed meanwhile') })
    await expect(removeEgressEntry('rule', 'shared', { ...BY, expected: first })).rejects.toMatchObject({
      code: 'conflict',
    })
    expect(egressConfig().rules.find(({ name }) => name === 'shared')?.priority).toBe(1)
    await removeEgressEntry('rule', 'shared', { ...BY, expected: await read() })
    await expect(putEgressEntry('rule', 'shared', RULE, { ...BY, expected: first })).rejects.toMatchObject({
      message: expect.stringContaining('deleted meanwhile'),
    })
  })

  it('of two who save at the same time from the same revision one wins', async () => {
    await putEgressEntry('rule', 'raced', RULE, BY)
    const [entry] = (await listEgressEntries(0)).entries.filter(({ name }) => name === 'raced')
    const saves = [1, 2, 3, 4].map((priority) =>
      putEgressEntry('rule', 'raced', { ...RULE, priority }, { ...BY, expected: entry?.revision ?? '' }),
    )
    const results = await Promise.allSettled(saves)
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await auditOf(10, 'rule/raced')).toHaveLength(2)
  })

  it('each change has its row in the audit log, with what was and what is; what is refused has none', async () => {
    await putEgressEntry('rule', 'r', RULE, { actor: 'admin', origin: 'ui' })
    await putEgressEntry('rule', 'r', { ...RULE, reason: 'audit' }, BY)
    await expect(putEgressEntry('rule', 'r', { ...RULE, priority: -1 }, BY)).rejects.toThrow()
    await removeEgressEntry('rule', 'r', BY)
    expect((await auditOf(10, 'rule/r')).map(({ actor, action, detail }) => ({ actor, action, detail }))).toEqual([
      { actor: 'token t', action: 'egress.delete', detail: { before: expect.objectContaining({ reason: 'audit' }) } },
      {
        actor: 'token t',
        action: 'egress.put',
        detail: {
          before: { name: 'r', ...RULE },
          after: { name: 'r', ...RULE, reason: 'audit' },
        },
      },
      { actor: 'admin', action: 'egress.put', detail: { after: { name: 'r', ...RULE } } },
    ])
  })

  it('a rule that expires goes out of force by the clock alone, and connections that it judged wait to be judged again', async () => {
    const expiryMs = Date.now() + 60_000
    await putEgressEntry('rule', 'guest', { ...RULE, expiresAt: new Date(expiryMs).toISOString() }, BY)
    const { version } = egressConfig()
    await query(
      `INSERT INTO egress_connection (id, dataset, cluster, edge_id, protocol, server_port, first_at, last_at, weight, blocked, broken, facts, judgement, dirty)
       VALUES (1, 'pinned', 'c', 1, 'tcp', 443, now(), now(), 1, false, false, '{}', jsonb_build_object('configVersion', $1::text), false)`,
      [version],
    )
    const isDirty = async () => (await query('SELECT 1 FROM egress_connection WHERE dirty')).length === 1
    await refreshEgressConfig(expiryMs - 1)
    expect({ version: egressConfig().version, isDirty: await isDirty() }).toEqual({ version, isDirty: false })
    await refreshEgressConfig(expiryMs)
    expect(egressConfig().version).not.toBe(version)
    expect(rules()).toEqual(['ai-through-nat-a (file)'])
    expect(await isDirty()).toBe(true)
    const listed = (atMs: number) =>
      listEgressEntries(atMs).then(({ entries }) => entries.find(({ name }) => name === 'guest'))
    expect(await listed(expiryMs)).toMatchObject({ isExpired: true })
    expect(await listed(expiryMs - 1)).toMatchObject({ isExpired: false })
  })
})
