import 'server-only'
import { hash } from 'node:crypto'
import type { Peer } from '@/lib/model/endpoint'
import type { Queryable } from './client'
import type { FlowIds } from './flow-ids'
import { knownIds, mayRemember } from './known-ids'
import { byId } from './row-order'
import { storeJson, storeText } from './store-json'

interface Fact {
  readonly id: string
  readonly kind: string | null
  readonly account: string | null
  readonly labels: string
  /** Known to be stored already where the process remembers it. */
  readonly key: string
  readonly dataset: string
}

/** What records tell of workloads beyond their identity; the newest wins. Answers keys to remember after COMMIT. */
export async function saveEndpointFacts(client: Queryable, variants: readonly FlowIds[]): Promise<readonly string[]> {
  const known = knownIds()
  const all = variants.flatMap(({ dataset, clientId, serverId, flow }) => [
    ...factOf(dataset, clientId, flow.client),
    ...factOf(dataset, serverId, flow.server),
  ])
  const rows = byId(all, (fact) => fact.id).filter((fact) => !known.has(fact.key))
  if (rows.length === 0) return []
  await client.query(
    `INSERT INTO endpoint_fact AS f (endpoint_id, workload_kind, service_account, labels)
     SELECT u.id, u.kind, u.account, u.labels::jsonb FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) AS u(id, kind, account, labels)
     ON CONFLICT (endpoint_id) DO UPDATE SET
       workload_kind = coalesce(EXCLUDED.workload_kind, f.workload_kind),
       service_account = coalesce(EXCLUDED.service_account, f.service_account),
       labels = CASE WHEN EXCLUDED.labels = '{}' THEN f.labels ELSE EXCLUDED.labels END, updated_at = now()`,
    [
      rows.map((row) => row.id),
      rows.map((row) => row.kind),
      rows.map((row) => row.account),
      rows.map((row) => row.labels),
    ],
  )
  return rows.flatMap((row) => (mayRemember(row.dataset) ? [row.key] : []))
}

function factOf(dataset: string, id: string, peer: Peer): Fact[] {
  if (!peer.labels && !peer.workloadKind && !peer.serviceAccount) return []
  const labels = storeJson(peer.labels ?? {})
  const kind = peer.workloadKind ? storeText(peer.workloadKind) : null
  const account = peer.serviceAccount ? storeText(peer.serviceAccount) : null
  const key = `fact\n${id}\n${hash('sha256', `${kind}\n${account}\n${labels}`, 'base64')}`
  return [{ id, kind, account, labels, key, dataset }]
}
