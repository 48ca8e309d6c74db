import { describe, expect, it } from 'vitest'
import type { DoorSummary, EgressObservation } from '@/lib/model/egress'
import { configOf, connectionOf, T0 } from './__fixtures__/scene'
import { explainDoor, explainJudgement } from './explain'
import { judgeConnection } from './judge'
import { summariseDoor } from './summarise-door'

const formatTime = (atMs: number) => `T+${(atMs - T0) / 1000}s`
const SEEN: EgressObservation = {
  kind: 'conntrack-gw',
  ip: '198.51.100.7',
  join: 'J3',
  hop: 'aws-natgw',
  trustedChannel: true,
  atMs: T0,
  endMs: T0 + 329_000,
}
const explain = (list: readonly EgressObservation[], parts = {}) =>
  explainJudgement(judgeConnection(connectionOf(parts), list, configOf()), formatTime)

describe('a judgement in words', () => {
  it.each([
    [[SEEN], {}, 'Left by 198.51.100.7, not by nat-a (203.0.113.10). Seen in the log of hop aws-natgw, T+0s–T+329s.'],
    [
      [{ ...SEEN, ip: '203.0.113.10', endMs: undefined }],
      {},
      'Left by nat-a (203.0.113.10), as it must. Seen in the log of hop aws-natgw, T+0s.',
    ],
    [[], {}, 'Not verified: no NAT evidence was received for it.'],
    [
      [{ ...SEEN, join: 'J1' as const }],
      {},
      'Not verified: a record exists, but it cannot be tied to this connection. It is likely a violation.',
    ],
    [[], { isBlocked: true }, 'A policy stopped it; it never left.'],
    [[], { isBroken: true }, 'The egress gateway had no node or no address; it never left.'],
    [[], { serverIp: '10.0.0.9' }, 'Not judged: the provider was reached at a private address, so no NAT is involved.'],
    [[SEEN], { provider: undefined }, 'Left by 198.51.100.7; no egress rule speaks of it.'],
    [
      [],
      { refusedByProvider: true },
      'Not verified: the workload reports that the provider refused its address. It is likely a violation.',
    ],
    [
      [{ ...SEEN, kind: 'provider-refusal' as const, ip: undefined, hop: undefined, endMs: undefined }],
      {},
      "The provider refused the address by which it left. Seen in a log of the provider's refusal, T+0s.",
    ],
  ])('%#', (list, parts, words) => {
    expect(explain(list, parts)).toBe(words)
  })
})

describe('a name that only a question gave', () => {
  const named = (...hosts: readonly string[]) =>
    explainJudgement(
      { ...judgeConnection(connectionOf(), [SEEN], configOf()), named: { way: 'dns-question', hosts } },
      formatTime,
    )
  it('is said to be one, alone or among others; other names need no word', () => {
    expect(named('api.openai.com')).toMatch(
      / Named api\.openai\.com by the pod's own question \(CoreDNS log\), not by an answer\.$/,
    )
    expect(named('a.example', 'b.example')).toMatch(
      / The pod asked for a\.example, b\.example shortly before; no answer tells which of them this is\.$/,
    )
    expect(explain([SEEN], {})).not.toContain('Named')
  })
})

describe('a door in words', () => {
  const judged = (list: readonly EgressObservation[], weight: number) => ({
    judgement: judgeConnection(connectionOf(), list, configOf()),
    weight,
  })
  const ok = (weight: number) => judged([{ ...SEEN, ip: '203.0.113.10' }], weight)
  it('says counts with every state', () => {
    expect(explainDoor(summariseDoor([ok(120), judged([SEEN], 3), judged([], 217)]))).toBe(
      '3 connections of 340 left by 198.51.100.7, not by nat-a (203.0.113.10). 120 proven to have left rightly, 217 not verified.',
    )
    expect(explainDoor(summariseDoor([ok(200), judged([], 1)]))).toBe(
      '200 connections of 201 proven to have left by a sanctioned address, 1 not judged.',
    )
    expect(explainDoor(summariseDoor([ok(1), judged([], 1)]))).toBe(
      'Not verified: a part of its connections could not be judged. 1 of 2 connections verified.',
    )
    expect(explainDoor(summariseDoor([]))).toBe('Not verified: no NAT evidence was received for it.')
  })
  it('names at most three of what would have been right', () => {
    const door: DoorSummary = {
      ...summariseDoor([judged([SEEN], 1)]),
      expected: ['a (1.1.1.1/32)', '2.2.2.0/24', 'c (::1/128)', 'd', 'e'],
    }
    expect(explainDoor(door)).toContain('not by a (1.1.1.1) or 2.2.2.0/24 or c (::1) or 2 more.')
  })
})
