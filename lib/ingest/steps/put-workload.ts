import type { Peer } from '@/lib/model/endpoint'
import type { Flow } from '@/lib/model/flow'
import type { LearnedOwner } from '@/lib/model/prepared-batch'
import { cleanText } from '../clean-text'
import { type IngestContext, type Owner, podKey } from '../draft'
import { clusterOf } from './put-cluster'

/**
 * A pod's owner is told only by the node that sees the pod locally. The other side's records take it from those of the
 * batch, or from what the store knows, so that both observers name one endpoint.
 */
export function withOwner(peer: Peer, cluster: string, ownerOf: (podKey: string) => Owner | undefined): Peer {
  if (peer.class !== 'workload' || !peer.pod || peer.workloadKind) return peer
  const owner = ownerOf(podKey(cluster, peer.namespace, peer.pod))
  return owner ? { ...peer, name: owner.name, workloadKind: owner.kind } : peer
}

/** Owners that the records of a batch tell themselves, by pod. */
export function learnOwners(flows: readonly Flow[], context: IngestContext): Map<string, Owner & LearnedOwner> {
  const owners = new Map<string, Owner & LearnedOwner>()
  for (const { peer, cluster } of podsOf(flows, context)) {
    if (!peer.workloadKind) continue
    const [namespace, pod] = [cleanText(peer.namespace), cleanText(peer.pod)]
    const key = podKey(cluster, namespace, pod)
    if (owners.has(key)) continue
    const [workload, workloadKind] = [cleanText(peer.name), cleanText(peer.workloadKind)]
    owners.set(key, { name: workload, kind: workloadKind, cluster, namespace, pod, workload, workloadKind })
  }
  return owners
}

/** Pods of the batch whose owner no record of it tells: the store may know. */
export function podsWithoutOwner(
  flows: readonly Flow[],
  context: IngestContext,
): { cluster: string; namespace: string; pod: string }[] {
  const told = new Set<string>()
  const pods = new Map<string, { cluster: string; namespace: string; pod: string }>()
  for (const { peer, cluster } of podsOf(flows, context)) {
    const pod = { cluster, namespace: cleanText(peer.namespace), pod: cleanText(peer.pod) }
    const key = podKey(cluster, pod.namespace, pod.pod)
    if (peer.workloadKind) told.add(key)
    else pods.set(key, pod)
  }
  return [...pods].filter(([key]) => !told.has(key)).map(([, pod]) => pod)
}

/** The pods that flows name, in order; a peer that many of them share comes once per cluster, or a few times more. */
function podsOf(
  flows: readonly Flow[],
  context: IngestContext,
): { readonly peer: Peer & { readonly pod: string }; readonly cluster: string }[] {
  const out: { peer: Peer & { pod: string }; cluster: string }[] = []
  const seen = new Map<Peer, string>()
  let [own, cluster]: [string | undefined, string | undefined] = [undefined, undefined]
  const take = (peer: Peer, name: string) => {
    if (seen.get(peer) === name) return
    seen.set(peer, name)
    const { pod } = peer
    if (peer.class === 'workload' && pod) out.push({ peer: { ...peer, pod }, cluster: name })
  }
  for (const flow of flows) {
    if (cluster === undefined || own !== flow.cluster) {
      own = flow.cluster
      cluster = clusterOf(flow, context)
    }
    take(flow.client, cluster)
    take(flow.server, cluster)
  }
  return out
}
