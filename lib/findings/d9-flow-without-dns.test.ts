import { describe, expect, it } from 'vitest'
import { asked, edge, external, facts, provider, slot, workload } from './__fixtures__/cluster-facts'
import { d9 } from './d9-flow-without-dns'
import type { EdgeFacts, NameFacts } from './facts'

const planner = workload('agents/planner')
const ADDRESS = '160.79.104.10'
const byRange = provider(
  'anthropic',
  { host: ADDRESS, certain: false, matchedBy: 'cidr' },
  { name: ADDRESS, label: ADDRESS, ips: [ADDRESS] },
)
const call = (parts: Partial<EdgeFacts> = {}): EdgeFacts => edge(planner, byRange, parts)
const found = (edges: EdgeFacts[], names: NameFacts[] = []) => d9.detect(facts({ edges, names }))
const ANTHROPIC = { id: 'anthropic', name: 'Anthropic', role: 'inference' }

describe('D9', () => {
  it('is low and possible: an address that is a provider’s alone, and no name was asked for', () => {
    expect(found([call()])).toMatchObject([
      {
        severity: 'low',
        certainty: 'possible',
        title: `agents/planner reaches an address of Anthropic without asking for its name: ${ADDRESS}.`,
      },
    ])
  })

  it('is off where no DNS is told', () => {
    expect(d9.needs).toContain('dns')
  })

  it('keeps silent where the workload asked for the provider, or somebody did whom the log does not tell', () => {
    expect(found([call()], [asked('agents/planner', { provider: ANTHROPIC, isAnswer: false })])).toEqual([])
    expect(found([call()], [asked('agents/planner', { provider: ANTHROPIC, workload: undefined })])).toEqual([])
    expect(found([call()], [asked('ml/train', { provider: ANTHROPIC })])).toHaveLength(1)
    expect(found([call()], [asked('agents/planner')])).toHaveLength(1)
  })

  it('keeps silent where a name tells the provider, for what was denied, and for clients that are no workloads', () => {
    expect(found([edge(planner, provider('anthropic'))])).toEqual([])
    expect(found([call({ slots: [slot({ denied: 2 })] })])).toEqual([])
    expect(found([call({ client: { ...external('cluster nodes'), class: 'host' } })])).toEqual([])
  })

  it('is disproved by an answer that is told late', () => {
    const pair = { workload: 'agents/planner', target: 'Anthropic' }
    const names = [asked('agents/planner', { provider: ANTHROPIC })]
    expect(d9.isDisproved?.(pair, facts({ edges: [call()], names }))).toBe(true)
    expect(d9.isDisproved?.(pair, facts({ edges: [call()] }))).toBe(false)
  })
})
