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

export interface PodsOfBatch {
  /** Owners that the records of the batch tell themselves, by pod. */
  readonly told: Map<string, Owner & LearnedOwner>
  /** Pods whose owner none of them tells: the store may know. */
  readonly untold: readonly { readonly cluster: string; readonly namespace: string; readonly pod: string }[]
}

export const learnOwners = (flows: readonly Flow[], context: IngestContext): Map<string, Owner & LearnedOwner> =>
  surveyPods(flows, context).told

export function surveyPods(flows: readonly Flow[], context: IngestContext): PodsOfBatch {
  const told = new Map<string, Owner & LearnedOwner>()
  const untold = new Map<string, PodsOfBatch['untold'][number]>()
  for (const { peer, cluster } of podsOf(flows, context)) {
    const [namespace, pod] = [cleanText(peer.namespace), cleanText(peer.pod)]
    const key = podKey(cluster, namespace, pod)
    if (!peer.workloadKind) untold.set(key, { cluster, namespace, pod })
    else if (!told.has(key)) {
      const [workload, workloadKind] = [cleanText(peer.name), cleanText(peer.workloadKind)]
      told.set(key, { name: workload, kind: workloadKind, cluster, namespace, pod, workload, workloadKind })
    }
  }
  for (const key of told.keys()) untold.delete(key)
  return { told, untold: [...untold.values()] }
}

type Pod = Peer & { readonly pod: string }

const isPod = (peer: Peer): peer is Pod => peer.class === 'workload' && Boolean(peer.pod)

/** The pods that flows name, in order; a peer that many of them share comes once per cluster, or a few times more. */
function podsOf(flows: readonly Flow[], context: IngestContext): { readonly peer: Pod; readonly cluster: string }[] {
  const out: { peer: Pod; cluster: string }[] = []
  const seen = new Map<Peer, string>()
  let own: string | undefined
  let cluster: string | undefined
  for (const flow of flows) {
    if (cluster === undefined || own !== flow.cluster) {
      own = flow.cluster
      cluster = clusterOf(flow, context)
    }
    const { client, server } = flow
    if (isPod(client) && seen.get(client) !== cluster) {
      seen.set(client, cluster)
      out.push({ peer: client, cluster })
    }
    if (isPod(server) && seen.get(server) !== cluster) {
      seen.set(server, cluster)
      out.push({ peer: server, cluster })
    }
  }
  return out
}
