import { shownText } from './shown-text'

/** Policy engines' kinds as the sources name them; unknown kinds are kept as text. */
export type PolicyKind =
  | 'CiliumNetworkPolicy'
  | 'CiliumClusterwideNetworkPolicy'
  | 'NetworkPolicy'
  | 'CalicoNetworkPolicy'
  | 'GlobalNetworkPolicy'
  | 'StagedNetworkPolicy'
  | 'StagedGlobalNetworkPolicy'
  | 'StagedKubernetesNetworkPolicy'
  | 'AdminNetworkPolicy'
  | 'BaselineAdminNetworkPolicy'
  | 'ClusterNetworkPolicy'
  | 'Profile'
  | 'EndOfTier'
  | 'Implicit'
  | (string & {})

export type PolicyAction = 'allow' | 'deny' | 'pass' | 'unspecified'

/** Names a policy within a cluster. The name has no tier prefix (Calico 3.30/3.31 strip it, 3.32 keeps it: we strip). */
export interface PolicyRef {
  readonly kind: PolicyKind
  readonly namespace: string
  /** Calico tier; '' for engines without tiers and for profiles. */
  readonly tier: string
  readonly name: string
}

/**
 * One step of a policy evaluation. `kind: 'EndOfTier'` means that a tier selected the endpoint and none of its rules
 * matched; `trigger` is then the policy whose selection brought the tier into play.
 */
export interface PolicyHit extends PolicyRef {
  readonly action: PolicyAction
  /** 0-based rule index in the policy's direction; undefined where the source does not say. */
  readonly ruleIndex?: number
  readonly trigger?: PolicyRef
}

/**
 * Ordered evaluation, first hit first. `undefined` = the source did not report it; `[]` = reported, nothing applied.
 * `pending` is the same with staged policies taken as enforced.
 */
export interface PolicyTrace {
  readonly enforced?: readonly PolicyHit[]
  readonly pending?: readonly PolicyHit[]
}

export const isStaged = (ref: Pick<PolicyRef, 'kind'>): boolean => ref.kind.startsWith('Staged')

/** The hit that decided: the last one of an evaluation (a first Allow or Deny is final, so it is also the last). */
export const decidingHit = (hits: readonly PolicyHit[] | undefined): PolicyHit | undefined => hits?.at(-1)

/** What names a policy, without what a hit of it adds. */
export const refOf = ({ kind, namespace, tier, name }: PolicyRef): PolicyRef => ({ kind, namespace, tier, name })

/**
 * The policy behind the hit that decided; of the end of a tier what brought the tier into play. Undefined where none is told.
 */
export function deciderOf(hits: readonly PolicyHit[] | undefined): PolicyRef | undefined {
  const hit = decidingHit(hits)
  const ref = hit?.kind === 'EndOfTier' ? hit.trigger : hit
  return ref && refOf(ref)
}

/** `ns/name` or `name`, as a person writes it and as filters have it; `shownPolicyName` is what is shown. */
export const policyName = (ref: PolicyRef): string => (ref.namespace ? `${ref.namespace}/${ref.name}` : ref.name)

/** `policyName` as it may stand in a sentence or a table: characters that nobody sees are written by their code. */
export const shownPolicyName = (ref: PolicyRef): string => shownText(policyName(ref))
