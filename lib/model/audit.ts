import type { UnixMillis } from './units'

/** One thing that somebody did. */
export interface AuditEntry {
  /** A name or token id, `admin`, `local` where no sign-in is asked for, `postern` for what it does by itself. */
  readonly actor: string
  /** Verb in the field's words: `egress.put`, `finding.accept`, `token.create`. */
  readonly action: string
  /** What it was done to: `rule/ai-through-nat`, `finding/<id>`. */
  readonly subject: string
  /** What was before and after, as far as a reader needs it; never a secret. */
  readonly detail: Readonly<Record<string, unknown>>
}

/** An entry as stored. */
export interface AuditRow extends AuditEntry {
  readonly id: string
  readonly atMs: UnixMillis
}

/** Actor of what Postern does by itself. */
export const POSTERN_ACTOR = 'postern'
