import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EdgeCounters, GraphEdge, GraphNode } from '@/lib/model/graph'
import { EDGE_STATES } from '@/lib/model/verdict'
import { graphs, makeDoor, makeEdge, makeNode } from './__fixtures__/graphs'
import { type GroupRule, groupGraph, sizeAt } from './group-graph'
import { idsOf, keyOf } from './hash-id'
import { worstState } from './urgency'

const rules: fc.Arbitrary<GroupRule> = fc.record({
  level: fc.constantFrom('cluster', 'namespace', 'workload' as const),
  inside: fc.option(
    fc.record({
      place: fc.constantFrom({ cluster: 'a' }, { cluster: 'a', namespace: 'x' }),
      level: fc.constantFrom('namespace', 'workload' as const),
    }),
    { nil: undefined },
  ),
  expanded: fc.constant(new Set<string>()),
  isOutsideGrouped: fc.boolean(),
})

const rule = (part: Partial<GroupRule> = {}): GroupRule => ({
  level: 'namespace',
  expanded: new Set(),
  isOutsideGrouped: true,
  ...part,
})

const NUMBERS: readonly ((edge: GraphEdge) => number)[] = [
  (edge) => edge.passed,
  (edge) => edge.denied,
  (edge) => edge.wouldBeDenied,
  (edge) => edge.dropped,
  (edge) => edge.openFindings,
  ...(
    [
      'connections',
      'events',
      'requests',
      'requestErrors',
      'spans',
      'spanErrors',
      'bytesSent',
      'bytesReceived',
    ] as const satisfies readonly (keyof EdgeCounters)[]
  ).map(
    (name) =>
      ({ counters }: GraphEdge) =>
        counters[name] ?? 0,
  ),
]

const sum = (edges: readonly GraphEdge[], of: (edge: GraphEdge) => number) =>
  edges.reduce((total, edge) => total + of(edge), 0)

describe('a grouped graph', () => {
  it('has in each bundle the sums of its parts, every counter of them, and the doors’ counts', () => {
    fc.assert(
      fc.property(graphs, rules, (graph, by) => {
        for (const { edge, members } of groupGraph(graph.nodes, graph.edges, by).drawn) {
          for (const number of NUMBERS) expect(number(edge)).toBe(sum(members, number))
          for (const state of ['violation', 'sanctioned', 'unverified', 'no_rule', 'blocked'] as const)
            expect(edge.door?.counts[state] ?? 0).toBe(sum(members, ({ door }) => door?.counts[state] ?? 0))
          if (!edge.bundle) continue
          expect(edge.bundle.edges).toBe(members.length)
          expect(Object.values(edge.bundle.states).reduce((a, b) => a + b, 0)).toBe(members.length)
        }
      }),
    )
  })

  it('loses no edge and doubles none: drawn and inner ones are all', () => {
    fc.assert(
      fc.property(graphs, rules, (graph, by) => {
        const { drawn, inner } = groupGraph(graph.nodes, graph.edges, by)
        const found = [...drawn.flatMap(({ members }) => members), ...inner].map(({ id }) => id)
        expect(found.sort()).toEqual(graph.edges.map(({ id }) => id).sort())
      }),
    )
  })

  it('does not depend on the order in which nodes and edges come', () => {
    fc.assert(
      fc.property(graphs, rules, (graph, by) => {
        const draw = (nodes: readonly GraphNode[], edges: readonly GraphEdge[]) => {
          const { drawn, inner, nodesOf } = groupGraph(nodes, edges, by)
          return { edges: drawn.map(({ edge }) => edge), nodes: nodesOf(drawn, inner) }
        }
        expect(draw([...graph.nodes].reverse(), [...graph.edges].reverse())).toEqual(draw(graph.nodes, graph.edges))
      }),
    )
  })

  it('says of each bundle the worst state, and never one that looks better than denials, violations or doubts in it', () => {
    fc.assert(
      fc.property(graphs, rules, (graph, by) => {
        for (const { edge, members } of groupGraph(graph.nodes, graph.edges, by).drawn) {
          const states = members.map(({ state }) => state)
          if (edge.bundle) expect(edge.bundle.worst).toBe(worstState(states))
          const isAnyDenied = states.some((state) => /denied_|mixed/.test(state))
          expect(/^(denied_by_rule|denied_no_rule|mixed)$/.test(edge.state)).toBe(isAnyDenied)
          const doors = members.flatMap(({ door }) => door?.state ?? [])
          if (doors.includes('violation')) expect(edge.door?.state).toBe('violation')
          if (edge.door?.state === 'sanctioned')
            expect(doors.filter((state) => state !== 'sanctioned' && state !== 'blocked')).toEqual([])
        }
      }),
    )
  })

  it('counts each endpoint once, in its group or on its own, and draws every edge between drawn nodes', () => {
    fc.assert(
      fc.property(graphs, rules, (graph, by) => {
        const { drawn, inner, nodesOf } = groupGraph(graph.nodes, graph.edges, by)
        const nodes = nodesOf(drawn, inner)
        expect(nodes.reduce((total, node) => total + (node.group?.members ?? 1), 0)).toBe(graph.nodes.length)
        expect(nodes.reduce((total, node) => total + (node.group?.innerEdges ?? 0), 0)).toBe(inner.length)
        const ids = nodes.map(({ id }) => id)
        expect(new Set(ids).size).toBe(ids.length)
        for (const { edge } of drawn) expect(ids).toEqual(expect.arrayContaining([edge.client, edge.server]))
        for (const node of graph.nodes) if (node.provider) expect(ids).toContain(node.id)
        expect(sizeAt(graph.nodes, graph.edges, by)).toEqual({
          nodes: ids.length,
          edges: drawn.length,
          groups: nodes.filter(({ group }) => group && group.kind !== 'outside').length,
        })
      }),
    )
  })

  it('keeps hostile names apart: no namespace is drawn as another', () => {
    const nodes = [
      makeNode('1', { cluster: 'a', namespace: 'b:1c' }),
      makeNode('2', { cluster: 'a1:', namespace: 'b' }),
      makeNode('3', { cluster: 'a', namespace: '__proto__' }),
      makeNode('4', { cluster: '', namespace: 'a' }),
    ]
    const edges = [makeEdge('9', '1', '2'), makeEdge('8', '3', '4')]
    const { drawn, inner, nodesOf } = groupGraph(nodes, edges, rule())
    expect(
      nodesOf(drawn, inner)
        .map((node) => [node.cluster, node.namespace])
        .sort(),
    ).toEqual(nodes.map((node) => [node.cluster, node.namespace]).sort())
    for (const node of nodesOf(drawn, inner)) expect(node.id).toMatch(/^g[0-9a-f]{16}$/)
  })
})

