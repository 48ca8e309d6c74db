import 'server-only'
import { query } from './client'

export interface PodName {
  readonly cluster: string
  readonly namespace: string
  readonly pod: string
}

/** Workloads of pods, as earlier batches told them. Index: primary key; at most one row per pod asked for. */
export async function loadPodOwners(
  dataset: string,
  pods: readonly PodName[],
): Promise<(PodName & { workload: string; workloadKind: string | null })[]> {
  if (pods.length === 0) return []
  return query(
    // LIMIT keeps each look-up a look-up: of a small dataset the planner may read all else.
    `SELECT u.cluster, u.namespace, u.pod, o.workload, o.workload_kind AS "workloadKind"
     FROM unnest($2::text[], $3::text[], $4::text[]) AS u(cluster, namespace, pod) CROSS JOIN LATERAL (
       SELECT workload, workload_kind FROM pod_owner o
       WHERE o.dataset = $1 AND o.cluster = u.cluster AND o.namespace = u.namespace AND o.pod = u.pod LIMIT 1) o`,
    [dataset, pods.map((pod) => pod.cluster), pods.map((pod) => pod.namespace), pods.map((pod) => pod.pod)],
  )
}
