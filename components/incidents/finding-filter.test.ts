import { describe, expect, it } from 'vitest'
import type { Finding } from '@/lib/model/finding'
import { ALL_FINDINGS, filterFindings } from './finding-filter'

const finding = (parts: Partial<Finding>): Finding => ({
  id: 'f',
  detector: 'D0',
  status: 'open',
  severity: 'critical',
  certainty: 'fact',
  dataset: '',
  cluster: 'prod-eu',
  workload: 'agents/planner',
  target: 'OpenAI (api.openai.com)',
  title: 't',
  facts: [],
  disproof: '',
  cause: 'c',
  edgeIds: [],
  count: 1,
  firstSeenMs: 0,
  lastSeenMs: 0,
  openedMs: 0,
  ...parts,
})
const ALL = [
  finding({ id: '1' }),
  finding({ id: '2', status: 'resolved', severity: 'low', detector: 'D5', cluster: 'prod-us', workload: 'web/shop' }),
  finding({ id: '3', accepted: { by: 'ada', atMs: 0, reason: 'r' } }),
]

describe('filterFindings', () => {
  it.each([
    [{}, ['1', '2']],
    [{ tab: 'accepted' as const }, ['3']],
    [{ status: 'resolved' }, ['2']],
    [{ severity: 'critical' }, ['1']],
    [{ detector: 'D5' }, ['2']],
    [{ cluster: 'prod-us' }, ['2']],
    [{ text: ' PLANNER ' }, ['1']],
    [{ text: 'api.openai' }, ['1', '2']],
    [{ text: 'nobody' }, []],
  ])('%j leaves %j', (parts, ids) => {
    expect(filterFindings(ALL, { ...ALL_FINDINGS, ...parts }).map(({ id }) => id)).toEqual(ids)
  })
})
