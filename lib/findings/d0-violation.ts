import { addressWords, expectedWords } from '@/lib/egress/explain'
import type { Detector } from './detector'

/** D0: at least one connection is proven to have left by an address that its rule does not sanction. */
export const d0Violation: Detector = {
  id: 'D0',
  needs: 'flows-and-evidence',
  detect: ({ workload, target, door, violation, mode }) => {
    if (!violation || violation.count <= 0 || mode === 'observe') return undefined
    const title = `${workload} → ${target} left by ${addressWords(door.violatingIps)}${expectedWords(door.expected)}.`
    return { severity: 'critical', title, shown: violation }
  },
  // Later connections that leave rightly do not undo the earlier ones: only quiet ends a violation.
  isDisproved: () => false,
}
