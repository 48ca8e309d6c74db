export interface ConnectStep {
  readonly title: string
  readonly command: string
}

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
): readonly { readonly title: string; readonly steps: readonly ConnectStep[] }[] {
  return [
    { title: 'Cilium', steps: ciliumSteps(server) },
    { title: 'Calico', steps: calicoSteps(server) },
    { title: 'Names, owners, policies', steps: inventorySteps(server) },
    { title: 'NAT evidence', steps: natSteps(server) },
    { title: 'Traces', steps: traceSteps(server, ports) },
  ]
}

const portOf = (server: URL): string => server.port || (server.protocol === 'https:' ? '443' : '80')

/** Fluent Bit: the files of an input, posted. */
const fluentBit = (server: URL, match: string, input: string, path: string, more = ''): string =>
  `[INPUT]
    Name        tail
    Tag         ${match}
${input}
[OUTPUT]
    Name        http
    Match       ${match}
    Host        ${server.hostname}
    Port        ${portOf(server)}${server.protocol === 'https:' ? '\n    Tls         On' : ''}
    URI         ${path}
    Format      json_lines${more}
    Compress    gzip
    Header      X-Postern-Cluster my-cluster`

const ciliumSteps = (server: URL): ConnectStep[] => [
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
      server,
      'hubble',
      '    Path        /var/run/cilium/hubble/events.log\n    Buffer_Max_Size 1M',
      '/api/ingest/hubble',
    ),
  },
]

const calicoSteps = (server: URL): ConnectStep[] => [
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

const inventorySteps = (server: URL): ConnectStep[] => [
  {
    title:
      'Kubernetes, read-only: owners, pod addresses, policies (without kubeconfig: the account of Postern’s own pod)',
    command: `collectors:
  - kind: kubernetes
    name: inventory
    cluster: my-cluster
    kubeconfig: /etc/postern/kubeconfig`,
  },
  {
    title: 'CoreDNS: plugin log in the Corefile, its lines through Fluent Bit',
    command: fluentBit(
      server,
      'coredns',
      '    Path        /var/log/containers/coredns-*.log\n    multiline.parser cri, docker',
      '/api/ingest/dns/coredns',
      '\n    json_date_key date\n    json_date_format iso8601',
    ),
  },
]

const natSteps = (server: URL): ConnectStep[] => [
  {
    title: 'conntrack of a node or a gateway, as root on that machine',
    command: `sysctl -w net.netfilter.nf_conntrack_timestamp=1
conntrack -E -e NEW,DESTROY -o extended,timestamp,id |
  split -l 200 --filter='curl -fsS --retry 5 --data-binary @- \\
    -H "X-Postern-Cluster: my-cluster" \\
    "${server.origin}/api/ingest/nat/conntrack?hop=nat-gw"'`,
  },
  {
    title: 'Logs of a cloud’s NAT gateway, from files; the hop is the gateway’s name in your egress paths',
    command: `npm run postern -- import vpc-flow-logs/ --hop nat-gw \\
  --cluster my-cluster --url ${server.origin}`,
  },
]

const traceSteps = (server: URL, { grpc, http }: OtlpPorts): ConnectStep[] => [
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
