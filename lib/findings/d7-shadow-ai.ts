import { workloadsOf } from './ai-peers'
import { countSlots, passed, sumSlots, tellingEdges, total } from './count-slots'
import { byProvider, type EdgeGroup, groupOf, groupsOf, isOfProvider, type ProviderEdge } from './edge-groups'
import type { ClusterDetector, ClusterFacts, Detection } from './facts'
import { listed, spoken, times } from './finding-words'
import { detection } from './make-detection'
import { claimsOf } from './span-claims'

/** Spans come when their call has ended and the exporter has flushed: younger flows miss theirs rightly. */
const SPAN_LAG_MS = 5 * 60_000
/** As many hosts of spans are told; of a longer list some are left out. */
const MAX_SPAN_HOSTS = 64

/**
 * D7: a workload that sends traces reaches a provider, and none of its spans tells of it. A workload that sends none is not
 * instrumented, which is another matter and no finding.
 */
export const d7: ClusterDetector = {
  id: 'D7',
  name: 'Shadow AI',
  needs: ['addresses', 'spans'],
  isLearning: false,
  detect: (facts) => groupsOf(facts, byProvider).flatMap((group) => shadowOf(group, facts)),
  isDisproved: (finding, facts) => {
    const edges = groupOf(facts, byProvider, finding)?.edges.filter(isOfProvider) ?? []
    return edges.length > 0 && edges.every((edge) => isTold(edge, facts))
  },
}

function shadowOf({ workload, target, edges }: EdgeGroup, facts: ClusterFacts): Detection[] {
  const dark = edges.filter(isOfProvider).filter((edge) => isDark(edge, facts))
  const [first] = dark
  const shown = countSlots(dark, passed)
  const client = first && workloadsOf(facts).get(first.client.endpointId)
  if (!first || !shown || !client) return []
  const isWhole = client.isSampled === false
  return [
    detection({
      workload,
      target,
      severity: isWhole ? 'medium' : 'low',
      certainty: 'possible',
      title: `${spoken(workload)} reaches ${spoken(target)}, and none of its traces tells of it.`,
      facts: [
        `${times(total(shown), 'connection')} to ${listed(dark.map(({ server }) => server.provider.host))} in the last hour.`,
        `${times(client.spans, 'span')} of the workload in the same time, none to this provider.`,
        isWhole
          ? 'Its spans are not sampled, as they tell.'
          : client.isSampled
            ? 'Its spans are a sample: the missing ones may have been left out.'
            : 'Whether its spans are sampled is not known.',
      ],
      disproof: 'A client span of the workload to this provider; with sampling, a trace that was not kept.',
      cause: `shadow:${workload} ${first.server.provider.id}`,
      edgeIds: tellingEdges(dark, (edge) => sumSlots(edge, passed)),
      shown,
    }),
  ]
}

function isDark(edge: ProviderEdge, facts: ClusterFacts): boolean {
  const { client, server, slots } = edge
  if (client.class !== 'workload' || server.provider.role !== 'inference' || !server.provider.certain) return false
  const workload = workloadsOf(facts).get(client.endpointId)
  if (!workload || workload.spans === 0 || workload.spanHosts.length >= MAX_SPAN_HOSTS) return false
  const firstMs = slots.find((slot) => slot.passed > 0)?.firstMs
  return firstMs !== undefined && firstMs <= facts.nowMs - SPAN_LAG_MS && !isTold(edge, facts)
}

function isTold({ client, server }: ProviderEdge, facts: ClusterFacts): boolean {
  const { providers, hosts } = claimsOf(facts, client.endpointId)
  return providers.has(server.provider.id) || hosts.has(server.provider.host)
}
