import 'server-only'
import type { AddressLease } from '@/lib/egress/address-claims'
import { query } from './client'
import { LEASES_AROUND } from './load-asked'

/** An address that was active in a stretch of time. */
export interface ActiveAddress {
  readonly cluster: string
  readonly clientIp: string
  readonly firstMs: number
  readonly lastMs: number
}

const keyOf = ({ cluster, clientIp, firstMs, lastMs }: ActiveAddress): string =>
  JSON.stringify([cluster, clientIp, firstMs, lastMs])

/**
 * The leases of each address that touch a minute around its stretch, by the Kubernetes inventory; imports have none. Index: primary
 * key of pod_ip_lease.
 */
export async function loadAddressLeases(
  dataset: string,
  addresses: readonly ActiveAddress[],
): Promise<(address: ActiveAddress) => readonly AddressLease[]> {
  if (dataset !== '' || addresses.length === 0) return () => []
  const rows = await query<ActiveAddress & { readonly leases: AddressLease[] }>(
    `SELECT u.cluster, u.ip AS "clientIp", u.first AS "firstMs", u.last AS "lastMs", ${LEASES_AROUND('u.cluster', 'u.ip', 'u.first', 'u.last')} AS leases
     FROM unnest($1::text[], $2::text[], $3::float8[], $4::float8[]) AS u(cluster, ip, first, last)`,
    [
      addresses.map(({ cluster }) => cluster),
      addresses.map(({ clientIp }) => clientIp),
      addresses.map(({ firstMs }) => firstMs),
      addresses.map(({ lastMs }) => lastMs),
    ],
  )
  const leases = new Map(rows.map((row) => [keyOf(row), row.leases]))
  return (address) => leases.get(keyOf(address)) ?? []
}
