import 'server-only'
import { askedWindow } from '@/lib/egress/names-from-questions'
import { MINUTE_MS } from '@/lib/model/units'
import type { AddressChange } from './address-changes'
import type { Queryable } from './client'
import { hullOf, LONGEST_LIFE_MS } from './connection-key'

/** Offsets of the window of a connection: what was asked at `at` concerns connections begun in [at - after, at + before]. */
const ASKED = askedWindow(0)
/** How far from a lease's end its address still says who else a log's window may mean (lib/egress/alone.ts), generously. */
const RIVAL_MS = 15 * MINUTE_MS

/**
 * Marks connections from addresses whose owners are now known better, as far as their judgement can rest on it: a lease says
 * who asked a name, whether a record without a port can mean nobody else, when a pod began, and on which node, whose probes speak
 * for it. Answers how many must be judged again. The caller holds the lock of the connections. Index egress_connection (client ip, first at).
 */
export async function markConnectionsOfLeases(client: Queryable, changes: readonly AddressChange[]): Promise<number> {
  if (changes.length === 0) return 0
  const all = hullOf(changes)
  const result = await client.query(
    `UPDATE egress_connection c SET dirty = true
     FROM unnest($1::text[], $2::text[], $3::float8[], $4::float8[]) AS u(cluster, ip, f, t)
     WHERE c.dataset = '' AND c.cluster = u.cluster AND c.client_ip = u.ip COLLATE "C"
       AND c.first_at BETWEEN to_timestamp((u.f - $5 - ${LONGEST_LIFE_MS}) / 1000.0) AND to_timestamp((u.t + $5) / 1000.0)
       AND c.first_at BETWEEN to_timestamp($8::float8 / 1000) AND to_timestamp($9::float8 / 1000)
       AND c.last_at >= to_timestamp((u.f - $5) / 1000.0) AND NOT c.dirty AND (
         c.judgement @? '$.observations[*] ? (@.join == "J1" || @.join == "J2" || @.kind == "canary")'
         OR (c.state = 'violation' AND c.judgement @> '{"observations":[{"kind":"cegp-intent","covers":true}]}')
         OR (c.first_at BETWEEN to_timestamp((u.f - $7) / 1000.0) AND to_timestamp((u.t - $6) / 1000.0)
           AND EXISTS (SELECT 1 FROM dns_question q WHERE q.dataset = '' AND q.cluster = c.cluster AND q.client_ip = c.client_ip
             AND q.at BETWEEN to_timestamp($10::float8 / 1000) AND to_timestamp($11::float8 / 1000)
             AND q.at BETWEEN c.first_at + $6 * interval '1 ms' AND c.first_at + $7 * interval '1 ms')))`,
    [
      changes.map((change) => change.cluster),
      changes.map((change) => change.ip),
      changes.map((change) => change.fromMs),
      changes.map((change) => change.toMs),
      RIVAL_MS,
      ASKED.fromMs,
      ASKED.toMs,
      all.fromMs - RIVAL_MS - LONGEST_LIFE_MS,
      all.toMs + RIVAL_MS,
      all.fromMs - ASKED.toMs + ASKED.fromMs,
      all.toMs - ASKED.fromMs + ASKED.toMs,
    ],
  )
  return result.rowCount ?? 0
}
