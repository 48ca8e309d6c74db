import type { PolicyKind } from './policy'
import type { UnixMillis } from './units'

/** A workload as its newest pod describes it: the pods' own labels, account and annotations. No kind of Kubernetes. */
export const WORKLOAD_KIND = 'Workload'

/**
 * Kinds of the inventory that are kept as versions. Policies have the names that flow sources use (lib/model/policy.ts); the
 * others those of Kubernetes.
 */
export type InventoryKind =
  | PolicyKind
  | typeof WORKLOAD_KIND
  | 'Namespace'
  | 'Node'
  | 'Service'
  | 'Tier'
  | 'NetworkSet'
  | 'GlobalNetworkSet'
  | 'IPPool'
  | 'FelixConfiguration'
  | 'EgressGateway'
  | 'EgressGatewayPolicy'
  | 'CiliumEgressGatewayPolicy'
  | 'Gateway'
  | 'HTTPRoute'

/** What the inventory is about: names are unique within a kind and namespace. */
export interface InventoryKey {
  readonly kind: InventoryKind
  /** '' for kinds of the whole cluster. */
  readonly namespace: string
  /** Policies of Calico without their tier prefix, as in `PolicyRef`. */
  readonly name: string
  /** Tier of a Calico policy; '' otherwise. Part of the identity: two tiers may each have a policy of one name. */
  readonly tier: string
}

/** One object as it is kept: stripped to what Postern uses, in the shape of its own YAML. */
export interface InventoryObject extends InventoryKey {
  readonly uid: string
  readonly resourceVersion: string
  /** When it was created. */
  readonly createdMs?: UnixMillis
  /** True where its spec never changed since: what it is now, it was from the start. */
  readonly isUnchanged: boolean
  /** Absent where it is larger than LIMITS.inventoryBodyBytes. */
  readonly body?: Readonly<Record<string, unknown>>
}

/** A pod as the inventory sees it: who owns it, and which addresses it has. */
export interface PodSighting {
  readonly namespace: string
  readonly pod: string
  readonly uid: string
  /** Top owner, named as flow sources name it: `planner`, `Deployment`. */
  readonly workload: string
  readonly workloadKind: string
  readonly node?: string
  /** Its addresses are the node's. */
  readonly hostNetwork: boolean
  /** Canonical text; none while it has none, or once it ended. */
  readonly ips: readonly string[]
  /** Since when it can have had them. */
  readonly fromMs: UnixMillis
  /** Set where it ended (Succeeded, Failed): its addresses are free from then on, whatever its status still says. */
  readonly endedMs?: UnixMillis
  /** It is being deleted: an address that it lost to another pod does not come back to it. */
  readonly isTerminating: boolean
}

/** What a watch brings, in order. `atMs` is when Postern learned of it. */
export type InventoryChange =
  | { readonly what: 'object'; readonly object: InventoryObject; readonly atMs: UnixMillis }
  | { readonly what: 'object-gone'; readonly key: InventoryKey; readonly atMs: UnixMillis }
  /** A list of a kind is complete: what is not in it is gone. */
  | {
      readonly what: 'objects-listed'
      readonly kind: InventoryKind
      readonly keys: readonly InventoryKey[]
      readonly atMs: UnixMillis
    }
  | { readonly what: 'pod'; readonly pod: PodSighting; readonly atMs: UnixMillis }
  | { readonly what: 'pod-gone'; readonly uid: string; readonly atMs: UnixMillis }
  /** The list of pods is complete: others are gone, held their addresses until `heldUntilMs` for all that is known. */
  | {
      readonly what: 'pods-listed'
      readonly uids: readonly string[]
      readonly heldUntilMs: UnixMillis
      readonly atMs: UnixMillis
    }

/** A version of an object that was in force at a time. */
export interface InventoryVersion extends InventoryKey {
  readonly uid: string
  /** In force `[validFromMs, validToMs)`; absent end = still. */
  readonly validFromMs: UnixMillis
  readonly validToMs?: UnixMillis
  /** False: the object existed at the time asked for, but only a later version of it is known. */
  readonly isExact: boolean
  readonly body?: Readonly<Record<string, unknown>>
}

/** The text of a policy as of a time, for `GET /api/policies/definition`. */
export interface PolicyDefinition {
  readonly yaml?: string
  /** Why there is no text. */
  readonly missing?: string
  readonly validFromMs?: UnixMillis
  readonly validToMs?: UnixMillis
  readonly isExact: boolean
  /** Lines of the text that decided, in their order. */
  readonly marks?: readonly PolicyMark[]
}

/** Lines of a policy's text, from 1, both ends included: the rule that decided, the only one there is, or what selects the pod. */
export interface PolicyMark {
  readonly what: 'rule' | 'only-rule' | 'selector'
  readonly fromLine: number
  readonly toLine: number
}
