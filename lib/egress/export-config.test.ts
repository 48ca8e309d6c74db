import { expect, it } from 'vitest'
import { buildEgressConfig, parseEgressConfig } from './config'
import { exportEgressConfig } from './export-config'

const WHOLE = `
egressPoints:
- { name: nat-b, kind: egress-gateway, publicCidrs: [203.0.113.11], privateCidrs: [10.0.0.7], clusters: [prod],
    gateway: { namespace: egress, podLabels: { app: gw }, nodeSelector: { pool: 'true' } } }
- { name: v6, kind: direct, publicCidrs: ['2a00:1450:4001::/48'] }
- { name: plain, publicCidrs: [203.0.113.12], privateCidrs: [], clusters: [], gateway: { podLabels: {} } }
paths:
- { name: p, clusters: [prod], nodeSelector: { pool: a }, hops: [node, gw], final: gw, map: { 10.0.0.220: 203.0.113.10 },
    principals: { 'arn:aws:sts::1:assumed-role/a/*': ml/agent } }
egressRules:
- name: r
  priority: 7
  clusters: [prod]
  workloads: { namespaces: [ml], namespaceLabels: { env: '1' }, names: [a], podLabels: { 'a.b/c': 'no' }, serviceAccounts: [sa], aiOnly: true }
  providers: [openai, category:llm]
  hosts: ['*.Example.com']
  egressPoints: [nat-b]
  sanctionedSources: [{ cidr: 203.0.113.10/32, name: nat-a }, 198.51.100.9]
  requireEvidence: B
  mode: observe
  expiresAt: 2027-01-01T01:00:00+01:00
  reason: "a guest: until the move"
- { name: s, providers: ['*'], egressPoints: [v6] }
denyProviders: [deepseek]
`

it('what is written reads back as the same entries, of the same version', () => {
  const first = parseEgressConfig(WHOLE, { origin: 'api' })
  expect(first.issues.filter(({ severity }) => severity === 'error')).toEqual([])
  if (!first.entries) throw new Error('the fixture is wrong')
  const text = exportEgressConfig(first.entries)
  const again = parseEgressConfig(text, { origin: 'api' })
  expect(again.entries).toEqual(first.entries)
  expect(again.entries && buildEgressConfig(again.entries).version).toBe(buildEgressConfig(first.entries).version)
  expect(text).not.toMatch(/origin|: \[\]|: \{\}|enforce/)
})

it('nothing is an empty text', () => {
  expect(exportEgressConfig({ points: [], paths: [], rules: [], deniedProviders: [] })).toBe('')
})
