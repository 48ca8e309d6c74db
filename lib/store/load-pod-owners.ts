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
    `SELECT o.cluster, o.namespace, o.pod, o.workload, o.workload_kind AS "workloadKind"
     FROM unnest($2::text[], $3::text[], $4::text[]) AS u(cluster, namespace, pod)
     JOIN pod_owner o ON o.dataset = $1 AND o.cluster = u.cluster AND o.namespace = u.namespace AND o.pod = u.pod`,
    [dataset, pods.map((pod) => pod.cluster), pods.map((pod) => pod.namespace), pods.map((pod) => pod.pod)],
  )
}
