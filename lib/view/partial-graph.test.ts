import { describe, expect, it } from 'vitest'
import type { SourceCoverage } from '@/lib/model/coverage'
import { missingParts } from './partial-graph'

const NOW = Date.parse('2026-11-24T14:05:00Z')
const source = (changes: Partial<SourceCoverage> = {}): SourceCoverage => ({
  source: 'hubble',
  cluster: 'prod-eu',
  lastReceivedMs: NOW - 180_000,
  acceptedInWindow: 5,
  duplicatesInWindow: 0,
  rejectedInWindow: 0,
  rejects: [],
  isSilent: false,
  lostInWindow: 0,
  gapsInWindow: 0,
  ...changes,
})
const texts = (coverage: readonly SourceCoverage[], { cluster = '', windowEndMs = NOW } = {}) =>
  missingParts(coverage, { cluster, windowEndMs, nowMs: NOW }).map(({ text }) => text)

describe('a graph is partial', () => {
  it('while a source is silent, since its last word, and no longer', () => {
    expect(missingParts([source({ isSilent: true })], { cluster: '', windowEndMs: NOW, nowMs: NOW })).toEqual([
      {
        kind: 'silent',
        text: 'Hubble of prod-eu has been silent since 14:02 UTC (3 min ago)',
        missing: 'edges and verdicts',
        sinceMs: NOW - 180_000,
      },
    ])
    expect(texts([source()])).toEqual([])
  })

  it('where records were lost, with their number where it was told', () => {
    expect(texts([source({ gapsInWindow: 2, lostInWindow: 3291 })])).toEqual(['Hubble of prod-eu lost 3,291 records'])
    expect(texts([source({ gapsInWindow: 1 })])).toEqual(['Hubble of prod-eu has 1 gap'])
  })

  it('where everything is rejected, and not where some is', () => {
    expect(texts([source({ rejectedInWindow: 4, acceptedInWindow: 0 })])).toEqual([
      'everything that Hubble of prod-eu sends is rejected',
    ])
    expect(texts([source({ rejectedInWindow: 4 })])).toEqual([])
  })

  it('by sources of the view’s cluster alone, flows first', () => {
    const all = [
      source({ source: 'dns', isSilent: true }),
      source({ source: 'nat', hop: 'nat-gw', isSilent: true }),
      source({ isSilent: true }),
      source({ cluster: 'dev', source: 'calico', isSilent: true }),
    ]
    expect(texts(all, { cluster: 'prod-eu' })).toEqual([
      'Hubble of prod-eu has been silent since 14:02 UTC (3 min ago)',
      'NAT evidence of prod-eu at nat-gw has been silent since 14:02 UTC (3 min ago)',
      'DNS of prod-eu has been silent since 14:02 UTC (3 min ago)',
    ])
    expect(texts(all)).toHaveLength(4)
  })

  it('not by a silence that began after its window, nor by a source that has been gone for a day', () => {
    expect(texts([source({ isSilent: true })], { windowEndMs: NOW - 600_000 })).toEqual([])
    expect(texts([source({ isSilent: true, lastReceivedMs: NOW - 86_400_001 })])).toEqual([])
    expect(texts([source({ isSilent: true, lastReceivedMs: NOW - 86_399_999 })])).toHaveLength(1)
  })
})
