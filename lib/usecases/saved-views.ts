import 'server-only'
import type { SavedView } from '@/lib/model/saved-view'
import { deleteSavedView, insertSavedView, listSavedViews, renameSavedView } from '@/lib/store/saved-views'
import { checkedPath } from './checked-path'

/** The team's views, by name. Errors: `unavailable`. */
export const savedViews = (): Promise<SavedView[]> => listSavedViews()

/** Saves a view for the team. Throws `bad_request` where the path is no page of the console, `conflict`. */
export async function saveView(
  wanted: { readonly name: string; readonly path: string },
  actor: string,
): Promise<SavedView> {
  return insertSavedView({ name: wanted.name, path: checkedPath(wanted.path) }, actor)
}

/** Throws `not_found`, `conflict`. */
export const renameView = (id: string, name: string, actor: string): Promise<void> => renameSavedView(id, name, actor)

/** Throws `not_found`. */
export const removeView = (id: string, actor: string): Promise<void> => deleteSavedView(id, actor)
