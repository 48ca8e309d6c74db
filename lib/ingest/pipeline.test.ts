import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sampleFlow } from '@/lib/demo/sample-flow'
import { emptyDecodeResult } from '@/lib/model/decoded'
import type { Flow } from '@/lib/model/flow'
import type { IngestContext } from './draft'
import { podKey } from './draft'
import { DROP_REASONS, type DropReason } from './drop-reason'
import { ExemplarBudget } from './exemplar-budget'
import { runPipeline } from './pipeline'

const NOW = Date.parse('2026-11-24T12:00:00Z')
const HOUR = 3_600_000
const CONTEXT: IngestContext = { nowMs: NOW, dataset: '', retentionMs: 24 * HOUR, defaultCluster: 'default' }

const run = (flows: readonly Flow[], change: Partial<IngestContext> = {}) =>
  runPipeline({ ...emptyDecodeResult(), flows: [...flows] }, { ...CONTEXT, ...change })
let keys = 0
const flow = (change: Partial<Flow> = {}) => sampleFlow({ recordKey: `k${++keys}`, startMs: NOW - 60_000, ...change })
const external = { class: 'external', namespace: '', name: 'api.openai.com', ip: '203.0.113.200' } as const

describe('drops', () => {
  const cases: Record<DropReason, readonly Flow[]> = {
    bad_value: [flow({ serverPort: 70_000 })],
    too_old: [flow({ startMs: NOW - 25 * HOUR })],
    in_the_future: [flow({ startMs: NOW + HOUR })],
    repeated_record: [flow({ recordKey: 'same' }), flow({ recordKey: 'same' })],
  }
  it.each(DROP_REASONS)('%s happens and is counted once', (reason) => {
    const batch = run(cases[reason])
    expect(batch.drops).toEqual({ [reason]: 1 })
    expect(batch.rejects.map((reject) => reject.reason)).toEqual(reason === 'repeated_record' ? [] : [reason])
  })

  it.each([
    ['a negative count', flow({ counts: { ...flow().counts, bytesSent: -1 } })],
    ['a fraction', flow({ counts: { ...flow().counts, connections: 0.5 } })],
    ['a count beyond any source', flow({ counts: { ...flow().counts, bytesSent: 1e14 } })],
    ['an end before the start', flow({ endMs: NOW - 120_000 })],
    ['an interval of years', flow({ startMs: 0, endMs: NOW })],
    ['no time at all', flow({ startMs: Number.NaN })],
    ['a port below zero', flow({ clientPort: -1 })],
  ])('%s is a bad value', (_name, bad) => {
    expect(run([bad], { dataset: 'pinned' }).drops).toEqual({ bad_value: 1 })
  })

  it('a pinned dataset takes any time', () => {
    expect(run([...cases.too_old, ...cases.in_the_future], { dataset: 'incident' }).drops).toEqual({})
  })

  it('a long record counts as old by its end', () => {
    expect(run([flow({ startMs: NOW - 26 * HOUR, endMs: NOW - 23 * HOUR })]).drops).toEqual({})
  })

  it('a reject names the line of its record, and the stored flow does not', () => {
    expect(run([flow({ startMs: NOW - 25 * HOUR, line: 12 })]).rejects).toEqual([
      { line: 12, reason: 'too_old', detail: 'it ended 25 h ago; live data go back 24 h' },
    ])
    expect(run([flow({ line: 12 })]).evidence[0]?.flow).not.toHaveProperty('line')
  })

  it('equal record keys of two clusters are two records', () => {
    const twins = ['a', 'b'].map((cluster) => flow({ recordKey: 'content', cluster }))
    expect(run(twins).drops).toEqual({})
  })
})

describe('cluster', () => {
  it.each([
    [{ tokenCluster: 't', clusterHeader: 'h' }, 't', 1],
    [{ clusterHeader: 'h' }, 'h', 1],
    [{}, 'own', 0],
  ])('%o gives %s', (change, cluster, conflicts) => {
    const batch = run([flow({ cluster: 'own' })], change)
    expect(batch.evidence[0]?.flow.cluster).toBe(cluster)
    expect(batch.clusterConflicts).toBe(conflicts)
  })

  it('is never empty', () => {
    expect(run([flow({ cluster: '' })], { clusterHeader: '' }).evidence[0]?.flow.cluster).toBe('default')
  })
})

