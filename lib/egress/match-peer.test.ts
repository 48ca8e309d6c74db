import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '@/lib/model/limits'
import { AI_PROVIDERS, CATALOGUE } from './catalogue/catalogue'
import { createProviderMatcher, isCertainProvider } from './match-provider'

const { matchHost, matchPeer } = createProviderMatcher(CATALOGUE)
const patterns = AI_PROVIDERS.flatMap((provider) => provider.hosts.map(({ host }) => ({ id: provider.id, host })))
const label = fc.stringMatching(/^[a-z][a-z0-9]{0,10}$/)

describe('the grammar', () => {
  it('matches every pattern of the catalogue to its own provider', () => {
    for (const { id, host } of patterns) {
      const name = host.startsWith('*.') ? `a.b.${host.slice(2)}` : host.replaceAll('*', 'eu-west-1')
      expect([host, matchHost(name)?.providerId]).toEqual([host, id])
    }
  })
  it('a suffix does not match the bare domain', () => {
    expect(matchHost('openai.azure.com')).toBeUndefined()
    expect(matchHost('x.openai.azure.com')?.providerId).toBe('azure-openai')
  })
  it('a * inside is one label, or the rest of one', () => {
    expect(matchHost('bedrock-runtime.eu-west-1.amazonaws.com')?.pattern).toBe('label')
    expect(matchHost('bedrock-runtime.amazonaws.com')).toBeUndefined()
    expect(matchHost('-aiplatform.googleapis.com')).toBeUndefined()
  })
  it('the longest literal wins: the inference host over the domain of the vendor', () => {
    expect(matchHost('api.openai.com')).toMatchObject({ role: 'inference', pattern: 'exact' })
    expect(matchHost('eu.api.openai.com')).toMatchObject({ role: 'inference', pattern: 'suffix' })
    expect(matchHost('router.huggingface.co')?.providerId).toBe('huggingface-inference')
  })
})

describe('look-alikes', () => {
  it.each([
    'evil-api.openai.com.attacker.net',
    'api.openai.com.',
    'api.openai.com..',
    '.api.openai.com',
    'api..openai.com',
    'api.openai.com:443',
    'https://api.openai.com',
    'api.openai.com/v1',
    'xn--pi-7kc.openai.co',
    'аpi.openai.com',
    'api.openai.c\u212am',
    'chatgpt\u3002com',
    ' api.openai.com',
    '160.79.104.10',
    '::ffff:160.79.104.10',
    '*.openai.com',
    '*',
    'com',
    '__proto__',
    `${'a'.repeat(64)}.openai.com`,
    `${'a.'.repeat(130)}openai.com`,
  ])('%s', (host) => {
    expect(matchHost(host)?.providerId).toBe(host === 'api.openai.com.' ? 'openai' : undefined)
  })
  it('nothing behind a name lets it match', () => {
    fc.assert(
      fc.property(fc.constantFrom(...patterns), label, ({ host }, tld) => {
        expect(matchHost(`${host.replaceAll('*', 'a')}.attacker-${tld}.example`)).toBeUndefined()
      }),
    )
  })
  it('nothing glued in front of an exact name lets it match as that name', () => {
    fc.assert(
      fc.property(fc.constantFrom(...patterns.filter(({ host }) => !host.includes('*'))), label, ({ host }, glue) => {
        expect(matchHost(`${glue}-${host}`)?.pattern).not.toBe('exact')
      }),
    )
  })
  it('case and one trailing dot change nothing, and no text makes it throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.domain(), fc.string({ maxLength: 300 }), fc.ipV4(), fc.ipV6()), (text) => {
        const match = matchHost(text)
        if (match) expect(matchHost(`${text.replace(/\.$/, '').toUpperCase()}.`)).toEqual(match)
      }),
    )
  })
  it('an address never matches as a host', () => {
    fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (ip) => matchHost(ip) === undefined))
  })
})

