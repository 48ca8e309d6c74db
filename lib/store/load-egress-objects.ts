import 'server-only'
import { query } from './client'

/** An object of the inventory that is in force. */
export interface EgressObject {
  readonly cluster: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly body: Readonly<Record<string, unknown>>
}

const KINDS = ['CiliumEgressGatewayPolicy', 'EgressGateway', 'EgressGatewayPolicy', 'IPPool']
const MOST_OBJECTS = 1000

/**
 * What the inventories of all clusters say of egress gateways now: policies, gateways, pools, and, where Calico's gateways are, the
 * namespaces and workloads that are annotated to use them, and those that have a gateway's name; at most 1000 of each.
 * Index inventory_object (cluster, kind, valid to).
 */
export async function loadEgressObjects(): Promise<EgressObject[]> {
  const clusters = await query<{ cluster: string }>('SELECT DISTINCT cluster FROM inventory_sync ORDER BY cluster')
  if (clusters.length === 0) return []
  const objects = await query<EgressObject>(
    `SELECT cluster, kind, namespace, name, body FROM inventory_object WHERE cluster = ANY($1::text[]) AND kind = ANY($2::text[])
       AND valid_to IS NULL AND body IS NOT NULL ORDER BY cluster, kind, namespace, name LIMIT ${MOST_OBJECTS}`,
    [clusters.map(({ cluster }) => cluster), KINDS],
  )
  const gateways = objects.filter(({ kind }) => kind === 'EgressGateway')
  if (gateways.length === 0) return objects
  const clients = await query<EgressObject>(
    `SELECT cluster, kind, namespace, name, body FROM inventory_object o WHERE cluster = ANY($1::text[]) AND kind IN ('Namespace', 'Workload')
       AND valid_to IS NULL AND (coalesce(body->'annotations', body->'metadata'->'annotations') ?| ARRAY['egress.projectcalico.org/selector', 'egress.projectcalico.org/egressGatewayPolicy']
         OR (kind = 'Workload' AND (cluster, namespace, name) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]))))
     ORDER BY cluster, kind, namespace, name LIMIT ${MOST_OBJECTS}`,
    [
      gateways.map(({ cluster }) => cluster),
      gateways.map(({ namespace }) => namespace),
      gateways.map(({ name }) => name),
    ],
  )
  return [...objects, ...clients]
}
