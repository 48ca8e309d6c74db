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
