import 'server-only'
import { type AddressOwner, ownerOfAddress } from '@/lib/egress/address-claims'
import { askedWindow, namesFromQuestions } from '@/lib/egress/names-from-questions'
import type { ConnectionFacts } from '@/lib/model/connection-facts'
import { SECOND_MS } from '@/lib/model/units'
import type { Queryable } from './client'
import { beginningsOf, byDataset, isKeyOf } from './connection-key'
import { type Asked, type AskingConnection, loadAsked } from './load-asked'
import { byId } from './row-order'
import { saveDnsNames } from './save-dns-names'
import { storeJson } from './store-json'

export interface NamedConnection extends AskingConnection {
  readonly lastMs: number
  readonly facts: ConnectionFacts
  /** Names by answers: where there are any, questions say nothing. */
  readonly dnsMapNames: readonly string[]
}

interface AskedNames {
  readonly names: readonly string[]
  readonly owner: AddressOwner
}

/**
 * The names that each connection's client asked for shortly before it, by connection id; connections without any are missing.
 * Only a pod's own address tells who asked: one that several pods claim, or a node's, names nobody. Questions are forgotten
 * after hours; what they once gave stays in the connection's facts, and goes on to count where the rest of it is forgotten.
 */
export async function loadAskedNames(
  client: Queryable,
  connections: readonly NamedConnection[],
): Promise<ReadonlyMap<string, AskedNames>> {
  const asked = await loadAsked(client, connections)
  const named = new Map<string, AskedNames>()
  for (const connection of connections) {
    const answer = namesOf(connection, asked.get(connection.id))
    if (answer.names.length > 0 || answer.owner === 'disputed') named.set(connection.id, answer)
  }
  return named
}

function namesOf({ serverIp, firstMs, facts }: NamedConnection, found: Asked | undefined): AskedNames {
  const stored = facts.askedNames ?? []
  if (!found || serverIp === null) return { names: stored, owner: 'nobody' }
  const { fromMs, toMs } = askedWindow(firstMs)
  const owner = ownerOfAddress(found.leases, fromMs, toMs)
  if (owner === 'disputed') return { names: [], owner }
  if (owner === 'nobody') return { names: stored, owner }
  const fresh = namesFromQuestions({ serverIp, firstMs }, found.asked)
  return { names: fresh.every((name) => stored.includes(name)) ? stored : fresh, owner }
}

/**
 * Keeps with each connection the names that its client asked for, and gives a sole one to the address in the DNS map, where
 * no answer names it. The caller holds the lock of the connections.
 */
export async function saveAskedNames(
  client: Queryable,
  connections: readonly NamedConnection[],
  asked: ReadonlyMap<string, AskedNames>,
): Promise<void> {
  const changed = byId(
    connections.flatMap((connection) => {
      const names = asked.get(connection.id)?.names ?? []
      const { id, dataset, firstMs } = connection
      return names.join() === (connection.facts.askedNames ?? []).join() ? [] : [{ id, dataset, firstMs, names }]
    }),
    ({ id }) => id,
  )
  for (const [dataset, rows] of byDataset(changed)) {
    const { fromMs, toMs } = beginningsOf(rows)
    await client.query(
      `UPDATE egress_connection c SET facts = CASE WHEN u.names = '[]' THEN c.facts - 'askedNames' ELSE jsonb_set(c.facts, '{askedNames}', u.names::jsonb) END
       FROM unnest($1::bigint[], $2::float8[], $3::text[]) AS u(id, f, names) WHERE ${isKeyOf(4, 5, 6)}`,
      [
        rows.map(({ id }) => id),
        rows.map(({ firstMs }) => firstMs),
        rows.map(({ names }) => storeJson(names)),
        dataset,
        fromMs,
        toMs,
      ],
    )
  }
  await forgetSoleNames(
    client,
    connections.filter(({ id }) => asked.get(id)?.names.length !== 1 && asked.has(id)),
  )
  await saveDnsNames(
    client,
    connections.flatMap((connection) => {
      const { names: [name, ...others] = [], owner = 'nobody' } = asked.get(connection.id) ?? {}
      const isAnswered = connection.dnsMapNames.length > 0 || (connection.facts.dnsNames ?? []).length > 0
      if (name === undefined || others.length > 0 || typeof owner === 'string' || isAnswered) return []
      return [nameOf(connection, name, owner)]
    }),
    'question',
  )
}

/** What was a sole name until another question came is no name of the address any more. */
async function forgetSoleNames(client: Queryable, connections: readonly NamedConnection[]): Promise<void> {
  if (connections.length === 0) return
  await client.query(
    `DELETE FROM dns_name d USING unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::float8[], $6::float8[]) AS u(dataset, cluster, ip, client, f, t)
     WHERE d.dataset = u.dataset AND d.cluster = u.cluster AND d.ip = u.ip AND d.origin = 'question'
       AND d.valid_from <= to_timestamp(u.t / 1000.0) AND d.valid_to >= to_timestamp(u.f / 1000.0)
       AND EXISTS (SELECT 1 FROM pod_ip_lease l WHERE l.cluster = u.cluster AND l.ip = u.client AND l.namespace = d.client_namespace AND l.pod = d.client_pod)`,
    [
      connections.map((row) => row.dataset),
      connections.map((row) => row.cluster),
      connections.map((row) => row.serverIp),
      connections.map((row) => row.clientIp),
      connections.map((row) => row.firstMs),
      connections.map((row) => row.lastMs),
    ],
  )
}

const nameOf = (
  { dataset, cluster, serverIp, firstMs, lastMs }: NamedConnection,
  name: string,
  { namespace, pod, workload }: Exclude<AddressOwner, string>,
) => ({
  dataset,
  cluster,
  ip: serverIp ?? '',
  name,
  client: { class: 'workload' as const, namespace, name: workload },
  clientPod: pod,
  fromMs: firstMs,
  toMs: Math.max(lastMs, firstMs + SECOND_MS),
})
