import { addressWords, expectedWords } from '@/lib/egress/explain'
import { edgeIdsOf, groupDoors } from './door-detections'
import type { ClusterDetector } from './facts'

/** D0: at least one connection is proven to have left by an address that its rule does not sanction. */
export const d0Violation: ClusterDetector = {
  id: 'D0',
  name: 'Left by another address',
  needs: ['flows', 'nat-evidence'],
  isLearning: false,
  detect: (facts) =>
    groupDoors(facts, ({ violation, mode }) => (mode === 'observe' ? undefined : violation)).map((group) => {
      const ips = [...new Set(group.edges.flatMap(({ door }) => door?.violatingIps ?? []))].sort()
      const expected = group.edges.find(({ door }) => door?.expected)?.door?.expected
      return {
        workload: group.workload,
        target: group.target,
        severity: 'critical',
        certainty: 'fact',
        title: `${group.workload} → ${group.target} left by ${addressWords(ips)}${expectedWords(expected)}.`,
        facts: [],
        disproof: 'A record of the same connection from a hop nearer to the provider that shows a sanctioned address.',
        cause: `door:${ips.join(',')}`,
        edgeIds: edgeIdsOf(group),
        shown: { kind: 'total', ...group.shown },
      }
    }),
  // Later connections that leave rightly do not undo the earlier ones: only quiet ends a violation.
}
