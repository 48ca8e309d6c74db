import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEMO_EGRESS_YAML } from '@/lib/demo/demo-config'
import { summariseDoor } from '@/lib/egress/summarise-door'
import type { DoorState } from '@/lib/model/egress'
import { query, useDatabase } from '@/lib/store/client'
import { loadDoors } from '@/lib/store/load-doors'
import { createTestDatabase } from '@/lib/store/test-database'
import { applyEgressChange } from './edit-egress'
import { startEgressConfig } from './egress-config'
import { putEgressDocument } from './egress-document'
import { judgeEgress } from './judge-egress'
import { loadDemo } from './load-demo'
import type { EgressChange } from './plan-egress-change'
import { previewEgress } from './preview-egress'

const NOW = Date.parse('2026-11-24T12:00:00Z')
let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  await startEgressConfig({ fileText: DEMO_EGRESS_YAML })
  await loadDemo({ nowMs: NOW, retentionMs: 3_600_000, defaultCluster: 'demo' })
  await judgeEgress()
}, 60_000)
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

/** Every door of the demo by edge. */
async function doors(): Promise<
  ReadonlyMap<string, { state: DoorState; counts: object; reason?: string; lean: string }>
> {
  const judged = await loadDoors('demo', { fromMs: 0, toMs: NOW + 3_600_000 })
  return new Map(
    [...judged].map(([edge, rows]) => {
      const { state, counts, reason, lean } = summariseDoor(rows)
      return [edge, { state, counts, lean, ...(reason && { reason }) }]
    }),
  )
}
const put = (kind: 'point' | 'path' | 'rule', name: string, entry: object): EgressChange => ({
  what: 'put',
  kind,
  name,
  entry,
  origin: 'ui',
})
const rule = (parts: object) => ({ priority: 200, providers: ['*'], sanctionedSources: ['203.0.113.66'], ...parts })

/** Each is previewed and then saved, on top of those before it. */
const CHANGES: readonly (readonly [string, EgressChange])[] = [
  [
    'a rule that lets the planner leave by the other address',
    put('rule', 'planner', rule({ workloads: { names: ['planner'] } })),
  ],
  ['the same rule for everybody', put('rule', 'planner', rule({}))],
  [
    'a rule for one provider, which wants proof by the provider',
    put('rule', 'strict', rule({ priority: 300, providers: ['anthropic'], requireEvidence: 'A' })),
  ],
  ['a rule that no order decides against it', put('rule', 'rival', rule({ priority: 300, providers: ['anthropic'] }))],
  [
    'a rule for namespaces where nothing leaves',
    put('rule', 'idle', rule({ priority: 900, workloads: { namespaces: ['nowhere'] } })),
  ],
  ['a rule that has expired', put('rule', 'late', rule({ priority: 1000, expiresAt: '2020-01-01T00:00:00Z' }))],
  ['a path with a NAT behind the last one', put('path', 'longer', { hops: ['nat-gw', 'isp'], final: 'isp' })],
  ['taking that path away', { what: 'remove', kind: 'path', name: 'longer' }],
  ['a point, which no rule names yet', put('point', 'nat-b', { publicCidrs: ['203.0.113.66'] })],
  ['a rule by that point', put('rule', 'by-b', { priority: 2000, providers: ['*'], egressPoints: ['nat-b', 'nat-a'] })],
  ['the point in another cluster only', put('point', 'nat-b', { publicCidrs: ['203.0.113.66'], clusters: ['else'] })],
  ['taking a rule away', { what: 'remove', kind: 'rule', name: 'by-b' }],
  [
    'a document of rules',
    {
      what: 'document',
      name: 'default',
      text: 'egressRules:\n- { name: d, priority: 5000, providers: ["category:llm"], sanctionedSources: [203.0.113.10] }',
    },
  ],
  ['the document without them', { what: 'document', name: 'default', text: '' }],
]

