import type { UnixMillis } from './units'

/** A view of the console that somebody gave a name; everybody who signs in sees it. */
export interface SavedView {
  readonly id: string
  readonly name: string
  /** Path and parameters, as `consolePath` gives them. */
  readonly path: string
  /** Who saved it, as the audit log names them. */
  readonly owner: string
  readonly createdMs: UnixMillis
}
