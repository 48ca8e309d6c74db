import { describe, expect, it } from 'vitest'
import {
  aiWorkload,
  edge,
  external,
  facts,
  known,
  MINUTE,
  NOW,
  slot,
  variant,
  workload,
} from './__fixtures__/cluster-facts'
import { d4 } from './d4-lateral-movement'
import { type ClusterFacts, type EdgeFacts, LEARNING_MS } from './facts'

const web = workload('shop/web')
const vllm = aiWorkload('ml/vllm', 'vllm')
const noPolicy = variant({ basis: 'no_policy' })
const FRESH = NOW - 30 * MINUTE
const path = (parts: Partial<EdgeFacts> = {}): EdgeFacts => edge(web, vllm, { serverPort: 8000, ...parts })
const stated = (parts: Partial<EdgeFacts> = {}): EdgeFacts => path({ variants: [noPolicy], ...parts })
const found = (edges: EdgeFacts[], parts: Partial<ClusterFacts> = {}) => d4.detect(facts({ edges, ...parts }))
/** Both ends were known long before. */
const older = [known(web), known(vllm)]

describe('D4', () => {
  it('is a fact where the flow log states that no policy let a call from another namespace in', () => {
    expect(found([stated()])).toMatchObject([
      {
        workload: 'shop/web',
        target: 'ml/vllm',
        severity: 'medium',
        certainty: 'fact',
        title: 'shop/web reaches ml/vllm in another namespace, allowed by no policy.',
      },
    ])
    expect(found([path({ variants: [variant({ basis: 'default' })] })])).toHaveLength(1)
  })

  it('is high where the target holds data or keys of everybody', () => {
    const edges = [stated({ server: aiWorkload('ml/qdrant', 'qdrant', 'vector-store') })]
    expect(found(edges)).toMatchObject([{ severity: 'high' }])
    expect(found([stated({ server: aiWorkload('ml/litellm', 'litellm', 'gateway') })])).toMatchObject([
      { severity: 'high' },
    ])
  })

  it('does not take an empty list of Hubble for "no policy"', () => {
    const untold = variant({ source: 'hubble', basis: 'not_reported', enforced: [] })
    expect(found([path({ variants: [untold] })])).toEqual([])
    expect(
      found([path({ variants: [variant({ source: 'hubble', outcome: 'observed', basis: 'not_reported' })] })]),
    ).toEqual([])
    expect(found([path({ variants: [variant({ basis: 'inferred' })] })])).toEqual([])
  })

  it('keeps silent where a side lets it through by a rule, or the called side is told of without a reason', () => {
    expect(found([path({ variants: [noPolicy, variant({ observer: 'client', basis: 'rule' })] })])).toEqual([])
    expect(found([path({ variants: [noPolicy, variant({ basis: 'rule' })] })])).toEqual([])
    expect(found([path({ variants: [noPolicy, variant({ basis: 'not_reported' })] })])).toEqual([])
    expect(found([path({ variants: [variant({ basis: 'implicit' })] })])).toEqual([])
  })

  it('is possible where only the caller’s side is reported', () => {
    const out = variant({ observer: 'client', basis: 'no_policy' })
    expect(found([path({ variants: [out] })])).toMatchObject([{ certainty: 'possible' }])
  })

  it('is possible for a path between namespaces that is seen for the first time', () => {
    expect(found([path({ firstEverMs: FRESH })], { workloads: older })).toMatchObject([
      { certainty: 'possible', title: 'shop/web reaches ml/vllm in another namespace, for the first time.' },
    ])
  })

  it('calls nothing new in the first seven days, and still says what is allowed by no policy', () => {
    const young = { learningSinceMs: NOW - LEARNING_MS + 1, workloads: older }
    expect(found([path({ firstEverMs: FRESH })], young)).toEqual([])
    expect(found([path({ firstEverMs: FRESH })], { workloads: older, learningSinceMs: undefined })).toEqual([])
    expect(found([stated({ firstEverMs: FRESH })], young)).toHaveLength(1)
  })

  it('takes no path for new whose client or server is new itself, as after a deployment', () => {
    const edges = [path({ firstEverMs: FRESH })]
    expect(found(edges, { workloads: [known(web, { firstEverMs: FRESH }), known(vllm)] })).toEqual([])
    expect(found(edges, { workloads: [known(web), known(vllm, { firstEverMs: FRESH - 10 * MINUTE })] })).toEqual([])
    expect(found(edges, { workloads: [known(web)] })).toEqual([])
    const long = { ...vllm, firstEverMs: NOW - 9 * LEARNING_MS }
    expect(found([path({ firstEverMs: FRESH, server: long })], { workloads: [known(web)] })).toHaveLength(1)
  })

  it('keeps silent for a path that is known', () => {
    expect(found([path({ firstEverMs: NOW - 2 * 60 * MINUTE })], { workloads: older })).toEqual([])
  })

  it('keeps silent within one namespace, for platform namespaces, for others than AI workloads, and for what was denied', () => {
    expect(found([stated({ client: workload('ml/app') })])).toEqual([])
    for (const client of ['kube-system/agent', 'monitoring/prometheus', 'calico-system/node'])
      expect(found([stated({ client: workload(client) })])).toEqual([])
    expect(found([stated({ server: workload('pay/db') })])).toEqual([])
    expect(found([stated({ client: external('203.0.113.9') })])).toEqual([])
    expect(found([stated({ slots: [slot({ denied: 3 })] })])).toEqual([])
  })

  it('is possible, and less bad, where the target is only likely to be AI', () => {
    const likely = workload('ml/box', { ai: { role: 'model-server', by: 'ollama', certain: false } })
    expect(found([stated({ server: likely })])).toMatchObject([{ certainty: 'possible', severity: 'low' }])
  })

  it('does not keep the half that needs no history waiting', () => {
    expect(d4.isLearning).toBe(false)
  })
})
