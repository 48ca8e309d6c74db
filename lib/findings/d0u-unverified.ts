import { reasonWords } from '@/lib/egress/explain'
import type { UnverifiedReason } from '@/lib/model/egress'
import type { Detector } from './detector'

/** D0u: a rule speaks of the edge, and nobody can prove by which address it leaves. Never more than low: it is not a fact. */
export const d0uUnverified: Detector = {
  id: 'D0u',
  needs: 'flows',
  detect: ({ workload, target, door, unverified, mode }) => {
    if (door.state !== 'unverified' || !unverified || unverified.count <= 0 || mode === 'observe') return undefined
    const isAccused = door.lean === 'likely_violation'
    const lean = isAccused ? ' It is likely a violation.' : ''
    const title = `${workload} → ${target}: by which address it leaves is not verified, ${because(door.reason)}.${lean}`
    return { severity: isAccused ? 'low' : 'info', title, shown: unverified }
  },
  isDisproved: ({ door }) => door.state === 'sanctioned' || door.state === 'violation',
}

function because(reason: UnverifiedReason | 'private_endpoint' | 'internal' | undefined): string {
  if (reason === undefined || reason === 'private_endpoint' || reason === 'internal') return 'and why is not known'
  return `because ${reasonWords(reason)}`
}
