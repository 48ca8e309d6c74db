import type { GraphEdge, GraphNode } from '@/lib/model/graph'
import { FIELDS, type FieldName, isEndField, isNumberField } from './fields'
import { endOfNode, linkOfEdge } from './graph-matchable'

/** More than a person reads through. */
const MAX_VALUES = 500

/** The values that fields have in a graph, sorted; those of a field are collected when it is first asked for. */
export function valuesInGraph(graph: {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
}): (field: FieldName) => readonly string[] {
  const known = new Map<FieldName, readonly string[]>()
  const collect = (field: FieldName): readonly string[] => {
    const { choices } = FIELDS[field]
    const found = new Set<string>()
    const add = (values: readonly (string | number)[]) => {
      for (const value of values) if (value !== '' && found.size < MAX_VALUES) found.add(String(value))
    }
    if (isEndField(field)) for (const node of graph.nodes) add(endOfNode(node).texts(field))
    else {
      const nobody = new Map<string, never>()
      for (const edge of graph.edges) {
        const link = linkOfEdge(edge, nobody)
        // Of numbers only ports are a choice between a few.
        if (!isNumberField(field)) add(link.texts(field))
        else if (field === 'port') add(link.numbers(field).filter((port) => port > 0))
      }
    }
    const values = [...found].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    return choices ? choices.filter((choice) => found.has(choice)) : values
  }
  return (field) => {
    const values = known.get(field) ?? collect(field)
    known.set(field, values)
    return values
  }
}
