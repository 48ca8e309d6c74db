import type { InventoryKind } from '@/lib/model/inventory'

/** An API that serves a kind. */
export interface KindApi {
  /** '' for the core API. */
  readonly group: string
  readonly version: string
}

/** A kind of the cluster that the inventory lists and watches. */
export interface WatchedKind {
  /** Name by which it is kept and shown. */
  readonly kind: InventoryKind | 'Pod' | 'ReplicaSet' | 'Job'
  /** Plural, as in the path and in RBAC rules. */
  readonly resource: string
  /** APIs that serve it, the preferred one first; the first that is served is used. */
  readonly apis: readonly KindApi[]
  /** What is done with it: pods become leases and owners, owners only lead to top owners, objects are kept as versions. */
  readonly use: 'pod' | 'owner' | 'object'
  /** Ask for metadata alone: nothing else is needed, so nothing else is sent. */
  readonly isMetadataOnly?: boolean
  /** Names of Calico: tier prefixes are stripped, and copies of other APIs' policies are left out. */
  readonly isTiered?: boolean
}

const core = { group: '', version: 'v1' }
const calico: readonly KindApi[] = [
  { group: 'projectcalico.org', version: 'v3' },
  { group: 'crd.projectcalico.org', version: 'v1' },
]
const policyApi = (version: string): KindApi => ({ group: 'policy.networking.k8s.io', version })
const cilium: readonly KindApi[] = [{ group: 'cilium.io', version: 'v2' }]
const gateway: readonly KindApi[] = [
  { group: 'gateway.networking.k8s.io', version: 'v1' },
  { group: 'gateway.networking.k8s.io', version: 'v1beta1' },
]

/**
 * Everything that the inventory reads, and nothing else: deploy/rbac.yaml and docs/kubernetes.md are held to it by a test.
 * Owners come first, so that the first pods find theirs. No Secret, no ConfigMap.
 */
export const WATCHED_KINDS: readonly WatchedKind[] = [
  {
    kind: 'ReplicaSet',
    resource: 'replicasets',
    apis: [{ group: 'apps', version: 'v1' }],
    use: 'owner',
    isMetadataOnly: true,
  },
  { kind: 'Job', resource: 'jobs', apis: [{ group: 'batch', version: 'v1' }], use: 'owner', isMetadataOnly: true },
  { kind: 'Pod', resource: 'pods', apis: [core], use: 'pod' },
  { kind: 'Namespace', resource: 'namespaces', apis: [core], use: 'object', isMetadataOnly: true },
  { kind: 'Node', resource: 'nodes', apis: [core], use: 'object' },
  { kind: 'Service', resource: 'services', apis: [core], use: 'object' },
  {
    kind: 'NetworkPolicy',
    resource: 'networkpolicies',
    apis: [{ group: 'networking.k8s.io', version: 'v1' }],
    use: 'object',
  },
  { kind: 'AdminNetworkPolicy', resource: 'adminnetworkpolicies', apis: [policyApi('v1alpha1')], use: 'object' },
  {
    kind: 'BaselineAdminNetworkPolicy',
    resource: 'baselineadminnetworkpolicies',
    apis: [policyApi('v1alpha1')],
    use: 'object',
  },
  { kind: 'ClusterNetworkPolicy', resource: 'clusternetworkpolicies', apis: [policyApi('v1alpha2')], use: 'object' },
  { kind: 'CalicoNetworkPolicy', resource: 'networkpolicies', apis: calico, use: 'object', isTiered: true },
  { kind: 'GlobalNetworkPolicy', resource: 'globalnetworkpolicies', apis: calico, use: 'object', isTiered: true },
  { kind: 'StagedNetworkPolicy', resource: 'stagednetworkpolicies', apis: calico, use: 'object', isTiered: true },
  {
    kind: 'StagedGlobalNetworkPolicy',
    resource: 'stagedglobalnetworkpolicies',
    apis: calico,
    use: 'object',
    isTiered: true,
  },
  {
    kind: 'StagedKubernetesNetworkPolicy',
    resource: 'stagedkubernetesnetworkpolicies',
    apis: calico,
    use: 'object',
  },
  { kind: 'Tier', resource: 'tiers', apis: calico, use: 'object' },
  { kind: 'NetworkSet', resource: 'networksets', apis: calico, use: 'object' },
  { kind: 'GlobalNetworkSet', resource: 'globalnetworksets', apis: calico, use: 'object' },
  { kind: 'IPPool', resource: 'ippools', apis: calico, use: 'object' },
  { kind: 'FelixConfiguration', resource: 'felixconfigurations', apis: calico, use: 'object' },
  { kind: 'EgressGatewayPolicy', resource: 'egressgatewaypolicies', apis: calico, use: 'object' },
  {
    kind: 'EgressGateway',
    resource: 'egressgateways',
    apis: [{ group: 'operator.tigera.io', version: 'v1' }],
    use: 'object',
  },
  { kind: 'CiliumNetworkPolicy', resource: 'ciliumnetworkpolicies', apis: cilium, use: 'object' },
  {
    kind: 'CiliumClusterwideNetworkPolicy',
    resource: 'ciliumclusterwidenetworkpolicies',
    apis: cilium,
    use: 'object',
  },
  { kind: 'CiliumEgressGatewayPolicy', resource: 'ciliumegressgatewaypolicies', apis: cilium, use: 'object' },
  { kind: 'Gateway', resource: 'gateways', apis: gateway, use: 'object' },
  { kind: 'HTTPRoute', resource: 'httproutes', apis: gateway, use: 'object' },
]

/** Path of the whole collection, over all namespaces. */
export const collectionPath = ({ group, version }: KindApi, resource: string): string =>
  group === '' ? `/api/${version}/${resource}` : `/apis/${group}/${version}/${resource}`

/** `networkpolicies.networking.k8s.io`, as `kubectl` and RBAC rules name it. */
export const qualifiedResource = ({ group }: KindApi, resource: string): string =>
  group === '' ? resource : `${resource}.${group}`
