import { corednsSnippet, fluentBit, kubernetesSnippet } from '@/lib/connect/name-snippets'
import { conntrackSnippet, importLogsSnippet } from '@/lib/connect/nat-snippets'
import type { Snippet } from '@/lib/connect/snippet'

/** Stands for the reader's own names. */
const CLUSTER = 'my-cluster'
const HOP = 'nat-gw'

/** Where OTLP listens beside the main port; undefined = it does not. */
export interface OtlpPorts {
  readonly grpc: string | undefined
  readonly http: string | undefined
}
const USUAL_PORTS: OtlpPorts = { grpc: '4317', http: '4318' }

/** Commands and settings to paste, with this server's address, by what is to be connected. */
export function connectSteps(
  server: URL,
  ports = USUAL_PORTS,
): readonly { readonly title: string; readonly steps: readonly Snippet[] }[] {
  return [
    { title: 'Cilium', steps: ciliumSteps(server) },
    { title: 'Calico', steps: calicoSteps(server) },
    { title: 'Names, owners, policies', steps: inventorySteps(server) },
    { title: 'NAT evidence', steps: natSteps(server) },
    { title: 'Traces', steps: traceSteps(server, ports) },
  ]
}

const ciliumSteps = (server: URL): Snippet[] => [
  {
    title: 'Once, from any machine that reaches Hubble Relay',
    command: `hubble observe --last 1000 -o json | curl --data-binary @- \\\n  -H 'X-Postern-Cluster: my-cluster' ${server.origin}/api/ingest/hubble`,
  },
  {
    title: 'For good: Postern reads from Hubble Relay (leave tls out where Relay speaks plaintext)',
    command: `collectors:
  - kind: hubble-relay
    name: relay
    cluster: my-cluster
    address: hubble-relay.kube-system.svc:443
    tls: { ca: /tls/ca.crt, cert: /tls/tls.crt, key: /tls/tls.key }`,
  },
  {
    title: 'For good: the Hubble exporter’s files through Fluent Bit',
    command: fluentBit(
      { server, cluster: CLUSTER },
      'hubble',
      '    Path        /var/run/cilium/hubble/events.log\n    Buffer_Max_Size 1M',
      '/api/ingest/hubble',
    ),
  },
]

const calicoSteps = (server: URL): Snippet[] => [
  {
    title: 'Postern reads from Goldmane (Calico 3.30 and newer)',
    command: `collectors:
  - kind: goldmane
    name: goldmane
    cluster: my-cluster
    address: goldmane.calico-system.svc:7443
    tls: { ca: /tls/ca.crt, cert: /tls/tls.crt, key: /tls/tls.key }`,
  },
  {
    title: 'Calico Enterprise: syslog, with packetSize raised, since its default cuts records',
    command: `# Postern's POSTERN_CONFIG
collectors:
  - kind: syslog
    name: calico-syslog
    cluster: my-cluster
    host: 0.0.0.0
    port: 6514

# LogCollector tigera-secure
spec:
  additionalStores:
    syslog:
      endpoint: tcp://${server.hostname}:6514
      packetSize: 65536
      logTypes: [Flows, DNS]`,
  },
  {
    title: 'Flow records in files, once',
    command: `npm run postern -- import flows/ --cluster my-cluster \\
  --url ${server.origin}`,
  },
]

const inventorySteps = (server: URL): Snippet[] => [
  kubernetesSnippet({ server, cluster: CLUSTER }),
  corednsSnippet({ server, cluster: CLUSTER }),
]

const natSteps = (server: URL): Snippet[] => [
  conntrackSnippet({ server, cluster: CLUSTER, hop: HOP }, { hasToken: false }),
  importLogsSnippet({ server, cluster: CLUSTER, hop: HOP }),
]

const traceSteps = (server: URL, { grpc, http }: OtlpPorts): Snippet[] => [
  {
    title: http
      ? `An exporter of the OpenTelemetry Collector, over HTTP (${server.origin}/v1/traces takes the same)`
      : 'An exporter of the OpenTelemetry Collector, over HTTP',
    command: http
      ? `exporters:\n  otlphttp/postern:\n    endpoint: http://${server.hostname}:${http}\n    compression: gzip`
      : `exporters:\n  otlphttp/postern:\n    traces_endpoint: ${server.origin}/v1/traces\n    compression: gzip`,
  },
  ...(grpc
    ? [
        {
          title: 'The same over gRPC',
          command: `exporters:\n  otlp/postern:\n    endpoint: ${server.hostname}:${grpc}\n    compression: gzip\n    tls: { insecure: true }`,
        },
      ]
    : []),
]
