import 'server-only'
import { createHash } from 'node:crypto'
import {
  type BackupEntry,
  type BackupManifest,
  type BackupTable,
  type BackupTotals,
  damaged,
  MANIFEST_ENTRY,
  parseManifest,
  parseTotals,
  pieceName,
  TOTALS_ENTRY,
} from './backup-manifest'

const NEW_LINE = 0x0a

/** Told of a backup's parts in their order; `rows` must be read to their end. */
export interface BackupVisitor {
  manifest(manifest: BackupManifest): Promise<void>
  table(table: BackupTable, rows: AsyncIterable<Uint8Array>): Promise<void>
}

/**
 * Reads a backup from its first entry to its last and answers its totals. Holds one entry at a time. Throws where anything
 * is missing, more, or not what the totals say; the visitor may have seen rows by then.
 */
export async function readBackup(entries: AsyncIterable<BackupEntry>, visitor: BackupVisitor): Promise<BackupTotals> {
  const reader = entries[Symbol.asyncIterator]()
  const source = new Entries(reader)
  try {
    const first = await source.next()
    if (first?.name !== MANIFEST_ENTRY) throw damaged(`it does not begin with ${MANIFEST_ENTRY}`)
    const manifest = parseManifest(first.bytes)
    await visitor.manifest(manifest)
    const seen: BackupTotals['tables'] = []
    for (const table of manifest.tables) {
      const tally = new Tally()
      await visitor.table(table, piecesOf(source, table.name, tally))
      seen.push({ name: table.name, ...tally.result() })
    }
    const last = await source.next()
    if (last?.name !== TOTALS_ENTRY)
      throw damaged(last ? `${last.name} stands in no place of its own` : 'its end is missing')
    const totals = parseTotals(last.bytes)
    demandEqual(seen, totals.tables)
    const more = await source.next()
    if (more) throw damaged(`${more.name} follows its end`)
    return totals
  } finally {
    await reader.return?.()
  }
}

/** Entries, of which the next may be looked at before it is taken. */
class Entries {
  private ahead: BackupEntry | undefined

  constructor(private readonly reader: AsyncIterator<BackupEntry>) {}

  async peek(): Promise<BackupEntry | undefined> {
    if (this.ahead) return this.ahead
    const next = await this.reader.next()
    this.ahead = next.done ? undefined : next.value
    return this.ahead
  }

  async next(): Promise<BackupEntry | undefined> {
    const entry = await this.peek()
    this.ahead = undefined
    return entry
  }
}

async function* piecesOf(source: Entries, table: string, tally: Tally): AsyncGenerator<Uint8Array> {
  for (let piece = 0; (await source.peek())?.name === pieceName(table, piece); piece += 1) {
    const entry = await source.next()
    if (!entry) return
    tally.add(entry.bytes)
    yield entry.bytes
  }
}

/** Counts rows and bytes of a table's text as it passes, and hashes it. */
export class Tally {
  private rows = 0
  private bytes = 0
  private readonly hash = createHash('sha256')

  add(piece: Uint8Array): void {
    this.hash.update(piece)
    this.bytes += piece.length
    // COPY escapes the line breaks within values.
    for (let at = piece.indexOf(NEW_LINE); at >= 0; at = piece.indexOf(NEW_LINE, at + 1)) this.rows += 1
  }

  result(): { rows: number; bytes: number; sha256: string } {
    return { rows: this.rows, bytes: this.bytes, sha256: this.hash.digest('hex') }
  }
}

function demandEqual(seen: BackupTotals['tables'], told: BackupTotals['tables']): void {
  if (seen.length !== told.length) throw damaged(`${TOTALS_ENTRY} names other tables than ${MANIFEST_ENTRY}`)
  for (const [at, table] of seen.entries()) {
    const other = told[at]
    if (other?.name !== table.name) throw damaged(`${TOTALS_ENTRY} names other tables than ${MANIFEST_ENTRY}`)
    if (other.rows !== table.rows || other.bytes !== table.bytes || other.sha256 !== table.sha256)
      throw damaged(`the rows of ${table.name} are not those that were written`)
  }
}
