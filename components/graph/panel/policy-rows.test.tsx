import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import type { EdgeVariant, GraphEdge, GraphNode } from '@/lib/model/graph'
import type { NodeDetail } from '@/lib/model/node-detail'
import { parseFlowFilter } from '@/lib/view/flow-filter'
import { DEFAULT_VIEW, parseGraphView } from '@/lib/view/graph-view'
import { NodePoliciesTab } from './node-policies-tab'

const counters = { connections: 3, events: 0, requests: 0, requestErrors: 0, spans: 0, bytesSent: 0, bytesReceived: 0 }
const node: GraphNode = {
  id: '7',
  class: 'workload',
  cluster: 'prod',
  namespace: 'shop',
  name: 'cart',
  label: 'shop / cart',
}
const hit = (name: string, action: 'allow' | 'deny') => ({
  kind: 'CiliumNetworkPolicy',
  namespace: 'shop',
  tier: '',
  name,
  action,
})
const variant = (id: string, part: Partial<EdgeVariant>): EdgeVariant => ({
  id,
  source: 'hubble',
  observer: 'client',
  layer: 'L4',
  outcome: 'allowed',
  basis: 'rule',
  pending: 'unknown',
  counters,
  firstMs: 0,
  lastMs: 1,
  ...part,
})
const edge = (id: string, ends: readonly [string, string], variants: readonly EdgeVariant[]): GraphEdge => ({
  id,
  client: ends[0],
  server: ends[1],
  cluster: 'prod',
  protocol: 'tcp',
  serverPort: 443,
  state: 'allowed_by_policy',
  passed: 3,
  denied: 0,
  wouldBeDenied: 0,
  dropped: 0,
  counters,
  variants,
  openFindings: 0,
  isAi: false,
  firstMs: 0,
  lastMs: 1,
})

const edges = [
  edge('1', ['7', '8'], [variant('11', { enforced: [hit('out', 'allow')] })]),
  edge('2', ['7', '9'], [variant('21', { enforced: [hit('out', 'allow')], outcome: 'error' })]),
  edge('3', ['6', '7'], [variant('31', { enforced: [hit('in', 'deny')], outcome: 'denied', observer: 'server' })]),
  edge('4', ['7', '5'], [variant('41', { enforced: [hit('', 'allow')] })]),
]
const detail: NodeDetail = {
  node,
  labels: {},
  pods: [],
  podsTotal: 0,
  dnsNames: [],
  edges,
  peers: [],
  denials: [],
  denialsTotal: 0,
  spans: [],
  spansTotal: 0,
  mismatches: [],
  findings: [],
}
const view = {
  ...DEFAULT_VIEW,
  from: 'now-3h',
  dataset: 'demo',
  cluster: '',
  namespaces: ['other'],
  selected: 'node:7',
  hide: 'is external',
}

/** The links of the tab by what they are called, each with what its page makes of them. */
function links(): Map<string, { path: string; params: URLSearchParams }> {
  const html = renderToStaticMarkup(<NodePoliciesTab detail={detail} view={view} />).replaceAll('&amp;', '&')
  return new Map(
    [...html.matchAll(/<a [^>]*?>/g)].map(([tag]) => {
      const label = /aria-label="([^"]*)"/.exec(tag)?.[1] ?? ''
      const [path = '', query] = (/href="([^"]*)"/.exec(tag)?.[1] ?? '').split('?')
      return [label, { path, params: new URLSearchParams(query) }]
    }),
  )
}

describe('the figures of a policy that decided at a node', () => {
  it('lead to the flow records that the node’s own side reported, by chips, whatever the view hides', () => {
    const found = links().get('shop/out, egress, allow: 6 connections. Show the flow records')
    expect(found?.path).toBe('/flows')
    const params = found?.params ?? new URLSearchParams()
    expect(parseGraphView(params)).toMatchObject({
      from: 'now-3h',
      dataset: 'demo',
      cluster: 'prod',
      scope: 'all',
      namespaces: [],
      hide: '',
      selected: '',
      chips: [
        { side: 'source', field: 'workload', values: ['shop/cart'] },
        { side: 'either', field: 'policy', values: ['shop/out'] },
      ],
    })
    // What it allowed and yet failed is among its connections.
    expect(parseFlowFilter(params)).toMatchObject({ outcomes: ['allowed', 'error'], observers: ['client'] })
  })

  it('stand the node at the end that the direction gives it', () => {
    const params = links().get('shop/in, ingress, deny: 3 connections. Show the flow records')?.params
    expect(parseGraphView(params ?? new URLSearchParams()).chips[0]).toMatchObject({ side: 'destination' })
    expect(parseFlowFilter(params ?? new URLSearchParams())).toMatchObject({
      outcomes: ['denied'],
      observers: ['server'],
    })
  })

  it('lead to the edges in the graph, the node still selected', () => {
    const found = links().get('shop/out, egress, allow: 2 edges. Show in the graph')
    expect(found?.path).toBe('/graph')
    expect(parseGraphView(found?.params ?? new URLSearchParams())).toMatchObject({
      scope: 'all',
      cluster: 'prod',
      selected: 'node:7',
      panel: 'policies',
      chips: [{ field: 'workload' }, { field: 'policy', values: ['shop/out'] }],
    })
  })

  it('lead nowhere where the source told no name of the policy', () => {
    expect(links().size).toBe(4)
  })
})
