import 'server-only'
import type { InventoryKind } from '@/lib/model/inventory'
import { POLICY_KINDS } from '@/lib/policy/selects-pod'

/** Kinds of objects that decide whether traffic leaves, or by which way: policies about pods, and what tells gateways what to do. */
export const DECIDING_KINDS: readonly InventoryKind[] = [
  ...POLICY_KINDS,
  'CiliumEgressGatewayPolicy',
  'EgressGateway',
  'EgressGatewayPolicy',
]
