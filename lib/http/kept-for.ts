import 'server-only'
import type { KeptFor } from '@/lib/usecases/list-datasets'
import { retentionMs } from './handle'

const TIERS = ['evidence', 'buckets-15s', 'buckets-1m', 'buckets-1h'] as const

/** How long live rows of each kind are kept, and how old a record may be that is taken: the settings of this process. */
export const keptFor = (): KeptFor => ({
  tiers: TIERS.map((kind) => ({ kind, keptMs: retentionMs() })),
  horizonMs: retentionMs(),
})
