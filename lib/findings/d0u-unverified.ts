import { reasonWords } from '@/lib/egress/explain'
import type { UnverifiedReason } from '@/lib/model/egress'
import { doorTarget, edgeIdsOf, groupDoors, workloadName } from './door-detections'
import type { ClusterDetector } from './facts'

/** D0u: a rule speaks of the edge, and nobody can prove by which address it leaves. Never more than low: it is not a fact. */
export const d0uUnverified: ClusterDetector = {
  id: 'D0u',
  name: 'Door not verified',
  needs: ['flows'],
  isLearning: false,
  detect: (facts) =>
    groupDoors(facts, ({ door, unverified, mode }) =>
      door?.state === 'unverified' && mode !== 'observe' ? unverified : undefined,
    ).map((group) => {
      const isAccused = group.edges.some(({ door }) => door?.lean === 'likely_violation')
      const lean = isAccused ? ' It is likely a violation.' : ''
      const reason = group.edges[0]?.door?.reason
      return {
        workload: group.workload,
        target: group.target,
        severity: isAccused ? 'low' : 'info',
        certainty: 'possible',
        title: `${group.workload} → ${group.target}: by which address it leaves is not verified, ${because(reason)}.${lean}`,
        facts: [],
        disproof: 'Records of every hop of the way out: they show the address, sanctioned or not.',
        cause: `unverified:${reason ?? 'unknown'}`,
        edgeIds: edgeIdsOf(group),
        shown: { kind: 'total', ...group.shown },
      }
    }),
  isDisproved({ workload, target }, facts) {
    const edges = facts.edges.filter(
      ({ client, server, door }) =>
        door !== undefined && workloadName(client) === workload && doorTarget(server) === target,
    )
    return edges.length > 0 && edges.every(({ door }) => door?.state === 'sanctioned' || door?.state === 'violation')
  },
}

function because(reason: UnverifiedReason | 'private_endpoint' | 'internal' | undefined): string {
  if (reason === undefined || reason === 'private_endpoint' || reason === 'internal') return 'and why is not known'
  return `because ${reasonWords(reason)}`
}
