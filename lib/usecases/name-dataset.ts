import 'server-only'
import { AppError } from '@/lib/errors'
import { POSTERN_ACTOR } from '@/lib/model/audit'
import type { DatasetName } from '@/lib/model/dataset'
import { LIMITS } from '@/lib/model/limits'
import { isShowable } from '@/lib/model/shown-text'
import { loadPinnedDataset, saveDatasetTitle } from '@/lib/store/load-datasets'
import { checkDataset } from './check-dataset'

/** What is known of a pinned dataset by its name alone. Throws `not_found`, `unavailable`. */
export async function getDataset(name: string): Promise<DatasetName> {
  const dataset = await loadPinnedDataset(pinnedName(name))
  if (!dataset) throw noSuchDataset()
  return dataset
}

/**
 * Gives a pinned dataset another title; blank, it is called by its name again. Its name and its links stay. Throws `bad_request`,
 * `not_found`, `conflict` where it is being deleted, `unavailable`.
 */
export async function renameDataset(name: string, title: string, actor = POSTERN_ACTOR): Promise<DatasetName> {
  const trimmed = title.trim()
  if (!isShowable(trimmed))
    throw new AppError('bad_request', 'title: no control characters and nothing that turns the direction of text')
  if ([...trimmed].length > LIMITS.datasetTitleChars)
    throw new AppError('bad_request', `title: at most ${LIMITS.datasetTitleChars} characters (limit datasetTitleChars)`)
  const renamed = await saveDatasetTitle(pinnedName(name), trimmed || undefined, actor)
  if (renamed) return renamed
  const { deletingMs } = await getDataset(name)
  throw deletingMs === undefined ? noSuchDataset() : new AppError('conflict', `the dataset ${name} is being deleted`)
}

/** A name that a pinned dataset may have. Throws `not_found` for any other: there is none by it. */
export function pinnedName(name: string): string {
  try {
    checkDataset(name)
  } catch {
    throw noSuchDataset()
  }
  if (name === '') throw noSuchDataset()
  return name
}

export const noSuchDataset = (): AppError =>
  new AppError('not_found', 'no such dataset', { hint: 'GET /api/datasets lists those that there are.' })
