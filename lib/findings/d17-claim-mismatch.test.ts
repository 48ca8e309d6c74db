import { describe, expect, it } from 'vitest'
import { aiWorkload, edge, external, facts, provider, slot, spans, workload } from './__fixtures__/cluster-facts'
import { d17 } from './d17-claim-mismatch'
import type { ClusterFacts, EdgeFacts } from './facts'

const planner = workload('agents/planner')
const path = (id: Parameters<typeof provider>[0], parts: Partial<EdgeFacts> = {}): EdgeFacts =>
  edge(planner, provider(id), parts)
const claim = (hosts: string[], providers: string[] = []) => spans({ claimedHosts: hosts, claimedProviders: providers })
const found = (edges: EdgeFacts[], parts: Partial<ClusterFacts> = {}) => d17.detect(facts({ edges, ...parts }))

describe('D17: spans of the path itself', () => {
  it('differ by host: they name one provider, and the flow log another', () => {
    expect(found([path('deepseek', { spans: claim(['api.openai.com']) })])).toMatchObject([
      {
        target: 'DeepSeek',
        severity: 'medium',
        certainty: 'possible',
        title: 'agents/planner says in its traces that it calls api.openai.com, and its flows reach DeepSeek.',
      },
    ])
  })

  it('differ by host where they name a gateway of the cluster', () => {
    expect(found([path('openai', { spans: claim(['litellm.ml.svc']) })])).toHaveLength(1)
  })

  it('are high where the provider that was reached is not approved', () => {
    const edges = [path('deepseek', { spans: claim(['api.openai.com']) })]
    expect(found(edges, { deniedProviders: new Set(['deepseek']) })).toMatchObject([{ severity: 'high' }])
  })

  it('agree by host whatever the attribute says: a client library names its dialect', () => {
    expect(found([path('groq', { spans: claim(['api.groq.com'], ['openai']) })])).toEqual([])
    expect(found([path('openai', { spans: claim(['eu.api.openai.com'], ['mistral']) })])).toEqual([])
  })

  it('say nothing where the host is an address, or a name that nobody knows: it may be another name of the same', () => {
    expect(found([path('deepseek', { spans: claim(['104.18.6.192']) })])).toEqual([])
    expect(found([path('deepseek', { spans: claim(['llm.example.com'], ['mistral']) })])).toEqual([])
  })

  it('differ by attribute alone, low, only for providers of their own models', () => {
    expect(found([path('deepseek', { spans: claim([], ['mistral']) })])).toMatchObject([{ severity: 'low' }])
    expect(found([path('groq', { spans: claim([], ['mistral']) })])).toEqual([])
    expect(found([path('aws-bedrock', { spans: claim([], ['mistral']) })])).toEqual([])
  })

  it('do not differ by a dialect, by the provider itself, or by a name that is no provider', () => {
    for (const claimed of ['openai', 'anthropic', 'deepseek', 'kagent'])
      expect(
        found([path('deepseek', { spans: claim([], [claimed, 'mistral'].slice(0, claimed === 'kagent' ? 1 : 2)) })]),
      ).toEqual([])
  })

  it('say nothing of a path to a gateway outside, which stands before others', () => {
    expect(found([path('openrouter', { spans: claim(['api.openai.com'], ['mistral']) })])).toEqual([])
  })

  it('say nothing where the path’s name is not certain, it is no model API, or it was denied', () => {
    const told = claim(['api.openai.com'])
    expect(found([edge(planner, provider('deepseek', { certain: false }), { spans: told })])).toEqual([])
    expect(found([edge(planner, provider('deepseek', { role: 'ui' }), { spans: told })])).toEqual([])
    expect(found([path('deepseek', { spans: told, slots: [slot({ denied: 2 })] })])).toEqual([])
  })
})

describe('D17: a path that no span tells of', () => {
  const litellm = aiWorkload('ml/litellm', 'litellm', 'gateway')
  const viaGateway = edge(planner, litellm, { serverPort: 4000, spans: claim([], ['openai']) })

  it('goes around the gateway that spans name for this provider', () => {
    expect(found([path('openai'), viaGateway])).toMatchObject([
      {
        target: 'OpenAI',
        title:
          'agents/planner says in its traces that it calls OpenAI through ml/litellm, and its flows reach OpenAI directly.',
      },
    ])
  })

  it('does not where the gateway is called for another provider, or spans tell of the direct path', () => {
    expect(found([path('deepseek'), viaGateway])).toEqual([])
    expect(found([path('openai', { spans: spans() }), viaGateway])).toEqual([])
  })

  const onlySpans = edge(planner, provider('openai'), { spans: spans(), slots: [slot({ spans: 4 })] })

  it('is reached while spans tell of a provider that no flow reaches', () => {
    expect(found([path('deepseek'), onlySpans])).toMatchObject([
      {
        target: 'DeepSeek',
        severity: 'medium',
        title: 'agents/planner says in its traces that it calls OpenAI, and its flows reach DeepSeek.',
      },
    ])
  })

  it('is reached while AI spans tell of a gateway that no flow reaches, whatever it is', () => {
    const told = { spans: spans(), slots: [slot({ spans: 4 })] }
    const title = (name: string) =>
      `agents/planner says in its traces that it calls ${name}, and its flows reach OpenAI.`
    for (const gateway of [litellm, workload('net/proxy'), external('llm-gateway.corp.internal')])
      expect(found([path('openai'), edge(planner, gateway, told)])).toMatchObject([{ title: title(gateway.label) }])
  })

  it('is no mismatch where a flow reaches the gateway’s namespace: spans name its Service, flows what is behind it', () => {
    const told = edge(planner, workload('net/llm'), { spans: spans(), slots: [slot({ spans: 4 })] })
    expect(found([path('openai'), told, edge(planner, workload('net/llm-proxy'), { serverPort: 4000 })])).toEqual([])
  })

  it('is no mismatch where spans of no AI call go to a server that no flow reaches', () => {
    const told = { spans: spans({ aiCalls: 0 }), slots: [slot({ spans: 4 })] }
    expect(found([path('openai'), edge(planner, workload('shop/cart'), told)])).toEqual([])
    expect(found([path('openai'), edge(planner, external('api.example.com'), { ...told, spans: spans() })])).toEqual([])
  })

  it('does not go around a model server of one’s own, whose spans say the dialect that it speaks', () => {
    const vllm = edge(planner, aiWorkload('ml/vllm', 'vllm'), { serverPort: 8000, spans: claim([], ['openai']) })
    expect(found([path('openai'), vllm])).toEqual([])
  })

  it('is no mismatch where flows reach what spans tell of as well', () => {
    expect(found([path('deepseek'), edge(planner, provider('openai'), { spans: spans() })])).toEqual([])
  })

  it('is no mismatch where the claimed call may go through a gateway, a proxy, or to a server without a name', () => {
    const squid = edge(planner, workload('net/squid'), { serverPort: 3128 })
    const gateway = edge(planner, litellm, { serverPort: 4000 })
    const unnamed = edge(planner, { ...external(''), class: 'internet' })
    for (const hiding of [squid, gateway, unnamed]) expect(found([path('deepseek'), onlySpans, hiding])).toEqual([])
    const database = edge(planner, workload('shop/postgres'), { serverPort: 5432 })
    expect(found([path('deepseek'), onlySpans, database])).toHaveLength(1)
  })

  it('is no mismatch of another workload’s spans', () => {
    const others = edge(workload('ml/train'), provider('openai'), { spans: spans(), slots: [slot({ spans: 4 })] })
    expect(found([path('deepseek'), others])).toEqual([])
  })
})
