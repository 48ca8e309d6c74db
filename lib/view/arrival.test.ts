import { describe, expect, it } from 'vitest'
import type { ApiToken } from '@/lib/model/api-token'
import type { SourceLine, SourceReport } from '@/lib/model/source-report'
import { arrivalOf, type Expected } from './arrival'

const NOW = Date.parse('2026-11-24T12:00:00Z')
const expected: Expected = {
  source: 'hubble',
  cluster: 'prod',
  collectors: [],
  sinceMs: NOW - 60_000,
  address: 'http://p:1',
}
const line = (changes: Partial<SourceLine> = {}): SourceLine => ({
  source: 'hubble',
  cluster: 'prod',
  lastReceivedMs: NOW - 10_000,
  acceptedInWindow: 5,
  duplicatesInWindow: 0,
  rejectedInWindow: 0,
  rejects: [],
  isSilent: false,
  lostInWindow: 0,
  gapsInWindow: 0,
  firstReceivedMs: NOW - 60_000,
  recordsPerSecond: 1,
  gaps: [],
  ...changes,
})
const report = (changes: Partial<SourceReport> = {}): SourceReport => ({
  nowMs: NOW,
  fromMs: NOW - 60_000,
  sources: [],
  collectors: [],
  ...changes,
})
const token = (lastUsedMs?: number): ApiToken => ({
  id: 'a',
  name: 'hubble of prod',
  scopes: ['ingest'],
  cluster: 'prod',
  createdMs: NOW - 60_000,
  ...(lastUsedMs !== undefined && { lastUsedMs }),
})
const collector = {
  name: 'relay',
  kind: 'hubble-relay',
  source: 'hubble',
  cluster: 'prod',
  sinceMs: NOW,
  updatedMs: NOW,
} as const

describe('the first record', () => {
  it('has arrived once the source was heard since then, and with the token that was made', () => {
    expect(arrivalOf(expected, report({ sources: [line()] }), undefined).state).toBe('arrived')
    expect(arrivalOf(expected, report({ sources: [line()] }), token(NOW - 10_000)).state).toBe('arrived')
  })

  it('has not, where another sender of the same source was heard and the token was never used', () => {
    expect(arrivalOf(expected, report({ sources: [line()] }), token())).toMatchObject({
      state: 'waiting',
      text: 'Nothing has come with this token yet.',
      remedy: expect.stringContaining('`curl -i http://p:1/api/health/live`'),
    })
  })

  it('has not, where the source was heard before, or under another cluster, source or hop', () => {
    for (const other of [
      line({ lastReceivedMs: NOW - 61_000 }),
      line({ cluster: 'dev' }),
      line({ source: 'calico' }),
      line({ hop: 'x' }),
    ])
      expect(arrivalOf(expected, report({ sources: [other] }), undefined).state).toBe('waiting')
    const nat = { ...expected, source: 'nat', hop: 'node' } as const
    expect(arrivalOf(nat, report({ sources: [line({ source: 'nat', hop: 'node' })] }), undefined).state).toBe('arrived')
  })

  it('that came and was refused says why and what to do', () => {
    const rejects = [{ reason: 'not_json' as const, count: 3, hint: 'Send JSON.' }]
    const refused = line({ acceptedInWindow: 0, rejectedInWindow: 3, rejects })
    expect(arrivalOf(expected, report({ sources: [refused] }), token(NOW))).toMatchObject({
      state: 'rejected',
      text: 'hubble of prod reached Postern, and everything was rejected: not_json.',
      remedy: 'Send JSON.',
    })
  })

  it('whose sender reached the server without a record says so', () => {
    expect(arrivalOf(expected, report(), token(NOW)).state).toBe('reached')
  })

  it('that a collector brings waits for the collector, which says what is wrong with it', () => {
    const pulled = { ...expected, collectors: ['hubble-relay'] }
    expect(arrivalOf(pulled, report(), undefined)).toMatchObject({
      state: 'waiting',
      remedy: expect.stringContaining('POSTERN_CONFIG'),
    })
    const failed = { ...collector, state: 'retrying', detail: 'connection refused', remedy: 'Check the port.' } as const
    expect(arrivalOf(pulled, report({ collectors: [failed] }), undefined)).toEqual({
      state: 'collector',
      text: 'Collector relay does not work: connection refused.',
      remedy: 'Check the port.',
    })
    expect(arrivalOf(pulled, report({ collectors: [{ ...collector, state: 'connected' }] }), undefined).state).toBe(
      'reached',
    )
    expect(arrivalOf(pulled, report({ collectors: [{ ...failed, cluster: 'dev' }] }), undefined).state).toBe('waiting')
  })
})
