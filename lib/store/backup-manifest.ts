import 'server-only'
import { z } from 'zod'

/** Grows when a reader of before could not read what is written now. */
export const BACKUP_FORMAT = 1

const BOUND = `(?:-?\\d{1,19}|'[\\d: +.-]{1,40}')`
/** As PostgreSQL writes the bounds of a partition of live data: a number, or a timestamp. */
export const PARTITION_BOUNDS = new RegExp(`^FOR VALUES FROM \\('', ${BOUND}\\) TO \\('', ${BOUND}\\)$`)

const name = z.string().min(1).max(63)
const count = z.number().int().nonnegative()

const manifestSchema = z.object({
  format: z.literal(BACKUP_FORMAT),
  /** Version of Postern that wrote it. */
  version: z.string().max(64),
  /** Of the snapshot, ISO. */
  createdAt: z.iso.datetime(),
  /** Applied when it was made, in name order; checksums as in Prisma's ledger. */
  migrations: z
    .array(z.object({ name: z.string().max(255), checksum: z.string().regex(/^[0-9a-f]{64}$/) }))
    .max(10_000),
  /** In the order of their data: a table stands behind those that its foreign keys name. */
  tables: z
    .array(
      z.object({
        name,
        columns: z.array(name).min(1).max(1600),
        /** Of tables partitioned by (dataset, time): partitions of live data. They become SQL, so nothing else passes. */
        partitions: z
          .array(
            z.object({
              name: z.string().regex(/^[a-z0-9_]{1,63}$/),
              bounds: z.string().regex(PARTITION_BOUNDS),
              storage: z
                .string()
                .regex(/^fillfactor=\d{2,3}$/)
                .optional(),
            }),
          )
          .max(100_000)
          .optional(),
      }),
    )
    .max(10_000),
})

const totalsSchema = z.object({
  /** One per table of the manifest, in its order. */
  tables: z
    .array(z.object({ name, rows: count, bytes: count, sha256: z.string().regex(/^[0-9a-f]{64}$/) }))
    .max(10_000),
  /** `last` was given out where `isCalled`, else it is the next. */
  sequences: z.array(z.object({ name, last: z.string().regex(/^-?\d{1,19}$/), isCalled: z.boolean() })).max(10_000),
})

/** First entry of a backup: what is in it. */
export type BackupManifest = z.infer<typeof manifestSchema>
/** Last entry of a backup: what must have been read by then. */
export type BackupTotals = z.infer<typeof totalsSchema>
export type BackupTable = BackupManifest['tables'][number]

/** One part of a backup, of at most `MAX_ENTRY_BYTES`: the manifest, a piece of a table, the totals. */
export interface BackupEntry {
  readonly name: string
  readonly bytes: Uint8Array
}

export const MANIFEST_ENTRY = 'manifest.json'
export const TOTALS_ENTRY = 'totals.json'
export const MAX_ENTRY_BYTES = 8 * 1024 * 1024

/** Pieces of a table, from 0, simply follow each other: put together they are the text that COPY writes. */
export const pieceName = (table: string, piece: number): string => `data/${table}/${String(piece).padStart(9, '0')}`

/** Whatever is wrong with the file itself. */
export const damaged = (what: string, cause?: unknown): Error =>
  new Error(`The backup is damaged: ${what}. Nothing was restored.`, { cause })

/** Throws where the bytes are no manifest, or one of a format that this version does not read. */
export function parseManifest(bytes: Uint8Array): BackupManifest {
  const json = parseJson(bytes, MANIFEST_ENTRY)
  const head = z.object({ format: z.number(), version: z.string().max(64) }).safeParse(json)
  if (head.success && head.data.format > BACKUP_FORMAT)
    throw new Error(
      `The backup was made by a newer version of Postern, ${head.data.version} (format ${head.data.format}). Restore it with that version.`,
    )
  return parse(manifestSchema, json, MANIFEST_ENTRY)
}

export const parseTotals = (bytes: Uint8Array): BackupTotals =>
  parse(totalsSchema, parseJson(bytes, TOTALS_ENTRY), TOTALS_ENTRY)

function parseJson(bytes: Uint8Array, entry: string): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (cause) {
    throw damaged(`${entry} is not JSON`, cause)
  }
}

function parse<T>(schema: z.ZodType<T>, json: unknown, entry: string): T {
  const result = schema.safeParse(json)
  if (result.success) return result.data
  throw damaged(`${entry} is not as it should be (${result.error.issues[0]?.path.join('.') ?? ''})`)
}
