import 'server-only'
import { query } from '@/lib/store/client'

/** Throws `unavailable` where the database does not answer or lacks the schema. */
export async function checkReady(): Promise<void> {
  await query('SELECT last_value FROM graph_revision')
}
