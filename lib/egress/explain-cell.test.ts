import { describe, expect, it } from 'vitest'
import type { Judgement } from '@/lib/model/egress'
import { explainCell, type SpokenCell } from './explain-cell'
import { summariseDoor } from './summarise-door'

const clock = (atMs: number) => new Date(atMs).toISOString().slice(11, 19)
const T = Date.parse('2026-11-24T14:02:11Z')
const judged = (judgement: Partial<Judgement> & Pick<Judgement, 'state'>, weight: number) => ({
  judgement: { lean: 'none' as const, ...judgement },
  weight,
})
const VIOLATION: SpokenCell = {
  workload: 'agents / planner',
  cluster: 'prod',
  provider: 'OpenAI',
  hosts: ['api.openai.com'],
  door: summariseDoor([
    judged({ state: 'sanctioned', rule: 'ai', expected: ['nat-a (203.0.113.10/32)'], observedIp: '203.0.113.10' }, 120),
    judged({ state: 'violation', rule: 'ai', expected: ['nat-a (203.0.113.10/32)'], observedIp: '198.51.100.7' }, 3),
    judged({ state: 'unverified', reason: 'no_nat_evidence' }, 217),
  ]),
  seen: { kind: 'conntrack-gw', hop: 'nat-gw', fromMs: T, toMs: T + 329_000 },
}

describe('the sentence of a cell', () => {
  it('tells who, verdict with all counts, addresses, what was expected, where and from when to when', () => {
    expect(explainCell(VIOLATION, clock)).toBe(
      'agents / planner (cluster prod) → OpenAI (api.openai.com): 3 connections of 340 left by 198.51.100.7, not by nat-a (203.0.113.10). 120 proven to have left rightly, 217 not verified. Seen in the log of hop nat-gw, 14:02:11–14:07:40.',
    )
  })
  it('without evidence tells why it is not known, and claims to have seen nothing', () => {
    const door = summariseDoor([judged({ state: 'unverified', reason: 'no_nat_evidence' }, 4)])
    const { seen: _seen, ...rest } = VIOLATION
    expect(explainCell({ ...rest, door }, clock)).toBe(
      'agents / planner (cluster prod) → OpenAI (api.openai.com): Not verified: no NAT evidence was received for it. 0 of 4 connections verified.',
    )
  })
  it('names three hosts, and counts the rest', () => {
    const text = explainCell({ ...VIOLATION, hosts: ['a', 'b', 'c', 'd', 'e'] }, clock)
    expect(text).toContain('OpenAI (a, b, c and 2 more):')
  })
})
