import type { ConfigOrigin } from './egress'
import type { PathInput, PointInput, RuleInput } from './egress-schema'

export const EGRESS_KINDS = ['point', 'path', 'rule', 'denied-provider'] as const
export type EgressKind = (typeof EGRESS_KINDS)[number]

/** An entry in the form that the file has for its kind; a denied provider has its name alone. */
export interface EgressInputs {
  readonly point: PointInput
  readonly path: PathInput
  readonly rule: RuleInput
  readonly 'denied-provider': { readonly name: string }
}

/** One entry of the egress configuration, as GET /api/egress/entries lists it. */
export interface EgressEntry<Kind extends EgressKind = EgressKind> {
  readonly kind: Kind
  readonly name: string
  readonly origin: ConfigOrigin
  /** The document that holds it. */
  readonly document?: string
  /** Changes with the entry: what `If-Match` of a change names. */
  readonly revision: string
  /** A rule that is out of force because its time is over. */
  readonly isExpired: boolean
  /** Why it cannot be changed here; absent where it can. */
  readonly readOnly?: string
  readonly entry: EgressInputs[Kind]
}

/** Something wrong with a change, at its place. */
export interface EntryIssue {
  readonly severity: 'error' | 'warning'
  /** In the config file's words: `egressRules[0].providers[1]`. */
  readonly path: string
  /** 1-based, of a document. */
  readonly line?: number
  readonly message: string
}

/** What a change does to one entry. */
export interface EgressDiff {
  readonly kind: EgressKind
  readonly name: string
  readonly what: 'added' | 'changed' | 'removed'
  /** In the file's form. */
  readonly before?: unknown
  readonly after?: unknown
}
