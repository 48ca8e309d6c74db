import 'server-only'
import { AppError } from '@/lib/errors'
import type { OwnPreset } from '@/lib/model/filter-preset'
import { LIMITS } from '@/lib/model/limits'
import { appendAudit } from './audit-log'
import { query, withTransaction } from './client'
import { storeText } from './store-json'

const COLUMNS = 'id::text, name, mode, expression, (extract(epoch FROM created_at) * 1000)::float8 AS "createdMs"'

/** Those of one owner, by name: as many as `filterPresets` at most. Index: owner, name. */
export const listFilterPresets = (owner: string): Promise<OwnPreset[]> =>
  query<OwnPreset>(
    `SELECT ${COLUMNS} FROM filter_preset WHERE owner = $1 ORDER BY lower(name), name LIMIT ${LIMITS.filterPresets}`,
    [storeText(owner)],
  )

/**
 * Stores an expression under a name of its owner. Throws `conflict` where they have the name, or `filterPresets` already, or all together
 * `filterPresetsInAll`.
 */
export async function insertFilterPreset(
  { name, mode, expression }: Pick<OwnPreset, 'name' | 'mode' | 'expression'>,
  owner: string,
): Promise<OwnPreset> {
  return withTransaction(async (client) => {
    // Changes take turns: two at once must not pass the bounds together.
    await client.query('LOCK TABLE filter_preset IN SHARE ROW EXCLUSIVE MODE')
    const { rows: counted } = await client.query<{ all: number; own: number; alike: number }>(
      `SELECT count(*)::int AS all, (count(*) FILTER (WHERE owner = $1))::int AS own,
         (count(*) FILTER (WHERE owner = $1 AND name = $2))::int AS alike FROM filter_preset`,
      [storeText(owner), storeText(name)],
    )
    refuse(counted[0] ?? { all: 0, own: 0, alike: 0 })
    const { rows } = await client.query<OwnPreset>(
      `INSERT INTO filter_preset (owner, name, mode, expression) VALUES ($1, $2, $3, $4) RETURNING ${COLUMNS}`,
      [storeText(owner), storeText(name), mode, storeText(expression)],
    )
    const [preset] = rows
    if (!preset) throw new Error('INSERT returned no row')
    const detail = { name, mode, expression }
    await appendAudit(client, { actor: owner, action: 'preset.save', subject: `preset/${preset.id}`, detail })
    return preset
  })
}

/** Deletes a preset of its owner; links that carry its expression stay. Throws `not_found`, also for those of others. */
export async function deleteFilterPreset(id: string, owner: string): Promise<void> {
  await withTransaction(async (client) => {
    const { rows } = await client.query<Pick<OwnPreset, 'name' | 'mode' | 'expression'>>(
      'DELETE FROM filter_preset WHERE id = $1::uuid AND owner = $2 RETURNING name, mode, expression',
      [id, storeText(owner)],
    )
    const [preset] = rows
    if (!preset) throw new AppError('not_found', 'no such preset of yours')
    await appendAudit(client, { actor: owner, action: 'preset.delete', subject: `preset/${id}`, detail: preset })
  })
}

function refuse({ all, own, alike }: { readonly all: number; readonly own: number; readonly alike: number }): void {
  if (alike > 0)
    throw new AppError('conflict', 'another preset of yours has this name', { hint: 'Choose another name.' })
  if (own >= LIMITS.filterPresets)
    throw new AppError('conflict', `you have ${LIMITS.filterPresets} presets already (filterPresets)`, {
      hint: 'Delete one that you do not use.',
    })
  if (all >= LIMITS.filterPresetsInAll)
    throw new AppError('conflict', `there are ${LIMITS.filterPresetsInAll} presets already (filterPresetsInAll)`, {
      hint: 'Somebody has to delete some of theirs.',
    })
}