describe('workload', () => {
  const told = {
    class: 'workload',
    namespace: 'shop',
    name: 'nightly',
    pod: 'job-1-x2x5v',
    workloadKind: 'CronJob',
  } as const
  const untold = { class: 'workload', namespace: 'shop', name: 'job-1', pod: 'job-1-x2x5v' } as const

  it('is learned from any record of the batch, whatever their order', () => {
    const batch = run([flow({ server: untold }), flow({ server: told })])
    expect(batch.evidence.map((item) => item.flow.server.name)).toEqual(['nightly', 'nightly'])
    expect(new Set(batch.evidence.map((item) => item.variantKey)).size).toBe(1)
    expect(batch.owners).toMatchObject([{ pod: 'job-1-x2x5v', workload: 'nightly', workloadKind: 'CronJob' }])
  })

  it('is taken from the store, in its own cluster only', () => {
    const knownOwners = new Map([[podKey('a', 'shop', 'job-1-x2x5v'), { name: 'nightly', kind: 'CronJob' }]])
    const names = ['a', 'b'].map(
      (clusterHeader) => run([flow({ server: untold })], { knownOwners, clusterHeader }).evidence[0]?.flow.server.name,
    )
    expect(names).toEqual(['nightly', 'job-1'])
  })
})

describe('evidence', () => {
  const verdict = flow().verdict
  it.each([
    ['denied', flow({ verdict: { ...verdict, outcome: 'denied' } })],
    ['dropped', flow({ verdict: { ...verdict, outcome: 'dropped' } })],
    ['error', flow({ verdict: { ...verdict, outcome: 'error' } })],
    ['audit', flow({ verdict: { ...verdict, pending: 'would_deny' } })],
    ['calico', flow({ source: 'calico' })],
    ['external', flow({ server: external })],
  ])('%s is kept however often it comes', (keptAs, kept) => {
    const batch = run(Array.from({ length: 5 }, (_, index) => ({ ...kept, recordKey: `${keptAs}${index}` })))
    expect(batch.evidence.map((item) => item.keptAs)).toEqual(Array(5).fill(keptAs))
    expect(batch.sums).toEqual([])
  })

  it('of the rest two exemplars per variant and bucket are kept, also across batches', () => {
    const exemplars = new ExemplarBudget()
    const batches = [3, 3].map((count) =>
      run(
        Array.from({ length: count }, () => flow()),
        { exemplars },
      ),
    )
    expect(batches.map((batch) => batch.evidence.length)).toEqual([2, 0])
    expect(batches.map((batch) => batch.summed[0]?.accepted)).toEqual([1, 3])
  })

  it('replies from outside are summed, not kept', () => {
    const replies = Array.from({ length: 5 }, () => flow({ server: external, isReply: true }))
    expect(run(replies).evidence.map((item) => item.keptAs)).toEqual(['exemplar', 'exemplar'])
  })

  it('a denial has one key per tuple, side and minute; L7 denials and aggregates have none', () => {
    const denied = { ...verdict, outcome: 'denied' } as const
    const at = Math.floor(NOW / 60_000) * 60_000 - 120_000
    const keyOf = (change: Partial<Flow>) =>
      run([flow({ verdict: denied, clientPort: 1, startMs: at, ...change })]).evidence[0]?.denialKey
    expect(keyOf({})).toBeDefined()
    expect(keyOf({ startMs: at + 59_999 })).toBe(keyOf({}))
    expect(keyOf({ startMs: at + 60_000 })).not.toBe(keyOf({}))
    expect(keyOf({ clientPort: 2 })).not.toBe(keyOf({}))
    expect(keyOf({ observer: 'server' })).not.toBe(keyOf({}))
    expect(keyOf({ source: 'calico' })).toBeUndefined()
    expect(keyOf({ verdict: { ...denied, layer: 'L7' } })).toBeUndefined()
  })
})

