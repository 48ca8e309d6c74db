import { AI_WORKLOADS } from '@/lib/egress/catalogue/catalogue'
import type { ClusterFacts, PeerFacts, WorkloadFacts } from './facts'

const SIGNATURES = new Map(AI_WORKLOADS.map((signature) => [signature.id, signature]))

/**
 * True for a workload that serves AI: models, vectors, agents, gateways. A workload that is AI only by what it calls serves
 * something else.
 */
export const isAiEndpoint = ({ class: peerClass, ai }: PeerFacts): boolean =>
  peerClass === 'workload' && ai !== undefined && (ai.role !== 'app' || SIGNATURES.has(ai.by))

/** Ports that speak TLS by name, whoever listens. */
const TLS_PORTS: ReadonlySet<number> = new Set([443, 8443])
/** Platforms that may serve TLS on their ordinary port, by their own configuration: the port says nothing of them. */
const MAY_SERVE_TLS: ReadonlySet<string> = new Set(['kserve', 'llm-d'])
/** Ports of AI software that is plain by default, for roles without a signature. */
const PLAIN_PORTS: ReadonlySet<number> = new Set([80, 3000, 4000, 6333, 6334, 8000, 8080, 11434, 19530])

/** True where the endpoint's software speaks plain HTTP or gRPC on the port unless somebody changed it. */
export function isPlainByDefault({ ai }: PeerFacts, port: number): boolean {
  if (!ai || TLS_PORTS.has(port) || MAY_SERVE_TLS.has(ai.by)) return false
  const ports = SIGNATURES.get(ai.by)?.ports
  return ports ? port === 80 || ports.some((one) => one.port === port) : PLAIN_PORTS.has(port)
}

/** What is known of workloads, by endpoint. Made once per facts. */
export function workloadsOf(facts: ClusterFacts): ReadonlyMap<string, WorkloadFacts> {
  const known = WORKLOADS.get(facts)
  if (known) return known
  const workloads = new Map(facts.workloads.map((workload) => [workload.endpointId, workload]))
  WORKLOADS.set(facts, workloads)
  return workloads
}

const WORKLOADS = new WeakMap<ClusterFacts, ReadonlyMap<string, WorkloadFacts>>()

/** Whether a peer is an AI workload: by its signature, by what it calls, or by spans of its own. */
export function aiOf(facts: ClusterFacts, peer: PeerFacts): PeerFacts['ai'] {
  if (peer.class !== 'workload') return undefined
  if (peer.ai) return peer.ai
  const workload = workloadsOf(facts).get(peer.endpointId)
  if (workload?.ai) return workload.ai
  return workload && workload.aiSpans > 0 ? { role: 'app', by: 'spans of its own', certain: true } : undefined
}
