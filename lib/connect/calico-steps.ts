import { fluentBitSteps, variable } from './fluent-bit-values'
import { shellWord, yamlScalar } from './quote'
import { baseOf, type ConnectStep, type WayTarget } from './step'
import { tokenSecretStep, tokenVariableStep } from './token-steps'

/** Open-source Calico: Postern asks Goldmane. */
export const goldmaneSteps = ({ cluster }: WayTarget): ConnectStep[] => [
  {
    title: 'Goldmane, where it does not run yet (after an upgrade to 3.30 it does not)',
    form: 'yaml',
    text: `apiVersion: operator.tigera.io/v1
kind: Goldmane
metadata: { name: default }
`,
  },
  {
    title: 'The CA of the operator, for cert-manager to issue with',
    form: 'shell',
    text: `kubectl get secret tigera-ca-private -n tigera-operator -o json |
  jq '{apiVersion, kind, type: "kubernetes.io/tls", data, metadata: {name: "tigera-ca", namespace: "cert-manager"}}' |
  kubectl apply -f -`,
    settings: [
      ['tigera-ca', 'who reads this copy can speak as any part of Calico: keep it where only cert-manager does'],
    ],
  },
  {
    title: 'A client certificate for Postern alone',
    form: 'yaml',
    text: `apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: { name: tigera-ca }
spec: { ca: { secretName: tigera-ca } }
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: { name: postern-goldmane, namespace: postern }
spec:
  secretName: postern-goldmane
  commonName: postern
  dnsNames: [postern.postern.svc]
  usages: [client auth]
  duration: 2160h
  issuerRef: { name: tigera-ca, kind: ClusterIssuer }
`,
    settings: [['secretName', 'holds ca.crt, tls.crt and tls.key: mount it where Postern runs']],
  },
  {
    title: 'In the file of POSTERN_CONFIG of this server; it starts with the server',
    form: 'yaml',
    text: `collectors:
  - kind: goldmane
    name: ${yamlScalar(`goldmane-${cluster}`)}
    cluster: ${yamlScalar(cluster)}
    address: goldmane.calico-system.svc:7443
    tls: { ca: /etc/postern/goldmane/ca.crt, cert: /etc/postern/goldmane/tls.crt, key: /etc/postern/goldmane/tls.key }
`,
    settings: [
      ['tls', 'Goldmane asks every client for a certificate of the operator’s CA'],
      ['serverName', 'through a port-forward: goldmane.calico-system.svc, the name of its certificate'],
    ],
  },
]

/** Enterprise and Cloud: the files of the nodes. */
export const calicoLogSteps = (target: WayTarget): ConnectStep[] => [
  {
    title: 'Addresses in the records, without which no door can be proven (optional: more records)',
    form: 'shell',
    text: `kubectl patch felixconfiguration default --type merge \\
  --patch '{"spec":{"flowLogsFileAggregationKindForAllowed":0}}'`,
    settings: [
      [
        'flowLogsFileAggregationKindForAllowed',
        '2 (the default) merges addresses, 1 keeps them, 0 keeps the client’s port too',
      ],
    ],
  },
  tokenSecretStep(target),
  ...fluentBitSteps(target, {
    release: 'postern-calico',
    tag: 'calico',
    path: '/var/log/calico/flowlogs/flows.log',
    input: ['Parser            json'],
    filters: [
      '[FILTER]',
      '    Name              record_modifier',
      '    Match             calico',
      `    Record            host ${variable('NODE_NAME')}`,
    ],
    uri: '/api/ingest/calico',
    withNode: true,
  }),
]

/** Enterprise and Cloud: syslog. */
export const calicoSyslogSteps = ({ server, cluster }: WayTarget): ConnectStep[] => [
  {
    title: 'A listener, in the file of POSTERN_CONFIG of this server; it starts with the server',
    form: 'yaml',
    text: `collectors:
  - kind: syslog
    name: ${yamlScalar(`syslog-${cluster}`)}
    cluster: ${yamlScalar(cluster)}
    host: 0.0.0.0
    port: 6514
    tls: { cert: /tls/tls.crt, key: /tls/tls.key, ca: /tls/ca.crt }
`,
    settings: [
      ['tls.ca', 'senders must show a certificate of it; without tls whoever reaches the port can send flows'],
      ['cluster', 'of all its records'],
    ],
  },
  {
    title: 'LogCollector of Calico',
    form: 'yaml',
    text: `apiVersion: operator.tigera.io/v1
kind: LogCollector
metadata: { name: tigera-secure }
spec:
  additionalStores:
    syslog:
      endpoint: tcp://${server.hostname}:6514
      packetSize: 65536
      logTypes: [Flows, DNS]
      encryption: TLS
`,
    settings: [
      ['packetSize', 'the default of 1024 cuts records, and what is cut is refused as not_json'],
      ['logTypes', 'DNS gives addresses their names'],
    ],
  },
]

/** Enterprise and Cloud: the archive. */
export const calicoS3Steps = (target: WayTarget): ConnectStep[] => [
  {
    title: 'LogCollector of Calico (its Secret log-collector-s3-credentials holds the keys)',
    form: 'yaml',
    text: `apiVersion: operator.tigera.io/v1
kind: LogCollector
metadata: { name: tigera-secure }
spec:
  additionalStores:
    s3:
      region: REGION
      bucketName: BUCKET
      bucketPath: calico
`,
  },
  tokenVariableStep(target),
  {
    title: 'Copy the files and send them, as often as you like',
    form: 'shell',
    text: `aws s3 sync s3://BUCKET/calico calico-logs --exclude '*' --include '*flows*'
npm run postern -- import calico-logs --cluster ${shellWord(target.cluster)} --url ${shellWord(baseOf(target.server))}`,
    settings: [['import', 'a record counts once, in whatever file it comes again']],
  },
]
