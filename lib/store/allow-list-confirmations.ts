import 'server-only'
import type { UnixMillis } from '@/lib/model/units'
import { appendAudit } from './audit-log'
import { query, withTransaction } from './client'
import { storeText } from './store-json'

/** What an operator says of a provider's own list of source addresses: that it is set, and holds these. */
export interface AllowListConfirmation {
  /** Catalogue id. */
  readonly providerId: string
  /** In the operator's words; '' = none. */
  readonly note: string
  /** CIDRs that are registered at the provider; [] = not said. */
  readonly addresses: readonly string[]
}

/** One as stored. */
export interface StoredConfirmation extends AllowListConfirmation {
  readonly confirmedMs: UnixMillis
  readonly confirmedBy: string
}

/** Every confirmation, by provider; there is at most one per provider of the catalogue. */
export function loadAllowListConfirmations(): Promise<StoredConfirmation[]> {
  return query<StoredConfirmation>(
    `SELECT provider_id AS "providerId", note, addresses, confirmed_by AS "confirmedBy",
       (extract(epoch FROM confirmed_at) * 1000)::float8 AS "confirmedMs" FROM allow_list_confirmation ORDER BY provider_id`,
  )
}

/** Stores a confirmation in place of the one before. The caller has checked provider, addresses and sizes. */
export async function confirmAllowList(
  { providerId, note, addresses }: AllowListConfirmation,
  { actor, nowMs }: { readonly actor: string; readonly nowMs: UnixMillis },
): Promise<void> {
  await withTransaction(async (client) => {
    await client.query(
      `INSERT INTO allow_list_confirmation (provider_id, confirmed_at, confirmed_by, note, addresses)
       VALUES ($1, to_timestamp($2::float8 / 1000), $3, $4, $5::text[])
       ON CONFLICT (provider_id) DO UPDATE SET confirmed_at = EXCLUDED.confirmed_at, confirmed_by = EXCLUDED.confirmed_by,
         note = EXCLUDED.note, addresses = EXCLUDED.addresses`,
      [providerId, nowMs, actor, storeText(note), addresses.map(storeText)],
    )
    await appendAudit(client, {
      actor,
      action: 'allow-list.confirm',
      subject: `provider/${providerId}`,
      detail: { note, addresses },
    })
  })
}

/** Takes a confirmation back; answers whether there was one. */
export async function unconfirmAllowList(providerId: string, actor: string): Promise<boolean> {
  return withTransaction(async (client) => {
    const { rowCount } = await client.query('DELETE FROM allow_list_confirmation WHERE provider_id = $1', [providerId])
    if (rowCount !== 1) return false
    await appendAudit(client, { actor, action: 'allow-list.unconfirm', subject: `provider/${providerId}`, detail: {} })
    return true
  })
}
