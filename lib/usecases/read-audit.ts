import 'server-only'
import type { AuditCursor, AuditFilter, AuditRow } from '@/lib/model/audit'
import { LIMITS } from '@/lib/model/limits'
import { DAY_MS } from '@/lib/model/units'
import { listAudit } from '@/lib/store/audit-log'

/** Where no beginning is said. */
const USUAL_STRETCH_MS = 30 * DAY_MS
const PAGE = 100
const EXPORT_PAGE = 2000

export interface AuditPage {
  readonly rows: readonly AuditRow[]
  /** There where more follows: what the next page begins behind. */
  readonly next?: AuditCursor
}

/** Entries, newest first, a page at a time; of the last 30 days where nothing else is said. Errors: `unavailable`. */
export const readAudit = (filter: AuditFilter, nowMs: number, after?: AuditCursor): Promise<AuditPage> =>
  pageOf(boundsOf(filter, nowMs), PAGE, after)

/** The same for a file: at most `LIMITS.auditExportRows`. */
export async function exportAudit(filter: AuditFilter, nowMs: number, after?: AuditCursor): Promise<AuditPage> {
  const bounds = boundsOf(filter, nowMs)
  const rows: AuditRow[] = []
  let next = after
  while (rows.length < LIMITS.auditExportRows) {
    const page = await pageOf(bounds, Math.min(EXPORT_PAGE, LIMITS.auditExportRows - rows.length), next)
    rows.push(...page.rows)
    if (!page.next) return { rows }
    next = page.next
  }
  return { rows, ...(next && { next }) }
}

function boundsOf(filter: AuditFilter, nowMs: number): Required<Pick<AuditFilter, 'fromMs' | 'toMs'>> & AuditFilter {
  // An entry of this very moment is in it.
  const toMs = filter.toMs ?? nowMs + 1000
  return { ...filter, toMs, fromMs: filter.fromMs ?? toMs - USUAL_STRETCH_MS }
}

async function pageOf(
  bounds: ReturnType<typeof boundsOf>,
  size: number,
  after: AuditCursor | undefined,
): Promise<AuditPage> {
  const found = await listAudit(bounds, size + 1, after)
  const rows = found.slice(0, size)
  const last = rows.at(-1)
  return { rows, ...(last && found.length > size && { next: { atMs: last.atMs, id: last.id } }) }
}
