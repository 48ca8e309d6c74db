import 'server-only'
import type { InventoryKind } from '@/lib/model/inventory'

/** Kinds of objects that decide by which way traffic leaves, or whether. */
export const POLICY_KINDS: readonly InventoryKind[] = [
  'CiliumNetworkPolicy',
  'CiliumClusterwideNetworkPolicy',
  'NetworkPolicy',
  'CalicoNetworkPolicy',
  'GlobalNetworkPolicy',
  'StagedNetworkPolicy',
  'StagedGlobalNetworkPolicy',
  'StagedKubernetesNetworkPolicy',
  'AdminNetworkPolicy',
  'BaselineAdminNetworkPolicy',
  'ClusterNetworkPolicy',
  'CiliumEgressGatewayPolicy',
  'EgressGateway',
  'EgressGatewayPolicy',
]
