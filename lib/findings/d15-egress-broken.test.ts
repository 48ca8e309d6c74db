import { describe, expect, it } from 'vitest'
import { door, edge, external, facts, NOW, provider, slot, variant, workload } from './__fixtures__/cluster-facts'
import { d15 } from './d15-egress-broken'
import type { EdgeFacts } from './facts'

const planner = workload('agents/planner')
const noNode = variant({ source: 'hubble', outcome: 'dropped', basis: 'not_reported', dropReason: 'NO_EGRESS_GATEWAY' })
const noAddress = variant({
  source: 'hubble',
  outcome: 'dropped',
  basis: 'not_reported',
  dropReason: 'DROP_NO_EGRESS_IP',
})
const broken = (parts: Partial<EdgeFacts> = {}): EdgeFacts =>
  edge(planner, provider('openai'), {
    slots: [slot({ dropped: 5 })],
    door: door('broken'),
    broken: { count: 5, firstMs: NOW - 9, lastMs: NOW - 5 },
    variants: [noNode],
    ...parts,
  })
const found = (...edges: EdgeFacts[]) => d15.detect(facts({ edges }))

describe('D15', () => {
  it('is high and a fact, counted in total where the connections are judged', () => {
    expect(found(broken())).toMatchObject([
      {
        severity: 'high',
        certainty: 'fact',
        title:
          'agents/planner → OpenAI (api.openai.com) is dropped at the egress gateway: no node of the egress gateway matches.',
        cause: 'gateway-broken:nat-a (203.0.113.10/32)',
        shown: { kind: 'total', count: 5 },
      },
    ])
  })

  it('is said of servers that are no provider too, counted by slots', () => {
    const other = broken({ server: external('example.com'), broken: undefined, door: undefined, variants: [noAddress] })
    expect(found(other)).toMatchObject([
      {
        title:
          'agents/planner → example.com is dropped at the egress gateway: the egress gateway has no address to give.',
        cause: 'gateway-broken:DROP_NO_EGRESS_IP',
        shown: { kind: 'slots', slots: [{ count: 5 }] },
      },
    ])
  })

  it('keeps silent for drops of other causes, alone or among the gateway’s, and for denials', () => {
    const other = variant({
      source: 'hubble',
      outcome: 'dropped',
      basis: 'not_reported',
      dropReason: 'CT_MAP_INSERTION_FAILED',
    })
    expect(found(broken({ broken: undefined, variants: [other] }))).toEqual([])
    expect(found(broken({ broken: undefined, variants: [noNode, other] }))).toEqual([])
    expect(found(broken({ broken: undefined, variants: [variant({ outcome: 'denied', basis: 'default' })] }))).toEqual(
      [],
    )
    expect(found(broken({ broken: undefined, variants: [] }))).toEqual([])
  })

  it('takes no reason from the prototype of an object', () => {
    const hostile = variant({ outcome: 'dropped', basis: 'not_reported', dropReason: '__proto__' })
    expect(found(broken({ broken: undefined, variants: [hostile] }))).toEqual([])
  })
})
