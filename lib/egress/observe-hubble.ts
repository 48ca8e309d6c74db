import type { EgressObservation, EgressPath } from '@/lib/model/egress'
import type { EndpointClass } from '@/lib/model/endpoint'
import type { TranslatedSource } from '@/lib/model/flow'
import type { UnixMillis } from '@/lib/model/units'
import { canonicalAddress, isPublicAddress } from './address'
import { isFinalHop, pathsOfCluster } from './paths'

/** Hop name of everything that Hubble saw, for paths that do not name the node itself. */
export const HUBBLE_HOP = 'hubble'

/** What the record that carries the translated source says beside it. */
export interface HubbleClaim {
  readonly cluster: string
  readonly atMs: UnixMillis
  /** Node that emitted the record. */
  readonly node?: string
  readonly serverClass: EndpointClass
  readonly serverIp?: string
  /** Id of the flow record. */
  readonly recordId?: string
  /**
   * True where only this connection can be meant: the record's port is the translated one, so the join is by pod address,
   * server and port, and holds only while the pod has one such connection and the address one pod.
   */
  readonly isOnlyCandidate: boolean
  /** The flow log came over a channel that the workload cannot write to. */
  readonly isTrusted: boolean
}

const OUTSIDE: ReadonlySet<EndpointClass> = new Set(['external', 'internet', 'network-set'])

/**
 * The observation (C1) that Hubble's `source_xlated` amounts to, or undefined where it is none: a reply or a record not seen
 * at TO_NETWORK (`isEgressObservation`, said by the decoder), a destination inside the cluster or at a private address, or no
 * address at all. Hubble.md §3.1: on other records the field holds a ClusterIP or an overlay address. Absence of it proves
 * nothing. Final only where a path declares the node, or `hubble`, its last hop.
 */
export function observationFromHubble(
  translated: TranslatedSource,
  claim: HubbleClaim,
  paths: readonly EgressPath[],
): EgressObservation | undefined {
  const ip = canonicalAddress(translated.ip)
  const isOutside = OUTSIDE.has(claim.serverClass) && (claim.serverIp === undefined || isPublicAddress(claim.serverIp))
  if (!translated.isEgressObservation || !isOutside || ip === undefined) return undefined
  const clusterPaths = pathsOfCluster(paths, claim.cluster)
  const { node } = claim
  const hop = node !== undefined && clusterPaths.some(({ hops }) => hops.includes(node)) ? node : HUBBLE_HOP
  return {
    kind: 'hubble-xlated',
    ip,
    join: claim.isOnlyCandidate ? 'J2' : 'J1',
    hop,
    hopFinal: isFinalHop(hop, clusterPaths),
    isReply: false,
    trustedChannel: claim.isTrusted,
    atMs: claim.atMs,
    ...(claim.recordId !== undefined && { evidenceIds: [claim.recordId] }),
  }
}