describe('sightings', () => {
  const sighting = (change: Partial<Flow>) =>
    run([flow({ server: external, serverPort: 443, clientPort: 40_000, ...change })]).evidence[0]?.sighting
  it('tell of a workload that calls out', () => {
    expect(sighting({})).toMatchObject({
      clientIp: '10.0.0.1',
      clientPort: 40_000,
      serverIp: '203.0.113.200',
      isOpening: true,
      isBlocked: false,
    })
  })
  it.each([
    ['traffic inside', { server: flow().server }],
    ['DNS', { protocol: 'udp', serverPort: 53 }],
    ['calls from outside', { client: external }],
    ['a repeat of a sibling', { repeatsSiblingCounts: true }],
  ])('leave out %s', (_name, change) => {
    expect(sighting(change)).toBeUndefined()
  })
  it('tell what a node on the way saw, which knows neither the port nor what the pod asked for', () => {
    const passed = { observer: 'gateway', clientPort: undefined } as const
    expect(sighting(passed)).toMatchObject({ isPassing: true })
    expect(sighting({ ...passed, server: { ...external, fqdnSelectors: ['*.example.com'] } })).toMatchObject({
      isPassing: true,
    })
    for (const change of [
      { ...passed, observer: 'client' as const },
      { ...passed, clientPort: 40_000 },
      { ...passed, server: { ...external, dnsNames: ['api.openai.com'] } },
      { ...passed, server: { ...external, ip: '' } },
    ])
      expect(sighting(change)).toMatchObject({ isPassing: false })
  })
  it('know a gateway without address as broken, and an L7 refusal as no block', () => {
    const dropped = {
      outcome: 'dropped',
      basis: 'not_reported',
      pending: 'same',
      layer: 'L4',
      dropReason: 'NO_EGRESS_GATEWAY',
    } as const
    expect(sighting({ verdict: dropped })).toMatchObject({ isBroken: true, isBlocked: false })
    expect(sighting({ verdict: { ...dropped, outcome: 'denied', layer: 'L7' } })).toMatchObject({ isBlocked: false })
  })
})

describe('names', () => {
  it('control characters and lone surrogates go before anything is keyed', () => {
    const dirty = run([flow({ server: { class: 'workload', namespace: 'a\0\nb', name: 'x\ud800y' } })]).evidence[0]
    const clean = run([flow({ server: { class: 'workload', namespace: 'ab', name: 'xy' } })]).evidence[0]
    expect(dirty?.flow.server).toMatchObject({ namespace: 'ab', name: 'xy' })
    expect(dirty?.variantKey).toBe(clean?.variantKey)
  })

  it('no two identities share a variant key', () => {
    const name = fc.string({ maxLength: 6 })
    const peer = fc.record({ class: fc.constantFrom('workload', 'external', 'internet'), namespace: name, name })
    fc.assert(
      fc.property(peer, peer, peer, peer, (a, b, c, d) => {
        const [first, second] = [[a, b] as const, [c, d] as const].map(
          ([client, server]) => run([flow({ client, server })]).evidence[0],
        )
        const identity = (item: typeof first) => JSON.stringify([item?.flow.client, item?.flow.server])
        expect(first?.variantKey === second?.variantKey).toBe(identity(first) === identity(second))
      }),
      { numRuns: 300, seed: 3 },
    )
  })

  it('a trace that was not reported differs from one that is empty', () => {
    const variants = [{}, { enforced: [] }, { enforced: [], pending: [] }].map(
      (trace) => run([flow({ trace })]).evidence[0]?.variantKey,
    )
    expect(new Set(variants).size).toBe(3)
  })

  it('DNS answers are learned for their TTL, at least five minutes', () => {
    const dnsAnswer = { name: 'api.openai.com', ips: ['203.0.113.1', '203.0.113.2'], ttlS: 30 }
    const { names } = run([flow({ dnsAnswer })])
    expect(names.map((name) => [name.ip, name.toMs - name.fromMs])).toEqual([
      ['203.0.113.1', 300_000],
      ['203.0.113.2', 300_000],
    ])
  })
})
