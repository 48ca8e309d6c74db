import { describe, expect, it } from 'vitest'
import type { Collector } from '@/lib/model/collector'
import { SOURCE_NAMES } from '@/lib/model/source-name'
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

const AT_NOW = { cluster: '', window: { fromMs: NOW - 900_000, toMs: NOW }, nowMs: NOW }

describe('an empty screen says why', () => {
  it('nothing ever sent', () => expect(causes({})).toEqual(['never']))

  it('of a dataset that nothing was sent to: that its name may be wrong, never that no source ever sent', () => {
    const of = { ...AT_NOW, dataset: 'outgae' }
    expect(whyEmpty({ nowMs: NOW, fromMs: 0, sources: [], collectors: [] }, of)).toMatchObject([
      { cause: 'no-dataset', text: 'Nothing was ever sent to the dataset outgae.' },
    ])
  })

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
        hop: 'reader',
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

  it('everything rejected for its times: a clock to set, or a dataset to keep it in, not a format to mend', () => {
    const refused = (reason: 'in_the_future' | 'too_old') =>
      source({ acceptedInWindow: 0, rejectedInWindow: 3, rejects: [{ reason, count: 3, hint: 'Hint.' }] })
    expect(texts({ sources: [refused('in_the_future')] })).toMatchObject([
      { cause: 'clock', hop: 'reader', remedy: 'Hint.', command: expect.stringContaining('timedatectl') },
    ])
    expect(texts({ sources: [refused('too_old')] })).toMatchObject([
      { cause: 'too-old', command: expect.stringContaining('--dataset') },
    ])
  })

  it('a source that sends what is of a time before the window', () => {
    const behind = source({ lastRecordMs: NOW - 7_200_000 })
    expect(texts({ sources: [behind] })).toMatchObject([
      { cause: 'late', text: expect.stringContaining('2026-11-24 10:00:00 UTC, before this window') },
    ])
    expect(causes({ sources: [source({ lastRecordMs: NOW - 60_000 })] })).toEqual([])
    // Of a window that is over, what comes now says nothing.
    expect(
      causes({ sources: [source({ firstReceivedMs: 0, lastRecordMs: NOW - 7_200_000 })] }, { toMs: NOW - 120_000 }),
    ).toEqual([])
    expect(causes({ sources: [{ ...behind, isSilent: true }] })).toEqual(['silent'])
  })

  it('a Relay that reaches no agent', () => {
    const nodes = { connected: 0, unavailable: 3, unavailableNames: [] }
    expect(texts({ sources: [source()], collectors: [collector({ nodes })] })).toMatchObject([
      { cause: 'no-agents', hop: 'agent' },
    ])
    expect(causes({ sources: [source()], collectors: [collector({ nodes: { ...nodes, connected: 1 } })] })).toEqual([])
  })

  it('a database that does not answer, before anything that was known', () => {
    expect(whyEmpty(undefined, AT_NOW, 'the database does not answer')).toMatchObject([
      {
        cause: 'database',
        hop: 'database',
        text: 'Postern’s server or its database does not answer: the database does not answer.',
        command: expect.stringContaining('/api/health/ready'),
      },
    ])
    expect(
      whyEmpty({ nowMs: NOW, fromMs: NOW, sources: [], collectors: [] }, AT_NOW, 'x').map(({ cause }) => cause),
    ).toEqual(['database'])
    expect(whyEmpty(undefined, AT_NOW)).toEqual([])
  })

  it('a view that filters everything away, whatever else is wrong', () => {
    const report = { nowMs: NOW, fromMs: NOW, sources: [source({ isSilent: true })], collectors: [] }
    const hidden = { edges: 12, by: ['AI traffic only', 'namespaces ml'] }
    expect(whyEmpty(report, { ...AT_NOW, hidden })).toEqual([
      {
        cause: 'filtered',
        hop: 'view',
        text: 'The view filters everything away: 12 edges of this window do not match.',
        remedy: 'What filters: AI traffic only; namespaces ml.',
      },
    ])
    expect(whyEmpty(report, { ...AT_NOW, cluster: 'dev', hidden }).map(({ cause }) => cause)).toEqual([
      'filtered',
      'other-cluster',
    ])
    expect(whyEmpty(report, { ...AT_NOW, hidden: { edges: 0, by: [] } }).map(({ cause }) => cause)).toEqual(['silent'])
  })

  it('each cause says on which hop of the way it stands, and what to do', () => {
    const failing = collector({ state: 'failed', remedy: 'Do.' })
    const all = texts({ sources: [source({ isSilent: true })], collectors: [failing] })
    expect(all.map(({ hop }) => hop)).toEqual(['receiver', 'agent'])
    for (const { remedy, command } of all) expect(remedy ?? command).toBeTruthy()
    for (const name of SOURCE_NAMES)
      expect(texts({ sources: [source({ source: name, isSilent: true })] })[0]?.command).toMatch(/\S/)
  })

  it('nothing, where all is well and nothing happened', () => {
    expect(causes({ sources: [source({ acceptedInWindow: 0 })], collectors: [collector()] })).toEqual([])
  })
})
