import type { UnixMillis } from './units'

/** One thing that somebody did. */
export interface AuditEntry {
  /** A name with how they came in (lib/model/person.ts), `token <id>`, `admin`, `local` where no sign-in is asked for, `postern` for what it does by itself. */
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
/** Who holds the admin token and said no name. */
export const ADMIN_ACTOR = 'admin'
/** Who is on this machine, where no sign-in is asked for, and said no name. */
export const LOCAL_ACTOR = 'local'
/** Who could not say who they are. */
export const UNKNOWN_ACTOR = 'unknown'

/** What is looked for in the audit log; texts are beginnings. */
export interface AuditFilter {
  readonly actor?: string
  readonly action?: string
  readonly subject?: string
  /** `[fromMs, toMs)` */
  readonly fromMs?: UnixMillis
  readonly toMs?: UnixMillis
}

/** Where a page of entries ended: the next one begins behind it. */
export interface AuditCursor {
  readonly atMs: UnixMillis
  readonly id: string
}
