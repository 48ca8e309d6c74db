import { describe, expect, it } from 'vitest'
import type { ProviderRow } from '@/lib/model/provider'
import { confirmedDrift, hostSentence, providersLike, registerSentence } from './provider-words'

const row = (parts: Partial<ProviderRow> = {}): ProviderRow => ({
  id: 'openai',
  name: 'OpenAI',
  category: 'llm',
  origin: 'bundled',
  hosts: [{ host: 'api.openai.com', role: 'inference', aiExclusive: true, isOwn: false }],
  allowList: { how: 'in its settings', verified: true },
  register: [{ cidr: '203.0.113.10/32', point: 'nat-a', rules: ['all'] }],
  isDenied: false,
  ...parts,
})
const confirmedWith = (...addresses: string[]) =>
  row({ allowList: { how: 'in its settings', verified: true, confirmed: { by: 'ann', atMs: 0, addresses } } })

describe('words of the catalogue', () => {
  it('say what a host is, and never more than is certain', () => {
    const provider = { id: 'openai', name: 'OpenAI', role: 'inference', certain: true }
    expect(hostSentence({ host: 'api.openai.com', provider })).toBe(
      'api.openai.com is OpenAI (model calls); a call to it is judged.',
    )
    expect(hostSentence({ host: 'x.openai.com', provider: { ...provider, role: 'ui', certain: false } })).toContain(
      'possible only',
    )
    expect(hostSentence({ host: 'example.com' })).toBe('example.com is of no provider that the catalogue knows.')
  })
  it('say what to register, where there is something to register', () => {
    expect(registerSentence(row())).toBe('One address or network belongs on the list of OpenAI, and no other.')
    expect(registerSentence(row({ register: [] }))).toContain('no address to register')
    const { allowList: _, ...unknown } = row()
    expect(registerSentence(unknown)).toContain('is not known')
  })
  it('say what changed since the list was confirmed', () => {
    expect(confirmedDrift(row())).toBeUndefined()
    expect(confirmedDrift(confirmedWith('203.0.113.10/32'))).toBeUndefined()
    expect(confirmedDrift(confirmedWith('198.51.100.7/32'))).toBe(
      '203.0.113.10/32 came into the rules since and may be missing from the list; 198.51.100.7/32 left the rules since and may still be on the list.',
    )
  })
  it('narrow by part of a name, id or host, by category and by what there is', () => {
    const own = row({ id: 'litellm', name: 'LiteLLM', category: 'gateway', origin: 'own', register: [] })
    const like = (filter: Partial<Parameters<typeof providersLike>[1]>) =>
      providersLike([row(), own], { text: '', category: '', only: '', ...filter }).map(({ id }) => id)
    expect(like({})).toEqual(['openai', 'litellm'])
    expect(like({ text: 'LITE' })).toEqual(['litellm'])
    expect(like({ text: 'api.openai' })).toEqual(['openai', 'litellm'])
    expect(like({ category: 'gateway' })).toEqual(['litellm'])
    expect(like({ only: 'own' })).toEqual(['litellm'])
    expect(like({ only: 'rules' })).toEqual(['openai'])
  })
})
