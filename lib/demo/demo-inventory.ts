import { type InventoryChange, type InventoryKind, WORKLOAD_KIND } from '@/lib/model/inventory'
import type { UnixMillis } from '@/lib/model/units'
import { CALLS, WORKLOADS } from './topology'

/** What the API server of a demo cluster would tell, as the inventory reads it. */
export interface DemoInventory {
  readonly cluster: string
  readonly changes: readonly InventoryChange[]
}

type Body = Readonly<Record<string, unknown>>

/** How long the objects have been there. */
const AGE_MS = 30 * 86_400_000

/**
 * Namespaces, workloads and policies of the demo clusters, all of them there for long: every policy that their records name, a staged one, and
 * one of each cluster that nothing uses any more. `atMs` is when the inventory is told.
 */
export function demoInventory(atMs: UnixMillis): DemoInventory[] {
  const put = (kind: InventoryKind, namespace: string, name: string, body: Body, tier = ''): InventoryChange => ({
    what: 'object',
    atMs,
    object: {
      kind,
      namespace,
      tier,
      name,
      uid: `demo-${kind}-${namespace}-${tier}-${name}`,
      resourceVersion: '1',
      createdMs: atMs - AGE_MS,
      isUnchanged: true,
      body,
    },
  })
  const workload = (namespace: string, name: string, labels: Body): InventoryChange =>
    put(WORKLOAD_KIND, namespace, name, { labels, serviceAccount: name })
  const namespaces = (names: Iterable<string>): InventoryChange[] =>
    [...new Set(names)].map((name) =>
      put('Namespace', '', name, { metadata: { name, labels: { 'kubernetes.io/metadata.name': name } } }),
    )
  return [
    {
      cluster: 'demo',
      changes: [
        ...namespaces(WORKLOADS.map(({ namespace }) => namespace)),
        ...WORKLOADS.map(({ namespace, name, labels }) => workload(namespace, name, labelsOf(labels))),
        ...ciliumPolicies().map(({ namespace, name, spec }) =>
          put('CiliumNetworkPolicy', namespace, name, {
            apiVersion: 'cilium.io/v2',
            kind: 'CiliumNetworkPolicy',
            metadata: { name, namespace },
            spec,
          }),
        ),
      ],
    },
    {
      cluster: 'demo-calico',
      changes: [
        ...namespaces(['inference', 'data']),
        ...CALICO_WORKLOADS.map(([namespace, name]) => workload(namespace, name, { app: name })),
        ...CALICO_TIERS.map(([name, order]) =>
          put('Tier', '', name, {
            apiVersion: 'projectcalico.org/v3',
            kind: 'Tier',
            metadata: { name },
            spec: { order },
          }),
        ),
        ...CALICO_POLICIES.map(({ kind, name, tier, spec }) =>
          put(
            kind,
            'data',
            name,
            {
              apiVersion: 'projectcalico.org/v3',
              kind: kind.replace('Calico', ''),
              metadata: { name: `${tier}.${name}`, namespace: 'data' },
              spec: { tier, ...spec },
            },
            tier,
          ),
        ),
      ],
    },
  ]
}

/** `k8s:app=planner` → `app: planner`; labels that Cilium adds are not the pod's. */
const labelsOf = (labels: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    labels
      .map((label) => label.replace(/^k8s:/, '').split('='))
      .filter(([key = '']) => !key.startsWith('io.kubernetes.pod.'))
      .map(([key = '', value = '']) => [key, value]),
  )

/** One per name and namespace of the callers, with a rule per server; and one that selects what is gone. */
function ciliumPolicies(): { namespace: string; name: string; spec: Body }[] {
  const policies = new Map<string, { namespace: string; name: string; apps: Set<string>; egress: Body[] }>()
  for (const { from, to, port, policy } of CALLS) {
    const [namespace = '', app = ''] = from.split('/')
    if (policy === undefined) continue
    const key = `${namespace}/${policy}`
    const known = policies.get(key) ?? { namespace, name: policy, apps: new Set<string>(), egress: [] }
    policies.set(key, known)
    known.apps.add(app)
    const toPorts = [{ ports: [{ port: String(port), protocol: 'TCP' }] }]
    const [serverNamespace = '', server] = to.split('/')
    const rule: Body =
      server === undefined
        ? { toFQDNs: [{ matchName: to }], toPorts }
        : {
            toEndpoints: [{ matchLabels: { app: server, 'k8s:io.kubernetes.pod.namespace': serverNamespace } }],
            toPorts,
          }
    if (!known.egress.some((one) => JSON.stringify(one) === JSON.stringify(rule))) known.egress.push(rule)
  }
  return [
    ...[...policies.values()].map(({ namespace, name, apps, egress }) => ({
      namespace,
      name,
      spec: {
        endpointSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: [...apps].sort() }] },
        egress,
      },
    })),
    {
      namespace: 'agents',
      name: 'legacy-tools-to-billing',
      spec: {
        endpointSelector: { matchLabels: { app: 'legacy-tools' } },
        egress: [
          {
            toEndpoints: [{ matchLabels: { app: 'billing', 'k8s:io.kubernetes.pod.namespace': 'shop' } }],
            toPorts: [{ ports: [{ port: '8443', protocol: 'TCP' }] }],
          },
        ],
      },
    },
  ]
}

const CALICO_WORKLOADS = [
  ['inference', 'batch-agent'],
  ['inference', 'embedder'],
  ['inference', 'crawler'],
  ['data', 'weaviate'],
  ['data', 'feature-store'],
] as const
const CALICO_TIERS = [
  ['security', 100],
  ['default', 1_000_000],
] as const

const FROM_INFERENCE = {
  action: 'Allow',
  protocol: 'TCP',
  source: { namespaceSelector: "projectcalico.org/name == 'inference'" },
}

/** As the records of `goldmane-lines.ts` name them. */
const CALICO_POLICIES: readonly {
  readonly kind: InventoryKind
  readonly name: string
  readonly tier: string
  readonly spec: Body
}[] = [
  {
    kind: 'CalicoNetworkPolicy',
    name: 'allow-inference',
    tier: 'default',
    spec: {
      order: 100,
      selector: 'all()',
      types: ['Ingress'],
      ingress: [{ ...FROM_INFERENCE, destination: { ports: [8080, 5432] } }],
    },
  },
  {
    kind: 'CalicoNetworkPolicy',
    name: 'isolate-vectors',
    tier: 'security',
    spec: {
      order: 200,
      selector: "app == 'weaviate'",
      types: ['Ingress'],
      ingress: [{ action: 'Pass', source: { selector: "app in { 'batch-agent', 'embedder' }" } }],
    },
  },
  {
    kind: 'StagedNetworkPolicy',
    name: 'lock-down',
    tier: 'security',
    spec: {
      order: 300,
      selector: "app == 'feature-store'",
      types: ['Ingress'],
      ingress: [
        { action: 'Pass', protocol: 'TCP', source: { selector: "app == 'embedder'" }, destination: { ports: [5432] } },
        { action: 'Deny', ...{ source: FROM_INFERENCE.source } },
      ],
    },
  },
  {
    kind: 'CalicoNetworkPolicy',
    name: 'allow-backup',
    tier: 'default',
    spec: {
      order: 900,
      selector: "app == 'backup'",
      types: ['Egress'],
      egress: [{ action: 'Allow', protocol: 'TCP', destination: { selector: 'all()', ports: [9000] } }],
    },
  },
]
