import 'server-only'
import type { AuditEntry } from '@/lib/model/audit'
import { query } from '@/lib/store/client'

/**
 * The newest entries of the audit log, of one subject where it is given, in the order in which they were written: what happens within one
 * millisecond has none in the log itself.
 */
export const auditOf = (limit: number, subject?: string): Promise<AuditEntry[]> =>
  query<AuditEntry>(
    'SELECT actor, action, subject, detail FROM audit_entry WHERE $2::text IS NULL OR subject = $2 ORDER BY ctid DESC LIMIT $1',
    [limit, subject ?? null],
  )
