import { describe, expect, it } from 'vitest'
import type { VariantRow } from '@/lib/model/graph-input'
import { type Basis, EDGE_STATES, type Outcome, type Pending, stateOfVerdict } from '@/lib/model/verdict'
import { combineVerdicts } from './combine-verdicts'

const counters = (connections: number, requests = 0) => ({
  connections,
  events: 0,
  requests,
  requestErrors: 0,
  spans: 0,
  bytesSent: 0,
  bytesReceived: 0,
})
const variant = (part: Partial<VariantRow>): VariantRow => ({
  id: '1',
  edgeId: 'e',
  source: 'hubble',
  observer: 'client',
  outcome: 'allowed',
  basis: 'rule',
  pending: 'same',
  layer: 'L4',
  repeats: false,
  counters: counters(1),
  firstMs: 0,
  lastMs: 0,
  ...part,
})
const denied = (part: Partial<VariantRow> = {}) => variant({ outcome: 'denied', basis: 'default', ...part })

describe('one verdict', () => {
  it('has a state for every combination, and never mixed', () => {
    for (const outcome of ['allowed', 'denied', 'dropped', 'error', 'observed', 'unknown'] satisfies Outcome[])
      for (const basis of ['rule', 'default', 'no_policy', 'implicit', 'not_reported', 'inferred'] satisfies Basis[])
        for (const pending of ['same', 'would_allow', 'would_deny', 'unknown'] satisfies Pending[]) {
          const state = stateOfVerdict({ outcome, basis, pending, layer: 'L4' })
          expect(EDGE_STATES).toContain(state)
          expect(state).not.toBe('mixed')
        }
  })
})

describe('an edge', () => {
  it.each([
    ['nothing was said', [], 'no_verdict'],
    [
      'traffic seen without a verdict is not allowed by policy',
      [variant({ outcome: 'observed', basis: 'not_reported' })],
      'no_verdict',
    ],
    [
      'allowed on one side, seen on the other',
      [variant({}), variant({ observer: 'server', outcome: 'observed', basis: 'not_reported' })],
      'allowed_by_policy',
    ],
    ['no policy applied', [variant({ basis: 'no_policy' })], 'allowed_no_policy'],
    [
      'the client lets it go, the server refuses it: one denied connection',
      [variant({}), denied({ observer: 'server' })],
      'denied_no_rule',
    ],
    ['an explicit rule denies', [denied({ basis: 'rule' })], 'denied_by_rule'],
    ['one side both passed and denied', [variant({ observer: 'server' }), denied({ observer: 'server' })], 'mixed'],
    ['denied at the client, yet some reached the server', [denied(), variant({ observer: 'server' })], 'mixed'],
    [
      'allowed at layer 4, every request refused at layer 7',
      [variant({}), denied({ layer: 'L7', counters: counters(0, 3) })],
      'denied_no_rule',
    ],
    [
      'some requests refused at layer 7',
      [variant({ layer: 'L7', counters: counters(0, 5) }), denied({ layer: 'L7', counters: counters(0, 3) })],
      'mixed',
    ],
    ['a staged policy would deny', [variant({ pending: 'would_deny' })], 'would_be_denied'],
    [
      'a drop for another cause is a badge',
      [variant({ outcome: 'dropped', basis: 'not_reported', dropReason: 'NO_EGRESS_GATEWAY' })],
      'no_verdict',
    ],
  ] as const)('%s', (_name, variants, state) => {
    expect(combineVerdicts(variants).state).toBe(state)
  })

  it('says how many passed and how many were denied', () => {
    const combined = combineVerdicts([
      variant({ observer: 'server', counters: counters(12) }),
      denied({ observer: 'server', counters: counters(3) }),
    ])
    expect(combined).toMatchObject({ state: 'mixed', passed: 12, denied: 3 })
  })
})

describe('a NAT between both ends', () => {
  const nat = (connections: number) =>
    variant({
      source: 'nat',
      observer: 'unknown',
      outcome: 'observed',
      basis: 'not_reported',
      counters: counters(connections),
    })

  it('is no verdict alone, and adds nothing to what an end counted', () => {
    expect(combineVerdicts([nat(2)])).toMatchObject({ state: 'no_verdict', passed: 2, denied: 0 })
    expect(combineVerdicts([variant({ counters: counters(3) }), nat(2)])).toMatchObject({
      state: 'allowed_by_policy',
      passed: 3,
    })
  })

  it('saw connections leave that are not those which the client’s policy stopped', () => {
    expect(combineVerdicts([denied(), nat(2)])).toMatchObject({ state: 'mixed', passed: 2, denied: 1 })
  })
})
