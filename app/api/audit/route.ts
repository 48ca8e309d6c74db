import { z } from 'zod'
import { AppError } from '@/lib/errors'
import { handle, json } from '@/lib/http/handle'
import type { AuditFilter } from '@/lib/model/audit'
import { exportAudit, readAudit } from '@/lib/usecases/read-audit'
import { auditCsv, auditJson, cursorText, readCursor } from '@/lib/view/audit-export'

export const dynamic = 'force-dynamic'

const text = z.string().trim().min(1).max(300).optional()
const moment = z.coerce.number().int().min(0).max(8.64e15).optional()
const parameters = z.object({
  actor: text,
  action: text,
  subject: text,
  from: moment,
  to: moment,
  after: z.string().max(60).optional(),
  format: z.enum(['page', 'csv', 'json']).default('page'),
})

/** The audit log, newest first: a page, or with `format` a file. */
export const GET = handle({
  name: 'audit.read',
  access: 'admin',
  async run({ url }) {
    const given = Object.fromEntries([...url.searchParams].filter(([, value]) => value !== ''))
    const wanted = parameters.safeParse(given)
    if (!wanted.success)
      throw new AppError(
        'bad_request',
        wanted.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
      )
    const { actor, action, subject, from, to, after, format } = wanted.data
    const cursor = after === undefined ? undefined : readCursor(after)
    if (after !== undefined && !cursor) throw new AppError('bad_request', 'after: not what an answer gave as next')
    const filter: AuditFilter = {
      ...(actor && { actor }),
      ...(action && { action }),
      ...(subject && { subject }),
      ...(from !== undefined && { fromMs: from }),
      ...(to !== undefined && { toMs: to }),
    }
    if (format === 'page') {
      const { rows, next } = await readAudit(filter, Date.now(), cursor)
      return json({ rows, ...(next && { next: cursorText(next) }) })
    }
    const { rows, next } = await exportAudit(filter, Date.now(), cursor)
    const body = format === 'csv' ? auditCsv(rows) : auditJson(rows, next)
    return new Response(body, {
      headers: {
        'content-type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json',
        'content-disposition': `attachment; filename="postern-audit.${format}"`,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        ...(next && { 'x-postern-next': cursorText(next) }),
      },
    })
  },
})
