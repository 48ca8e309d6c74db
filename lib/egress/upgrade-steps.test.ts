import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { SourceCoverage } from '@/lib/model/coverage'
import type { UnverifiedReason } from '@/lib/model/egress'
import { NAT_PATH } from './__fixtures__/scene'
import { parseEgressConfig } from './config'
import { type UpgradeInput, upgradeSteps } from './upgrade-steps'

const REASONS: readonly UnverifiedReason[] = [
  'no_nat_evidence',
  'partial_hop',
  'unmapped_nat_address',
  'join_too_weak',
  'intent_only',
  'sampled_only',
  'stale_probe',
  'conflicting',
  'provider_unknown',
  'rule_ambiguous',
  'provider_refused',
  'partial_coverage',
]
const NO_COUNTS = { violation: 0, sanctioned: 0, unverified: 1, blocked: 0, broken: 0, not_applicable: 0, no_rule: 0 }
const heard = (part: Partial<SourceCoverage>): SourceCoverage => ({
  source: 'nat',
  cluster: 'prod-eu',
  acceptedInWindow: 1,
  duplicatesInWindow: 0,
  rejectedInWindow: 0,
  rejects: [],
  gapsInWindow: 0,
  isSilent: false,
  lostInWindow: 0,
  ...part,
})
const input = (reason: UnverifiedReason | undefined, parts: Partial<UpgradeInput> = {}): UpgradeInput => ({
  unverified: reason ? [{ reason, lean: 'none', connections: 1 }] : [],
  counts: NO_COUNTS,
  cluster: 'prod-eu',
  workload: { namespace: 'ml', name: 'planner' },
  column: 'openai',
  paths: [NAT_PATH],
  coverage: [],
  seen: [],
  server: new URL('https://postern.example.com'),
  ...parts,
})
const commands = (value: UpgradeInput) => upgradeSteps(value).flatMap(({ snippet }) => snippet?.command ?? [])

describe('what would upgrade a cell', () => {
  it.each(REASONS)('%s has an answer', (reason) => {
    expect(
      upgradeSteps(input(reason))
        .map(({ text }) => text)
        .join(' ').length,
    ).toBeGreaterThan(40)
  })

  it('everything proven needs nothing', () => {
    expect(upgradeSteps(input(undefined))).toEqual([])
  })

  it('no evidence asks for every silent hop, with this server, the cluster and the hop filled in', () => {
    const [node, gateway] = commands(input('no_nat_evidence'))
    expect(node).toContain('https://postern.example.com/api/ingest/nat/conntrack?hop=node-masquerade')
    expect(gateway).toContain('https://postern.example.com/api/ingest/nat/conntrack?hop=aws-natgw')
    expect(gateway).toContain('X-Postern-Cluster: prod-eu')
  })

  it('a partial hop asks for the last hop alone', () => {
    const all = commands(input('partial_hop')).join('\n')
    expect(all).toContain('hop=aws-natgw')
    expect(all).not.toContain('hop=node-masquerade')
  })

  it('an address without a map shows the line to add, with that very address, and it is what the settings take', () => {
    const seen = [{ kind: 'aws-vpc-flow' as const, addresses: ['10.0.0.220', '203.0.113.10'] }]
    const [command = ''] = commands(input('unmapped_nat_address', { seen }))
    expect(command).toContain('10.0.0.220: PUBLIC-ADDRESS')
    expect(command).not.toContain('203.0.113.10:')
    expect(parse(command.split('\n\n')[0] ?? '')).toEqual({
      paths: [{ name: 'aws-nat', map: { '10.0.0.220': 'PUBLIC-ADDRESS' } }],
    })
  })

  it('a weak join by a flow log without ports shows the format with ports', () => {
    const all = commands(input('join_too_weak', { seen: [{ kind: 'aws-vpc-flow', addresses: [] }] })).join('\n')
    expect(all).toContain('{srcport}')
    expect(all).toContain('/api/ingest/nat/aws-vpc?hop=aws-natgw')
  })

  it('an unknown provider asks for names: of the CNI that speaks there, and of CoreDNS', () => {
    const cilium = commands(input('provider_unknown', { coverage: [heard({ source: 'hubble' })] })).join('\n')
    expect(cilium).toContain('CiliumNetworkPolicy')
    expect(cilium).toContain('/api/ingest/dns/coredns')
    const calico = commands(input('provider_unknown', { coverage: [heard({ source: 'calico' })] })).join('\n')
    expect(calico).not.toContain('CiliumNetworkPolicy')
  })

  it('a provider that keeps a record of calls is asked for it', () => {
    const all = commands(input('no_nat_evidence', { column: 'aws-bedrock' })).join('\n')
    expect(all).toContain('/api/ingest/nat/cloudtrail')
    expect(all).toContain('"ml/planner"')
  })

  it('without a path it comes first to say which hop is the last, in words that the settings take', () => {
    const [command = ''] = commands(input('no_nat_evidence', { paths: [] }))
    expect(parseEgressConfig(command, { origin: 'file' })).toMatchObject({
      entries: { paths: [{ name: 'prod-eu', clusters: ['prod-eu'], hops: ['node', 'nat-gw'], finalHop: 'nat-gw' }] },
    })
  })

  it('where every hop sends, it still says what to send from where', () => {
    const coverage = NAT_PATH.hops.map((hop) => heard({ hop }))
    const [step] = upgradeSteps(input('no_nat_evidence', { coverage }))
    expect(step?.text).toContain('Every hop of path aws-nat sends')
    expect(step?.snippet?.command).toContain('hop=aws-natgw')
  })

  it('what no rule covers gets a rule to fill in', () => {
    const [command = ''] = commands(input(undefined, { counts: { ...NO_COUNTS, no_rule: 3 } }))
    expect(parseEgressConfig(command.replace('PUBLIC-ADDRESS', '203.0.113.10'), { origin: 'file' })).toMatchObject({
      entries: { rules: [{ workloads: { namespaces: ['ml'] }, providers: ['openai'] }] },
    })
  })

  it('several reasons each bring theirs, once', () => {
    const unverified = [
      { reason: 'no_nat_evidence' as const, lean: 'none' as const, connections: 3 },
      { reason: 'no_nat_evidence' as const, lean: 'likely_ok' as const, connections: 2 },
      { reason: 'provider_unknown' as const, lean: 'none' as const, connections: 1 },
    ]
    const steps = upgradeSteps(input(undefined, { unverified }))
    expect(new Set(steps.map(({ text, snippet }) => `${text}${snippet?.command}`)).size).toBe(steps.length)
    expect(steps.some(({ text }) => text.includes('host is not known'))).toBe(true)
  })

  it('names of clusters and namespaces that would break out of a setting are one value of it', () => {
    const hostile = 'x"\n  - evil: [1]\n# {'
    const made = commands(
      input('no_nat_evidence', {
        paths: [],
        cluster: hostile,
        counts: { ...NO_COUNTS, no_rule: 1 },
        workload: { namespace: hostile, name: 'w' },
      }),
    )
    const yaml = made.filter((command) => /^(paths|egressPoints):/.test(command))
    expect(yaml).toHaveLength(2)
    for (const command of yaml) {
      const parsed = parse(command)
      expect(JSON.stringify(parsed)).not.toContain('"evil"')
      expect(parsed.paths?.length ?? parsed.egressRules?.length).toBe(1)
    }
  })
})
