import type { ClusterFacts, Detection, EdgeFacts, PeerFacts, Shown } from './facts'

const MOST_EDGES = 8

/** The far end of a door as a finding names it: the provider by its host, whatever address that has today. */
export const doorTarget = ({ provider, label }: PeerFacts): string =>
  provider ? `${provider.name} (${provider.host})` : label

export const workloadName = ({ namespace, name }: PeerFacts): string => `${namespace}/${name}`

/** Edges of one workload and one target that show the same, those with the most connections first. */
export interface DoorGroup {
  readonly workload: string
  readonly target: string
  readonly edges: readonly EdgeFacts[]
  readonly shown: Shown
}

/** Edges of which `shownOf` tells something, grouped by (workload, target) and in that order, with what they show together. */
export function groupDoors(facts: ClusterFacts, shownOf: (edge: EdgeFacts) => Shown | undefined): DoorGroup[] {
  const groups = new Map<string, { workload: string; target: string; edges: { edge: EdgeFacts; shown: Shown }[] }>()
  for (const edge of facts.edges) {
    const shown = shownOf(edge)
    if (!shown || shown.count <= 0) continue
    const [workload, target] = [workloadName(edge.client), doorTarget(edge.server)]
    const key = JSON.stringify([workload, target])
    const group = groups.get(key) ?? { workload, target, edges: [] }
    group.edges.push({ edge, shown })
    groups.set(key, group)
  }
  return [...groups.values()]
    .map(({ workload, target, edges }) => {
      edges.sort((a, b) => b.shown.count - a.shown.count || compare(a.edge.edgeId, b.edge.edgeId))
      return { workload, target, edges: edges.map(({ edge }) => edge), shown: add(edges.map(({ shown }) => shown)) }
    })
    .sort((a, b) => compare(a.workload, b.workload) || compare(a.target, b.target))
}

/** Ids of the edges of a group, as a detection carries them. */
export const edgeIdsOf = ({ edges }: DoorGroup): Detection['edgeIds'] =>
  edges.slice(0, MOST_EDGES).map(({ edgeId }) => edgeId)

function add(all: readonly Shown[]): Shown {
  return {
    count: all.reduce((sum, { count }) => sum + count, 0),
    firstMs: Math.min(...all.map(({ firstMs }) => firstMs)),
    lastMs: Math.max(...all.map(({ lastMs }) => lastMs)),
    learnedMs: Math.max(...all.map(({ learnedMs, lastMs }) => learnedMs ?? lastMs)),
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
