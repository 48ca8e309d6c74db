import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chipOf } from '@/lib/model/filter-chip'
import type { EdgeChange } from '@/lib/model/graph'
import { AGENT_TO_OPENAI, DNS, EDGES, NODES, STAGED } from './__fixtures__/small-graph'
import { compileFilter } from './evaluate'
import { findInGraph, neighbour } from './find-in-graph'
import { endOfNode, linkOfEdge } from './graph-matchable'
import { compileChips } from './match-chips'
import { parseFilter } from './parse'

const ends = new Map(NODES.map((node) => [node.id, endOfNode(node)]))
const compiled = (text: string) => {
  const { ast, error } = parseFilter(text)
  if (!ast) throw new Error(error?.message ?? 'empty')
  return compileFilter(ast)
}
const edgesOf = (text: string) =>
  EDGES.filter((edge) => compiled(text).matches(linkOfEdge(edge, ends))).map(({ id }) => id)
const nodesOf = (text: string) => NODES.filter((node) => compiled(text).matchesEnd(endOfNode(node))).map(({ id }) => id)

describe('an expression', () => {
  it.each([
    ['ns = agents', ['openai', 'dns', 'staged', 'crawl']],
    ['src.ns = agents', ['openai', 'dns', 'staged', 'crawl']],
    ['dst.ns = agents', []],
    ['NS = AGENTS and port = 53', ['dns']],
    ['workload = agents/planner', ['openai', 'dns', 'staged']],
    ['provider = openai', ['openai']],
    ['provider = OpenAI', ['openai']],
    ['host $= .openai.com', ['openai']],
    ['planner', ['openai', 'dns', 'staged']],
    ['"agents / pl"', ['openai', 'dns', 'staged']],
    ['role = agent', ['openai', 'dns', 'staged']],
    ['class in (provider, internet)', ['openai', 'crawl']],
    ['port in (53, 5432)', ['dns', 'staged', 'shop']],
    ['port > 400 and port < 1k', ['openai']],
    ['bytes > 10MB', ['openai']],
    ['bytes >= 3KiB', ['openai', 'dns']],
    ['verdict = denied', ['shop']],
    ['is denied', ['shop']],
    ['denied > 1', ['shop']],
    ['is staged', ['staged']],
    ['verdict = would_be_denied', ['staged']],
    ['door = violation', ['openai']],
    ['is violation', ['openai']],
    ['leftby = 203.0.113.66', ['openai']],
    ['policy = data/lock-down', ['staged']],
    ['policyin = lock-down', ['staged']],
    ['policyout = lock-down', []],
    ['tier = security', ['staged']],
    ['model ^= gpt', ['openai']],
    ['tokens > 1k', ['openai']],
    ['source = otlp', ['openai']],
    ['has finding', ['openai']],
    ['is ai and no span', ['staged']],
    ['no flow', ['crawl']],
    ['is unnamed', ['crawl']],
    ['is new', ['crawl']],
    ['not is new and ns = agents', ['openai', 'dns', 'staged']],
    ['is dst.newcomer', ['crawl']],
    ['is src.newcomer', []],
    ['has change', []],
    ['is dst.external', ['openai', 'crawl']],
    ['is src.external', []],
    ['drop ~ auth', ['shop']],
    ['pod = x', []],
  ])('%s holds for the edges %j', (text, ids) => {
    expect(edgesOf(text)).toEqual(ids)
  })

  it('asks a node by itself about what is of nodes only', () => {
    expect(nodesOf('ns = agents')).toEqual(['planner', 'crawler'])
    expect(nodesOf('not ns = agents and class = workload')).toEqual(['cart', 'postgres', 'coredns'])
    expect(nodesOf('port = 53')).toEqual([])
    expect(compiled('ns = a or text').subject).toBe('end')
    expect(compiled('ns = a or port = 1').subject).toBe('link')
    expect(compiled('not src.ns = a').subject).toBe('link')
  })

  it('finds, of a graph, edges that match, and nodes that match with one of their edges', () => {
    const graph = { nodes: NODES, edges: EDGES }
    expect(findInGraph(graph, 'is denied')).toEqual({
      all: new Set(['edge:shop', 'node:cart', 'node:postgres']),
      matches: ['edge:shop'],
      of: 'edges',
      total: 5,
    })
    expect(findInGraph(graph, 'ns = data')).toMatchObject({
      matches: ['node:postgres'],
      of: 'nodes',
      total: NODES.length,
    })
    expect(findInGraph(graph, 'ns = data', true)).toMatchObject({ matches: ['edge:staged', 'edge:shop'], of: 'edges' })
    // The node's own namespace and the edge's port, of one and the same edge.
    expect(findInGraph(graph, 'ns = agents and port = 53')?.all).toEqual(new Set(['edge:dns', 'node:planner']))
    expect(findInGraph(graph, 'ns =')).toBeUndefined()
    expect(findInGraph(graph, '')).toBeUndefined()
  })
})

