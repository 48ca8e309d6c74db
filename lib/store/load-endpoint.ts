import 'server-only'
import type { EndpointClass } from '@/lib/model/endpoint'
import { query } from './client'

export interface StoredEndpoint {
  readonly id: string
  readonly cluster: string
  readonly class: EndpointClass
  readonly namespace: string
  readonly name: string
  readonly workloadKind: string | null
  readonly serviceAccount: string | null
  readonly labels: Readonly<Record<string, string>> | null
  readonly pods: readonly string[] | null
  readonly podsTotal: number
}

/** An endpoint with what was learned about it, and its newest pods, at most `podLimit`; undefined where the dataset has none. */
export async function loadEndpoint(dataset: string, id: string, podLimit: number): Promise<StoredEndpoint | undefined> {
  const rows = await query<StoredEndpoint>(
    `SELECT e.id::text, e.cluster, e.class, e.namespace, e.name, f.workload_kind AS "workloadKind", f.service_account AS "serviceAccount", f.labels,
       (SELECT array_agg(o.pod) FROM (SELECT pod FROM pod_owner WHERE dataset = $1 AND cluster = e.cluster AND namespace = e.namespace
          AND workload = e.name ORDER BY seen_at DESC, pod LIMIT $3) o) AS pods,
       (SELECT count(*)::float8 FROM pod_owner WHERE dataset = $1 AND cluster = e.cluster AND namespace = e.namespace AND workload = e.name) AS "podsTotal"
     FROM endpoint e LEFT JOIN endpoint_fact f ON f.endpoint_id = e.id WHERE e.dataset = $1 AND e.id = $2`,
    [dataset, id, podLimit],
  )
  return rows[0]
}