describe('a peer', () => {
  it('keeps which way of knowing matched, in order', () => {
    const all = {
      dnsNames: ['api.openai.com'],
      dnsMapNames: ['api.openai.com'],
      fqdnLabels: ['api.openai.com'],
      networkSet: { name: 'x', labels: { 'ai-provider': 'openai' } },
      spanHost: 'api.openai.com',
    }
    const ways: (string | undefined)[] = []
    for (const drop of [[], ['dnsNames'], ['dnsMapNames'], ['fqdnLabels'], ['networkSet']] as const) {
      for (const field of drop) delete (all as Partial<typeof all>)[field]
      ways.push(matchPeer(all)?.matchedBy)
    }
    expect(ways).toEqual(['flow-dns-name', 'dns-map', 'fqdn-identity', 'network-set', 'span'])
  })
  it('is certain by a trusted host name only', () => {
    const certain = (match: ReturnType<typeof matchPeer>) => match !== undefined && isCertainProvider(match)
    expect(certain(matchPeer({ dnsNames: ['api.openai.com'] }))).toBe(true)
    expect(certain(matchPeer({ dnsMapNames: ['bedrock-runtime.eu-west-1.amazonaws.com'] }))).toBe(true)
    // An identity is of the address, whoever looked it up.
    expect(certain(matchPeer({ fqdnLabels: ['api.openai.com'] }))).toBe(false)
    expect(certain(matchPeer({ fqdnLabels: ['*.api.openai.com'] }))).toBe(false)
    expect(certain(matchPeer({ networkSet: { name: 'ai-provider-openai', labels: {} } }))).toBe(false)
    expect(certain(matchPeer({ spanHost: 'api.openai.com' }))).toBe(false)
    expect(certain(matchPeer({ ip: '160.79.104.10' }))).toBe(false)
    expect(certain(matchPeer({ dnsNames: ['chatgpt.com'] }))).toBe(false)
    expect(certain(matchPeer({ dnsNames: ['api.cloudflare.com'] }))).toBe(false)
  })
  it('names that do not agree are ambiguous, in any order', () => {
    const one = matchPeer({ dnsNames: ['api.openai.com', 'api.anthropic.com'] })
    expect(one?.ambiguous).toBe(true)
    expect(matchPeer({ dnsNames: ['api.anthropic.com', 'api.openai.com'] })).toEqual(one)
    expect(matchPeer({ dnsNames: ['api.openai.com', 'cdn.example.com'] })?.ambiguous).toBe(true)
    expect(matchPeer({ dnsNames: ['api.openai.com', 'eu.api.openai.com'] })?.ambiguous).toBeUndefined()
  })
  it('the host that proves least speaks where names of one provider differ', () => {
    expect(matchPeer({ dnsNames: ['api.openai.com', 'chatgpt.com'] })?.role).toBe('ui')
  })
  it('names that no host can have do not agree either; addresses are no names', () => {
    for (const name of ['b\u00fccher.example', 'intranet', 'api.\u212aube.example', '-', 'a b.example'])
      expect([name, matchPeer({ dnsNames: ['api.openai.com', name] })?.ambiguous]).toEqual([name, true])
    expect(matchPeer({ dnsNames: ['api.openai.com', '203.0.113.9', '2001:db8::9'] })?.ambiguous).toBeUndefined()
    expect(matchPeer({ fqdnLabels: ['api.openai.com', '*'] })?.ambiguous).toBeUndefined()
  })

  it('more names than are looked at may disagree', () => {
    const many = (count: number) => Array.from({ length: count }, (_, n) => `t${n}.openai.azure.com`)
    expect(matchPeer({ dnsNames: many(LIMITS.dnsNames) })).toMatchObject({ matchedBy: 'flow-dns-name' })
    expect(matchPeer({ dnsNames: many(LIMITS.dnsNames) })?.ambiguous).toBeUndefined()
    expect(matchPeer({ dnsNames: [...many(LIMITS.dnsNames), 'zeta.example.com'] })?.ambiguous).toBe(true)
    expect(matchPeer({ dnsMapNames: many(LIMITS.dnsNames + 1) })?.ambiguous).toBe(true)
  })

  it('a later way that contradicts an earlier one is ambiguous', () => {
    expect(matchPeer({ dnsNames: ['db.example.com'], spanHost: 'api.openai.com' })?.ambiguous).toBe(true)
    expect(matchPeer({ dnsNames: ['db.example.com'], dnsMapNames: ['api.openai.com'] })?.ambiguous).toBe(true)
  })
  it('a selector with * stands for itself: it never meets an exact name', () => {
    expect(matchPeer({ fqdnLabels: ['*.api.openai.com'] })?.role).toBe('inference')
    expect(matchPeer({ fqdnLabels: ['*.com'] })).toBeUndefined()
    expect(matchPeer({ fqdnLabels: ['*'] })).toBeUndefined()
    expect(matchPeer({ fqdnLabels: ['*.*'] })).toBeUndefined()
  })
  it('an address names only a provider with ranges of its own', () => {
    expect(matchPeer({ ip: '160.79.105.255' })).toMatchObject({ providerId: 'anthropic', pattern: 'cidr' })
    expect(matchPeer({ ip: '2607:6bc0::1' })).toMatchObject({ providerId: 'anthropic' })
    expect(matchPeer({ ip: '160.79.106.0' })).toBeUndefined()
    expect(matchPeer({ ip: '104.18.6.192' })).toBeUndefined()
    expect(matchPeer({ ip: 'not an ip' })).toBeUndefined()
  })
  it('a network set without the label names nobody', () => {
    expect(matchPeer({ networkSet: { name: 'openai', labels: {} } })).toBeUndefined()
    expect(matchPeer({ networkSet: { name: 'x', labels: { 'ai-provider': '__proto__' } } })).toBeUndefined()
  })
})
