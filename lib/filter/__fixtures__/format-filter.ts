import type { FilterNode } from '../ast'
import { quoted } from '../tokens'

/** An expression as text, with the parentheses that it needs: what is read from it is the same expression. */
export function formatFilter(node: FilterNode): string {
  switch (node.kind) {
    case 'and':
      return node.parts.map((part) => within(part, part.kind === 'and' || part.kind === 'or')).join(' and ')
    case 'or':
      return node.parts.map((part) => within(part, part.kind === 'or')).join(' or ')
    case 'not':
      return `not ${within(node.part, node.part.kind === 'and' || node.part.kind === 'or')}`
    case 'compare': {
      const name = node.side ? `${node.side}.${node.field}` : node.field
      const values = node.values.map(quoted).join(', ')
      return node.op === 'in' ? `${name} in (${values})` : `${name} ${node.op} ${values}`
    }
    case 'has':
      return `has ${node.side ? `${node.side}.` : ''}${node.field}`
    case 'is':
      return `is ${node.side ? `${node.side}.` : ''}${node.flag}`
    case 'text':
      return quoted(node.value)
  }
}

const within = (node: FilterNode, isLooser: boolean): string =>
  isLooser ? `(${formatFilter(node)})` : formatFilter(node)
