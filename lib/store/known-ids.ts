import 'server-only'
import type pg from 'pg'
import { processGlobal } from '@/lib/process-global'
import { pool } from './client'

const MOST = 200_000

/** Keys of rows that are known to be committed, oldest forgotten first. */
class KnownIds {
  private readonly ids = new Set<string>()

  has(id: string): boolean {
    return this.ids.has(id)
  }

  add(ids: Iterable<string>): void {
    for (const id of ids) this.ids.add(id)
    let excess = this.ids.size > MOST ? this.ids.size - MOST / 2 : 0
    for (const id of this.ids) {
      if (excess-- <= 0) return
      this.ids.delete(id)
    }
  }
}

const byPool = (): WeakMap<pg.Pool, KnownIds> => processGlobal('known-ids', () => new WeakMap<pg.Pool, KnownIds>())

/** Only of live data: a pinned dataset may be deleted on any replica and come again, and then its rows must come too. */
export const mayRemember = (dataset: string): boolean => dataset === ''

/**
 * What this process need not insert again. Filled only after COMMIT. Whoever deletes dictionary rows of live data must start
 * a new pool, or wait until no writer runs: a forgotten row would not come back.
 */
export function knownIds(): KnownIds {
  const current = pool()
  const known = byPool().get(current) ?? new KnownIds()
  byPool().set(current, known)
  return known
}
