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
  // Many variants share an endpoint: of each, only the newest record's facts are made into text.
  const peers = new Map<string, { readonly dataset: string; readonly peer: Peer }>()
  for (const { dataset, clientId, serverId, flow } of variants) {
    if (tellsFacts(flow.client)) peers.set(clientId, { dataset, peer: flow.client })
    if (tellsFacts(flow.server)) peers.set(serverId, { dataset, peer: flow.server })
  }
  const missing = [...peers]
    .map(([id, { dataset, peer }]) => factOf(dataset, id, peer))
    .filter((fact) => !known.has(fact.key))
  const rows = byId(missing, (fact) => fact.id)
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

const tellsFacts = (peer: Peer): boolean =>
  peer.labels !== undefined || Boolean(peer.workloadKind) || Boolean(peer.serviceAccount)

type FactText = Pick<Fact, 'kind' | 'account' | 'labels'> & { readonly digest: string }

/** Decoders share the peers that repeat. */
const texts = new WeakMap<Peer, FactText>()

function factOf(dataset: string, id: string, peer: Peer): Fact {
  const text = texts.get(peer) ?? textOf(peer)
  texts.set(peer, text)
  return { dataset, id, ...text, key: `fact\n${id}\n${text.digest}` }
}

function textOf(peer: Peer): FactText {
  const labels = storeJson(peer.labels ?? {})
  const kind = peer.workloadKind ? storeText(peer.workloadKind) : null
  const account = peer.serviceAccount ? storeText(peer.serviceAccount) : null
  return { kind, account, labels, digest: hash('sha256', `${kind}\n${account}\n${labels}`, 'base64') }
}
