import { describe, expect, it } from 'vitest'
import type { EgressPath } from '@/lib/model/egress'
import { NAT_PATH, T0 } from './__fixtures__/scene'
import { parseEgressConfig } from './config'
import { type AuditFacts, auditBounds, joinAuditRecords } from './join-audit-records'
import type { StoredNatRecord } from './nat-candidates'

const HOST = 'bedrock-runtime.us-east-1.amazonaws.com'
const PATH: EgressPath = {
  ...NAT_PATH,
  clusters: ['prod-eu'],
  workloadByPrincipal: { 'arn:aws:sts::1:assumed-role/planner/*': 'ml/planner', 'sa@example': 'ml/planner' },
}
const facts = (parts: Partial<AuditFacts> = {}): AuditFacts => ({
  cluster: 'prod-eu',
  workload: { namespace: 'ml', name: 'planner' },
  hosts: [HOST],
  firstMs: T0,
  lastMs: T0 + 60_000,
  onlyOfWorkload: {},
  ...parts,
})
const audit = (parts: Partial<StoredNatRecord> = {}): StoredNatRecord => ({
  source: 'cloudtrail',
  recordKey: 'k',
  id: 'k',
  cluster: 'prod-eu',
  hop: 'provider',
  trusted: true,
  atMs: T0 + 1000,
  translatedIp: '203.0.113.10',
  destinationHost: HOST,
  principal: 'arn:aws:sts::1:assumed-role/planner/session',
  raw: '',
  ...parts,
})
const levels = (records: readonly StoredNatRecord[], parts: Partial<AuditFacts> = {}, paths = [PATH]) =>
  joinAuditRecords(facts(parts), records, paths).map(({ join }) => join)

describe('a provider’s record of a caller', () => {
  it('is the connection’s where the caller is the workload alone and the connection was its only one', () => {
    expect(joinAuditRecords(facts(), [audit()], [PATH])).toMatchObject([
      {
        kind: 'cloudtrail',
        ip: '203.0.113.10',
        join: 'J2',
        onlyCandidate: true,
        trustedChannel: true,
        evidenceIds: ['k'],
      },
    ])
  })

  it.each([
    ['another connection of the workload was open', { onlyOfWorkload: undefined }],
    ['another one began too soon after it', { onlyOfWorkload: { toMs: T0 + 2000 } }],
    ['another one was open until then', { onlyOfWorkload: { fromMs: T0 - 1000 } }],
    ['the row stands for several', { weight: 3 }],
  ])('only hints where %s', (_name, parts) => {
    expect(levels([audit()], parts)).toEqual(['J1'])
  })

  it.each([
    ['of all clusters', []],
    ['of two clusters', ['prod-eu', 'prod-us']],
  ])('only hints where the path that names the caller is %s', (_name, clusters) => {
    expect(levels([audit()], {}, [{ ...PATH, clusters }])).toEqual(['J1'])
  })

  it.each([
    ['another caller', audit({ principal: 'arn:aws:sts::1:assumed-role/planner' })],
    ['no caller', audit({ principal: undefined })],
    ['another host', audit({ destinationHost: 'api.openai.com' })],
    ['another cluster', audit({ cluster: 'prod-us' })],
    ['before it', audit({ atMs: T0 - 5001 })],
    ['after it', audit({ atMs: T0 + 65_001 })],
    ['a record that is no audit', audit({ source: 'gcp-nat' })],
  ])('says nothing: %s', (_name, record) => {
    expect(levels([record])).toEqual([])
  })

  it('says nothing where two paths disagree about the caller, even of another cluster', () => {
    const other = { ...PATH, name: 'other', clusters: ['prod-us'], workloadByPrincipal: { 'arn:aws:*': 'ml/other' } }
    expect(levels([audit()], {}, [PATH, other])).toEqual([])
  })

  it('is shown once per address', () => {
    const records = [
      audit(),
      audit({ id: 'l', recordKey: 'l', atMs: T0 + 2000 }),
      audit({ id: 'm', translatedIp: '198.51.100.7' }),
    ]
    expect(joinAuditRecords(facts(), records, [PATH]).map(({ ip }) => ip)).toEqual(['203.0.113.10', '198.51.100.7'])
  })

  it('is looked for by the callers and hosts of the workload, and not at all where no path names one', () => {
    expect(auditBounds(facts(), [PATH])).toEqual({
      cluster: 'prod-eu',
      hosts: [HOST],
      principals: ['arn:aws:sts::1:assumed-role/planner/*', 'sa@example'],
      fromMs: T0 - 5000,
      toMs: T0 + 65_000,
    })
    expect(auditBounds(facts(), [NAT_PATH])).toBeUndefined()
    expect(auditBounds(facts({ workload: { namespace: 'ml', name: 'other' } }), [PATH])).toBeUndefined()
  })
})

describe('callers in the config', () => {
  const parse = (principals: string, clusters = '[prod]') =>
    parseEgressConfig(
      `paths:\n  - { name: p, clusters: ${clusters}, hops: [nat], final: nat, principals: ${principals} }`,
      { origin: 'file' },
    )

  it('are read', () => {
    const { entries, issues } = parse('{ "arn:aws:x/*": ml/agent }')
    expect(issues).toEqual([])
    expect(entries?.paths[0]?.workloadByPrincipal).toEqual({ 'arn:aws:x/*': 'ml/agent' })
  })
  it.each([
    ['a star in the middle', '{ "arn:*:x": ml/agent }', 'error'],
    ['no namespace', '{ "arn:aws:x": agent }', 'error'],
    ['a reserved word', '{ "__proto__": ml/agent }', 'none'],
  ])('are refused with %s', (_name, principals, severity) => {
    const { issues, entries } = parse(principals)
    if (severity === 'none')
      expect(Object.keys(entries?.paths[0]?.workloadByPrincipal ?? {})).not.toContain('__proto__')
    else expect(issues.map((issue) => issue.severity)).toContain(severity)
  })
  it('come with a warning on a path of several clusters, or of all', () => {
    for (const clusters of ['[]', '[a, b]'])
      expect(parse('{ "arn:aws:x": ml/agent }', clusters).issues).toMatchObject([{ severity: 'warning' }])
  })
})
