import 'server-only'
import type { AuditEntry } from '@/lib/model/audit'
import { appendAudit } from './audit-log'
import { query, withTransaction } from './client'

/** An operator's word that a provider's list of client addresses is on. */
export interface AllowListConfirmation {
  readonly providerId: string
  readonly atMs: number
  readonly by: string
  /** What belonged on the list by the rules then in force. */
  readonly addresses: readonly string[]
}

/** Every confirmation: one per provider at most. */
export const loadAllowLists = (): Promise<AllowListConfirmation[]> =>
  query<AllowListConfirmation>(
    `SELECT provider_id AS "providerId", (extract(epoch FROM confirmed_at) * 1000)::float8 AS "atMs", confirmed_by AS by, addresses
     FROM allow_list_confirmation ORDER BY provider_id`,
  )

/** Keeps a confirmation in place of an earlier one. */
export async function confirmAllowList(
  { providerId, by, addresses }: Omit<AllowListConfirmation, 'atMs'>,
  audit: AuditEntry,
): Promise<void> {
  await withTransaction(async (client) => {
    await client.query(
      `INSERT INTO allow_list_confirmation (provider_id, confirmed_by, addresses) VALUES ($1, $2, $3::text[])
       ON CONFLICT (provider_id) DO UPDATE SET confirmed_at = now(), confirmed_by = EXCLUDED.confirmed_by, addresses = EXCLUDED.addresses`,
      [providerId, by, addresses],
    )
    await appendAudit(client, audit)
  })
}

/** Takes a confirmation back; answers whether there was one. */
export async function withdrawAllowList(providerId: string, audit: AuditEntry): Promise<boolean> {
  return withTransaction(async (client) => {
    const { rowCount } = await client.query('DELETE FROM allow_list_confirmation WHERE provider_id = $1', [providerId])
    if (rowCount === 1) await appendAudit(client, audit)
    return rowCount === 1
  })
}
