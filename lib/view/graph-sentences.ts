import type { EdgeVariant, GraphEdge, GraphNode, NodeGroup } from '@/lib/model/graph'
import { decidingHit, type PolicyHit, policyName } from '@/lib/model/policy'
import { shownText } from '@/lib/model/shown-text'
import { EDGE_STATE_WORD, EDGE_STATES } from '@/lib/model/verdict'
import { DOOR_WORD } from './door-sentence'
import { counted, formatCount } from './format'

type Nodes = ReadonlyMap<string, Pick<GraphNode, 'label' | 'pod'>>

const nameOf = (node: Pick<GraphNode, 'label' | 'pod'> | undefined): string =>
  shownText(node?.pod ?? node?.label ?? 'unknown')

/** An edge in one sentence: subject, verdict, the policy that decided where one is named, the door. What is not known is left out. */
export function edgeSentence(edge: GraphEdge, nodes: Nodes): string {
  const ends = `${nameOf(nodes.get(edge.client))} to ${nameOf(nodes.get(edge.server))}`
  const port = edge.serverPort ? `, port ${edge.serverPort}` : ''
  const parts = [
    `${ends}${edge.bundle ? bundlePhrase(edge.bundle.edges, edge.bundle.ports) : port}: ${verdictOf(edge)}`,
    edge.door && DOOR_WORD[edge.door.state],
    edge.openFindings > 0 && counted(edge.openFindings, 'open finding', 'open findings'),
  ]
  return parts.filter(Boolean).join('; ')
}

const bundlePhrase = (edges: number, ports: readonly string[]): string =>
  `, ${counted(edges, 'edge', 'edges')}${ports.length === 1 ? ` on ${ports[0]}` : ''}`

function verdictOf({ bundle, state, passed, denied, variants }: GraphEdge): string {
  if (bundle) {
    const told = EDGE_STATES.filter((each) => (bundle.states[each] ?? 0) > 0)
    if (told.length > 1)
      return told
        .map((each) => `${formatCount(bundle.states[each] ?? 0)} ${EDGE_STATE_WORD[each].toLowerCase()}`)
        .join(', ')
    return EDGE_STATE_WORD[told[0] ?? state]
  }
  const counts = state === 'mixed' ? ` ${formatCount(passed)} / ${formatCount(denied)}` : ''
  const policy = decidingPolicy(state, variants)
  return `${EDGE_STATE_WORD[state]}${counts}${policy && `, ${policy}`}`
}

/** By which policy; '' where no side named one. */
function decidingPolicy(state: GraphEdge['state'], variants: readonly EdgeVariant[]): string {
  if (state === 'no_verdict' || state === 'allowed_no_policy') return ''
  if (state === 'would_be_denied') return phraseOf(variants.map(({ pendingTrace }) => decidingHit(pendingTrace)))
  const outcome = state === 'allowed_by_policy' ? 'allowed' : 'denied'
  return phraseOf(
    variants.filter((variant) => variant.outcome === outcome).map(({ enforced }) => decidingHit(enforced)),
  )
}

function phraseOf(hits: readonly (PolicyHit | undefined)[]): string {
  const hit = hits.find((each) => each !== undefined && each.kind !== 'Profile' && each.kind !== 'Implicit')
  if (!hit) return ''
  if (hit.kind !== 'EndOfTier') return `policy ${policyName(hit)}${hit.tier && ` (tier ${hit.tier})`}`
  return hit.trigger ? `policy ${policyName(hit.trigger)} selects the pod` : `end of tier ${hit.tier}`
}

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
