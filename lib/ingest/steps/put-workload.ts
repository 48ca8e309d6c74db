import type { Peer } from '@/lib/model/endpoint'
import type { Flow } from '@/lib/model/flow'
import type { LearnedOwner } from '@/lib/model/prepared-batch'
import { cleanText } from '../clean-text'
import { type BatchState, type Draft, type IngestContext, type Owner, podKey, type Step } from '../draft'
import { clusterOf } from './put-cluster'

/**
 * A pod's owner is told only by the node that sees the pod locally. The other side's records take it from those of the
 * batch, or from what the store knows, so that both observers name one endpoint.
 */
export const putWorkload: Step = (draft, state) => {
  draft.client = withOwner(draft.client, draft, state)
  draft.server = withOwner(draft.server, draft, state)
  return undefined
}

function withOwner(peer: Peer, draft: Draft, state: BatchState): Peer {
  if (peer.class !== 'workload' || !peer.pod || peer.workloadKind) return peer
  const key = podKey(draft.cluster, peer.namespace, peer.pod)
  const owner = state.owners.get(key) ?? state.context.knownOwners?.get(key)
  return owner ? { ...peer, name: owner.name, workloadKind: owner.kind } : peer
}

/** Owners that the records of a batch tell themselves, by pod. */
export function learnOwners(flows: readonly Flow[], context: IngestContext): Map<string, Owner & LearnedOwner> {
  const owners = new Map<string, Owner & LearnedOwner>()
  for (const flow of flows)
    for (const peer of [flow.client, flow.server]) {
      if (peer.class !== 'workload' || !peer.pod || !peer.workloadKind) continue
      const cluster = clusterOf(flow, context)
      const key = podKey(cluster, cleanText(peer.namespace), cleanText(peer.pod))
      if (owners.has(key)) continue
      const [workload, workloadKind] = [cleanText(peer.name), cleanText(peer.workloadKind)]
      const [namespace, pod] = [cleanText(peer.namespace), cleanText(peer.pod)]
      owners.set(key, { name: workload, kind: workloadKind, cluster, namespace, pod, workload, workloadKind })
    }
  return owners
}

/** Pods of the batch whose owner no record of it tells: the store may know. */
export function podsWithoutOwner(
  flows: readonly Flow[],
  context: IngestContext,
): { cluster: string; namespace: string; pod: string }[] {
  const told = learnOwners(flows, context)
  const pods = new Map<string, { cluster: string; namespace: string; pod: string }>()
  for (const flow of flows)
    for (const peer of [flow.client, flow.server]) {
      if (peer.class !== 'workload' || !peer.pod || peer.workloadKind) continue
      const pod = { cluster: clusterOf(flow, context), namespace: cleanText(peer.namespace), pod: cleanText(peer.pod) }
      const key = podKey(pod.cluster, pod.namespace, pod.pod)
      if (!told.has(key)) pods.set(key, pod)
    }
  return [...pods.values()]
}
