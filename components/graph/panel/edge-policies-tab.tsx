import { Part } from '@/components/ui/part'
import type { EdgeDetail } from '@/lib/model/edge-detail'
import { verdictSteps } from '@/lib/view/verdict-sentence'
import { WouldVerify } from '../door-evidence'
import { EvidenceSides } from '../evidence-sides'

/** What decided: per side both evaluations as the source told them, and the texts of their policies as of then. */
export function EdgePoliciesTab({ detail }: { detail: EdgeDetail }) {
  const { edge, isolation, hasInventory } = detail
  const steps = verdictSteps(detail)
  const named = edge.variants.some(({ enforced, pendingTrace }) => (enforced ?? pendingTrace ?? []).length > 0)
  return (
    <>
      {steps.length > 0 && (
        <Part title="What would give a verdict">
          <WouldVerify steps={steps} />
        </Part>
      )}
      {edge.variants.length === 0 ? (
        <p>No flow record speaks of this edge; it is known from traces only.</p>
      ) : (
        <EvidenceSides
          variants={edge.variants}
          {...(isolation && { isolation })}
          {...(hasInventory && { definitionsOf: edge.cluster })}
        />
      )}
      {isUnexplained(detail) && !hasInventory && (
        <p className="text-(--text-muted)">
          Which policy selects the pod, no source told. Connect a Kubernetes inventory of cluster {edge.cluster}{' '}
          (docs/kubernetes.md): Postern then computes which policies isolate the pod, and shows their text as of then.
        </p>
      )}
      {named && !hasInventory && (
        <p className="text-(--text-muted)">
          The text of these policies is not known: no Kubernetes inventory of cluster {edge.cluster} was ever read
          (docs/kubernetes.md).
        </p>
      )}
    </>
  )
}

/** Denied by default, and nobody says by the selection of which policy. */
const isUnexplained = ({ edge }: EdgeDetail): boolean =>
  edge.variants.some(
    ({ outcome, basis, enforced }) => outcome === 'denied' && basis === 'default' && (enforced ?? []).length === 0,
  )
