import 'server-only'
import type { TimeRange } from '@/lib/model/time-range'
import type { UnixMillis } from '@/lib/model/units'
import { query } from './client'

/** A client asked for the addresses of a host and was told that there are some. */
export interface AskedHost {
  readonly cluster: string
  readonly clientIp: string
  readonly host: string
  readonly count: number
  readonly firstMs: UnixMillis
  readonly lastMs: UnixMillis
}

/** Clients and hosts of one pass: of more, the last asked. */
const MOST = 5000

/**
 * Questions of a window for hosts below these domains (`openai.com`), by client and host. Reads the window's questions, which are kept by the
 * hour and for hours: nothing finds them by name, as an index would have to be written with each.
 */
export function loadAskedHosts(dataset: string, window: TimeRange, domains: readonly string[]): Promise<AskedHost[]> {
  return query<AskedHost>(
    `SELECT q.cluster, q.client_ip AS "clientIp", q.name AS host, count(*)::float8 AS count,
       (extract(epoch FROM min(q.at)) * 1000)::float8 AS "firstMs", (extract(epoch FROM max(q.at)) * 1000)::float8 AS "lastMs"
     FROM dns_question q WHERE q.dataset = $1 AND q.at >= to_timestamp($2::float8 / 1000) AND q.at < to_timestamp($3::float8 / 1000)
       AND substring(q.name from '[^.]+[.][^.]+$') = ANY($4::text[])
     GROUP BY 1, 2, 3 ORDER BY max(q.at) DESC, 1, 2, 3 LIMIT ${MOST}`,
    [dataset, window.fromMs, window.toMs, domains],
  )
}
