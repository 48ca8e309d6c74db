import { describe, expect, it } from 'vitest'
import { auditCsv, auditJson, cursorText, readCursor } from './audit-export'
import { csvCell } from './csv'

const ROW = {
  id: '0f1e2d3c-0000-4000-8000-000000000001',
  atMs: Date.UTC(2026, 10, 26),
  actor: 'Anna, "A" (local)',
  action: 'token.create',
  subject: 'token/1',
  detail: { name: '=cmd' },
}

describe('the export of the audit log', () => {
  it('is a CSV of one row per entry', () => {
    expect(auditCsv([ROW])).toBe(
      'at,actor,action,subject,detail,id\r\n' +
        '2026-11-26T00:00:00.000Z,"Anna, ""A"" (local)",token.create,token/1,"{""name"":""=cmd""}",0f1e2d3c-0000-4000-8000-000000000001\r\n',
    )
  })

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1'])('a spreadsheet takes %j for no formula', (text) => {
    expect(csvCell(text).replace(/^"/, '')).toMatch(/^'/)
  })

  it('is JSON that says where the rest begins, by a cursor that reads back', () => {
    const next = { atMs: ROW.atMs, id: ROW.id }
    const { entries, next: text } = JSON.parse(auditJson([ROW], next))
    expect(entries).toMatchObject([{ at: '2026-11-26T00:00:00.000Z', detail: { name: '=cmd' } }])
    expect(readCursor(text)).toEqual(next)
    expect(readCursor(cursorText(next))).toEqual(next)
    expect(JSON.parse(auditJson([], undefined))).toEqual({ entries: [] })
    for (const bad of ['', 'x', '1_x', `${ROW.atMs}_${ROW.id}'`, '1e9_'.padEnd(40, '0')])
      expect(readCursor(bad)).toBeUndefined()
  })
})
