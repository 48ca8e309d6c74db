import { countSlots, gotThrough, sumSlots, tellingEdges } from './count-slots'
import {
  type EdgeGroup,
  groupOf,
  groupsOf,
  isInside,
  isOfProvider,
  type PairOf,
  type ProviderEdge,
} from './edge-groups'
import type { ClusterDetector, ClusterFacts, Detection, EdgeFacts } from './facts'
import { listed, spoken, times } from './finding-words'
import { detection } from './make-detection'

/** Hosts whose calls an allow-list would judge. */
const API_ROLES: ReadonlySet<string> = new Set(['inference', 'control', 'data'])
/** One item of the checklist per provider, whoever calls it. */
const EVERYBODY = 'all workloads'
const byUsedProvider: PairOf = (edge) =>
  isUse(edge) ? { workload: EVERYBODY, target: edge.server.provider.name } : undefined

/** D12: a provider in use could be told to accept the cluster's addresses only, and nobody confirmed that it was. */
export const d12: ClusterDetector = {
  id: 'D12',
  name: 'Allow-list gap',
  needs: [['addresses', 'spans']],
  isLearning: false,
  detect: (facts) => groupsOf(facts, byUsedProvider).flatMap((group) => gapOf(group, facts)),
  isDisproved: (finding, facts) =>
    groupOf(facts, byUsedProvider, finding)?.edges.some(({ server }) =>
      facts.confirmedAllowLists.has(server.provider?.id ?? ''),
    ) === true,
}

function gapOf({ workload, target, edges }: EdgeGroup, facts: ClusterFacts): Detection[] {
  const used = edges.filter(isUse).filter((edge) => sumSlots(edge, gotThrough) > 0)
  const [first] = used
  const id = first?.server.provider.id ?? ''
  const how = facts.allowLists.get(id)
  const shown = countSlots(used, gotThrough)
  if (!shown || how === undefined || facts.confirmedAllowLists.has(id) || facts.deniedProviders.has(id)) return []
  const callers = new Set(used.map(({ client }) => client.label))
  const expected = used.flatMap(({ door }) => door?.expected ?? [])
  return [
    detection({
      workload,
      target,
      severity: 'info',
      certainty: 'fact',
      title: `${spoken(target)} can be told to accept your addresses only, and nobody confirmed that it was.`,
      facts: [
        `In use by ${times(callers.size, 'workload')}: ${listed(callers)}.`,
        expected.length > 0
          ? `Addresses to register: ${listed(expected)}.`
          : 'Which addresses to register follows from egress rules; none speaks of these calls.',
        `How: ${how}`,
      ],
      disproof: "An operator's confirmation that the list is on.",
      cause: `allow-list:${id}`,
      edgeIds: tellingEdges(used, (edge) => sumSlots(edge, gotThrough)),
      shown,
    }),
  ]
}

/** A use that is sure, by the public address: a private endpoint is no matter of the public list. */
const isUse = (edge: EdgeFacts): edge is ProviderEdge =>
  isOfProvider(edge) &&
  isInside(edge.client) &&
  edge.server.provider.certain &&
  API_ROLES.has(edge.server.provider.role) &&
  edge.door?.reason !== 'private_endpoint'
