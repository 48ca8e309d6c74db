import { countSlots, gotThrough, passed, sumSlots, tellingEdges, total } from './count-slots'
import { byProvider, type EdgeGroup, groupsOf, isOfProvider } from './edge-groups'
import type { ClusterDetector, Detection } from './facts'
import { listed, spoken, times } from './finding-words'
import { detection } from './make-detection'

/** D14: traces of AI calls go to a service outside, and usually prompts and answers with them. */
export const d14: ClusterDetector = {
  id: 'D14',
  name: 'Telemetry egress',
  needs: [['addresses', 'spans']],
  isLearning: false,
  detect: (facts) => groupsOf(facts, byProvider).flatMap(telemetryOf),
}

function telemetryOf({ workload, target, edges }: EdgeGroup): Detection[] {
  const sent = edges
    .filter(isOfProvider)
    .filter((edge) => edge.server.provider.role === 'telemetry' && sumSlots(edge, gotThrough) > 0)
  const [first] = sent
  const shown = countSlots(sent, gotThrough)
  if (!first || !shown) return []
  const isFact = sent.some((edge) => edge.server.provider.certain && sumSlots(edge, passed) > 0)
  return [
    detection({
      workload,
      target,
      severity: 'info',
      certainty: isFact ? 'fact' : 'possible',
      title: `${spoken(workload)} ${isFact ? 'sends' : 'may send'} telemetry to ${spoken(target)}; prompts may go with it.`,
      facts: [
        `${times(total(shown), 'connection')} to ${listed(sent.map(({ server }) => server.provider.host || server.label))} in the last hour.`,
      ],
      disproof: 'A setting of the exporter that leaves the content of prompts and answers out.',
      cause: `telemetry:${first.server.provider.id}`,
      edgeIds: tellingEdges(sent, (edge) => sumSlots(edge, gotThrough)),
      shown,
    }),
  ]
}
