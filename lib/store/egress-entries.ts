import 'server-only'
import type { AuditEntry } from '@/lib/model/audit'
import type { ConfigOrigin } from '@/lib/model/egress'
import type { EgressKind } from '@/lib/model/egress-entry'
import { appendAudit } from './audit-log'
import { type Queryable, query, withTransaction } from './client'
import { notifyGraph } from './notify-graph'
import { storeJson } from './store-json'

export interface EgressKey {
  readonly kind: EgressKind
  readonly name: string
}

/** One entry of the egress configuration; `body` is the entry as lib/model/egress.ts types it, checked before it is stored. */
export interface EgressEntryRow extends EgressKey {
  readonly origin: ConfigOrigin
  readonly body: unknown
  /** The document that holds it; absent where it was put alone, or comes from a start. */
  readonly document?: string
}

type Row = Omit<EgressEntryRow, 'document'> & { readonly document: string | null }

const ENTRIES = `SELECT kind, name, origin, body, document FROM egress_entry ORDER BY array_position(ARRAY['file', 'env', 'api', 'ui'], origin), kind, name`

const entryOf = ({ document, ...row }: Row): EgressEntryRow => ({ ...row, ...(document !== null && { document }) })

/** Every entry, those of the file and the environment first: the order of authority. */
export async function loadEgressEntries(): Promise<EgressEntryRow[]> {
  return (await query<Row>(ENTRIES)).map(entryOf)
}

/**
 * Replaces the entries of origins `file` and `env` by these and leaves the others alone. Answers the entries that were not
 * put in because one of another origin has their name.
 */
export async function replaceStartEntries(rows: readonly EgressEntryRow[]): Promise<EgressEntryRow[]> {
  return withTransaction(async (client) => {
    // Replicas that start together replace one after the other.
    await lockEntries(client)
    await client.query(`DELETE FROM egress_entry WHERE origin IN ('file', 'env')`)
    const result = await insert(client, rows)
    const put = new Set(result.map((row) => `${row.kind}/${row.name}`))
    return rows.filter((row) => !put.has(`${row.kind}/${row.name}`))
  })
}

/** What a change writes, and what the audit log says of it. */
export interface EgressWrites {
  /** In place of those with their kind and name. */
  readonly put: readonly EgressEntryRow[]
  readonly remove: readonly EgressKey[]
  readonly audit: readonly AuditEntry[]
}

/**
 * Changes entries as `plan` says of those that are there, in one transaction that no other change runs beside, and wakes whoever
 * judges. What `plan` throws undoes all. It may run more than once. A change of nothing writes nothing.
 */
export async function changeEgressEntries<Plan extends EgressWrites>(
  plan: (rows: readonly EgressEntryRow[]) => Plan,
): Promise<Plan> {
  return withTransaction(async (client) => {
    await lockEntries(client)
    const planned = plan((await client.query<Row>(ENTRIES)).rows.map(entryOf))
    const { put, remove, audit } = planned
    if (put.length + remove.length === 0) return planned
    const gone = [...remove, ...put]
    await client.query(
      'DELETE FROM egress_entry e USING unnest($1::text[], $2::text[]) AS u(kind, name) WHERE e.kind = u.kind AND e.name = u.name',
      [gone.map((row) => row.kind), gone.map((row) => row.name)],
    )
    await insert(client, put)
    for (const entry of audit) await appendAudit(client, entry)
    await notifyGraph(client, WAKE)
    return planned
  })
}

const lockEntries = (client: Queryable) => client.query('LOCK TABLE egress_entry IN SHARE ROW EXCLUSIVE MODE')

async function insert(client: Queryable, rows: readonly EgressEntryRow[]): Promise<EgressKey[]> {
  const result = await client.query<EgressKey>(
    `INSERT INTO egress_entry (kind, name, origin, body, document)
     SELECT u.kind, u.name, u.origin, u.body::jsonb, u.document
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) AS u(kind, name, origin, body, document)
     ON CONFLICT (kind, name) DO NOTHING RETURNING kind, name`,
    [
      rows.map((row) => row.kind),
      rows.map((row) => row.name),
      rows.map((row) => row.origin),
      rows.map((row) => storeJson(row.body)),
      rows.map((row) => row.document ?? null),
    ],
  )
  return result.rows
}

/** Rules concern every dataset and cluster; the judge looks for itself what changed. */
const WAKE = [{ dataset: '', cluster: '', egress: true }]
