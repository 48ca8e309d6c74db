import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DEMO_EGRESS_YAML } from '@/lib/demo/demo-config'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { auditOf } from './__fixtures__/audit-of'
import { putEgressEntry, removeEgressEntry } from './edit-egress'
import { egressConfig, startEgressConfig } from './egress-config'
import { exportEgress, putEgressDocument } from './egress-document'

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

const put = (text: string, name = 'default') =>
  putEgressDocument({ name, text, isDryRun: false, actor: 'token ci', dataset: '', nowMs: Date.now() })
const names = () => egressConfig().rules.map((rule) => rule.name)
const DOCUMENT = `egressPoints:
- { name: nat-b, publicCidrs: [203.0.113.20] }
egressRules:
- { name: batch, workloads: { namespaces: [batch] }, providers: [openai], egressPoints: [nat-b], reason: until the move }
- { name: research, workloads: { namespaces: [research] }, providers: [anthropic], egressPoints: [nat-b, nat-a] }
denyProviders: [deepseek, deepseek]
`

describe('a document of egress rules', () => {
  it('replaces all that it held before, and leaves everything else alone', async () => {
    await putEgressEntry(
      'rule',
      'alone',
      { providers: ['xai'], egressPoints: ['nat-a'] },
      { actor: 'me', origin: 'ui' },
    )
    await put('egressRules:\n- { name: other, providers: [cohere], egressPoints: [nat-a] }', 'second')
    const { diff } = await put(DOCUMENT)
    expect(diff.map(({ kind, name, what }) => `${what} ${kind} ${name}`)).toEqual([
      'added point nat-b',
      'added rule batch',
      'added rule research',
      'added denied-provider deepseek',
    ])
    expect(names()).toEqual(['ai-through-nat-a', 'alone', 'batch', 'other', 'research'])
    const next = await put(DOCUMENT.replace(/- \{ name: research.*\n/, '').replace('until the move', 'for now'))
    expect(next.diff).toMatchObject([
      {
        what: 'changed',
        kind: 'rule',
        name: 'batch',
        before: { reason: 'until the move' },
        after: { reason: 'for now' },
      },
      { what: 'removed', kind: 'rule', name: 'research', before: { providers: ['anthropic'] } },
    ])
    await put('')
    expect(names()).toEqual(['ai-through-nat-a', 'alone', 'other'])
    expect(egressConfig().deniedProviders).toEqual([])
  })

  it('sent again unchanged writes nothing: no version, no row, no audit', async () => {
    const { version } = await put(DOCUMENT)
    const state = () =>
      query('SELECT kind, name, updated_at, (SELECT count(*) FROM audit_entry) FROM egress_entry ORDER BY kind, name')
    const before = await state()
    const again = await put(DOCUMENT.replace('denyProviders', '# a remark\ndenyProviders'))
    expect(again).toMatchObject({ diff: [], version })
    expect(await state()).toEqual(before)
  })

  it('what is wrong is named with path and line, and nothing of the document is written', async () => {
    await put(DOCUMENT)
    const before = await query('SELECT * FROM egress_entry ORDER BY kind, name')
    await expect(
      put(DOCUMENT.replace('[openai]', '[openay]').replace('203.0.113.20', '10.0.0.1')),
    ).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringMatching(
        /line 2, egressPoints\[0\]\.publicCidrs\[0\]: .*line 4, egressRules\[0\]\.providers\[0\]: .*Did you mean openai/,
      ),
    })
    await expect(put('egressRules: [')).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringMatching(/line 1/),
    })
    await expect(put('', '../x')).rejects.toMatchObject({ code: 'bad_request' })
    expect(await query('SELECT * FROM egress_entry ORDER BY kind, name')).toEqual(before)
  })

  it('more entries of a kind than are allowed are refused whole', async () => {
    const many = Array.from({ length: 1000 }, (_, n) => `- { name: p${n}, publicCidrs: [203.0.113.20] }`).join('\n')
    await expect(put(`egressPoints:\n${many}`)).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining('limit egressEntries'),
    })
    expect(egressConfig().points).toHaveLength(1)
  })

  it('a name of the file, of another document or of a person is a conflict with its line', async () => {
    await putEgressEntry(
      'rule',
      'batch',
      { providers: ['xai'], egressPoints: ['nat-a'] },
      { actor: 'me', origin: 'ui' },
    )
    await expect(put(DOCUMENT)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(
        'line 4, egressRules[0].name: rule "batch" is there already: it was made on the Egress page',
      ),
    })
    await expect(put('egressPoints: [{ name: nat-a, publicCidrs: [203.0.113.20] }]')).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('comes from the file'),
    })
  })

  it('a point that a rule outside names stays, and with it the whole document', async () => {
    await put(DOCUMENT)
    await putEgressEntry('rule', 'guest', { providers: ['xai'], egressPoints: ['nat-b'] }, { actor: 'me' })
    await expect(put('')).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('named by rule guest'),
    })
    expect(names()).toContain('batch')
  })

  it('its entries are changed by the document only', async () => {
    await put(DOCUMENT)
    await expect(removeEgressEntry('rule', 'batch', { actor: 'me' })).rejects.toMatchObject({
      code: 'conflict',
      hint: expect.stringContaining('document default'),
    })
  })

  it('every entry that it changes has its row in the audit log, with what was and what is', async () => {
    await put(DOCUMENT)
    await put(DOCUMENT.replace('until the move', 'for now'))
    const [row] = await auditOf(10, 'rule/batch')
    expect(row).toMatchObject({
      actor: 'token ci',
      action: 'egress.put',
      detail: { document: 'default', before: { reason: 'until the move' }, after: { reason: 'for now' } },
    })
    expect(await auditOf(10)).toHaveLength(5)
  })

  it('what is exported puts the same in force', async () => {
    await put(DOCUMENT)
    const { version } = egressConfig()
    const text = await exportEgress('default')
    expect((await put(text)).diff).toEqual([])
    expect(await exportEgress()).toContain('nat-a')
    expect(text).not.toContain('name: ai-through-nat-a')
    expect(egressConfig().version).toBe(version)
  })
})
