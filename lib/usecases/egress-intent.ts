import 'server-only'
import { expectedEgress } from '@/lib/egress/expected-egress'
import type { EgressObservation } from '@/lib/model/egress'
import { textEntries, workloadSubject } from '@/lib/policy/workload-subject'
import type { EgressIntentRows } from '@/lib/store/add-egress-intent'

interface Connection {
  readonly namespace: string
  readonly serverIp: string | null
  readonly firstMs: number
  readonly facts: { readonly labels?: Readonly<Record<string, string>> }
  readonly intent?: EgressIntentRows
}

/** What the cluster's egress gateways were configured to do with a connection, as an observation that proves nothing. */
export function intentObservations({ namespace, serverIp, firstMs, facts, intent }: Connection): EgressObservation[] {
  if (!intent) return []
  const { workload, namespace: namespaceBody, objects } = intent
  const ofNamespace = textEntries(fieldsOf(namespaceBody?.metadata).annotations)
  const observation = expectedEgress(
    {
      subject: workloadSubject(namespace, workload, namespaceBody, facts.labels ?? {}),
      objects,
      // The pod's own annotations stand above its namespace's.
      ...(workload && namespaceBody && { annotations: { ...ofNamespace, ...textEntries(workload.annotations) } }),
    },
    serverIp ?? undefined,
    firstMs,
  )
  return observation ? [observation] : []
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
