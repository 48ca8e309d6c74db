import { describe, expect, it } from 'vitest'
import type { GraphNode } from '@/lib/model/graph'
import { namingOf } from './name-words'

const external = (name: string, part: Partial<GraphNode> = {}) => ({ class: 'external', name, ...part }) as const
const provider = (matchedBy: string, certain: boolean) => ({ id: 'p', name: 'P', category: 'llm', matchedBy, certain })

describe('namingOf', () => {
  it('an address without a name is the public internet, unresolved, and says how to resolve it', () => {
    const naming = namingOf(external('198.51.100.7'))
    expect(naming?.unresolved).toBe('public internet (unresolved)')
    expect(naming?.confidence).toBe('none')
    const steps = naming?.resolve.join('\n') ?? ''
    for (const word of ['DNS logs', 'GlobalNetworkSet', 'server.address']) expect(steps).toContain(word)
  })

  it('what Goldmane calls the public network is the same, with a network set as the first step', () => {
    const naming = namingOf({ class: 'internet', name: '' })
    expect(naming?.unresolved).toBe('public internet (unresolved)')
    expect(naming?.resolve[0]).toContain('GlobalNetworkSet')
  })

  it('a private address is not called public', () => {
    expect(namingOf(external('10.1.2.3'))?.unresolved).toBe('private network (unresolved)')
    expect(namingOf(external('fd00::1'))?.unresolved).toBe('private network (unresolved)')
    expect(namingOf(external('169.254.169.254'))?.unresolved).toBe('link-local address (unresolved)')
  })

  it('a name says its source and how sure it is', () => {
    expect(namingOf(external('api.openai.com'))).toMatchObject({ confidence: 'certain', resolve: [] })
    expect(namingOf(external('8.8.8.8', { dnsName: { name: 'a.example', origin: 'question' } }))).toMatchObject({
      confidence: 'possible',
    })
    expect(namingOf(external('8.8.8.8'), ['a.example', 'b.example'])?.unresolved).toBe(
      'public internet (several names)',
    )
    expect(namingOf(external('x', { provider: provider('cidr', false) }))).toMatchObject({
      source: 'the address lies in a published range of the provider',
      confidence: 'possible',
    })
    expect(namingOf(external('x', { provider: provider('flow-dns-name', true) }))?.resolve).toEqual([])
  })

  it('what the cluster names itself needs no word', () => {
    expect(namingOf({ class: 'workload', name: 'planner' })).toBeUndefined()
  })
})
