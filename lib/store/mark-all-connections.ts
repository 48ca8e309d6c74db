import 'server-only'
import { query, withTransaction } from './client'
import { lockConnections } from './lock-connections'

/**
 * Marks connections that an older configuration judged, so that changed rules are applied to what is still kept. One cluster
 * after the other, each under the lock of its connections, as every writer of theirs. Reads all that is kept, which it may: rules
 * change rarely, and concern every connection. Errors: `unavailable`.
 */
export async function markJudgedOtherwise(configVersion: string): Promise<void> {
  const scopes = await query<{ dataset: string; cluster: string }>(
    `SELECT DISTINCT dataset, cluster FROM egress_connection WHERE NOT dirty AND judgement IS NOT NULL AND judgement->>'configVersion' <> $1`,
    [configVersion],
  )
  for (const scope of scopes)
    await withTransaction(async (client) => {
      await lockConnections(client, [scope])
      await client.query(
        `UPDATE egress_connection SET dirty = true
         WHERE dataset = $2 AND cluster = $3 AND NOT dirty AND judgement IS NOT NULL AND judgement->>'configVersion' <> $1`,
        [configVersion, scope.dataset, scope.cluster],
      )
    })
}

/**
 * Marks connections that are kept without a judgement, since no provider was known for them: an addition to the catalogue may name
 * theirs. Reads all that is kept, as above. Errors: `unavailable`.
 */
export async function markUnjudged(): Promise<void> {
  const scopes = await query<{ dataset: string; cluster: string }>(
    'SELECT DISTINCT dataset, cluster FROM egress_connection WHERE NOT dirty AND judgement IS NULL',
  )
  for (const scope of scopes)
    await withTransaction(async (client) => {
      await lockConnections(client, [scope])
      await client.query(
        'UPDATE egress_connection SET dirty = true WHERE dataset = $1 AND cluster = $2 AND NOT dirty AND judgement IS NULL',
        [scope.dataset, scope.cluster],
      )
    })
}
