import { describe, expect, it } from 'vitest'
import {
  edge,
  external,
  facts,
  known,
  MINUTE,
  NOW,
  provider,
  slot,
  spans,
  workload,
} from './__fixtures__/cluster-facts'
import { d7 } from './d7-shadow-ai'
import type { EdgeFacts, WorkloadFacts } from './facts'

const planner = workload('agents/planner')
const call = (parts: Partial<EdgeFacts> = {}): EdgeFacts => edge(planner, provider('openai'), parts)
const cluster = (edges: EdgeFacts[], traced: Partial<WorkloadFacts> = {}) =>
  facts({ edges, workloads: [known(planner, { spans: 40, spanHosts: ['api.stripe.com'], ...traced })] })
const found = (edges: EdgeFacts[], traced: Partial<WorkloadFacts> = {}) => d7.detect(cluster(edges, traced))

describe('D7', () => {
  it('opens where a workload sends spans, and none to the provider that it reaches', () => {
    expect(found([call()], { isSampled: false })).toMatchObject([
      {
        severity: 'medium',
        certainty: 'possible',
        title: 'agents/planner reaches OpenAI, and none of its traces tells of it.',
      },
    ])
  })

  it('is low where spans are a sample, or nobody knows whether they are', () => {
    expect(found([call()])).toMatchObject([{ severity: 'low' }])
    expect(found([call()], { isSampled: true })).toMatchObject([{ severity: 'low' }])
  })

  it('keeps silent for a workload that sends no spans at all: it is not instrumented', () => {
    expect(found([call()], { spans: 0 })).toEqual([])
    expect(d7.detect(facts({ edges: [call()] }))).toEqual([])
  })

  it('keeps silent where a span names the host, another host of the provider, or the provider', () => {
    expect(found([call()], { spanHosts: ['api.openai.com'] })).toEqual([])
    expect(found([call()], { spanHosts: ['eu.api.openai.com'] })).toEqual([])
    expect(found([call({ spans: spans() })])).toEqual([])
    const elsewhere = edge(planner, workload('ml/litellm'), { spans: spans({ claimedProviders: ['openai'] }) })
    expect(found([call(), elsewhere])).toEqual([])
  })

  it('keeps silent where the list of hosts of spans was cut', () => {
    const spanHosts = Array.from({ length: 64 }, (_, at) => `h${at}.example.com`)
    expect(found([call()], { spanHosts })).toEqual([])
  })

  it('waits five minutes for the span', () => {
    const young = slot({ passed: 2, firstMs: NOW - 4 * MINUTE, lastMs: NOW - MINUTE }, 0)
    expect(found([call({ slots: [young] })])).toEqual([])
    expect(found([call({ slots: [{ ...young, firstMs: NOW - 5 * MINUTE }] })])).toHaveLength(1)
  })

  it('keeps silent for hosts that are no model API, names that are not certain, and what was denied', () => {
    expect(found([call({ server: provider('openai', { role: 'ui' }) })])).toEqual([])
    expect(found([call({ server: provider('openai', { certain: false }) })])).toEqual([])
    expect(found([call({ slots: [slot({ denied: 2 })] })])).toEqual([])
    expect(found([call({ server: external('example.com') })])).toEqual([])
  })

  it('is disproved by a span that came late', () => {
    const pair = { workload: 'agents/planner', target: 'OpenAI' }
    expect(d7.isDisproved?.(pair, cluster([call()]))).toBe(false)
    expect(d7.isDisproved?.(pair, cluster([call()], { spanHosts: ['api.openai.com'] }))).toBe(true)
    expect(d7.isDisproved?.(pair, cluster([]))).toBe(false)
  })
})