describe('what stands together', () => {
  const nodes = [
    makeNode('1', { namespace: 'agents', aiRole: 'agent' }),
    makeNode('2', { namespace: 'agents' }),
    makeNode('3', { namespace: 'shop' }),
    makeNode('4', { class: 'external', namespace: '', name: 'a.example', label: 'a.example' }),
    makeNode('5', { class: 'internet', namespace: '', name: '', label: 'public internet (unresolved)' }),
    makeNode('6', { class: 'host', namespace: '', name: '', label: 'cluster nodes' }),
  ]
  const draw = (edges: readonly GraphEdge[], by: GroupRule) => {
    const { drawn, inner, nodesOf } = groupGraph(nodes, edges, by)
    return { edges: drawn.map(({ edge }) => edge), nodes: nodesOf(drawn, inner) }
  }
  const labels = (drawn: { nodes: readonly GraphNode[] }) => drawn.nodes.map(({ label }) => label).sort()

  it('is a namespace with its AI workloads counted, and one group of what is outside', () => {
    const drawn = draw([makeEdge('9', '1', '3'), makeEdge('8', '2', '4'), makeEdge('7', '1', '5')], rule())
    expect(labels(drawn)).toEqual(['agents', 'outside the cluster', 'shop'])
    expect(drawn.nodes.find(({ label }) => label === 'agents')?.group).toEqual({
      kind: 'namespace',
      members: 2,
      innerEdges: 0,
      aiWorkloads: 1,
    })
    expect(drawn.edges.map(({ bundle }) => bundle?.edges).sort()).toEqual([1, 2])
  })

  it('is drawn one by one once a person opens it, with the same sums', () => {
    const edges = [makeEdge('9', '1', '4'), makeEdge('8', '1', '5')]
    const closed = draw(edges, rule())
    const outside = closed.nodes.find(({ group }) => group?.kind === 'outside')?.id ?? ''
    const opened = draw(edges, rule({ expanded: new Set([outside]) }))
    expect(labels(opened)).toEqual(['a.example', 'agents', 'public internet (unresolved)'])
    expect(sum(opened.edges, ({ passed }) => passed)).toBe(sum(closed.edges, ({ passed }) => passed))
  })

  it('opened from a cluster, is that cluster’s namespaces', () => {
    const by = rule({ level: 'cluster' })
    const whole = draw([makeEdge('9', '1', '3'), makeEdge('8', '6', '1')], by)
    expect(labels(whole)).toEqual(['k'])
    expect(whole.nodes[0]?.group).toMatchObject({ members: 3, innerEdges: 2 })
    const opened = draw([makeEdge('9', '1', '3'), makeEdge('8', '6', '1')], {
      ...by,
      expanded: new Set(whole.nodes.map(({ id }) => id)),
    })
    expect(labels(opened)).toEqual(['agents', 'cluster nodes', 'shop'])
  })

  it('shows an inner edge that needs a person as an edge of the group to itself', () => {
    const denied = makeEdge('9', '1', '2', { state: 'denied_no_rule', denied: 3 })
    const { edges, nodes: drawn } = draw([denied, makeEdge('8', '2', '1')], rule())
    expect(edges).toHaveLength(1)
    expect(edges[0]).toMatchObject({ denied: 3, client: drawn[0]?.id, server: drawn[0]?.id })
    expect(drawn[0]?.group?.innerEdges).toBe(1)
  })

  it('in a place is finer than around it', () => {
    const drawn = draw(
      [makeEdge('9', '1', '3'), makeEdge('8', '2', '1')],
      rule({ inside: { place: { cluster: 'k', namespace: 'agents' }, level: 'workload' } }),
    )
    expect(labels(drawn)).toEqual(['n / w1', 'n / w2', 'shop'])
  })
})

