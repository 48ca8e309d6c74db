import type { SideIsolation } from '@/lib/model/edge-detail'
import type { EdgeVariant, GraphEdge, GraphNode } from '@/lib/model/graph'
import { decidingHit, isStaged, type PolicyHit, policyName } from '@/lib/model/policy'
import { type EdgeState, stateOfVerdict } from '@/lib/model/verdict'

interface Subject {
  readonly edge: Pick<GraphEdge, 'state' | 'passed' | 'denied' | 'variants' | 'counters'>
  readonly clientNode: Pick<GraphNode, 'label'>
  readonly serverNode: Pick<GraphNode, 'label'>
  readonly isolation?: readonly SideIsolation[]
}

const AT: Readonly<Record<EdgeVariant['observer'], string>> = {
  client: 'at the client (egress)',
  server: 'at the server (ingress)',
  gateway: 'at a gateway',
  unknown: 'at a side that the source does not tell',
}

/** The edge in one sentence per cause: who to whom, the verdict, and what decided it. At most one per side and state. */
export function edgeSentences({ edge, clientNode, serverNode, isolation = [] }: Subject): readonly string[] {
  const subject = `${clientNode.label} → ${serverNode.label}`
  if (edge.state === 'no_verdict') return [`${subject}: no verdict. ${whyNoVerdict(edge)}`]
  const mixed =
    edge.state === 'mixed' ? [`${subject}: mixed, ${edge.passed} passed and ${edge.denied} were denied.`] : []
  const wanted = WANTED[edge.state]
  const told = edge.variants.filter((variant) => wanted.includes(stateOfVerdict(variant)))
  return [...mixed, ...new Set(told.map((variant) => sentenceOf(subject, variant, isolation)))]
}

/** Which verdicts make the state of the edge, and are told first. */
const DENIED: readonly EdgeState[] = ['denied_by_rule', 'denied_no_rule']
const WANTED: Readonly<Record<EdgeState, readonly EdgeState[]>> = {
  allowed_by_policy: ['allowed_by_policy'],
  allowed_no_policy: ['allowed_no_policy'],
  denied_by_rule: DENIED,
  denied_no_rule: DENIED,
  mixed: DENIED,
  would_be_denied: ['would_be_denied'],
  no_verdict: [],
}

function sentenceOf(subject: string, variant: EdgeVariant, isolation: readonly SideIsolation[]): string {
  const verdict = `${variant.outcome === 'denied' ? 'denied' : 'allowed'}${variant.layer === 'L7' ? ' at layer 7' : ''}`
  return `${subject}: ${verdict} ${AT[variant.observer]}: ${reasonOf(variant, isolation)}.`
}

function reasonOf(variant: EdgeVariant, isolation: readonly SideIsolation[]): string {
  const hit = decidingHit(variant.enforced)
  if (variant.outcome === 'denied') return deniedBecause(variant, hit, isolation)
  const pending = variant.pending === 'would_deny' ? `; ${wouldDeny(variant)}` : ''
  return `${allowedBecause(variant, hit)}${pending}`
}

function deniedBecause(variant: EdgeVariant, hit: PolicyHit | undefined, isolation: readonly SideIsolation[]): string {
  const known = isolation.find(({ side, isolating }) => side === variant.observer && isolating.length > 0)
  if (hit?.kind === 'EndOfTier') {
    const cause = hit.trigger ? `; denied because policy ${policyName(hit.trigger)} selects the pod` : becauseOf(known)
    return `no rule matched in tier ${hit.tier}${cause}`
  }
  if (variant.basis === 'rule')
    return hit ? `by policy ${hitName(hit)}` : 'by a deny rule; the source did not name the policy'
  if (variant.basis === 'default')
    return `no rule allows it${becauseOf(known) || '; denied because a policy selects the pod, which the source did not name'}`
  return 'the source did not say by what'
}

/** What the inventory adds is said to be the inventory's. */
function becauseOf(known: SideIsolation | undefined): string {
  if (!known) return ''
  const names = known.isolating.map(policyName).join(', ')
  return known.isolating.length === 1
    ? `; denied because policy ${names} selects the pod (by the inventory)`
    : `; denied because policies ${names} select the pod (by the inventory)`
}

function allowedBecause(variant: EdgeVariant, hit: PolicyHit | undefined): string {
  if (variant.basis === 'no_policy') return 'by default, no policy selects the pod'
  if (variant.basis === 'implicit') return 'by the engine’s own rule'
  return hit && variant.basis !== 'not_reported' ? `by policy ${hitName(hit)}` : 'the source named no policy'
}

function wouldDeny(variant: EdgeVariant): string {
  const hit = decidingHit(variant.pendingTrace)
  const cause = hit?.trigger ?? hit
  if (!cause) return 'would be denied: a policy is in audit mode'
  return isStaged(cause)
    ? `would be denied by staged policy ${policyName(cause)}`
    : `would be denied now by policy ${policyName(cause)}, which changed since the connection started`
}

function hitName(hit: PolicyHit): string {
  const where = [hit.tier && `tier ${hit.tier}`, hit.ruleIndex !== undefined && `rule ${hit.ruleIndex}`].filter(Boolean)
  return where.length > 0 ? `${policyName(hit)} (${where.join(', ')})` : policyName(hit)
}

function whyNoVerdict({ variants, counters }: Subject['edge']): string {
  if (variants.length === 0)
    return counters.spans > 0 ? 'Only traces tell of it, and traces know no policies.' : 'No source tells of it.'
  if (variants.every(({ source }) => source === 'nat')) return 'Only a NAT tells of it, and a NAT knows no policies.'
  if (variants.some(({ outcome }) => outcome === 'dropped'))
    return 'Packets were dropped for another cause than policy; of a policy no source tells.'
  return 'The traffic was seen, and no source gave a policy’s verdict for it.'
}

/** What would give an edge without a verdict one: steps in words, [] where it has one. */
export function verdictSteps({ edge }: Pick<Subject, 'edge'>): readonly string[] {
  if (edge.state !== 'no_verdict') return []
  const sources = new Set(edge.variants.map(({ source }) => source))
  if (sources.has('hubble'))
    return [
      'Let the filters of Hubble’s exporter or Relay pass policy-verdict events (event type 5).',
      'Policy verdicts exist only where a policy selects a pod: in `policy-enforcement: default` a pod that none selects has none.',
    ]
  if (sources.has('calico'))
    return ['Calico told the action without its policies: connect Goldmane, or let Felix log policies.']
  return [
    'Connect a flow source of this cluster: Cilium’s Hubble (Relay or exporter) or Calico’s Goldmane.',
    'Name the cluster as the other sources do: records of another cluster’s name draw edges of their own.',
  ]
}
