import { canonicalAddress } from '@/lib/egress/address'
import { aiOf } from './ai-peers'
import { countSlots, denied, passed, sumSlots, tellingEdges, total } from './count-slots'
import { type EdgeGroup, groupsOf, type PairOf } from './edge-groups'
import type { ClusterDetector, ClusterFacts, Detection, EdgeFacts, PeerFacts } from './facts'
import { listed, spoken, times } from './finding-words'
import { detection } from './make-detection'

/**
 * Addresses at which clouds give a machine its identity: all large ones, Amazon and Google by IPv6, Alibaba, Tencent, Oracle's old one.
 * Their neighbours are something else: 169.254.170.2 and .23 and fd00:ec2::23 give a pod its own identity (ECS, EKS Pod Identity),
 * 169.254.169.252 is GKE's proxy that does, .253 is DNS, .123 is time, 169.254.20.10 is the node's DNS cache.
 */
const ADDRESSES: ReadonlySet<string | undefined> = new Set(
  ['169.254.169.254', 'fd00:ec2::254', 'fd20:ce::254', '100.100.100.200', '169.254.0.23', '192.0.0.192'].map(
    canonicalAddress,
  ),
)
const NAMES: ReadonlySet<string> = new Set([
  'metadata.google.internal',
  'metadata.goog',
  'metadata.azure.internal',
  'metadata.tencentyun.com',
  'instance-data',
  'instance-data.ec2.internal',
])
/** Metadata is HTTP. Google's address answers DNS (53) and time (123) too. */
const PORTS: ReadonlySet<number> = new Set([80, 443])
/** Labels of pods whose identity comes by a webhook or a proxy on the node, which answers in the metadata service's place. */
const IDENTITY_LABELS = [
  'azure.workload.identity/use',
  'aadpodidbinding',
  'azure.workload.identity/inject-proxy-sidecar',
]

const TARGET = 'cloud metadata service'
const byMetadata: PairOf = (edge) => (isMetadata(edge) ? { workload: edge.client.label, target: TARGET } : undefined)

/** D18: an AI workload talks to the metadata service, which gives whoever asks the identity of the node. */
export const d18: ClusterDetector = {
  id: 'D18',
  name: 'Metadata service',
  needs: ['addresses'],
  isLearning: false,
  detect: (facts) => groupsOf(facts, byMetadata).flatMap((group) => accessOf(group, facts)),
}

function accessOf({ workload, target, edges }: EdgeGroup, facts: ClusterFacts): Detection[] {
  const [first] = edges
  const ai = first && aiOf(facts, first.client)
  if (!first || !ai) return []
  const through = countSlots(edges, passed)
  const stopped = countSlots(edges, denied)
  const shown = through ?? stopped
  if (!shown) return []
  const isProxied = edges.some(({ client }) => hasIdentityLabel(client))
  const isSure = ai.certain && !isProxied
  const where = listed(edges.map(({ server }) => server.label))
  const from = spoken(workload)
  return [
    detection({
      workload,
      target,
      severity: through === undefined ? 'info' : isProxied ? 'low' : ai.certain ? 'high' : 'medium',
      certainty: isSure || through === undefined ? 'fact' : 'possible',
      title:
        through === undefined
          ? `A policy stopped ${from}, an AI workload, from reaching the cloud metadata service at ${where}.`
          : `${from}, an AI workload, reaches the cloud metadata service at ${where}, which gives out the identity of the node.`,
      facts: [
        ...(through ? [`${times(total(through), 'connection')} got through in the last hour.`] : []),
        ...(stopped ? [`${times(total(stopped), 'attempt')} denied in the last hour.`] : []),
        `It is an AI workload: ${spoken(ai.by)}${ai.certain ? '' : ', likely'}.`,
        ...(isProxied ? ['Its labels say that a webhook or a proxy gives it an identity of its own.'] : []),
      ],
      disproof: 'A proxy on the node that answers in its place and gives the pod only an identity of its own.',
      cause: `metadata:${workload}`,
      edgeIds: tellingEdges(edges, (edge) => sumSlots(edge, passed) + sumSlots(edge, denied)),
      shown,
    }),
  ]
}

function isMetadata({ client, server, serverPort, protocol }: EdgeFacts): boolean {
  if (client.class !== 'workload' || server.class === 'workload' || protocol === 'udp' || !PORTS.has(serverPort))
    return false
  const name = server.name.toLowerCase()
  return [name, ...server.ips].some((text) => ADDRESSES.has(canonicalAddress(text) ?? '')) || NAMES.has(name)
}

const hasIdentityLabel = ({ labels }: PeerFacts): boolean => IDENTITY_LABELS.some((key) => Object.hasOwn(labels, key))
