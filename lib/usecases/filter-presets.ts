import 'server-only'
import { AppError } from '@/lib/errors'
import { splitHops } from '@/lib/filter/focus-text'
import { parseFilter } from '@/lib/filter/parse'
import type { OwnPreset, OwnPresets } from '@/lib/model/filter-preset'
import { deleteFilterPreset, insertFilterPreset, listFilterPresets } from '@/lib/store/filter-presets'

/** What somebody saved for themselves, by name. Errors: `unavailable`. */
export const ownPresets = async (actor: string): Promise<OwnPresets> => ({
  owner: actor,
  presets: await listFilterPresets(actor),
})

/** Saves an expression for whoever wrote it. Throws `bad_request` where it asks nothing or cannot be read, `conflict`. */
export async function savePreset(
  { name, mode, expression }: Pick<OwnPreset, 'name' | 'mode' | 'expression'>,
  actor: string,
): Promise<OwnPreset> {
  const text = expression.trim()
  const { ast, error } = parseFilter(mode === 'focus' ? splitHops(text).expression : text)
  if (error) throw new AppError('bad_request', `expression: ${error.message} (character ${error.start + 1})`)
  if (!ast) throw new AppError('bad_request', 'expression: it asks nothing')
  return insertFilterPreset({ name, mode, expression: text }, actor)
}

/** Throws `not_found`, also for a preset of somebody else. */
export const removePreset = (id: string, actor: string): Promise<void> => deleteFilterPreset(id, actor)
