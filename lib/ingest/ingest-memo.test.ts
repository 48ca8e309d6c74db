import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sampleFlow } from '@/lib/demo/sample-flow'
import { emptyDecodeResult } from '@/lib/model/decoded'
import type { Peer } from '@/lib/model/endpoint'
import type { Flow } from '@/lib/model/flow'
import type { Verdict } from '@/lib/model/verdict'
import { type IngestContext, podKey } from './draft'
import { ExemplarBudget } from './exemplar-budget'
import { IngestMemo } from './ingest-memo'
import { runPipeline } from './pipeline'

const NOW = Date.parse('2026-11-24T12:00:00Z')
const CONTEXT: IngestContext = { nowMs: NOW, dataset: '', retentionMs: 3_600_000, defaultCluster: 'default' }

/** As decoders share them: some frozen, some not, and one whose owner only others tell. */
const PEERS: readonly Peer[] = [
  Object.freeze({ class: 'workload', namespace: 'shop', name: 'job-1', pod: 'job-1-x2x5v' }),
  Object.freeze({ class: 'workload', namespace: 'shop', name: 'nightly', pod: 'job-1-x2x5v', workloadKind: 'CronJob' }),
  { class: 'workload', namespace: 'shop', name: 'api', pod: 'api-6f7d8c9b4-x2x5v' },
  Object.freeze({ class: 'external', namespace: '', name: 'api.openai.com', ip: '203.0.113.7' }),
  Object.freeze({ class: 'workload', namespace: 'a\nb', name: 'x\0y', pod: 'p' }),
]
const VERDICTS: readonly Verdict[] = [
  { outcome: 'allowed', basis: 'rule', pending: 'same', layer: 'L4' },
  { outcome: 'denied', basis: 'rule', pending: 'same', layer: 'L4' },
  { outcome: 'dropped', basis: 'rule', pending: 'same', layer: 'L4', dropReason: 'a\nb' },
]
const TRACES = [
  {},
  { enforced: [] },
  { enforced: [{ kind: 'P', namespace: '', tier: '', name: 'p', action: 'allow' }] },
] as const

const anyFlow: fc.Arbitrary<Flow> = fc
  .record({
    client: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...PEERS.slice(0, 1)) }, fc.constantFrom(...PEERS)),
    server: fc.constantFrom(...PEERS),
    verdict: fc.oneof(
      fc.constantFrom(...VERDICTS),
      fc.constantFrom(...VERDICTS).map((verdict) => ({ ...verdict })),
    ),
    trace: fc.oneof(
      fc.constantFrom(...TRACES),
      fc.constantFrom(...TRACES).map((trace) => structuredClone(trace)),
    ),
    // Nearly always the same, so that flows differ in one thing alone.
    serverPort: fc.oneof(
      { weight: 9, arbitrary: fc.constant(80) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 40 }) },
    ),
    observer: fc.constantFrom('client', 'server'),
    cluster: fc.constantFrom('a', 'b', undefined),
    startMs: fc.integer({ min: NOW - 40_000, max: NOW }),
    length: fc.constantFrom(0, 0, 0, 20_000),
    recordKey: fc.integer({ min: 0, max: 200 }).map(String),
    isReply: fc.boolean(),
  })
  .map(({ length, ...flow }) => sampleFlow({ ...flow, endMs: flow.startMs + length }))

const batch = fc.record({
  flows: fc.array(anyFlow, { maxLength: 60 }),
  owner: fc.constantFrom(undefined, 'first', 'second'),
})

it('batches that share a memo come out as those that do not', () => {
  fc.assert(
    fc.property(fc.array(batch, { minLength: 2, maxLength: 4 }), (batches) => {
      const memo = new IngestMemo()
      const [shared, alone] = [new ExemplarBudget(), new ExemplarBudget()]
      for (const { flows, owner } of batches) {
        const owned = ['a', 'b', 'default'].map((cluster) => podKey(cluster, 'shop', 'api-6f7d8c9b4-x2x5v'))
        const knownOwners = new Map(owner ? owned.map((key) => [key, { name: owner, kind: 'Deployment' }]) : [])
        const decoded = { ...emptyDecodeResult(), flows }
        const context = { ...CONTEXT, knownOwners }
        expect(runPipeline(decoded, { ...context, memo, exemplars: shared })).toEqual(
          runPipeline(decoded, { ...context, exemplars: alone }),
        )
      }
    }),
    { numRuns: 300, seed: 5 },
  )
})

it('sums of a batch are those of its flows, whatever objects they share', () => {
  fc.assert(
    fc.property(fc.array(anyFlow, { maxLength: 80 }), (flows) => {
      const copies = flows.map((flow) => structuredClone(flow))
      const run = (given: Flow[]) => runPipeline({ ...emptyDecodeResult(), flows: given }, CONTEXT)
      expect(run(flows)).toEqual(run(copies))
    }),
    { numRuns: 200, seed: 6 },
  )
})
