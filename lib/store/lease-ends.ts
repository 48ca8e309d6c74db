import 'server-only'
import { MINUTE_MS } from '@/lib/model/units'

/**
 * So long after its last word the inventory's silence is no word of its own: a watch says something each minute, and is
 * opened anew within minutes.
 */
export const UNWATCHED_MS = 10 * MINUTE_MS

/**
 * When a lease of pod_ip_lease `name` ends, for all that is known: NULL = it still holds. One that nobody has ended holds only
 * while somebody watches: an address is given to another pod within seconds, and to say that it is the old one's is a guess. Once the
 * inventory is back, its list says which were held on.
 */
export const LEASE_END = (name: string): string =>
  `coalesce(${name}.valid_to, (SELECT s.synced_at + ${UNWATCHED_MS} * interval '1 ms' FROM inventory_sync s
    WHERE s.cluster = ${name}.cluster AND s.kind = 'Pod' AND s.synced_at + ${UNWATCHED_MS} * interval '1 ms' < now()))`
