import { describe, expect, it } from 'vitest'
import { mergeOldFindings, type OldFinding, withoutAddress } from './merge-old-findings'

const old = (parts: Partial<OldFinding>): OldFinding => ({
  id: 'a',
  detector: 'D0',
  dataset: '',
  cluster: 'prod-eu',
  edgeId: '1',
  status: 'open',
  severity: 'critical',
  workload: 'agents/planner',
  target: 'OpenAI (api.openai.com, 192.0.2.1)',
  count: 3,
  firstMs: 1000,
  lastMs: 2000,
  resolvedMs: null,
  ...parts,
})

describe('withoutAddress', () => {
  it.each([
    ['OpenAI (api.openai.com, 192.0.2.1)', 'OpenAI (api.openai.com)'],
    ['OpenAI (api.openai.com, 2001:db8::1)', 'OpenAI (api.openai.com)'],
    ['api.openai.com, 192.0.2.1', 'api.openai.com'],
    ['OpenAI (api.openai.com)', 'OpenAI (api.openai.com)'],
    ['192.0.2.1', '192.0.2.1'],
  ])('%s is %s', (target, bare) => expect(withoutAddress(target)).toBe(bare))
})

describe('mergeOldFindings', () => {
  it('makes one of those that differ by the address alone, with summed counts and all edges', () => {
    const rows = [
      old({ id: 'a', edgeId: '1', count: 3, firstMs: 1000, lastMs: 2000, status: 'resolved', resolvedMs: 2500 }),
      old({
        id: 'b',
        edgeId: '2',
        count: 4,
        firstMs: 1500,
        lastMs: 3000,
        target: 'OpenAI (api.openai.com, 192.0.2.2)',
      }),
    ]
    expect(mergeOldFindings(rows)).toMatchObject([
      {
        id: 'b',
        merged: ['a'],
        count: 7,
        status: 'open',
        resolvedMs: null,
        firstMs: 1000,
        lastMs: 3000,
        edgeIds: ['2', '1'],
        target: 'OpenAI (api.openai.com)',
      },
    ])
  })
  it('is resolved only where all of them are, and since the last of them', () => {
    const resolved = { status: 'resolved', resolvedMs: 2500 } as const
    const rows = [old({ id: 'a', ...resolved }), old({ id: 'b', edgeId: '2', ...resolved, resolvedMs: 9000 })]
    expect(mergeOldFindings(rows)).toMatchObject([{ status: 'resolved', resolvedMs: 9000 }])
    const stale = [old({ id: 'a', ...resolved }), old({ id: 'b', edgeId: '2', status: 'stale' })]
    expect(mergeOldFindings(stale)).toMatchObject([{ status: 'stale', resolvedMs: null }])
  })
  it('keeps detectors, clusters, datasets, workloads and targets apart', () => {
    const rows = [
      old({ id: 'a' }),
      old({ id: 'b', detector: 'D0u' }),
      old({ id: 'c', cluster: 'other' }),
      old({ id: 'd', dataset: 'pinned' }),
      old({ id: 'e', workload: 'agents/other' }),
      old({ id: 'f', target: 'OpenAI (eu.api.openai.com)' }),
    ]
    expect(mergeOldFindings(rows).map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  })
})
