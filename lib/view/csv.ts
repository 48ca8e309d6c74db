/**
 * One cell of CSV (RFC 4180). A text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV injection); what a
 * program reads exactly is the JSON.
 */
export function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** One line of cells, with its end. Numbers are ours, and no formula below zero either. */
export const csvLine = (cells: readonly (string | number | bigint)[]): string =>
  `${cells.map((cell) => (typeof cell === 'string' ? csvCell(cell) : String(cell))).join(',')}\r\n`
