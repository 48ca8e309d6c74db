import { describe, expect, it } from 'vitest'
import type { EgressPath } from '@/lib/model/egress'
import { configOf, connectionOf, NAT_PATH, T0 } from './__fixtures__/scene'
import { judgeConnection } from './judge'
import { HUBBLE_HOP, type HubbleClaim, observationFromHubble } from './observe-hubble'

const CLAIM: HubbleClaim = {
  cluster: 'prod-eu',
  atMs: T0,
  node: 'gw-1',
  serverClass: 'external',
  serverIp: '203.0.113.200',
  recordId: 'r1',
  isOnlyCandidate: true,
  isTrusted: true,
}
const DECLARED: EgressPath = { ...NAT_PATH, hops: [HUBBLE_HOP], finalHop: HUBBLE_HOP }
const observe = (
  ip: string,
  claim: Partial<HubbleClaim> = {},
  paths: readonly EgressPath[] = [DECLARED],
  isEgressObservation = true,
) => observationFromHubble({ ip, isEgressObservation }, { ...CLAIM, ...claim }, paths)

describe('what is an observation', () => {
  it('a translated source seen leaving the node towards the outside', () => {
    expect(observe('203.0.113.10')).toEqual({
      kind: 'hubble-xlated',
      ip: '203.0.113.10',
      join: 'J2',
      hop: 'hubble',
      hopFinal: true,
      isReply: false,
      trustedChannel: true,
      atMs: T0,
      evidenceIds: ['r1'],
    })
  })
  it.each([
    ['a reply or another observation point', observe('10.105.81.168', {}, [DECLARED], false)],
    ['a destination in the cluster', observe('203.0.113.10', { serverClass: 'workload' })],
    ['a private destination', observe('203.0.113.10', { serverIp: '10.20.0.9' })],
    ['no address', observe('not an address')],
  ])('%s is none', (_, observation) => expect(observation).toBeUndefined())
})

describe('what it is worth', () => {
  const judge = (observation: ReturnType<typeof observe>, paths: readonly EgressPath[]) =>
    judgeConnection(connectionOf(), observation ? [observation] : [], configOf({ paths: [...paths] }))
  it('a verdict where the operator declared Hubble’s hop, or the node, final', () => {
    expect(judge(observe('198.51.100.7'), [DECLARED])).toMatchObject({
      state: 'violation',
      confidence: 'observed at the node (declared final)',
    })
    const node = { ...NAT_PATH, hops: ['gw-1'], finalHop: 'gw-1' }
    expect(judge(observe('203.0.113.10', {}, [node]), [node]).state).toBe('sanctioned')
  })
  it('a partial hop where nobody did', () => {
    expect(judge(observe('10.0.1.5', {}, [NAT_PATH]), [NAT_PATH])).toMatchObject({
      state: 'unverified',
      reason: 'partial_hop',
    })
  })
  it('too weak a join where several connections could be meant', () => {
    expect(judge(observe('198.51.100.7', { isOnlyCandidate: false }), [DECLARED])).toMatchObject({
      state: 'unverified',
      reason: 'join_too_weak',
      lean: 'likely_violation',
    })
  })
})
