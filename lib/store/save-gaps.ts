import 'server-only'
import type { PreparedFlows } from '@/lib/model/prepared-batch'
import type { Queryable } from './client'
import { contentId } from './content-id'
import { byId } from './row-order'
import { storeText } from './store-json'

type GapRow = PreparedFlows['gaps'][number] & { readonly dataset: string }

const idOf = (gap: GapRow): string =>
  contentId('gap', gap.dataset, gap.source, gap.cluster, gap.node ?? '', gap.reason, gap.atMs, gap.lost ?? null)

/** Losses that sources declared; one told twice is one. */
export async function saveGaps(client: Queryable, gaps: readonly GapRow[]): Promise<void> {
  if (gaps.length === 0) return
  const rows = byId(gaps, idOf)
  await client.query(
    `INSERT INTO gap (id, dataset, source, cluster, node, reason, at, end_at, lost)
     SELECT u.id, u.dataset, u.source, u.cluster, u.node, u.reason, to_timestamp(u.at / 1000.0), to_timestamp(u.stop / 1000.0), u.lost
     FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::float8[], $8::float8[], $9::bigint[])
       AS u(id, dataset, source, cluster, node, reason, at, stop, lost)
     ON CONFLICT DO NOTHING`,
    [
      rows.map(idOf),
      rows.map((row) => row.dataset),
      rows.map((row) => row.source),
      rows.map((row) => row.cluster),
      rows.map((row) => storeText(row.node ?? '').slice(0, 1024)),
      rows.map((row) => storeText(row.reason).slice(0, 256)),
      rows.map((row) => row.atMs),
      rows.map((row) => row.endMs ?? null),
      rows.map((row) => row.lost ?? null),
    ],
  )
}
