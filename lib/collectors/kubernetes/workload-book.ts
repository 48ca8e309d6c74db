import { hash } from 'node:crypto'
import { type InventoryObject, type PodSighting, WORKLOAD_KIND } from '@/lib/model/inventory'
import type { ObjectMeta } from '@/lib/sources/kubernetes/object-meta'
import type { InventoryQueue } from './inventory-queue'

/** Labels that tell one pod or one rollout from another, not the workload. */
const OF_ONE_POD: ReadonlySet<string> = new Set([
  'pod-template-hash',
  'pod-template-generation',
  'controller-revision-hash',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-name',
  'batch.kubernetes.io/job-completion-index',
  'controller-uid',
  'job-name',
])

interface Known {
  readonly newestMs: number
  readonly digest: string
}

/**
 * What the pods of each workload have in common, as the newest of them says it: labels, account, annotations on egress. Kept
 * as versions, one workload one object, so that which policy selects it can be computed for a time.
 */
export class WorkloadBook {
  private known = new Map<string, Known>()
  private listed: Map<string, { readonly newestMs: number; readonly object: InventoryObject }> | undefined

  constructor(private readonly queue: InventoryQueue) {}

  listStarts(): void {
    this.listed = new Map()
  }

  /** A pod that is new, or listed. */
  async see(meta: ObjectMeta, pod: PodSighting, serviceAccount: string, atMs: number): Promise<void> {
    if (pod.endedMs !== undefined) return
    const text = `${pod.namespace}\n${pod.workload}`
    const newestMs = meta.createdMs ?? atMs
    const object = objectOf(meta, pod, serviceAccount)
    if (this.listed) {
      if ((this.listed.get(text)?.newestMs ?? 0) <= newestMs) this.listed.set(text, { newestMs, object })
      return
    }
    if ((this.known.get(text)?.newestMs ?? 0) <= newestMs) await this.tell(text, newestMs, object, atMs)
  }

  async listEnds(atMs: number): Promise<void> {
    const listed = this.listed ?? new Map()
    this.listed = undefined
    for (const text of this.known.keys()) if (!listed.has(text)) this.known.delete(text)
    const keys: InventoryObject[] = []
    for (const [text, { newestMs, object }] of listed) {
      await this.tell(text, newestMs, object, atMs)
      keys.push(object)
    }
    await this.queue.push(
      {
        what: 'objects-listed',
        kind: WORKLOAD_KIND,
        keys: keys.map(({ kind, namespace, tier, name }) => ({ kind, namespace, tier, name })),
        atMs,
      },
      100 * keys.length,
    )
  }

  private async tell(text: string, newestMs: number, object: InventoryObject, atMs: number): Promise<void> {
    const body = JSON.stringify(object.body)
    const digest = hash('sha256', body, 'base64')
    const isSame = this.known.get(text)?.digest === digest
    this.known.set(text, { newestMs, digest })
    if (!isSame) await this.queue.push({ what: 'object', object, atMs }, 500 + body.length)
  }
}

/** Without uid and version of a pod: they differ from pod to pod, and the content decides what is a new version. */
function objectOf(meta: ObjectMeta, pod: PodSighting, serviceAccount: string): InventoryObject {
  const labels = Object.fromEntries(Object.entries(meta.labels).filter(([key]) => !OF_ONE_POD.has(key)))
  return {
    kind: WORKLOAD_KIND,
    namespace: pod.namespace,
    tier: '',
    name: pod.workload,
    uid: '',
    resourceVersion: '',
    isUnchanged: false,
    body: {
      kind: pod.workloadKind,
      labels,
      annotations: meta.annotations,
      serviceAccount,
      hostNetwork: pod.hostNetwork,
    },
  }
}
