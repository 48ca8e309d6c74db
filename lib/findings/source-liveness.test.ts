import { describe, expect, it } from 'vitest'
import type { SourceCoverage } from '@/lib/model/coverage'
import type { EgressPath } from '@/lib/model/egress'
import { livenessOf, rememberLiveness } from './source-liveness'

const PATH: EgressPath = {
  name: 'p',
  clusters: [],
  hops: ['node', 'natgw'],
  finalHop: 'natgw',
  publicByPrivate: {},
  origin: 'file',
}
const source = (kind: SourceCoverage['source'], parts: Partial<SourceCoverage> = {}): SourceCoverage => ({
  source: kind,
  cluster: 'prod-eu',
  acceptedInWindow: 1,
  duplicatesInWindow: 0,
  rejectedInWindow: 0,
  rejects: [],
  gapsInWindow: 0,
  isSilent: false,
  lostInWindow: 0,
  ...parts,
})
const alive = (coverage: readonly SourceCoverage[], paths: readonly EgressPath[] = [PATH]) => {
  const { flows, evidence } = livenessOf(coverage, 'prod-eu', paths)
  return [flows.isAlive, evidence.isAlive]
}

describe('what is alive', () => {
  const all = [source('hubble'), source('nat', { hop: 'natgw' })]
  it('flows and the last hop send', () => {
    expect(alive(all)).toEqual([true, true])
  })
  it.each([
    ['nobody', [], [false, false]],
    ['a silent flow source', [source('hubble', { isSilent: true }), source('nat', { hop: 'natgw' })], [false, true]],
    ['one of two flow sources silent', [...all, source('calico', { isSilent: true })], [false, true]],
    ['a silent last hop', [source('hubble'), source('nat', { hop: 'natgw', isSilent: true })], [true, false]],
    ['the first hop only', [source('hubble'), source('nat', { hop: 'node' })], [true, false]],
    ['another cluster', all.map((one) => ({ ...one, cluster: 'staging' })), [false, false]],
    ['spans only', [source('otlp')], [false, false]],
  ])('%s', (_, coverage, expected) => {
    expect(alive(coverage)).toEqual(expected)
  })
  it('without a path no evidence is known to be alive', () => {
    expect(alive(all, [])).toEqual([true, false])
    expect(alive(all, [{ ...PATH, clusters: ['staging'] }])).toEqual([true, false])
  })
  it('every path’s last hop must send', () => {
    expect(alive(all, [PATH, { ...PATH, name: 'q', finalHop: 'other' }])).toEqual([true, false])
  })
  it('where Hubble is the last hop, Hubble is the evidence', () => {
    expect(alive([source('hubble')], [{ ...PATH, finalHop: 'hubble' }])).toEqual([true, true])
  })
})

describe('since when', () => {
  const up = livenessOf([source('hubble')], 'prod-eu', [])
  const down = livenessOf([source('hubble', { isSilent: true })], 'prod-eu', [])
  it('a source is alive is known from the end of a silence that was seen, else from the first look', () => {
    const first = rememberLiveness(undefined, up, 1000)
    expect(first.flows).toEqual({ isKnown: true, isAlive: true, watchedSinceMs: 1000 })
    expect(rememberLiveness(first, up, 2000).flows).toEqual(first.flows)
    const silent = rememberLiveness(first, down, 3000)
    expect(silent.flows).toEqual({ isKnown: true, isAlive: false })
    const back = rememberLiveness(silent, up, 4000)
    expect(back.flows).toEqual({ isKnown: true, isAlive: true, aliveSinceMs: 4000 })
    expect(rememberLiveness(back, up, 5000).flows).toEqual(back.flows)
  })
})
