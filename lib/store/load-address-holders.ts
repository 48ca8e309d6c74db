import 'server-only'
import type { EndpointIdentity } from '@/lib/model/endpoint'
import type { Queryable } from './client'
import { LEASE_END } from './lease-ends'

export interface AddressQuestion {
  readonly cluster: string
  readonly ip: string
  readonly atMs: number
}

/** Who held an address at a moment; undefined = nobody that the inventory knows. */
export type AddressHolders = (question: AddressQuestion) => EndpointIdentity | undefined

interface Lease {
  cluster: string
  ip: string
  namespace: string
  workload: string
  host_network: boolean
  from_ms: number
  to_ms: number | null
}

/** Clocks of nodes and of the inventory may be this far apart. */
const SLACK_MS = 5000
/** Leases of one address that are looked at, newest first. */
const MOST_PER_ADDRESS = 64

const NOBODY: AddressHolders = () => undefined
const keyOf = ({ cluster, ip }: { readonly cluster: string; readonly ip: string }): string => `${cluster}\n${ip}`

/**
 * Answers who held these addresses, by the Kubernetes inventory, in one read; without inventory nobody did. A hostNetwork
 * pod's address is its node's. Imports have no inventory. Index: primary key of pod_ip_lease.
 */
export async function loadAddressHolders(
  client: Queryable,
  dataset: string,
  questions: readonly AddressQuestion[],
): Promise<AddressHolders> {
  if (dataset !== '' || questions.length === 0) return NOBODY
  const asked = [...new Map(questions.map((question) => [keyOf(question), question])).values()]
  const result = await client.query<Lease>(
    `SELECT l.cluster, l.ip, l.namespace, l.workload, l.host_network, (extract(epoch FROM l.valid_from) * 1000)::float8 AS from_ms,
       (extract(epoch FROM ${LEASE_END('l')}) * 1000)::float8 AS to_ms
     FROM unnest($1::text[], $2::text[]) AS u(cluster, ip) CROSS JOIN LATERAL (
       SELECT * FROM pod_ip_lease p WHERE p.cluster = u.cluster AND p.ip = u.ip ORDER BY p.valid_from DESC LIMIT ${MOST_PER_ADDRESS}) l`,
    [asked.map((question) => question.cluster), asked.map((question) => question.ip)],
  )
  if (result.rows.length === 0) return NOBODY
  const leases = new Map<string, Lease[]>()
  for (const row of result.rows) leases.set(keyOf(row), [...(leases.get(keyOf(row)) ?? []), row])
  return (question) => {
    const known = leases.get(keyOf(question)) ?? []
    const lease =
      known.find((one) => holds(one, question.atMs, 0)) ?? known.find((one) => holds(one, question.atMs, SLACK_MS))
    if (!lease) return undefined
    return lease.host_network
      ? { class: 'host', namespace: '', name: '' }
      : { class: 'workload', namespace: lease.namespace, name: lease.workload }
  }
}

const holds = (lease: Lease, atMs: number, slackMs: number): boolean =>
  lease.from_ms <= atMs + slackMs && (lease.to_ms === null || lease.to_ms >= atMs - slackMs)