describe('a preview of changed egress rules', () => {
  it.each(CHANGES)('says what really happens after saving: %s', async (_what, change) => {
    const before = await doors()
    const connections = await query('SELECT id, judgement, dirty FROM egress_connection ORDER BY id')
    const { preview, issues } = await previewEgress(change, 'demo', Date.now())
    expect(issues.filter(({ severity }) => severity === 'error')).toEqual([])
    if (!preview) throw new Error('no preview')
    expect(await query('SELECT id, judgement, dirty FROM egress_connection ORDER BY id')).toEqual(connections)
    expect(preview.left).toEqual({ connections: 0, edges: 0 })

    await applyEgressChange(change, 'tester')
    await judgeEgress()
    const after = await doors()
    const expected = new Map(before)
    for (const edge of preview.edges) {
      expect(edge.before, edge.workload).toMatchObject(before.get(edge.edgeId) ?? {})
      const { state, counts, reason, lean } = edge.after
      expected.set(edge.edgeId, { state, counts, lean, ...(reason && { reason }) })
    }
    expect(Object.fromEntries(after)).toEqual(Object.fromEntries(expected))
    expect(preview.changed + preview.unchanged).toBe(before.size)
    expect(
      [...before]
        .filter(([edge, door]) => JSON.stringify(door) !== JSON.stringify(after.get(edge)))
        .map(([edge]) => edge)
        .sort(),
    ).toEqual(preview.edges.map(({ edgeId }) => edgeId).sort())
  })

  it('changes something, and says how many edges', async () => {
    const { preview } = await previewEgress(
      put('rule', 'all', rule({ priority: 9000, sanctionedSources: ['198.51.100.1'] })),
      'demo',
      Date.now(),
    )
    expect(preview?.changed).toBeGreaterThan(1)
    expect(preview?.sentence).toContain(`This would change these ${preview?.changed} edges.`)
    expect(preview?.sentence).toMatch(/would become violations\./)
    expect(preview?.edges[0]).toMatchObject({ cluster: 'demo', after: { state: 'violation' } })
    expect(preview?.edges.flatMap(({ moves }) => moves)).toContainEqual(
      expect.objectContaining({ from: 'sanctioned', to: 'violation' }),
    )
  })

  it('a denied provider changes no door; the edges that reach it are named', async () => {
    const { preview } = await previewEgress(
      { what: 'put', kind: 'denied-provider', name: 'openai', entry: {}, origin: 'ui' },
      'demo',
      Date.now(),
    )
    expect(preview?.changed).toBe(0)
    expect(preview?.newlyDenied.length).toBeGreaterThan(0)
    expect(new Set(preview?.newlyDenied.map(({ provider }) => provider))).toEqual(new Set(['OpenAI']))
  })

  it('what would be refused says why, at its place, and nothing else', async () => {
    expect(
      await previewEgress(put('rule', 'x', { providers: ['openay'], sanctionedSources: ['10.0.0.1'] }), 'demo', NOW),
    ).toMatchObject({
      issues: [
        { path: 'egressRules[0].sanctionedSources[0]' },
        { path: 'egressRules[0].providers[0]', message: expect.stringContaining('openai') },
      ],
      diff: [],
    })
    const owned = await previewEgress(put('rule', 'ai-through-nat-a', rule({})), 'demo', NOW)
    expect(owned.preview).toBeUndefined()
    expect(owned.hint).toContain('POSTERN_CONFIG')
  })

  it('a dry run of a document answers its diff and preview, and writes nothing', async () => {
    const entries = () => query('SELECT * FROM egress_entry ORDER BY kind, name')
    const before = await entries()
    const answer = await putEgressDocument({
      name: 'default',
      text: 'egressRules:\n- { name: d, priority: 9000, providers: ["*"], sanctionedSources: [198.51.100.1] }',
      isDryRun: true,
      actor: 'ci',
      dataset: 'demo',
      nowMs: NOW,
    })
    expect(answer).toMatchObject({ dryRun: true, diff: [{ kind: 'rule', name: 'd', what: 'added' }] })
    expect(answer.preview?.changed).toBeGreaterThan(1)
    expect(await entries()).toEqual(before)
  })
})
