import { describe, expect, it } from 'vitest'
import { createProviderMatcher, isCertainProvider } from '@/lib/egress/match-provider'
import { CATALOGUE } from './catalogue'
import { checkOwnProvider, mergeCatalogue, ownProvidersVersion } from './own-providers'
import { type OwnProvider, ownProviderSchema } from '@/lib/model/provider-schema'

const own = (entry: Record<string, unknown>): OwnProvider =>
  ownProviderSchema.parse({ id: 'litellm-prod', name: 'LiteLLM', hosts: [{ host: 'llm.example.com' }], ...entry })
const problems = (entry: Record<string, unknown>, others: OwnProvider[] = []) =>
  checkOwnProvider(own(entry), others).map(({ path, message }) => `${path}: ${message}`)

describe('an own provider', () => {
  it('is matched by its hosts, as certain as a bundled one', () => {
    const match = createProviderMatcher(mergeCatalogue([own({})])).matchHost('LLM.example.com.')
    expect(match).toMatchObject({ providerId: 'litellm-prod', role: 'inference', pattern: 'exact' })
    expect(match && isCertainProvider(match)).toBe(true)
  })
  it('that serves other traffic too is possible only', () => {
    const entry = own({ hosts: [{ host: 'llm.example.com', aiExclusive: false }] })
    const match = createProviderMatcher(mergeCatalogue([entry])).matchHost('llm.example.com')
    expect(match && isCertainProvider(match)).toBe(false)
  })
  it('may add hosts to a bundled one, whose own hosts stay', () => {
    const entry = own({ id: 'azure-openai', name: '', extends: true, hosts: [{ host: 'ai.example.com' }] })
    expect(checkOwnProvider(entry, [])).toEqual([])
    const matcher = createProviderMatcher(mergeCatalogue([entry]))
    expect(matcher.matchHost('ai.example.com')?.providerId).toBe('azure-openai')
    expect(matcher.matchHost('x.openai.azure.com')?.providerId).toBe('azure-openai')
  })
  it('takes nothing from the bundled catalogue', () => {
    for (const provider of CATALOGUE.providers)
      expect(mergeCatalogue([own({})]).providers).toContainEqual(provider)
  })
  it.each([
    ['an id of the catalogue', { id: 'openai' }, 'id: OpenAI has this id; add hosts to it, or choose another id'],
    ['hosts for a provider that is not there', { extends: true }, 'id: the catalogue has no provider litellm-prod'],
    ['no name', { name: ' ' }, 'name: a name is needed'],
    ["another's exact host", { hosts: [{ host: 'api.openai.com' }] }, 'hosts.0.host: is a host of OpenAI'],
    ["a longer name within another's suffix", { hosts: [{ host: 'mine.api.openai.com' }] }, 'hosts.0.host: is a host of OpenAI'],
    ["a suffix within another's suffix", { hosts: [{ host: '*.mine.api.openai.com' }] }, 'hosts.0.host: is a host of OpenAI'],
    ['a host twice', { hosts: [{ host: 'a.example.com' }, { host: 'A.example.com' }] }, 'hosts.1.host: is listed twice'],
    ['an address', { hosts: [{ host: '203.0.113.7' }] }, 'hosts.0.host: is an address; a host name is needed'],
    ['a whole top-level domain', { hosts: [{ host: '*.com' }] }, 'hosts.0.host: would match a whole top-level domain'],
    ['a star for the domain', { hosts: [{ host: 'api.*.com' }] }, 'hosts.0.host: the last two labels must be written out'],
    ['two stars in a label', { hosts: [{ host: 'a*b*.example.com' }] }, 'hosts.0.host: at most one * in a label'],
    ['one label', { hosts: [{ host: 'llm' }] }, 'hosts.0.host: is no host name with at least two labels'],
    ['other letters', { hosts: [{ host: 'ｌｌｍ.example.com' }] }, 'hosts.0.host: is no host name with at least two labels'],
  ])('with %s is refused, and told why', (_, entry, problem) => {
    expect(problems(entry)).toContain(problem)
  })
  it("is refused with a host of another own entry, and may keep its own when it is saved again", () => {
    expect(problems({ id: 'other' }, [own({})])).toContain('hosts.0.host: is a host of LiteLLM')
    expect(problems({}, [own({})])).toEqual([])
  })
  it('keeps one version for equal entries in any order, and another one for others', () => {
    const [a, b] = [own({}), own({ id: 'b', hosts: [{ host: 'b.example.com' }] })]
    expect(ownProvidersVersion([a, b])).toBe(ownProvidersVersion([b, a]))
    expect(ownProvidersVersion([a])).not.toBe(ownProvidersVersion([a, b]))
    expect(ownProvidersVersion([])).toBe('')
  })
})
