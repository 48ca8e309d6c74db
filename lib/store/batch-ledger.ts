import 'server-only'
import type { IngestResult } from '@/lib/model/ingest-result'
import type { Queryable } from './client'
import { compareText } from './row-order'
import { storeJson } from './store-json'

/** What makes a body the same body: equal keys count once. */
export interface BodyKey {
  /** sha256 of the decoded bytes. */
  readonly bodySha256: Uint8Array
  readonly source: string
  readonly tokenId: string
  readonly dataset: string
  /** What else changes the meaning of equal bytes: the cluster that the request named, the hop. */
  readonly context: string
}

export const bodyKeyText = (key: BodyKey): string =>
  [Buffer.from(key.bodySha256).toString('hex'), key.source, key.tokenId, key.dataset, key.context].join('\n')

const columns = (keys: readonly BodyKey[]): unknown[] => [
  keys.map((key) => Buffer.from(key.bodySha256)),
  keys.map((key) => key.source),
  keys.map((key) => key.tokenId),
  keys.map((key) => key.dataset),
  keys.map((key) => key.context),
]

/**
 * Enters bodies with the answer that they will get, in key order, and answers the texts of the keys that are new. Waits
 * for a transaction that is committing the same body.
 */
export async function enterLedger(
  client: Queryable,
  entries: readonly { readonly key: BodyKey; readonly result: IngestResult }[],
): Promise<ReadonlySet<string>> {
  const rows = [...entries].sort((a, b) => compareText(bodyKeyText(a.key), bodyKeyText(b.key)))
  const inserted = await client.query<{
    sha: Buffer
    source: string
    token_id: string
    dataset: string
    context: string
  }>(
    `INSERT INTO ingest_batch (body_sha256, source, token_id, dataset, context, result)
     SELECT u.sha, u.source, u.token, u.dataset, u.context, u.result::jsonb
     FROM unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) AS u(sha, source, token, dataset, context, result)
     ON CONFLICT DO NOTHING RETURNING body_sha256 AS sha, source, token_id, dataset, context`,
    [...columns(rows.map((row) => row.key)), rows.map((row) => storeJson(row.result))],
  )
  return new Set(inserted.rows.map((row) => bodyKeyText({ ...row, bodySha256: row.sha, tokenId: row.token_id })))
}

/** Replaces the answers of bodies that were entered in this transaction. */
export async function amendLedger(
  client: Queryable,
  entries: readonly { readonly key: BodyKey; readonly result: IngestResult }[],
): Promise<void> {
  if (entries.length === 0) return
  await client.query(
    `UPDATE ingest_batch b SET result = u.result::jsonb
     FROM unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) AS u(sha, source, token, dataset, context, result)
     WHERE b.body_sha256 = u.sha AND b.source = u.source AND b.token_id = u.token AND b.dataset = u.dataset AND b.context = u.context`,
    [...columns(entries.map((entry) => entry.key)), entries.map((entry) => storeJson(entry.result))],
  )
}

/** Answers of bodies that were committed before, as a repeat gets them: nothing accepted, all of it duplicate. */
export async function loadRepeatedResults(
  client: Queryable,
  keys: readonly BodyKey[],
): Promise<ReadonlyMap<string, IngestResult>> {
  if (keys.length === 0) return new Map()
  const found = await client.query<{
    sha: Buffer
    source: string
    token_id: string
    dataset: string
    context: string
    result: IngestResult
  }>(
    `SELECT b.body_sha256 AS sha, b.source, b.token_id, b.dataset, b.context, b.result
     FROM unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::text[]) AS u(sha, source, token, dataset, context)
     JOIN ingest_batch b ON b.body_sha256 = u.sha AND b.source = u.source AND b.token_id = u.token AND b.dataset = u.dataset AND b.context = u.context`,
    columns(keys),
  )
  return new Map(
    found.rows.map((row) => [
      bodyKeyText({ ...row, bodySha256: row.sha, tokenId: row.token_id }),
      asRepeat(row.result),
    ]),
  )
}

const asRepeat = (result: IngestResult): IngestResult => ({
  ...result,
  accepted: 0,
  duplicates: result.accepted + result.duplicates,
  repeatedBatch: true,
})
