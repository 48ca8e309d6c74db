import { describe, expect, it } from 'vitest'
import { parseCidr } from '@/lib/egress/address'
import { AI_PROVIDERS, AI_WORKLOADS, providerById, providerByOtelName } from './catalogue'
import { compileProviders, compileWorkloads } from './compile'

describe('the bundled catalogue', () => {
  it('is whole: 149 providers, 291 hosts, 37 signatures', () => {
    expect(AI_PROVIDERS).toHaveLength(149)
    expect(AI_PROVIDERS.flatMap((provider) => provider.hosts)).toHaveLength(291)
    expect(AI_WORKLOADS).toHaveLength(37)
  })
  it('gives no host to two providers', () => {
    const hosts = AI_PROVIDERS.flatMap((provider) => provider.hosts.map(({ host }) => host))
    expect(new Set(hosts).size).toBe(hosts.length)
  })
  it('has patterns that the grammar can say: lower case, at most one * a label, no bare *', () => {
    for (const { host } of AI_PROVIDERS.flatMap((provider) => provider.hosts)) {
      expect(host).toMatch(/^(\*|[a-z0-9-]*\*?[a-z0-9-]*)(\.(\*|[a-z0-9-]+))+\.[a-z]+$|^[a-z0-9-]+\.[a-z]+$/)
    }
  })
  it('has canonical published ranges, and only one provider with ranges of its own', () => {
    const exclusive = AI_PROVIDERS.filter((provider) => provider.inbound?.exclusive)
    expect(exclusive.map(({ id }) => id)).toEqual(['anthropic'])
    for (const text of exclusive[0]?.inbound?.cidrs ?? []) expect(parseCidr(text)).toHaveProperty('cidr.text', text)
  })
  it('knows how refusals look', () => {
    expect(providerById('openai')?.rejections?.[0]).toMatchObject({ httpStatus: 401, errorCode: 'ip_not_authorized' })
    expect(providerById('anthropic')?.rejections?.[0]).toMatchObject({ httpStatus: 403, errorType: 'permission_error' })
  })
  it('reads what spans claim, and leaves a shared alias undecided', () => {
    expect(providerByOtelName('openai')?.id).toBe('openai')
    expect(providerByOtelName('XAI')?.id).toBe('xai')
    expect(providerByOtelName('nobody')).toBeUndefined()
  })
})

describe('compile', () => {
  it('keeps what matching needs and drops the rest', () => {
    const raw = [
      {
        id: 'p',
        name: 'P',
        category: 'llm',
        hosts: ['api.p.com'],
        hostInfo: { 'api.p.com': { role: 'inference', aiExclusive: false, evidence: 'x' } },
        hostSources: {},
      },
    ]
    expect(compileProviders(raw)[0]).toMatchObject({ hosts: [{ host: 'api.p.com', role: 'inference', aiExclusive: false }] })
    expect(() => compileProviders([{ ...raw[0], hostInfo: {} }])).toThrow('no hostInfo for api.p.com')
  })
  it('reads label expressions', () => {
    const raw = [{ id: 'w', name: 'W', kind: 'vectordb', ports: [], images: [], labels: [{ match: 'a=b & c=x|y' }], evidenceLevel: 'source' }]
    expect(compileWorkloads(raw)[0]).toMatchObject({
      role: 'vector-store',
      labels: [{ all: [{ key: 'a', values: ['b'] }, { key: 'c', values: ['x', 'y'] }] }],
    })
  })
})
