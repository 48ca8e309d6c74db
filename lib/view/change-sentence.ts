import type { GraphEdge, ServiceGraph } from '@/lib/model/graph'

const DENIED: ReadonlySet<GraphEdge['state']> = new Set(['denied_by_rule', 'denied_no_rule', 'mixed'])

/**
 * What changed on screen between two graphs, for those who do not see it: new edges and how many of them are denied, edges that are
 * gone, edges whose verdict is another one. '' where nothing of that did. Where most is another, only how much there is:
 * somebody looks at something else. Pure.
 */
export function changeSentence(before: ServiceGraph | undefined, after: ServiceGraph): string {
  if (!before) return shown(after)
  const old = new Map(before.edges.map((edge) => [edge.id, edge]))
  const now = new Set(after.edges.map(({ id }) => id))
  const added = after.edges.filter(({ id }) => !old.has(id))
  const gone = before.edges.filter(({ id }) => !now.has(id))
  if (added.length + gone.length > Math.max(before.edges.length, after.edges.length) / 2 + 3) return shown(after)
  const turned = after.edges.filter((edge) => (old.get(edge.id)?.state ?? edge.state) !== edge.state)
  const turnedDenied = turned.filter(
    (edge) => DENIED.has(edge.state) && !DENIED.has(old.get(edge.id)?.state ?? edge.state),
  )
  const addedDenied = added.filter(({ state }) => DENIED.has(state))
  const parts = [
    added.length > 0 &&
      `${count(added.length, 'new edge')}${addedDenied.length > 0 ? `, ${addedDenied.length} denied` : ''}`,
    turnedDenied.length > 0 && `${count(turnedDenied.length, 'edge')} denied now`,
    turned.length > turnedDenied.length && `${count(turned.length - turnedDenied.length, 'edge')} with another verdict`,
    gone.length > 0 && `${count(gone.length, 'edge')} gone`,
  ]
  return parts.filter(Boolean).join('; ')
}

const shown = (graph: ServiceGraph): string => `${count(graph.edges.length, 'edge')} shown`
const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`
