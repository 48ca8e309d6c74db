import { describe, expect, it } from 'vitest'
import { addressesToRegister } from './addresses-to-register'
import { buildEgressConfig, parseEgressConfig } from './config'

const configOf = (text: string) => {
  const { entries, issues } = parseEgressConfig(text, { origin: 'file' })
  if (!entries) throw new Error(issues.map(({ message }) => message).join())
  return buildEgressConfig(entries)
}

const CONFIG = configOf(`
egressPoints:
  - { name: nat-a, publicCidrs: [203.0.113.10/32, '2001:db8:1::/64'] }
  - { name: nat-b, publicCidrs: [203.0.113.20/32] }
  - { name: link, kind: private-link, publicCidrs: [10.1.0.0/16] }
egressRules:
  - { name: all, priority: 1, workloads: { aiOnly: true }, providers: ['*'], egressPoints: [nat-a, link] }
  - { name: llms, priority: 2, providers: ['category:llm'], egressPoints: [nat-a] }
  - { name: openai, priority: 3, providers: [openai], egressPoints: [nat-b], sanctionedSources: [198.51.100.0/28] }
`)

describe('addresses to register at a provider', () => {
  it('are those of every rule that speaks of it: by id, by category, by all', () => {
    expect(addressesToRegister({ id: 'openai', category: 'llm' }, CONFIG)).toEqual([
      { cidr: '198.51.100.0/28', rules: ['openai'] },
      { cidr: '2001:db8:1::/64', point: 'nat-a', rules: ['all', 'llms'] },
      { cidr: '203.0.113.10/32', point: 'nat-a', rules: ['all', 'llms'] },
      { cidr: '203.0.113.20/32', point: 'nat-b', rules: ['openai'] },
    ])
  })
  it('leave out rules of other providers', () => {
    expect(addressesToRegister({ id: 'qdrant', category: 'vectordb' }, CONFIG).map(({ cidr }) => cidr)).toEqual([
      '2001:db8:1::/64',
      '203.0.113.10/32',
    ])
  })
  it('leave out private links, which the provider never sees', () => {
    const cidrs = addressesToRegister({ id: 'openai', category: 'llm' }, CONFIG).map(({ cidr }) => cidr)
    expect(cidrs).not.toContain('10.1.0.0/16')
  })
  it('are none without a rule', () => {
    expect(addressesToRegister({ id: 'openai', category: 'llm' }, configOf(''))).toEqual([])
  })
})
