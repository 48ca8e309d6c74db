import { COLUMNS, type ColumnId, isColumn, PRESETS } from './flow-columns'

/** How a person has the table: the columns that are shown, in order, and how dense its rows are. */
export interface TableLook {
  readonly columns: readonly ColumnId[]
  readonly density: 'compact' | 'normal'
}

export const USUAL_LOOK: TableLook = { columns: PRESETS.Default, density: 'compact' }

/** A look as the browser kept it; what no version of the table knows any more falls away, and what is broken is the usual one. */
export function readLook(text: string | null): TableLook {
  const kept = parsed(text ?? '')
  if (typeof kept !== 'object' || kept === null) return USUAL_LOOK
  const given = 'columns' in kept && Array.isArray(kept.columns) ? kept.columns : []
  const columns = [...new Set(given.filter(isColumn))]
  return {
    columns: columns.length > 0 ? columns : USUAL_LOOK.columns,
    density: 'density' in kept && kept.density === 'normal' ? 'normal' : 'compact',
  }
}

export const lookText = (look: TableLook): string => JSON.stringify(look)

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Shows a column, behind the others, or hides it; the last one stays. */
export function toggled(columns: readonly ColumnId[], id: ColumnId): readonly ColumnId[] {
  if (!columns.includes(id)) return [...columns, id]
  return columns.length > 1 ? columns.filter((one) => one !== id) : columns
}

/** Moves a shown column to a place, counted from 0. */
export function moved(columns: readonly ColumnId[], id: ColumnId, to: number): readonly ColumnId[] {
  if (!columns.includes(id)) return columns
  const others = columns.filter((one) => one !== id)
  const at = Math.max(0, Math.min(others.length, to))
  return [...others.slice(0, at), id, ...others.slice(at)]
}

/** The preset that these columns are, in its order; undefined where they are none. */
export const presetOf = (columns: readonly ColumnId[]): string | undefined =>
  Object.entries(PRESETS).find(([, own]) => own.join() === columns.join())?.[0]

/** Columns whose name or group has all words of a text. */
export function found(text: string): readonly ColumnId[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return COLUMNS.filter(({ title, group }) =>
    words.every((word) => `${group} ${title}`.toLowerCase().includes(word)),
  ).map(({ id }) => id)
}