describe('laws', () => {
  const terms = fc.constantFrom(
    ...['ns = agents', 'dst.ns = data', 'port = 53', 'is denied', 'planner', 'bytes > 1k', 'pod = x', 'has provider'],
  )
  const pieces = fc.letrec<{ text: string }>((tie) => ({
    text: fc.oneof(
      { maxDepth: 3 },
      terms,
      tie('text').map((text) => `not (${text})`),
      fc.tuple(tie('text'), tie('text')).map(([a, b]) => `(${a} and ${b})`),
      fc.tuple(tie('text'), tie('text')).map(([a, b]) => `(${a} or ${b})`),
    ),
  })).text
  const agree = (a: string, b: string) => {
    expect(edgesOf(a)).toEqual(edgesOf(b))
    expect(nodesOf(a)).toEqual(nodesOf(b))
    expect(findInGraph({ nodes: NODES, edges: EDGES }, a)?.all).toEqual(
      findInGraph({ nodes: NODES, edges: EDGES }, b)?.all,
    )
  }

  it('of De Morgan, of double negation and of distribution hold for edges and nodes', () => {
    fc.assert(
      fc.property(pieces, pieces, pieces, (a, b, c) => {
        agree(`not (${a} and ${b})`, `not (${a}) or not (${b})`)
        agree(`not (${a} or ${b})`, `not (${a}) and not (${b})`)
        agree(`not not (${a})`, a)
        agree(`${a} and (${b} or ${c})`, `${a} and ${b} or ${a} and ${c}`)
      }),
      { numRuns: 60 },
    )
  })

  it('a negated operator is the negation of its operator, whatever end or value it is of', () => {
    for (const [field, value] of [
      ['ns', 'agents'],
      ['dst.ns', 'data'],
      ['port', '53'],
      ['verdict', 'denied'],
      ['pod', 'x'],
    ]) {
      expect(edgesOf(`${field} != ${value}`)).toEqual(edgesOf(`not ${field} = ${value}`))
      if (field !== 'port') expect(edgesOf(`${field} !~ ${value}`)).toEqual(edgesOf(`not ${field} ~ ${value}`))
    }
  })
})

describe('chips', () => {
  const kept = (chips: Parameters<typeof compileChips>[0], isBothWays = false) =>
    EDGES.filter((edge) => compileChips(chips, isBothWays)(linkOfEdge(edge, ends))).map(({ id }) => id)

  it('all hold, each for one of its values, on its side, negated or not', () => {
    expect(kept([chipOf('source', 'namespace', 'agents')])).toEqual(['openai', 'dns', 'staged', 'crawl'])
    expect(kept([chipOf('destination', 'namespace', 'agents')])).toEqual([])
    expect(kept([chipOf('either', 'namespace', 'data'), chipOf('either', 'port', '5432', true)])).toEqual([])
    expect(kept([{ ...chipOf('either', 'port', '53'), values: ['53', '443'] }])).toEqual(['openai', 'dns'])
    expect(kept([chipOf('either', 'text', 'PLANN')])).toEqual(['openai', 'dns', 'staged'])
    expect(kept([chipOf('either', 'port', 'http')])).toEqual([])
    // A port has no side, whatever a link says.
    expect(kept([chipOf('source', 'port', '53')])).toEqual(['dns'])
  })

  it('that are disabled ask nothing', () => {
    expect(kept([{ ...chipOf('source', 'namespace', 'nowhere'), isDisabled: true }])).toHaveLength(EDGES.length)
  })

  it('both ways, they are of two ends A and B as a whole, whichever calls', () => {
    const chips = [chipOf('source', 'namespace', 'data'), chipOf('destination', 'workload', 'planner')]
    expect(kept(chips)).toEqual([])
    expect(kept(chips, true)).toEqual(['staged'])
    // One end may not be both A and B, as it may where each chip is of either end.
    const onOneEnd = [chipOf('source', 'namespace', 'agents'), chipOf('destination', 'workload', 'planner')]
    expect(kept(onOneEnd, true)).toEqual([])
    expect(kept(onOneEnd.map((chip) => ({ ...chip, side: 'either' as const })))).toEqual(['openai', 'dns', 'staged'])
  })
})

