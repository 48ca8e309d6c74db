import { describe, expect, it } from 'vitest'
import { edge, facts, provider, slot, workload } from './__fixtures__/cluster-facts'
import { d14 } from './d14-telemetry-egress'
import type { EdgeFacts } from './facts'

const langsmith = provider('langsmith', { role: 'telemetry' })
const call = (parts: Partial<EdgeFacts> = {}): EdgeFacts => edge(workload('agents/planner'), langsmith, parts)
const found = (...edges: EdgeFacts[]) => d14.detect(facts({ edges }))

describe('D14', () => {
  it('is information where telemetry leaves to a service outside', () => {
    expect(found(call())).toMatchObject([
      {
        severity: 'info',
        certainty: 'fact',
        title: 'agents/planner sends telemetry to LangSmith; prompts may go with it.',
      },
    ])
  })

  it('keeps silent for other hosts of the vendor, for what was denied, and for a service of the cluster’s own', () => {
    expect(found(call({ server: provider('langsmith', { role: 'ui' }) }))).toEqual([])
    expect(found(call({ server: provider('openai') }))).toEqual([])
    expect(found(call({ slots: [slot({ denied: 1 })] }))).toEqual([])
    expect(found(call({ server: workload('ops/langfuse') }))).toEqual([])
  })

  it('is possible where the name is not certain', () => {
    expect(found(call({ server: provider('langsmith', { role: 'telemetry', certain: false }) }))).toMatchObject([
      { certainty: 'possible', title: expect.stringContaining('may send') },
    ])
  })
})
