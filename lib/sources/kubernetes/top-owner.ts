import type { ObjectMeta, OwnerRef } from './object-meta'

export interface TopOwner {
  readonly name: string
  readonly kind: string
}

/** Seconds or minutes since 1970, which a CronJob gives its runs. */
const CRON_RUN = /^(.+)-\d{8,10}$/

/**
 * The workload that a pod belongs to, named as the flow sources name it (Cilium's own rule), so that both agree: the
 * ReplicaSet's Deployment, the Job's CronJob, else the controller; a pod that no controller made is its own workload.
 * `ownerOf` answers who controls a ReplicaSet or Job by uid; where it does not know, the names tell: a Deployment's ReplicaSet ends
 * with the pods' template hash, a CronJob's run with its time.
 */
export function topOwnerOf(pod: ObjectMeta, ownerOf: (uid: string) => OwnerRef | undefined): TopOwner {
  const { controller } = pod
  // Mirror pods are controlled by their node.
  if (!controller || controller.name === '' || controller.kind === 'Node') return { name: pod.name, kind: 'Pod' }
  const above = ownerOf(controller.uid)
  if (above && above.name !== '') return { name: above.name, kind: above.kind }
  if (controller.kind === 'ReplicaSet') {
    const hash = Object.hasOwn(pod.labels, 'pod-template-hash') ? pod.labels['pod-template-hash'] : ''
    if (hash && controller.name.endsWith(`-${hash}`) && controller.name.length > hash.length + 1)
      return { name: controller.name.slice(0, -hash.length - 1), kind: 'Deployment' }
  }
  const run = controller.kind === 'Job' ? CRON_RUN.exec(controller.name)?.[1] : undefined
  if (run) return { name: run, kind: 'CronJob' }
  return { name: controller.name, kind: controller.kind }
}
