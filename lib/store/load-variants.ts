import 'server-only'
import type pg from 'pg'
import type { FlowSource, Observer } from '@/lib/model/flow'
import type { EdgeRow, VariantRow } from '@/lib/model/graph-input'
import type { PolicyHit } from '@/lib/model/policy'
import type { Basis, Layer, Outcome, Pending } from '@/lib/model/verdict'
import { processGlobal } from '@/lib/process-global'
import { pool, query } from './client'

/** One way in which a side reported an edge, with the edge and its policies. Never changes: its id is a hash of all of it. */
export interface Variant {
  readonly id: string
  /** What a graph says of it beside its counters and times. */
  readonly row: Omit<VariantRow, 'counters' | 'firstMs' | 'lastMs'>
  readonly edge: EdgeRow
}

interface Columns extends EdgeColumns {
  readonly id: string
  readonly source: FlowSource
  readonly observer: Observer
  readonly outcome: Outcome
  readonly basis: Basis
  readonly pending: Pending
  readonly layer: Layer
  readonly dropReason: string
  readonly repeats: boolean
}

const MOST = 100_000

const cache = (): Map<string, Variant> => {
  const byPool = processGlobal('variants', () => new WeakMap<pg.Pool, Map<string, Variant>>())
  const current = pool()
  const variants = byPool.get(current) ?? new Map<string, Variant>()
  byPool.set(current, variants)
  return variants
}

/**
 * The variants of these ids, in their order; undefined for unknown ones. This process remembers up to 100,000 and forgets them all when
 * there are more, so that a graph that is looked at again reads no dictionary.
 */
export async function loadVariants(ids: readonly string[]): Promise<(Variant | undefined)[]> {
  const known = cache()
  const missing = ids.filter((id) => !known.has(id))
  if (missing.length === 0) return ids.map((id) => known.get(id))
  const read = new Map((await readVariants(missing)).map((variant) => [variant.id, variant]))
  const found = ids.map((id) => known.get(id) ?? read.get(id))
  if (known.size + read.size > MOST) known.clear()
  for (const [id, variant] of read) known.set(id, variant)
  return found
}

async function readVariants(ids: readonly string[]): Promise<Variant[]> {
  if (ids.length === 0) return []
  const rows = await query<Columns>(
    `SELECT v.id::text, v.source, v.observer, v.outcome, v.basis, v.pending, v.layer, v.drop_reason AS "dropReason", v.repeats,
       v.trace_id::text AS "traceId", v.edge_id::text AS "edgeId", e.cluster, e.client_id::text AS "clientId",
       e.server_id::text AS "serverId", e.protocol, e.server_port AS "serverPort"
     FROM edge_variant v JOIN edge e ON e.id = v.edge_id WHERE v.id = ANY($1::bigint[])`,
    [ids],
  )
  const traces = await readTraces([...new Set(rows.map((row) => row.traceId))])
  const edges = new Map<string, EdgeRow>()
  return rows.map(({ traceId, edgeId, cluster, clientId, serverId, protocol, serverPort, dropReason, ...variant }) => {
    const edge = edges.get(edgeId) ?? { id: edgeId, cluster, clientId, serverId, protocol, serverPort }
    edges.set(edgeId, edge)
    const { enforced, pending } = traces.get(traceId) ?? { enforced: null, pending: null }
    const row = {
      ...variant,
      edgeId,
      ...(dropReason && { dropReason }),
      ...(enforced && { enforced }),
      ...(pending && { pendingTrace: pending }),
    }
    return { id: variant.id, row, edge }
  })
}

interface EdgeColumns extends Omit<EdgeRow, 'id'> {
  readonly edgeId: string
  readonly traceId: string
}

interface Trace {
  readonly enforced: readonly PolicyHit[] | null
  readonly pending: readonly PolicyHit[] | null
}

/** Many variants share a trace, which is read and parsed once. */
async function readTraces(ids: readonly string[]): Promise<ReadonlyMap<string, Trace>> {
  const rows = await query<Trace & { id: string }>(
    'SELECT id::text, enforced, pending FROM policy_trace WHERE id = ANY($1::bigint[])',
    [ids],
  )
  return new Map(rows.map(({ id, ...trace }) => [id, trace]))
}
