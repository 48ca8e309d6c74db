import { type Peer, workloadFromPodName } from '@/lib/model/endpoint'
import { canonicalIp } from '@/lib/sources/canonical-ip'
import { textOf } from './attributes'
import type { WireAttributes } from './wire'

/** Owners that name a workload, the one that a person would name first. The ReplicaSet's own hash is cut off. */
const OWNERS = [
  ['k8s.deployment.name', 'Deployment'],
  ['k8s.statefulset.name', 'StatefulSet'],
  ['k8s.daemonset.name', 'DaemonSet'],
  ['k8s.cronjob.name', 'CronJob'],
  ['k8s.job.name', 'Job'],
  ['k8s.replicaset.name', 'ReplicaSet'],
] as const
const POD_IPS = ['k8s.pod.ip']
const MAX_NAME_CHARS = 253

/** Keys that this file reads. */
export const RESOURCE_KEYS: readonly string[] = [
  ...OWNERS.map(([key]) => key),
  ...POD_IPS,
  'k8s.namespace.name',
  'k8s.pod.name',
  'k8s.cluster.name',
  'service.name',
  'service.namespace',
  'host.name',
]

/** Who emitted a resource's spans. */
export interface Emitter {
  readonly workload: Peer
  readonly serviceName: string
  readonly cluster?: string
}

/**
 * The workload behind a resource: its Kubernetes owner, else its pod's name without hashes, else the service name; with an
 * unnamed service, the host name, which in a container is the pod's. Attributes that the process sets are its own word:
 * good enough to draw, never to acquit.
 */
export function emitterOf(resource: WireAttributes): Emitter {
  const service = textOf(resource, ['service.name'], MAX_NAME_CHARS)
  const pod = textOf(resource, ['k8s.pod.name'], MAX_NAME_CHARS)
  const ip = canonicalIp(textOf(resource, POD_IPS))
  const cluster = textOf(resource, ['k8s.cluster.name'], MAX_NAME_CHARS)
  const named: Named = ownerOf(resource) ?? {
    name: (pod && workloadFromPodName(pod)) ?? nameWithoutKubernetes(resource, service),
  }
  return {
    workload: {
      class: 'workload',
      namespace: textOf(resource, ['k8s.namespace.name', 'service.namespace'], MAX_NAME_CHARS) ?? '',
      name: named.name,
      ...(named.kind && { workloadKind: named.kind }),
      ...(pod && { pod }),
      ...(ip && { ip }),
    },
    serviceName: service ?? 'unknown_service',
    ...(cluster && { cluster }),
  }
}

interface Named {
  readonly name: string
  readonly kind?: string
}

function ownerOf(resource: WireAttributes): Named | undefined {
  for (const [key, kind] of OWNERS) {
    const name = textOf(resource, [key], MAX_NAME_CHARS)
    if (!name) continue
    if (kind !== 'ReplicaSet') return { name, kind }
    const deployment = workloadFromPodName(`${name}-*`)
    return { name: deployment, kind: deployment === name ? kind : 'Deployment' }
  }
  return undefined
}

function nameWithoutKubernetes(resource: WireAttributes, service: string | undefined): string {
  if (service && !/^unknown_service(?::|$)/.test(service)) return service
  const host = textOf(resource, ['host.name'], MAX_NAME_CHARS)
  return (host && workloadFromPodName(host)) ?? service ?? 'unknown_service'
}
