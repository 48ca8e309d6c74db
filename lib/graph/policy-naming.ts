import type { EdgeVariant, GraphEdge, GraphNode } from '@/lib/model/graph'
import type { PolicyCoverage, PolicyEngine } from '@/lib/model/policy-report'
import { engineOf } from './policy-hits'
import { unitsOf } from './volume'

/** One end of some edges where records say what became of traffic, and not by which policy. */
export interface UnnamedSide {
  readonly cluster: string
  readonly engine: PolicyEngine
  readonly node: GraphNode
  /** Absent = the side that reported is not told. */
  readonly direction?: 'ingress' | 'egress'
}

export interface Naming {
  /** By cluster; without what the inventory knows. */
  readonly clusters: ReadonlyMap<string, Omit<PolicyCoverage, 'hasInventory'>>
  /** Where enforced policies, and where staged ones, are not named. Each end once. */
  readonly unnamed: readonly UnnamedSide[]
  readonly unstaged: readonly UnnamedSide[]
}

interface Tally {
  readonly naming: Set<PolicyEngine>
  readonly heard: Set<PolicyEngine>
  unnamed: number
  hasPending: boolean
}

/**
 * Where the records of a graph name policies, and where they do not: an absent or empty list says nothing about whether a policy
 * decided (Hubble's means "not correlated"), so what such traffic is selected by cannot be called unused.
 */
export function namingOf(graph: {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
}): Naming {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]))
  const clusters = new Map<string, Tally>()
  const unnamed = new Map<string, UnnamedSide>()
  const unstaged = new Map<string, UnnamedSide>()
  for (const edge of graph.edges) {
    for (const side of sidesOf(edge.variants)) {
      const tally = clusters.get(edge.cluster) ?? newTally()
      clusters.set(edge.cluster, tally)
      tally.heard.add(side.engine)
      if (side.isNamed) tally.naming.add(side.engine)
      tally.unnamed += side.unnamedUnits
      tally.hasPending ||= side.hasPending
      for (const [isMissing, into] of [
        [side.isUnnamed, unnamed],
        [!side.hasPending, unstaged],
      ] as const)
        if (isMissing) addSides(into, edge, side, nodes)
    }
  }
  return {
    clusters: new Map(
      [...clusters].map(([cluster, { naming, heard, unnamed: count, hasPending }]) => [
        cluster,
        {
          cluster,
          naming: [...naming].sort(),
          silent: [...heard].filter((engine) => !naming.has(engine)).sort(),
          unnamed: count,
          hasPending,
        },
      ]),
    ),
    unnamed: [...unnamed.values()],
    unstaged: [...unstaged.values()],
  }
}

const newTally = (): Tally => ({ naming: new Set(), heard: new Set(), unnamed: 0, hasPending: false })

interface Side {
  readonly engine: PolicyEngine
  readonly observer: EdgeVariant['observer']
  readonly isNamed: boolean
  /** A verdict without a policy; or traffic whose verdict nobody told. */
  readonly isUnnamed: boolean
  readonly unnamedUnits: number
  readonly hasPending: boolean
}

function sidesOf(variants: readonly EdgeVariant[]): Side[] {
  const sides = new Map<string, { engine: PolicyEngine; variants: EdgeVariant[] }>()
  for (const variant of variants) {
    const engine = engineOf(variant)
    if (!engine) continue
    const key = `${engine}/${variant.observer}`
    const side = sides.get(key) ?? { engine, variants: [] }
    sides.set(key, side)
    side.variants.push(variant)
  }
  return [...sides.values()].map(({ engine, variants: own }) => {
    const bare = own.filter((variant) => isJudged(variant) && !hasNames(variant))
    const isNamed = own.some(hasNames)
    return {
      engine,
      observer: own[0]?.observer ?? 'unknown',
      isNamed,
      isUnnamed: bare.length > 0 || !isNamed,
      unnamedUnits: bare.filter(({ repeats }) => !repeats).reduce((sum, variant) => sum + unitsOf(variant), 0),
      hasPending:
        own.some(({ pendingTrace }) => pendingTrace !== undefined) &&
        own.every((variant) => !isJudged(variant) || variant.pendingTrace !== undefined),
    }
  })
}

const hasNames = ({ enforced }: EdgeVariant): boolean => enforced !== undefined && enforced.length > 0
const isJudged = ({ outcome, layer }: EdgeVariant): boolean =>
  layer === 'L4' && (outcome === 'allowed' || outcome === 'denied')

function addSides(
  into: Map<string, UnnamedSide>,
  edge: GraphEdge,
  { engine, observer }: Side,
  nodes: ReadonlyMap<string, GraphNode>,
): void {
  const ends = [
    ...(observer === 'server' ? [] : [{ id: edge.client, direction: 'egress' as const }]),
    ...(observer === 'client' ? [] : [{ id: edge.server, direction: 'ingress' as const }]),
  ]
  for (const { id, direction } of ends) {
    const node = nodes.get(id)
    if (node) into.set(`${engine}/${id}/${direction}`, { cluster: edge.cluster, engine, node, direction })
  }
}
