import type { EdgeVariant } from '@/lib/model/graph'
import { decidingHit, isStaged, type PolicyHit, policyName } from '@/lib/model/policy'

const SIDE: Readonly<Record<EdgeVariant['observer'], string>> = {
  client: 'Egress at the client',
  server: 'Ingress at the server',
  gateway: 'At the gateway',
  unknown: 'Side not told',
}

/** What the sentence is made of. */
type Told = Pick<
  EdgeVariant,
  'source' | 'observer' | 'outcome' | 'basis' | 'pending' | 'layer' | 'dropReason' | 'enforced' | 'pendingTrace'
>

/** One plain sentence: which side, what happened, and which policy decided it; unknown is said as unknown. */
export function policySentence(variant: Told): string {
  if (variant.source === 'nat') return 'Seen by a NAT, from the address of a pod; no policy is told.'
  return `${SIDE[variant.observer]}: ${verdictPhrase(variant)}${pendingPhrase(variant)}`
}

function verdictPhrase(variant: Told): string {
  const layer = variant.layer === 'L7' ? ' at layer 7' : ''
  const hit = decidingHit(variant.enforced)
  switch (variant.outcome) {
    case 'allowed':
      return `allowed${layer} ${allowedBy(variant, hit)}.`
    case 'denied':
      return `denied${layer}: ${deniedBy(variant, hit)}.`
    case 'dropped':
      return `dropped for another cause than policy (${variant.dropReason ?? 'not told'}).`
    case 'error':
      return `layer 7 answered with an error.`
    case 'observed':
      return 'traffic was seen; the source gave no policy verdict for it.'
    case 'unknown':
      return 'the source gave no verdict.'
  }
}

function allowedBy(variant: Told, hit: PolicyHit | undefined): string {
  if (variant.basis === 'no_policy')
    return hit ? `by default: no policy applied (${policyName(hit)})` : 'by default: no policy selects the endpoint'
  if (variant.basis === 'implicit') return `by the engine’s own rule${hit ? ` (${hit.name})` : ''}`
  if (!hit || variant.basis === 'not_reported') return '(the source named no policy)'
  return `by policy ${hitName(hit)}`
}

function deniedBy(variant: Told, hit: PolicyHit | undefined): string {
  if (hit?.kind === 'EndOfTier') {
    const trigger = hit.trigger ? `; policy ${policyName(hit.trigger)} selects this pod` : ''
    return `no rule matched in tier ${hit.tier}${trigger}`
  }
  if (variant.basis === 'rule')
    return hit ? `policy ${hitName(hit)} denies it` : 'a policy’s deny rule; the source did not name the policy'
  if (variant.basis === 'default') return 'no rule allows it; a policy selects the pod, the source did not name it'
  return 'the source did not say by which policy'
}

function pendingPhrase(variant: Told): string {
  if (variant.pending !== 'would_deny' || variant.outcome === 'denied') return ''
  const hit = decidingHit(variant.pendingTrace)
  const cause = hit?.trigger ?? hit
  if (!cause) return ' Would be denied: the policy is in audit mode.'
  return isStaged(cause)
    ? ` Would be denied by staged policy ${policyName(cause)}.`
    : ` Would be denied now: policy ${policyName(cause)} changed since the connection started.`
}

function hitName(hit: PolicyHit): string {
  const where = [hit.tier && `tier ${hit.tier}`, hit.ruleIndex !== undefined && `rule ${hit.ruleIndex}`]
    .filter(Boolean)
    .join(', ')
  return `${policyName(hit)} (${[hit.kind, where].filter(Boolean).join(', ')})`
}
