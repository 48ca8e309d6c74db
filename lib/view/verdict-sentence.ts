import type { SideIsolation } from '@/lib/model/edge-detail'
import type { EdgeVariant, GraphEdge, GraphNode } from '@/lib/model/graph'
import { decidingHit, isStaged, type PolicyHit, shownPolicyName } from '@/lib/model/policy'
import { shownText } from '@/lib/model/shown-text'
import { EDGE_STATE_WORD, EDGE_STATES, type EdgeState, stateOfVerdict } from '@/lib/model/verdict'
import { formatCount } from './format'

/**
 * The only place where a verdict is put into words: of an edge, of one way of reporting, of one step of an evaluation. Each names the side,
 * what happened, and what decided it; what no source told is said to be not told, and what the inventory adds is said to be the inventory's.
 */

interface Subject {
  readonly edge: Pick<GraphEdge, 'state' | 'passed' | 'denied' | 'variants' | 'counters'>
  readonly clientNode: Pick<GraphNode, 'label'>
  readonly serverNode: Pick<GraphNode, 'label'>
  readonly isolation?: readonly SideIsolation[]
}

/** What the sentence of one report is made of. */
export type Told = Pick<
  EdgeVariant,
  'source' | 'observer' | 'outcome' | 'basis' | 'pending' | 'layer' | 'dropReason' | 'enforced' | 'pendingTrace'
>

interface Detail {
  readonly isolation: readonly SideIsolation[]
  /** With the policy's kind, for a sentence that stands without a table of the evaluation. */
  readonly hasKind: boolean
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
  const detail = { isolation, hasKind: false }
  return [...mixed, ...new Set(told.map((variant) => `${subject}: ${phraseOf(variant, detail)}.`))]
}

/** One way of reporting, or one record: what happened on its side, and which policy decided it. */
export function reportSentence(told: Told): string {
  const phrase = phraseOf(told, { isolation: [], hasKind: true })
  return `${phrase.charAt(0).toUpperCase()}${phrase.slice(1)}.`
}

/** An edge's verdict in a few words, with the policy that decided where one is named: `Denied, policy agents/lock (tier security)`. */
export function verdictInShort({ bundle, state, passed, denied, variants }: GraphEdge): string {
  if (bundle) {
    const told = EDGE_STATES.filter((each) => (bundle.states[each] ?? 0) > 0)
    if (told.length > 1)
      return told
        .map((each) => `${formatCount(bundle.states[each] ?? 0)} ${EDGE_STATE_WORD[each].toLowerCase()}`)
        .join(', ')
    return EDGE_STATE_WORD[told[0] ?? state]
  }
  const counts = state === 'mixed' ? ` ${formatCount(passed)} / ${formatCount(denied)}` : ''
  const policy = policyInShort(state, variants)
  return `${EDGE_STATE_WORD[state]}${counts}${policy && `, ${policy}`}`
}

/** The policies that decided, by name, sorted; of the end of a tier what brought it into play. [] where no side named one. */
export const deciderNames = ({ state, variants }: Pick<GraphEdge, 'state' | 'variants'>): readonly string[] =>
  [
    ...new Set(
      decidingHits(state, variants).flatMap((hit) => {
        const policy = hit.kind === 'EndOfTier' ? hit.trigger : hit
        return policy ? shownPolicyName(policy) : []
      }),
    ),
  ].sort()

