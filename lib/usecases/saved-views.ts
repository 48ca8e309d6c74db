import 'server-only'
import { AppError } from '@/lib/errors'
import { consolePath } from '@/lib/model/console-path'
import type { SavedView } from '@/lib/model/saved-view'
import { deleteSavedView, insertSavedView, listSavedViews, renameSavedView } from '@/lib/store/saved-views'

/** The team's views, by name. Errors: `unavailable`. */
export const savedViews = (): Promise<SavedView[]> => listSavedViews()

/** Saves a view for the team. Throws `bad_request` where the path is no page of the console, `conflict`. */
export async function saveView(
  wanted: { readonly name: string; readonly path: string },
  actor: string,
): Promise<SavedView> {
  const path = consolePath(wanted.path)
  if (path === undefined) throw new AppError('bad_request', 'path: is no page of this console', { hint: PATH_HINT })
  return insertSavedView({ name: wanted.name, path }, actor)
}

/** Throws `not_found`, `conflict`. */
export const renameView = (id: string, name: string, actor: string): Promise<void> => renameSavedView(id, name, actor)

/** Throws `not_found`. */
export const removeView = (id: string, actor: string): Promise<void> => deleteSavedView(id, actor)

/** What a path must be, for whoever sends one. */
export const PATH_HINT = 'Send the path and the parameters as the address bar shows them: /graph?problems=1.'
