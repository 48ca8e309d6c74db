import { describe, expect, it } from 'vitest'
import { DETECTOR_IDS, type Finding } from '@/lib/model/finding'
import { nextStepOf, summariseCase } from './summarise-case'

const finding = (parts: Partial<Finding> = {}): Finding => ({
  id: 'f1',
  detector: 'D0',
  status: 'open',
  severity: 'critical',
  certainty: 'fact',
  dataset: '',
  cluster: 'prod-eu',
  workload: 'agents/planner',
  target: 'OpenAI (api.openai.com)',
  title: 'agents/planner → OpenAI (api.openai.com) left by 198.51.100.7, not by nat-a (203.0.113.10).',
  facts: [],
  disproof: '',
  cause: 'door:198.51.100.7',
  edgeIds: ['1'],
  count: 30,
  firstSeenMs: Date.UTC(2026, 10, 26, 14, 2),
  lastSeenMs: Date.UTC(2026, 10, 26, 15, 2),
  openedMs: Date.UTC(2026, 10, 26, 14, 3),
  ...parts,
})

describe('summariseCase', () => {
  it('says who, what, since when, how often and by which evidence', () => {
    expect(summariseCase([finding()]).summary).toBe(
      'agents/planner reached OpenAI (api.openai.com) by 198.51.100.7 instead of nat-a since 26 Nov 14:02 UTC; 30 connections, proven by NAT records.',
    )
  })
  it('names one workload and counts the others', () => {
    const findings = [
      finding(),
      finding({ id: 'f2', workload: 'agents/writer', count: 5 }),
      finding({ id: 'f3', workload: 'agents/third', count: 2 }),
    ]
    expect(summariseCase(findings).summary).toMatch(/^agents\/planner and 2 more workloads reached .*; 37 connections,/)
  })
  it('speaks of what goes on, and of all once it is over', () => {
    const over = finding({ id: 'f2', workload: 'agents/writer', count: 5, status: 'resolved' })
    expect(summariseCase([finding(), over]).summary).toContain('30 connections')
    expect(summariseCase([finding({ status: 'resolved' }), over]).summary).toContain('35 connections')
  })
  it('tells the worst problem, and how many others have the same cause', () => {
    const other = finding({ id: 'f2', detector: 'D5', severity: 'low' })
    expect(summariseCase([other, finding()]).summary).toMatch(
      /^agents\/planner reached .*; 1 more finding has the same cause\.$/,
    )
  })
  it.each(DETECTOR_IDS)('%s has its words, and a next step', (detector) => {
    const { summary } = summariseCase([finding({ detector, cause: 'x', title: '', count: 1 })])
    expect(summary).toMatch(/^agents\/planner .*OpenAI \(api\.openai\.com\).* since 26 Nov 14:02 UTC; 1 [a-z ]+, .+\.$/)
    expect(nextStepOf([finding({ detector })])).toMatch(/^[A-Z].*\.$/)
  })
  it('does not depend on the order of the findings', () => {
    const findings = [
      finding(),
      finding({ id: 'f2', workload: 'agents/writer' }),
      finding({ id: 'f3', detector: 'D16' }),
    ]
    expect(summariseCase([...findings].reverse())).toEqual(summariseCase(findings))
  })
  it('is cut where names from outside are long', () => {
    expect(summariseCase([finding({ target: 'x'.repeat(5000) })]).summary.length).toBeLessThanOrEqual(1000)
  })
  it('says that nothing is to be done where every finding is settled', () => {
    expect(nextStepOf([finding({ status: 'resolved' })])).toMatch(/^Nothing/)
  })
})