/** One step of an evaluation. */
export function hitWords(hit: PolicyHit): string {
  if (hit.kind === 'EndOfTier')
    return `end of tier ${shownText(hit.tier)}: ${hit.action}${hit.trigger ? `; policy ${shownPolicyName(hit.trigger)} selects the pod` : ''}`
  return `${hitName(hit, true)}: ${hit.action}`
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

function phraseOf(told: Told, detail: Detail): string {
  if (told.source === 'nat') return 'seen by a NAT, from the address of a pod; no policy is told'
  const at = `${told.layer === 'L7' ? 'at layer 7 ' : ''}${AT[told.observer]}`
  const hit = decidingHit(told.enforced)
  switch (told.outcome) {
    case 'allowed':
      return `allowed ${at}: ${allowedBecause(told, hit, detail)}${pendingPhrase(told)}`
    case 'denied':
      return `denied ${at}: ${deniedBecause(told, hit, detail)}`
    case 'dropped':
      return `dropped ${at} for another cause than policy (${shownText(told.dropReason ?? 'not told')})`
    case 'error':
      return `answered with an error ${at}`
    case 'observed':
      return `seen ${at}: the source gave no policy verdict for it${pendingPhrase(told)}`
    case 'unknown':
      return `reported ${at}: the source gave no verdict`
  }
}

function deniedBecause(told: Told, hit: PolicyHit | undefined, { isolation, hasKind }: Detail): string {
  const known = isolation.find(({ side, isolating }) => side === told.observer && isolating.length > 0)
  if (hit?.kind === 'EndOfTier') {
    const cause = hit.trigger
      ? `; denied because policy ${shownPolicyName(hit.trigger)} selects the pod`
      : isolatedBy(known)
    return `no rule matched in tier ${shownText(hit.tier)}${cause}`
  }
  if (told.basis === 'rule')
    return hit ? `by policy ${hitName(hit, hasKind)}` : 'by a deny rule; the source did not name the policy'
  if (told.basis === 'default')
    return `no rule allows it${isolatedBy(known) || '; denied because a policy selects the pod, which the source did not name'}`
  return 'the source did not say by what'
}

function isolatedBy(known: SideIsolation | undefined): string {
  if (!known) return ''
  const names = known.isolating.map(shownPolicyName).join(', ')
  return known.isolating.length === 1
    ? `; denied because policy ${names} selects the pod (by the inventory)`
    : `; denied because policies ${names} select the pod (by the inventory)`
}

function allowedBecause(told: Told, hit: PolicyHit | undefined, { hasKind }: Detail): string {
  if (told.basis === 'no_policy')
    return `by default, no policy selects the pod${hit && hasKind ? ` (${shownPolicyName(hit)})` : ''}`
  if (told.basis === 'implicit') return `by the engine’s own rule${hit && hasKind ? ` (${shownText(hit.name)})` : ''}`
  return hit && told.basis !== 'not_reported' ? `by policy ${hitName(hit, hasKind)}` : 'the source named no policy'
}

function pendingPhrase(told: Told): string {
  if (told.pending !== 'would_deny') return ''
  const hit = decidingHit(told.pendingTrace)
  const cause = hit?.trigger ?? hit
  if (!cause) return '; would be denied: a policy is in audit mode'
  return isStaged(cause)
    ? `; would be denied by staged policy ${shownPolicyName(cause)}`
    : `; would be denied now by policy ${shownPolicyName(cause)}, which changed since the connection started`
}

function hitName(hit: PolicyHit, hasKind: boolean): string {
  const where = [
    hasKind && hit.kind,
    hit.tier && `tier ${shownText(hit.tier)}`,
    hit.ruleIndex !== undefined && `rule ${hit.ruleIndex}`,
    hasKind && isStaged(hit) && 'staged',
  ].filter(Boolean)
  return where.length > 0 ? `${shownPolicyName(hit)} (${where.join(', ')})` : shownPolicyName(hit)
}

function whyNoVerdict({ variants, counters }: Subject['edge']): string {
  if (variants.length === 0)
    return counters.spans > 0 ? 'Only traces tell of it, and traces know no policies.' : 'No source tells of it.'
  if (variants.every(({ source }) => source === 'nat')) return 'Only a NAT tells of it, and a NAT knows no policies.'
  if (variants.some(({ outcome }) => outcome === 'dropped'))
    return 'Packets were dropped for another cause than policy; of a policy no source tells.'
  return 'The traffic was seen, and no source gave a policy’s verdict for it.'
}

/** By which policy; '' where no side named one. */
function policyInShort(state: EdgeState, variants: readonly EdgeVariant[]): string {
  const [hit] = decidingHits(state, variants)
  if (!hit) return ''
  if (hit.kind !== 'EndOfTier') return `policy ${shownPolicyName(hit)}${hit.tier && ` (tier ${shownText(hit.tier)})`}`
  return hit.trigger ? `policy ${shownPolicyName(hit.trigger)} selects the pod` : `end of tier ${shownText(hit.tier)}`
}

/** What decided that an edge is in its state; of a mixed one, what denied. A profile and the engine's own rules stand for no policy. */
function decidingHits(state: EdgeState, variants: readonly EdgeVariant[]): readonly PolicyHit[] {
  if (state === 'no_verdict' || state === 'allowed_no_policy') return []
  const outcome = state === 'allowed_by_policy' ? 'allowed' : 'denied'
  const hits =
    state === 'would_be_denied'
      ? variants.filter(({ pending }) => pending === 'would_deny').map(({ pendingTrace }) => decidingHit(pendingTrace))
      : variants.filter((variant) => variant.outcome === outcome).map(({ enforced }) => decidingHit(enforced))
  return hits.filter((hit) => hit !== undefined).filter(({ kind }) => kind !== 'Profile' && kind !== 'Implicit')
}
