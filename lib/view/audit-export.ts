import type { AuditCursor, AuditRow } from '@/lib/model/audit'
import { csvLine } from './csv'

const COLUMNS = ['at', 'actor', 'action', 'subject', 'detail', 'id'] as const

/** Entries as CSV (RFC 4180), one row each, the detail as JSON. */
export function auditCsv(rows: readonly AuditRow[]): string {
  const lines = rows.map((row) => [timeOf(row), row.actor, row.action, row.subject, JSON.stringify(row.detail), row.id])
  return [COLUMNS, ...lines].map(csvLine).join('')
}

/** Entries as a JSON document; where there are more it says behind what they begin. */
export const auditJson = (rows: readonly AuditRow[], next: AuditCursor | undefined): string =>
  JSON.stringify({
    entries: rows.map((row) => ({
      at: timeOf(row),
      actor: row.actor,
      action: row.action,
      subject: row.subject,
      detail: row.detail,
      id: row.id,
    })),
    ...(next && { next: cursorText(next) }),
  })

const timeOf = ({ atMs }: AuditRow): string => new Date(atMs).toISOString()

/** A cursor in an address. */
export const cursorText = ({ atMs, id }: AuditCursor): string => `${Math.round(atMs)}_${id}`

/** The cursor of an address; undefined where it is none. */
export function readCursor(text: string): AuditCursor | undefined {
  const [, atMs, id] = /^(\d{1,15})_([0-9a-f-]{36})$/.exec(text) ?? []
  return atMs !== undefined && id !== undefined ? { atMs: Number(atMs), id } : undefined
}