describe('what the graph tells', () => {
  it('of a bundle is what its edges are', () => {
    const bundle = {
      ...AGENT_TO_OPENAI,
      serverPort: 0,
      bundle: {
        edges: 2,
        states: { mixed: 1, denied_no_rule: 1 },
        worst: 'denied_no_rule',
        ports: ['443/tcp', '53/udp'],
      },
    } as const
    const matches = (text: string) => compiled(text).matches(linkOfEdge(bundle, ends))
    expect(matches('port = 53 and port = 443 and protocol = udp and is denied and verdict = mixed')).toBe(true)
    expect(matches('port = 54')).toBe(false)
  })

  it.each([
    ['change = added', ['openai']],
    ['change in (added, verdict)', ['openai', 'staged']],
    ['has change', ['openai', 'dns', 'staged']],
    ['no change', ['shop', 'crawl']],
    ['change != volume and ns = agents', ['openai', 'staged', 'crawl']],
  ])('of two windows says how they differ: %s', (text, ids) => {
    const changes: Readonly<Record<string, EdgeChange>> = { openai: 'added', dns: 'volume', staged: 'verdict' }
    const compared = EDGES.map((edge) => ({ ...edge, change: changes[edge.id] }))
    const found = findInGraph({ nodes: NODES, edges: compared, against: { fromMs: 0, toMs: 1 } }, text)
    expect(found?.matches).toEqual(ids.map((id) => `edge:${id}`))
    // Of one window it is an error, not a search without a match.
    expect(findInGraph({ nodes: NODES, edges: compared }, text)).toBeUndefined()
  })

  it('of a newcomer is asked of nodes, and they are counted', () => {
    expect(findInGraph({ nodes: NODES, edges: EDGES }, 'is newcomer')).toMatchObject({
      of: 'nodes',
      matches: ['node:internet'],
    })
  })

  it('of an end that is not among the nodes is nothing', () => {
    const link = linkOfEdge({ ...DNS, client: 'gone' }, new Map())
    expect(compiled('ns = agents').matches(link)).toBe(false)
    expect(compiled('is external').matches(link)).toBe(false)
  })

  it('of a tier in which no rule matched names the policy that brought it into play', () => {
    const ended = {
      ...STAGED,
      variants: STAGED.variants.map((variant) => ({
        ...variant,
        enforced: [
          {
            kind: 'EndOfTier',
            namespace: '',
            tier: 'default',
            name: '',
            action: 'deny' as const,
            trigger: { kind: 'CalicoNetworkPolicy', namespace: 'data', tier: 'default', name: 'only-shop' },
          },
        ],
      })),
    }
    expect(compiled('policy = data/only-shop').matches(linkOfEdge(ended, ends))).toBe(true)
  })
})

describe('from match to match', () => {
  it.each([
    ['', 1, 'a'],
    ['', -1, 'c'],
    ['a', 1, 'b'],
    ['c', 1, 'a'],
    ['a', -1, 'c'],
    ['gone', 1, 'a'],
  ] as const)('from %j by %i is %s', (selected, by, next) => {
    expect(neighbour(['a', 'b', 'c'], selected, by)).toBe(next)
    expect(neighbour([], selected, by)).toBe('')
  })
})
