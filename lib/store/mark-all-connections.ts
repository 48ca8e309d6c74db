import 'server-only'
import { query } from './client'

/** Marks connections that an older configuration judged, so that changed rules are applied to what is still kept. */
export async function markJudgedOtherwise(configVersion: string): Promise<void> {
  await query(
    `UPDATE egress_connection SET dirty = true WHERE NOT dirty AND judgement IS NOT NULL AND judgement->>'configVersion' <> $1`,
    [configVersion],
  )
}
