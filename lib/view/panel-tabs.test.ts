import { describe, expect, it } from 'vitest'
import type { DoorState, DoorSummary } from '@/lib/model/egress'
import type { EdgeVariant } from '@/lib/model/graph'
import type { EdgeState } from '@/lib/model/verdict'
import { firstTab, rowsHref } from './panel-tabs'

const COUNTS = { violation: 0, sanctioned: 0, unverified: 0, blocked: 0, broken: 0, not_applicable: 0, no_rule: 0 }
const door = (state: DoorState): DoorSummary => ({ state, lean: 'none', counts: COUNTS, observedIps: [], expected: [] })
const VARIANT: EdgeVariant = {
  id: '1',
  source: 'hubble',
  observer: 'client',
  outcome: 'allowed',
  basis: 'rule',
  pending: 'same',
  layer: 'L4',
  counters: { connections: 1, events: 0, requests: 0, requestErrors: 0, spans: 0, bytesSent: 0, bytesReceived: 0 },
  firstMs: 0,
  lastMs: 0,
}
const first = (state: EdgeState, of?: DoorState, variants: readonly EdgeVariant[] = [VARIANT]) =>
  firstTab({ state, variants, ...(of && { door: door(of) }) })

describe('firstTab', () => {
  it('is the one that says why the edge looks as it does', () => {
    expect(first('allowed_by_policy')).toBe('flows')
    expect(first('allowed_by_policy', 'sanctioned')).toBe('flows')
    expect(first('allowed_by_policy', 'violation')).toBe('egress')
    expect(first('denied_by_rule', 'blocked')).toBe('policies')
    expect(first('allowed_by_policy', 'unverified')).toBe('egress')
    expect(
      (['denied_by_rule', 'denied_no_rule', 'mixed', 'would_be_denied'] as const).map((state) => first(state)),
    ).toEqual(['policies', 'policies', 'policies', 'policies'])
    expect(first('no_verdict', undefined, [])).toBe('traces')
  })
})

describe('rowsHref', () => {
  it('keeps the window and filters of the view, and says what is selected', () => {
    expect(rowsHref('/flows', 'from=now-1h&dataset=demo&v=2', 'edge:-5')).toBe(
      '/flows?from=now-1h&dataset=demo&v=2&sel=edge%3A-5',
    )
    expect(rowsHref('/flows', '', 'node:7')).toBe('/flows?sel=node%3A7')
    expect(rowsHref('/flows', '', 'edge:g0123456789abcdef', { outcome: 'denied' })).toBe(
      '/flows?sel=edge%3Ag0123456789abcdef&outcome=denied',
    )
    expect(rowsHref('/flows', '', 'edge:1', { pending: 'would_deny' })).toBe('/flows?sel=edge%3A1&pending=would_deny')
  })
})
