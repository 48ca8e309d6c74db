import 'server-only'
import type { AuditEntry } from '@/lib/model/audit'
import { appendAudit } from './audit-log'
import { query, withTransaction } from './client'
import { notifyGraph } from './notify-graph'
import { storeJson } from './store-json'

/** The operator's providers as stored; bodies were checked before. */
export const loadProviderEntries = (): Promise<{ id: string; body: unknown; updatedMs: number }[]> =>
  query<{ id: string; body: unknown; updatedMs: number }>(
    'SELECT id, body, (extract(epoch FROM updated_at) * 1000)::float8 AS "updatedMs" FROM provider_entry ORDER BY id',
  )

/** Puts an entry in, in place of one with its id, and wakes whoever judges. */
export async function saveProviderEntry(id: string, body: object, audit: AuditEntry): Promise<void> {
  await withTransaction(async (client) => {
    await client.query(
      `INSERT INTO provider_entry (id, body) VALUES ($1, $2::jsonb)
       ON CONFLICT (id) DO UPDATE SET body = EXCLUDED.body, updated_at = now()`,
      [id, storeJson(body)],
    )
    await appendAudit(client, audit)
    await notifyGraph(client, WAKE)
  })
}

/** Takes an entry out; answers whether there was one. */
export async function deleteProviderEntry(id: string, audit: AuditEntry): Promise<boolean> {
  return withTransaction(async (client) => {
    const { rowCount } = await client.query('DELETE FROM provider_entry WHERE id = $1', [id])
    if (rowCount !== 1) return false
    await appendAudit(client, audit)
    await notifyGraph(client, WAKE)
    return true
  })
}

/** Which provider a host belongs to concerns every dataset and cluster. */
const WAKE = [{ dataset: '', cluster: '', egress: true }]
