import 'server-only'
import type pg from 'pg'
import type { BucketTierS } from '@/lib/model/time-range'
import type { UnixMillis } from '@/lib/model/units'
import { processGlobal } from '@/lib/process-global'
import { TIERS } from './bucket-tiers'
import { pool, type Queryable, withSnapshot } from './client'

/** From when on live rows of each grain are there; a grain of which nothing was dropped is absent. */
export type BucketFloors = ReadonlyMap<BucketTierS, UnixMillis>

/**
 * Floors rise by what is past retention, and no record is taken that old: an older answer does no harm. They matter to
 * records only where retention was lengthened.
 */
const KEPT_MS = 60_000

interface Remembered {
  readonly floors: BucketFloors
  readonly untilMs: number
}

/** Floors of the buckets, read at most once a minute. */
export async function bucketFloors(client: Queryable): Promise<BucketFloors> {
  const byPool = processGlobal('bucket-floors', () => new WeakMap<pg.Pool, Remembered>())
  const known = byPool.get(pool())
  if (known && known.untilMs > Date.now()) return known.floors
  const { rows } = await client.query<{ name: string; floor: number }>(
    'SELECT table_name AS name, floor_ms::float8 AS floor FROM storage_floor',
  )
  const floors = new Map<BucketTierS, UnixMillis>()
  for (const { grainS, table } of TIERS) {
    const row = rows.find(({ name }) => name === table)
    if (row) floors.set(grainS, row.floor)
  }
  byPool.set(pool(), { floors, untilMs: Date.now() + KEPT_MS })
  return floors
}

/** From when on live rows of each grain are there; of pinned datasets all are. */
export async function loadKeptSince(dataset: string): Promise<Record<'slots' | 'minutes' | 'hours', UnixMillis>> {
  const floors = dataset === '' ? await withSnapshot(bucketFloors) : undefined
  const since = (grainS: BucketTierS) => floors?.get(grainS) ?? Number.NEGATIVE_INFINITY
  return { slots: since(15), minutes: since(60), hours: since(3600) }
}

/** For who just raised one. */
export function forgetBucketFloors(): void {
  processGlobal('bucket-floors', () => new WeakMap<pg.Pool, Remembered>()).delete(pool())
}