describe('a bundle', () => {
  const nodes = [makeNode('1', { namespace: 'a' }), makeNode('2', { namespace: 'b' })]
  const stateOf = (...parts: readonly Partial<GraphEdge>[]) =>
    groupGraph(
      nodes,
      parts.map((part, at) => makeEdge(`${9 - at}`, '1', '2', { serverPort: at, ...part })),
      rule(),
    ).drawn[0]?.edge
  const denied: Partial<GraphEdge> = { state: 'denied_by_rule', denied: 3, passed: 0 }

  it('of some denied and some passed is mixed, with both counts', () => {
    expect(stateOf(denied, { passed: 12 })).toMatchObject({
      state: 'mixed',
      passed: 12,
      denied: 3,
      bundle: { worst: 'denied_by_rule', states: { allowed_by_policy: 1, denied_by_rule: 1 } },
    })
  })

  it('of denied ones alone is denied, also beside calls that no flow record tells of', () => {
    expect(stateOf(denied, { state: 'denied_no_rule', denied: 1, passed: 0 })?.state).toBe('denied_by_rule')
    expect(stateOf(denied, { state: 'no_verdict', passed: 0 })?.state).toBe('denied_by_rule')
  })

  it.each(EDGE_STATES)('of one edge that is %s is that', (state) => {
    expect(stateOf({ state })).toMatchObject({ state, bundle: { edges: 1, worst: state, states: { [state]: 1 } } })
  })

  it('names at most 8 ports, most used first, and has a port of its own only where there is one', () => {
    const many = Array.from({ length: 12 }, (_, at) => ({
      counters: { ...makeEdge('', '', '').counters, connections: at },
    }))
    expect(stateOf(...many)).toMatchObject({ serverPort: 0, bundle: { ports: expect.arrayContaining(['11/tcp']) } })
    expect(stateOf(...many)?.bundle?.ports).toHaveLength(8)
    expect(stateOf({ serverPort: 80 }, { serverPort: 80 })?.serverPort).toBe(80)
  })

  it('with a proven violation among sanctioned doors is a violation', () => {
    expect(stateOf({ door: makeDoor('sanctioned') }, { door: makeDoor('violation') })?.door).toMatchObject({
      state: 'violation',
      counts: { sanctioned: 1, violation: 1 },
    })
  })
})

describe('ids', () => {
  it('are the same for ever', () => {
    expect(idsOf('g', [keyOf('namespace', 'prod', 'agents')])).toEqual(
      new Map([['9:namespace4:prod6:agents', 'g46e9359129e96524']]),
    )
  })

  it('have keys that tell all parts apart', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.string()), (a, b) => {
        expect(keyOf(...a) === keyOf(...b)).toBe(JSON.stringify(a) === JSON.stringify(b))
      }),
    )
  })
})
