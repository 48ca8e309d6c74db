import 'server-only'
import type { DnsQuestion } from '@/lib/model/dns-record'
import type { Queryable } from './client'
import { contentId } from './content-id'
import { ensurePartitions } from './partitions'
import { byId } from './row-order'

export interface DnsPlace {
  readonly dataset: string
  readonly cluster: string
}

/** Keeps questions, each once by its record key; answers how many are new. */
export async function saveDnsQuestions(
  client: Queryable,
  place: DnsPlace,
  questions: readonly DnsQuestion[],
): Promise<number> {
  if (questions.length === 0) return 0
  const rows = byId(questions, ({ clientIp, atMs, recordKey }) => `${clientIp}\n${atMs}\n${recordKey}`)
  if (place.dataset === '')
    await ensurePartitions(
      'dns_question',
      rows.map((row) => row.atMs),
    )
  const result = await client.query(
    `INSERT INTO dns_question (dataset, cluster, client_ip, at, record_hash, name, family)
     SELECT $1, $2, u.ip, to_timestamp(u.at / 1000.0), u.hash, u.name, u.family
     FROM unnest($3::text[], $4::float8[], $5::bigint[], $6::text[], $7::int[]) AS u(ip, at, hash, name, family)
     ON CONFLICT DO NOTHING`,
    [
      place.dataset,
      place.cluster,
      rows.map((row) => row.clientIp),
      rows.map((row) => row.atMs),
      rows.map((row) => contentId('dns question', row.recordKey)),
      rows.map((row) => row.name),
      rows.map((row) => row.family),
    ],
  )
  return result.rowCount ?? 0
}

/**
 * Forgets live questions from before a moment, at most 50,000 at a time, those that another replica forgets skipped: names that they gave
 * are kept with their connections. Reads whatever partitions hold older ones; where retention has dropped these, none but that of
 * the moment.
 */
export async function forgetDnsQuestions(client: Queryable, beforeMs: number): Promise<void> {
  await client.query(
    `WITH old AS MATERIALIZED (SELECT client_ip, at, record_hash, cluster, dataset FROM dns_question
       WHERE dataset = '' AND at < to_timestamp($1::float8 / 1000) LIMIT 50000 FOR UPDATE SKIP LOCKED)
     DELETE FROM dns_question q USING old WHERE q.client_ip = old.client_ip AND q.at = old.at AND q.record_hash = old.record_hash
       AND q.cluster = old.cluster AND q.dataset = '' AND q.at < to_timestamp($1::float8 / 1000)`,
    [beforeMs],
  )
}
