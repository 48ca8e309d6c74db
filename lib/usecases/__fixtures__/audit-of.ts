import 'server-only'
import type { AuditRow } from '@/lib/model/audit'
import { listAudit } from '@/lib/store/audit-log'

/** The newest entries of the audit log; of one subject where it is given. */
export const auditOf = (limit: number, subject?: string): Promise<AuditRow[]> =>
  listAudit({ fromMs: 0, toMs: Date.now() + 60_000, ...(subject !== undefined && { subject }) }, limit)
