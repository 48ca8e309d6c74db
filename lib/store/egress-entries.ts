import 'server-only'
import type { ConfigOrigin } from '@/lib/model/egress'
import { query, withTransaction } from './client'
import { notifyGraph } from './notify-graph'

export const EGRESS_KINDS = ['point', 'path', 'rule', 'denied-provider'] as const
export type EgressKind = (typeof EGRESS_KINDS)[number]

/** One entry of the egress configuration; `body` is the entry as lib/model/egress.ts types it, checked before it is stored. */
export interface EgressEntryRow {
  readonly kind: EgressKind
  readonly name: string
  readonly origin: ConfigOrigin
  readonly body: unknown
}

/** Every entry, those of the file and the environment first: the order of authority. */
export async function loadEgressEntries(): Promise<EgressEntryRow[]> {
  return query<EgressEntryRow>(
    `SELECT kind, name, origin, body FROM egress_entry ORDER BY array_position(ARRAY['file', 'env', 'api', 'ui'], origin), kind, name`,
  )
}

/**
 * Replaces the entries of origins `file` and `env` by these and leaves the others alone. Answers the entries that were not
 * put in because one of another origin has their name.
 */
export async function replaceStartEntries(rows: readonly EgressEntryRow[]): Promise<EgressEntryRow[]> {
  return withTransaction(async (client) => {
    // Replicas that start together replace one after the other.
    await client.query('LOCK TABLE egress_entry IN SHARE ROW EXCLUSIVE MODE')
    await client.query(`DELETE FROM egress_entry WHERE origin IN ('file', 'env')`)
    const result = await client.query<{ kind: string; name: string }>(
      `INSERT INTO egress_entry (kind, name, origin, body)
       SELECT u.kind, u.name, u.origin, u.body::jsonb FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS u(kind, name, origin, body)
       ON CONFLICT (kind, name) DO NOTHING RETURNING kind, name`,
      [
        rows.map((row) => row.kind),
        rows.map((row) => row.name),
        rows.map((row) => row.origin),
        rows.map((row) => JSON.stringify(row.body)),
      ],
    )
    const put = new Set(result.rows.map((row) => `${row.kind}/${row.name}`))
    return rows.filter((row) => !put.has(`${row.kind}/${row.name}`))
  })
}

/** Puts one entry in, in place of one with its kind and name, and wakes whoever judges. */
export async function saveEgressEntry(row: EgressEntryRow): Promise<void> {
  await withTransaction(async (client) => {
    await client.query(
      `INSERT INTO egress_entry (kind, name, origin, body) VALUES ($1, $2, $3, $4::jsonb)
       ON CONFLICT (kind, name) DO UPDATE SET origin = EXCLUDED.origin, body = EXCLUDED.body, updated_at = now()`,
      [row.kind, row.name, row.origin, JSON.stringify(row.body)],
    )
    await notifyGraph(client, WAKE)
  })
}

/** Takes one entry out; answers whether there was one. */
export async function deleteEgressEntry(kind: EgressKind, name: string): Promise<boolean> {
  return withTransaction(async (client) => {
    const result = await client.query('DELETE FROM egress_entry WHERE kind = $1 AND name = $2', [kind, name])
    await notifyGraph(client, WAKE)
    return result.rowCount === 1
  })
}

/** Rules concern every dataset and cluster; the judge looks for itself what changed. */
const WAKE = [{ dataset: '', cluster: '', egress: true }]
