import 'server-only'
import { query } from './client'

/** A workload that reached, or tried to reach, a provider. */
export interface KnownClient {
  readonly cluster: string
  readonly namespace: string
  readonly name: string
  readonly serviceAccount: string | null
  readonly labels: Readonly<Record<string, string>> | null
}

/** Workloads with judged connections, those that were judged last first, at most `limit`. By the keys of judged_edge, edge and endpoint. */
export const loadKnownClients = (dataset: string, limit: number): Promise<KnownClient[]> =>
  query<KnownClient>(
    `SELECT p.cluster, p.namespace, p.name, f.service_account AS "serviceAccount", f.labels
     FROM (SELECT edge_id FROM judged_edge WHERE dataset = $1 ORDER BY judged_at DESC LIMIT $2) j
     JOIN edge e ON e.id = j.edge_id JOIN endpoint p ON p.id = e.client_id LEFT JOIN endpoint_fact f ON f.endpoint_id = p.id`,
    [dataset, limit],
  )
