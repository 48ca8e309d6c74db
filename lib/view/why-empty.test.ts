import { describe, expect, it } from 'vitest'
import type { Collector } from '@/lib/model/collector'
import type { SourceLine, SourceReport } from '@/lib/model/source-report'
import { whyEmpty } from './why-empty'

const NOW = Date.parse('2026-11-24T12:00:00Z')
const source = (changes: Partial<SourceLine> = {}): SourceLine => ({
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
  firstReceivedMs: NOW - 3_600_000,
  recordsPerSecond: 1,
  gaps: [],
  ...changes,
})
const collector = (changes: Partial<Collector> = {}): Collector => ({
  name: 'relay',
  kind: 'hubble-relay',
  source: 'hubble',
  cluster: 'prod',
  state: 'connected',
  sinceMs: NOW - 60_000,
  updatedMs: NOW - 5000,
  ...changes,
})
const causes = (
  report: Partial<SourceReport>,
  view: { readonly cluster?: string; readonly toMs?: number } = {},
): readonly string[] => texts(report, view).map((one) => one.cause)
const texts = (report: Partial<SourceReport>, { cluster = '', toMs = NOW } = {}) =>
  whyEmpty(
    { nowMs: NOW, fromMs: NOW - 900_000, sources: [], collectors: [], ...report },
    { cluster, window: { fromMs: toMs - 900_000, toMs }, nowMs: NOW },
  )

describe('an empty screen says why', () => {
  it('nothing ever sent', () => expect(causes({})).toEqual(['never']))

  it('a collector that fails, with its remedy, also where nothing ever came', () => {
    const failing = collector({ state: 'failed', detail: 'wrong certificate', remedy: 'Give it the right CA.' })
    expect(causes({ collectors: [failing] })).toEqual(['never', 'collector'])
    expect(texts({ collectors: [failing] })[1]).toMatchObject({
      text: 'Collector relay (Hubble Relay) does not work: wrong certificate.',
      remedy: 'Give it the right CA.',
    })
  })

  it('a collector whose process died, though it last said that it works', () => {
    expect(causes({ sources: [source()], collectors: [collector({ updatedMs: NOW - 61_000 })] })).toEqual(['collector'])
    expect(causes({ sources: [source()], collectors: [collector({ updatedMs: NOW - 59_000 })] })).toEqual([])
  })

  it('only other clusters are heard', () => {
    expect(causes({ sources: [source()] }, { cluster: 'staging' })).toEqual(['other-cluster'])
    expect(causes({ sources: [source()] }, { cluster: 'prod' })).toEqual([])
  })

  it('everything rejected, by the most frequent reason with its hint', () => {
    const rejects = [{ reason: 'not_json' as const, count: 3, hint: 'Send JSON.' }]
    const all = source({ acceptedInWindow: 0, rejectedInWindow: 3, rejects })
    expect(texts({ sources: [all] })).toEqual([
      {
        cause: 'rejected',
        text: 'Everything that hubble of prod sent was rejected: 3 × not_json.',
        remedy: 'Send JSON.',
      },
    ])
    expect(causes({ sources: [source({ rejectedInWindow: 3, rejects })] })).toEqual([])
  })

  it('a silent source, with what its silence means', () => {
    expect(causes({ sources: [source({ isSilent: true }), source({ cluster: 'dev' })] })).toEqual(['silent'])
  })

  it('a window before the first record', () => {
    const failing = collector({ state: 'failed' })
    const all = { sources: [source({ isSilent: true })], collectors: [failing] }
    expect(causes(all, { toMs: NOW - 7_200_000 })).toEqual(['before-first'])
    expect(causes(all)).toEqual(['collector', 'silent'])
  })

  it('nothing, where all is well and nothing happened', () => {
    expect(causes({ sources: [source({ acceptedInWindow: 0 })], collectors: [collector()] })).toEqual([])
  })
})
