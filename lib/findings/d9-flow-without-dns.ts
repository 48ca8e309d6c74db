import { countSlots, passed, sumSlots, tellingEdges, total } from './count-slots'
import { byProvider, type EdgeGroup, groupOf, groupsOf, isOfProvider, type ProviderEdge } from './edge-groups'
import type { ClusterDetector, ClusterFacts, Detection } from './facts'
import { listed, spoken, times } from './finding-words'
import { detection } from './make-detection'

/**
 * D9: a workload reaches an address that is a provider's alone, and asked nobody for its name: a hard-coded address, DNS over HTTPS, or a
 * hosts file. Off where no DNS is told; silent where the resolver's log does not tell who asked.
 */
export const d9: ClusterDetector = {
  id: 'D9',
  name: 'Flow without DNS',
  needs: ['addresses', 'dns'],
  isLearning: false,
  detect: (facts) => groupsOf(facts, byProvider).flatMap((group) => namelessOf(group, facts)),
  isDisproved: (finding, facts) => {
    const edges = groupOf(facts, byProvider, finding)?.edges.filter(isOfProvider) ?? []
    return edges.length > 0 && edges.every((edge) => isAskedFor(edge, facts))
  },
}

function namelessOf({ workload, target, edges }: EdgeGroup, facts: ClusterFacts): Detection[] {
  const nameless = edges.filter(isOfProvider).filter((edge) => isNameless(edge) && !isAskedFor(edge, facts))
  const [first] = nameless
  const shown = countSlots(nameless, passed)
  if (!first || !shown) return []
  const addresses = nameless.flatMap(({ server }) => (server.ips.length > 0 ? server.ips : [server.label]))
  return [
    detection({
      workload,
      target,
      severity: 'low',
      certainty: 'possible',
      title: `${spoken(workload)} reaches an address of ${spoken(target)} without asking for its name: ${listed(addresses)}.`,
      facts: [
        `${times(total(shown), 'connection')} in the last hour.`,
        'The address is published as the provider’s own, and no DNS answer or question of the workload names it.',
      ],
      disproof: 'A DNS answer from before the last hour, or from a resolver that is not watched.',
      cause: `no-dns:${first.server.provider.id}`,
      edgeIds: tellingEdges(nameless, (edge) => sumSlots(edge, passed)),
      shown,
    }),
  ]
}

const isNameless = (edge: ProviderEdge): boolean =>
  edge.client.class === 'workload' && edge.server.provider.matchedBy === 'cidr' && sumSlots(edge, passed) > 0

const ASKED = new WeakMap<ClusterFacts, ReadonlySet<string>>()

/** Asked for by the workload, or by somebody whom the log does not tell, who may be it. */
function isAskedFor({ client, server }: ProviderEdge, facts: ClusterFacts): boolean {
  const asked = ASKED.get(facts) ?? new Set(facts.names.map(keyOf))
  ASKED.set(facts, asked)
  return (
    asked.has(keyOf({ provider: server.provider, workload: client })) || asked.has(keyOf({ provider: server.provider }))
  )
}

const keyOf = ({
  provider,
  workload,
}: {
  readonly provider: { readonly id: string }
  readonly workload?: { readonly namespace: string; readonly name: string }
}): string => JSON.stringify([provider.id, workload?.namespace, workload?.name])
