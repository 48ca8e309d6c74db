import type { GraphElement } from './elements'

/** Parts of a drawing that no edge and no box connects, each with its elements in the given order; the first element's part first. */
export function componentsOf(elements: readonly GraphElement[]): GraphElement[][] {
  const parents = new Map<string, string>()
  const rootOf = (id: string): string => {
    let root = id
    for (let next = parents.get(root); next !== undefined && next !== root; next = parents.get(root)) root = next
    for (let at = id; at !== root; ) {
      const next = parents.get(at) ?? root
      parents.set(at, root)
      at = next
    }
    return root
  }
  const join = (a: string, b: string) => parents.set(rootOf(a), rootOf(b))
  for (const element of elements) {
    if (element.kind === 'node' && element.parent !== undefined) join(element.id, element.parent)
    if (element.kind === 'edge') join(element.source, element.target)
  }
  const parts = new Map<string, GraphElement[]>()
  for (const element of elements) {
    const root = rootOf('source' in element ? element.source : element.id)
    const part = parts.get(root)
    if (part) part.push(element)
    else parts.set(root, [element])
  }
  return [...parts.values()]
}
