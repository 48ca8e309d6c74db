/**
 * One cell of CSV (RFC 4180). A text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV injection); what a
 * program reads exactly is the JSON. A plain number is none, also below zero.
 */
export function csvCell(text: string): string {
  const isFormula = /^[=+\-@\t\r\n]/.test(text) && !/^-\d+(\.\d+)?$/.test(text)
  const safe = isFormula ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** One line of cells, with its end. */
export const csvLine = (cells: readonly string[]): string => `${cells.map(csvCell).join(',')}\r\n`
