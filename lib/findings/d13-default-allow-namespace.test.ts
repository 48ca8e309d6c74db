import { describe, expect, it } from 'vitest'
import { aiWorkload, edge, external, facts, known, slot, variant, workload } from './__fixtures__/cluster-facts'
import { d13 } from './d13-default-allow-namespace'
import type { ClusterFacts, EdgeFacts } from './facts'

const web = workload('shop/web')
const vllm = aiWorkload('ml/vllm', 'vllm')
const into = variant({ basis: 'no_policy' })
const out = variant({ observer: 'client', basis: 'no_policy' })
const path = (parts: Partial<EdgeFacts> = {}): EdgeFacts => edge(web, vllm, { variants: [into], ...parts })
const found = (edges: EdgeFacts[], parts: Partial<ClusterFacts> = {}) => d13.detect(facts({ edges, ...parts }))

describe('D13', () => {
  it('is a fact, medium, where everything of a namespace with an AI workload is stated to be allowed by no policy', () => {
    expect(found([path(), edge(vllm, external('pypi.org'), { variants: [out] })])).toMatchObject([
      {
        workload: 'ml',
        target: 'no policy',
        severity: 'medium',
        certainty: 'fact',
        title: 'No policy applies to anything seen in namespace ml, which runs AI workloads: vllm.',
        cause: 'namespace:ml',
      },
    ])
  })

  it('keeps silent where one flow of the namespace was decided by a policy, and is disproved by it', () => {
    const pair = { workload: 'ml', target: 'no policy' }
    for (const decided of [variant({ basis: 'rule' }), variant({ outcome: 'denied', basis: 'default' })]) {
      const edges = [path(), path({ edgeId: 'other', variants: [decided] })]
      expect(found(edges)).toEqual([])
      expect(d13.isDisproved?.(pair, facts({ edges }))).toBe(true)
    }
    expect(d13.isDisproved?.(pair, facts({ edges: [path()] }))).toBe(false)
  })

  it('does not take an empty list of Hubble for "no policy", nor silence beside a statement', () => {
    const untold = variant({ source: 'hubble', basis: 'not_reported', enforced: [] })
    expect(found([path({ variants: [untold] })])).toEqual([])
    expect(found([path(), path({ edgeId: 'other', variants: [untold] })])).toEqual([])
    expect(
      found([
        path(),
        path({ edgeId: 'o', variants: [variant({ source: 'hubble', outcome: 'observed', basis: 'not_reported' })] }),
      ]),
    ).toEqual([])
  })

  it('looks at the namespace’s own side of each flow only', () => {
    const ruledAtCaller = variant({ observer: 'client', basis: 'rule' })
    expect(found([path({ variants: [into, ruledAtCaller] })])).toHaveLength(1)
    expect(found([path({ variants: [ruledAtCaller] })])).toEqual([])
  })

  it('takes no trace and no NAT record for a statement', () => {
    const traced = variant({ source: 'otlp', outcome: 'observed', basis: 'not_reported' })
    expect(found([path({ variants: [into, traced] })])).toHaveLength(1)
    expect(found([path({ variants: [traced] })])).toEqual([])
  })

  it('keeps silent for namespaces without an AI workload, and for the platform’s', () => {
    expect(found([path({ server: workload('pay/db') })])).toEqual([])
    expect(found([path({ server: aiWorkload('kube-system/vllm', 'vllm') })])).toEqual([])
    expect(found([path({ slots: [slot({ denied: 1 })] })])).toEqual([])
  })

  it('knows an AI workload by spans of its own too, and is possible where it is only likely', () => {
    const app = workload('pay/app')
    expect(found([path({ server: app })], { workloads: [known(app, { spans: 5, aiSpans: 2 })] })).toHaveLength(1)
    const likely = workload('ml/box', { ai: { role: 'model-server', by: 'ollama', certain: false } })
    expect(found([path({ server: likely })])).toMatchObject([{ certainty: 'possible' }])
  })
})
