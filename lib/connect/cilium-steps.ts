import { fluentBitSteps } from './fluent-bit-values'
import { quoteInner, yamlScalar } from './quote'
import { baseOf, type ConnectStep, type WayTarget } from './step'
import { tokenSecretStep, tokenVariableStep } from './token-steps'

const FILE = '/var/run/cilium/hubble/events.log'
/** The least that makes everything work (docs/cilium.md). */
const FIELDS = [
  'time',
  'uuid',
  'verdict',
  'drop_reason_desc',
  'IP',
  'l4',
  'source',
  'destination',
  'source_names',
  'destination_names',
  'Type',
  'node_name',
  'l7',
  'is_reply',
  'event_type',
  'traffic_direction',
  'policy_match_type',
  'trace_observation_point',
  'trace_reason',
  'interface',
  'proxy_port',
  'trace_context',
  'destination_service',
  'egress_allowed_by',
  'ingress_allowed_by',
  'egress_denied_by',
  'ingress_denied_by',
  'policy_log',
]

/** Agents write files, Fluent Bit sends them. */
export const exporterSteps = (target: WayTarget): ConnectStep[] => [
  {
    title: 'The exporter: Helm values of Cilium, as hubble-export.yaml',
    form: 'yaml',
    text: `hubble:
  enabled: true
  redact: { enabled: true }
  export:
    static:
      enabled: true
      filePath: ${FILE}
      fileMaxSizeMb: 10
      fileMaxBackups: 5
      fieldMask:
${FIELDS.map((field) => `        - ${field}`).join('\n')}
`,
    settings: [
      ['fieldMask', 'what a line holds; docs/cilium.md says what is lost without each field'],
      ['fileMaxSizeMb, fileMaxBackups', 'how much of each node waits while nobody sends it: 60 MB here'],
      ['redact', 'headers and query strings of HTTP flows do not reach the file; Postern drops them anyway'],
    ],
  },
  {
    title: 'Turn it on; agents restart one after the other',
    form: 'shell',
    text: `helm upgrade cilium cilium/cilium --namespace kube-system --reuse-values --values hubble-export.yaml
kubectl -n kube-system rollout status daemonset/cilium
kubectl -n kube-system exec daemonset/cilium -c cilium-agent -- tail -n 1 ${FILE}`,
  },
  tokenSecretStep(target),
  ...fluentBitSteps(target, {
    release: 'postern-hubble',
    tag: 'hubble',
    path: FILE,
    folder: '/var/run/cilium/hubble',
    uri: '/api/ingest/hubble',
  }),
  tokenVariableStep(target),
  {
    title: 'Or only once, to look: from a machine that reaches Hubble Relay',
    form: 'shell',
    text: `hubble observe --last 1000 -o json | curl -fsS --data-binary @- \\
  -H "Authorization: Bearer $POSTERN_TOKEN" \\
  -H ${quoteInner(`X-Postern-Cluster: ${target.cluster}`)} \\
  ${quoteInner(`${baseOf(target.server)}/api/ingest/hubble`)}`,
  },
]

/** Postern asks Relay. */
export const relaySteps = ({ cluster }: WayTarget): ConnectStep[] => [
  {
    title: 'In the file of POSTERN_CONFIG of this server; it starts with the server',
    form: 'yaml',
    text: `collectors:
  - kind: hubble-relay
    name: ${yamlScalar(`relay-${cluster}`)}
    cluster: ${yamlScalar(cluster)}
    address: hubble-relay.kube-system.svc:80
`,
    settings: [
      ['name', 'its place in the stream is kept by this name: it stays when the address changes'],
      ['cluster', 'stands above what the records say'],
      ['address', 'the Service listens on 80 without TLS, the chart’s default, and on 443 with it'],
    ],
  },
  {
    title: 'The same with TLS',
    form: 'yaml',
    text: `collectors:
  - kind: hubble-relay
    name: ${yamlScalar(`relay-${cluster}`)}
    cluster: ${yamlScalar(cluster)}
    address: hubble-relay.kube-system.svc:443
    tls: { ca: /etc/hubble/ca.crt, cert: /etc/hubble/tls.crt, key: /etc/hubble/tls.key }
`,
    settings: [['tls', 'the files of the Secret hubble-relay-client-certs, mounted where Postern runs']],
  },
  {
    title: 'From outside the cluster: a port-forward, and its end as the address',
    form: 'shell',
    text: 'kubectl -n kube-system port-forward service/hubble-relay 4245:80',
    settings: [['address: 127.0.0.1:4245', 'in the place of the Service, on the machine where Postern runs']],
  },
]
