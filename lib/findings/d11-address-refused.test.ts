import { describe, expect, it } from 'vitest'
import { door, edge, external, facts, provider, slot, spans, workload } from './__fixtures__/cluster-facts'
import { d11 } from './d11-address-refused'
import type { EdgeFacts } from './facts'

const planner = workload('agents/planner')
const call = (parts: Partial<EdgeFacts> = {}): EdgeFacts =>
  edge(planner, provider('openai'), { slots: [slot({ spans: 3, refused: 2 })], spans: spans({ refused: 2 }), ...parts })
const found = (...edges: EdgeFacts[]) => d11.detect(facts({ edges }))

describe('D11', () => {
  it('is high: an outage too, and possible, for it is the workload’s word', () => {
    expect(found(call())).toMatchObject([
      {
        severity: 'high',
        certainty: 'possible',
        title: 'OpenAI refuses the address by which agents/planner calls, as its traces say; its calls fail.',
        shown: { kind: 'slots', slots: [{ count: 2 }] },
      },
    ])
  })

  it('names the addresses by which it was seen to leave', () => {
    expect(found(call({ door: door('unverified', { observedIps: ['198.51.100.7'] }) }))[0]?.facts[1]).toBe(
      'It was seen to leave by 198.51.100.7.',
    )
  })

  it('keeps silent for calls that were answered otherwise, and for others than providers', () => {
    expect(found(call({ slots: [slot({ spans: 3 })] }))).toEqual([])
    expect(found(call({ server: external('example.com') }))).toEqual([])
  })
})
