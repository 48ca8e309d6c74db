import { z } from 'zod'
import { LIMITS } from './limits'
import { isSeen, isShowable } from './shown-text'
import type { UnixMillis } from './units'

/** What people may call a view: a line that can be seen, and that leaves the text around it as it is. */
export const savedViewName = z
  .string()
  .trim()
  .min(1)
  .max(LIMITS.savedViewNameChars)
  .refine((name) => isShowable(name) && isSeen(name), 'no control characters and nothing that turns or hides text')

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
