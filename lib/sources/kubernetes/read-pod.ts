import ipaddr from 'ipaddr.js'
import type { PodSighting } from '@/lib/model/inventory'
import { isRecord } from '@/lib/sources/framing/unwrap'
import { type ObjectMeta, type OwnerRef, readMeta, textOf, timeOf } from './object-meta'
import { topOwnerOf } from './top-owner'

export interface ReadPod {
  readonly meta: ObjectMeta
  readonly sighting: PodSighting
  readonly serviceAccount: string
  /** False where it ended and nothing tells when. */
  readonly isEndKnown: boolean
}

const MAX_ADDRESSES = 16

/**
 * What is kept of a pod: never its containers' commands, arguments, environment or volumes. undefined where it is no pod.
 * The address is counted as the pod's from the moment that its sandbox stood (condition PodReadyToStartContainers,
 * Kubernetes 1.29), else from the start of the pod.
 */
export function readPod(
  object: unknown,
  ownerOf: (uid: string) => OwnerRef | undefined,
  seenMs: number,
): ReadPod | undefined {
  const meta = readMeta(object)
  if (!meta || !isRecord(object)) return undefined
  const spec = isRecord(object.spec) ? object.spec : {}
  const status = isRecord(object.status) ? object.status : {}
  const hasEnded = status.phase === 'Succeeded' || status.phase === 'Failed'
  const owner = topOwnerOf(meta, ownerOf)
  const node = textOf(spec.nodeName)
  const startMs = timeOf(status.startTime) ?? meta.createdMs ?? seenMs
  const finishMs = lastFinishMs(status)
  const fromMs = Math.min(seenMs, Math.max(startMs, sandboxMs(status.conditions) ?? startMs))
  return {
    meta,
    isEndKnown: !hasEnded || finishMs !== undefined,
    serviceAccount: textOf(spec.serviceAccountName),
    sighting: {
      namespace: meta.namespace,
      pod: meta.name,
      uid: meta.uid,
      workload: owner.name,
      workloadKind: owner.kind,
      hostNetwork: spec.hostNetwork === true,
      ips: addressesOf(status),
      fromMs,
      isTerminating: meta.deletedMs !== undefined,
      ...(node && { node }),
      ...(hasEnded && { endedMs: Math.min(seenMs, Math.max(fromMs, finishMs ?? seenMs)) }),
    },
  }
}

function addressesOf(status: Readonly<Record<string, unknown>>): string[] {
  const listed = Array.isArray(status.podIPs) ? status.podIPs.slice(0, MAX_ADDRESSES) : []
  const texts = [...listed.map((one) => (isRecord(one) ? textOf(one.ip) : '')), textOf(status.podIP)]
  return [...new Set(texts.flatMap((text) => (ipaddr.isValid(text) ? [ipaddr.process(text).toString()] : [])))].sort()
}

function sandboxMs(conditions: unknown): number | undefined {
  const ready = Array.isArray(conditions)
    ? conditions
        .slice(0, 64)
        .find((one) => isRecord(one) && one.type === 'PodReadyToStartContainers' && one.status === 'True')
    : undefined
  return isRecord(ready) ? timeOf(ready.lastTransitionTime) : undefined
}

function lastFinishMs(status: Readonly<Record<string, unknown>>): number | undefined {
  const containers = Array.isArray(status.containerStatuses) ? status.containerStatuses.slice(0, 256) : []
  const times = containers.flatMap((one) => {
    const state = isRecord(one) && isRecord(one.state) ? one.state : {}
    const atMs = isRecord(state.terminated) ? timeOf(state.terminated.finishedAt) : undefined
    return atMs === undefined ? [] : [atMs]
  })
  return times.length > 0 ? times.reduce((latest, atMs) => Math.max(latest, atMs)) : undefined
}
