/**
 * A verdict is said per side of a connection (egress at the client, ingress at the server), in four dimensions. The one
 * table that turns them into the edge states of the screen is `stateOfVerdict`.
 */
export type Outcome = 'allowed' | 'denied' | 'dropped' | 'error' | 'observed' | 'unknown'
/**
 * rule: a named rule decided · default: a tier's or policy's default (selected, no rule matched) · no_policy: the source
 * states that no policy selected the endpoint (profile, default allow) · implicit: the engine's own rule (host to local
 * pod) · not_reported: the source says the outcome, not why · inferred: we concluded it.
 */
export type Basis = 'rule' | 'default' | 'no_policy' | 'implicit' | 'not_reported' | 'inferred'
/** What staged or audited policies would have done, compared with what was done. */
export type Pending = 'same' | 'would_allow' | 'would_deny' | 'unknown'
export type Layer = 'L4' | 'L7'

export interface Verdict {
  readonly outcome: Outcome
  readonly basis: Basis
  readonly pending: Pending
  readonly layer: Layer
  /** In the source's words, for `dropped` and `error`: `NO_EGRESS_GATEWAY`, `AUTH_REQUIRED`. Bounded to 64 characters. */
  readonly dropReason?: string
}

export const EDGE_STATES = [
  'allowed_by_policy',
  'allowed_no_policy',
  'denied_by_rule',
  'denied_no_rule',
  'mixed',
  'would_be_denied',
  'no_verdict',
] as const
export type EdgeState = (typeof EDGE_STATES)[number]

/** The words of the screen, one per state. */
export const EDGE_STATE_WORD: Readonly<Record<EdgeState, string>> = {
  allowed_by_policy: 'Allowed',
  allowed_no_policy: 'Allowed by default',
  denied_by_rule: 'Denied',
  denied_no_rule: 'Denied (no rule matched)',
  mixed: 'Mixed',
  would_be_denied: 'Would be denied',
  no_verdict: 'No verdict',
}

/**
 * The state that traffic of one verdict has on its own. Total over all four dimensions. `mixed` never comes from one
 * verdict. Drops for other causes and L7 errors are badges, not verdicts of a policy: they answer `no_verdict`.
 */
export function stateOfVerdict(verdict: Verdict): EdgeState {
  switch (verdict.outcome) {
    case 'denied':
      return verdict.basis === 'rule' ? 'denied_by_rule' : 'denied_no_rule'
    case 'allowed':
      if (verdict.pending === 'would_deny') return 'would_be_denied'
      return verdict.basis === 'no_policy' ? 'allowed_no_policy' : 'allowed_by_policy'
    case 'observed':
      return verdict.pending === 'would_deny' ? 'would_be_denied' : 'no_verdict'
    case 'dropped':
    case 'error':
    case 'unknown':
      return 'no_verdict'
  }
}
