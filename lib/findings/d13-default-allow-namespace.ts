import { aiOf } from './ai-peers'
import { countSlots, passed, sumSlots, tellingEdges } from './count-slots'
import type { ClusterDetector, ClusterFacts, Detection, EdgeFacts, PeerFacts } from './facts'
import { byText, listed, spoken, times } from './finding-words'
import { detection } from './make-detection'
import { isPlatformNamespace } from './namespaces'
import { type SideStatement, statementOf } from './policy-statements'

/** The far end of the finding: what is missing. */
const TARGET = 'no policy'

interface NamespaceFacts {
  readonly edges: Set<EdgeFacts>
  readonly aiNames: Set<string>
  isAiCertain: boolean
  isUnruled: boolean
  /** Something in it is decided by a policy, or nobody says by what: then it is not true that nothing is. */
  isOtherwise: boolean
  /** A policy speaks of it, as a source states. */
  isRuled: boolean
}

/** D13: a namespace with an AI workload in which the flow log states of everything that no policy applied. */
export const d13: ClusterDetector = {
  id: 'D13',
  name: 'Default-allow namespace',
  needs: ['policies'],
  isLearning: false,
  detect: (facts) =>
    [...namespacesOf(facts)]
      .sort(([left], [right]) => byText(left, right))
      .flatMap(([name, found]) => openOf(name, found)),
  isDisproved: ({ workload }, facts) => namespacesOf(facts).get(workload)?.isRuled === true,
}

function openOf(namespace: string, found: NamespaceFacts): Detection[] {
  if (!found.isUnruled || found.isOtherwise || found.aiNames.size === 0) return []
  const edges = [...found.edges]
  const shown = countSlots(edges, passed)
  if (!shown) return []
  return [
    detection({
      workload: namespace,
      target: TARGET,
      severity: 'medium',
      certainty: found.isAiCertain ? 'fact' : 'possible',
      title: `No policy applies to anything seen in namespace ${spoken(namespace)}, which runs AI workloads: ${listed(found.aiNames)}.`,
      facts: [
        `${times(edges.length, 'path')} of the namespace in the last hour, all of them allowed by default.`,
        'The flow log states of each that no policy selected the endpoint.',
      ],
      disproof: 'A flow of the namespace that a policy allowed or denied.',
      cause: `namespace:${namespace}`,
      edgeIds: tellingEdges(edges, (edge) => sumSlots(edge, passed)),
      shown,
    }),
  ]
}

const NAMESPACES = new WeakMap<ClusterFacts, ReadonlyMap<string, NamespaceFacts>>()

function namespacesOf(facts: ClusterFacts): ReadonlyMap<string, NamespaceFacts> {
  const known = NAMESPACES.get(facts)
  if (known) return known
  const namespaces = new Map<string, NamespaceFacts>()
  for (const edge of facts.edges) {
    note(namespaces, facts, edge, edge.client, statementOf(edge.variants, 'client'))
    note(namespaces, facts, edge, edge.server, statementOf(edge.variants, 'server'))
  }
  NAMESPACES.set(facts, namespaces)
  return namespaces
}

function note(
  namespaces: Map<string, NamespaceFacts>,
  facts: ClusterFacts,
  edge: EdgeFacts,
  peer: PeerFacts,
  statement: SideStatement,
): void {
  if (peer.class !== 'workload' || isPlatformNamespace(peer.namespace)) return
  const found = namespaces.get(peer.namespace) ?? {
    edges: new Set(),
    aiNames: new Set(),
    isAiCertain: false,
    isUnruled: false,
    isOtherwise: false,
    isRuled: false,
  }
  namespaces.set(peer.namespace, found)
  const ai = aiOf(facts, peer)
  if (ai) found.aiNames.add(peer.name)
  found.isAiCertain ||= ai?.certain === true
  found.isRuled ||= statement.isRuled || statement.isDenied
  found.isOtherwise ||= statement.isRuled || statement.isDenied || statement.isUntold
  found.isUnruled ||= statement.isUnruled
  if (statement.isUnruled) found.edges.add(edge)
}
