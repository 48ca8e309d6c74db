import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DEMO_EGRESS_YAML } from '@/lib/demo/demo-config'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { putEgressEntry, removeEgressEntry } from './edit-egress'
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
})
