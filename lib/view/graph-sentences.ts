import type { GraphEdge, GraphNode, NodeGroup } from '@/lib/model/graph'
import { shownText } from '@/lib/model/shown-text'
import { DOOR_WORD } from './door-sentence'
import { counted, formatCount } from './format'
import { verdictInShort } from './verdict-sentence'

type Nodes = ReadonlyMap<string, Pick<GraphNode, 'label' | 'pod'>>

const nameOf = (node: Pick<GraphNode, 'label' | 'pod'> | undefined): string =>
  shownText(node?.pod ?? node?.label ?? 'unknown')

/** An edge in one sentence: subject, verdict, the policy that decided where one is named, the door. What is not known is left out. */
export function edgeSentence(edge: GraphEdge, nodes: Nodes): string {
  const ends = `${nameOf(nodes.get(edge.client))} to ${nameOf(nodes.get(edge.server))}`
  const port = edge.serverPort ? `, port ${edge.serverPort}` : ''
  const parts = [
    `${ends}${edge.bundle ? bundlePhrase(edge.bundle.edges, edge.bundle.ports) : port}: ${verdictInShort(edge)}`,
    edge.door && DOOR_WORD[edge.door.state],
    edge.openFindings > 0 && counted(edge.openFindings, 'open finding', 'open findings'),
  ]
  return parts.filter(Boolean).join('; ')
}

const bundlePhrase = (edges: number, ports: readonly string[]): string =>
  `, ${counted(edges, 'edge', 'edges')}${ports.length === 1 ? ` on ${ports[0]}` : ''}`

const GROUP_WORD: Readonly<Record<NodeGroup['kind'], string>> = {
  cluster: 'cluster',
  namespace: 'namespace',
  outside: 'destinations outside',
}

/** A node in one sentence: its name, its role, what it stands for, how many edges it has. */
export function nodeSentence(node: GraphNode, edges: { readonly out: number; readonly in: number }): string {
  const parts = [
    node.pod ? `${node.label}, pod ${node.pod}` : node.label,
    node.aiRole,
    node.provider && 'AI provider',
    node.group && `${GROUP_WORD[node.group.kind]} of ${formatCount(node.group.members)}, drawn as one`,
    edges.out > 0 && `${formatCount(edges.out)} out`,
    edges.in > 0 && `${formatCount(edges.in)} in`,
  ]
  return parts.filter(Boolean).join(', ')
}
