import { yamlScalar } from './quote'
import { baseOf, type ConnectStep, SHIPPER_NAMESPACE, type WayTarget } from './step'
import { tokenSecretStep } from './token-steps'

const METADATA = [
  'k8s.namespace.name',
  'k8s.pod.name',
  'k8s.deployment.name',
  'k8s.statefulset.name',
  'k8s.daemonset.name',
  'k8s.job.name',
  'k8s.cronjob.name',
]

const ABOUT: ConnectStep['settings'] = [
  ['otlphttp/postern', 'newer collectors say otlp_http, and take this name with a warning'],
  ['traces_endpoint', 'the main port of Postern; ports 4317 and 4318 take OTLP too, where they are reachable'],
  ['k8sattributes', 'gives spans the workload that flows have; without it a span is drawn beside the flows of its pod'],
  ['k8s.cluster.name', 'the cluster of spans that say none; a token of one cluster stands above it'],
  ['sending_queue', 'what was not answered 2xx is sent again'],
]

/** Parts of a collector's configuration: processors, exporter, pipeline. */
const parts = ({ server, cluster }: WayTarget): string => `processors:
  k8sattributes:
    extract:
      metadata: [${METADATA.join(', ')}]
    pod_association:
      - sources: [{ from: resource_attribute, name: k8s.pod.ip }]
      - sources: [{ from: connection }]
  resource/postern:
    attributes:
      - { key: k8s.cluster.name, value: ${yamlScalar(cluster.replaceAll('$', '$$$$'))}, action: insert }
  batch/postern: { send_batch_size: 4096, send_batch_max_size: 8192, timeout: 1s }
exporters:
  otlphttp/postern:
    traces_endpoint: ${JSON.stringify(`${baseOf(server)}/v1/traces`.replaceAll('$', '$$$$'))}
    compression: gzip
    headers: { authorization: 'Bearer \${env:POSTERN_TOKEN}' }
    sending_queue: { enabled: true, queue_size: 1000 }
    retry_on_failure: { enabled: true, max_elapsed_time: 10m }
`

const PIPELINE = `service:
  pipelines:
    traces/postern:
      receivers: [otlp]
      processors: [k8sattributes, resource/postern, batch/postern]
      exporters: [otlphttp/postern]
`

/** One more pipeline of a collector that runs. */
export const otelExporterSteps = (target: WayTarget): ConnectStep[] => [
  tokenSecretStep(target),
  {
    title: 'Into the collector’s configuration, beside what is there',
    form: 'yaml',
    text: parts(target) + PIPELINE,
    settings: [
      ...(ABOUT ?? []),
      ['traces/postern', 'a pipeline of its own: let it tap the spans before a tail sampler, else calls are missing'],
    ],
  },
  {
    title: 'Into the collector’s container',
    form: 'yaml',
    text: `env:
  - name: POSTERN_TOKEN
    valueFrom: { secretKeyRef: { name: postern-token, key: token } }
`,
    settings: [['postern-token', 'a Secret is read in its own namespace: make it where the collector runs']],
  },
]

/** A collector of its own. */
export const otelCollectorSteps = (target: WayTarget): ConnectStep[] => [
  tokenSecretStep(target),
  {
    title: 'The collector: kubectl apply -f',
    form: 'yaml',
    text: `apiVersion: v1
kind: ServiceAccount
metadata: { name: postern-otel, namespace: ${SHIPPER_NAMESPACE} }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: postern-otel }
rules:
  - { apiGroups: [''], resources: [pods, namespaces], verbs: [get, list, watch] }
  - { apiGroups: [apps], resources: [replicasets], verbs: [get, list, watch] }
  - { apiGroups: [batch], resources: [jobs], verbs: [get, list, watch] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: postern-otel }
subjects: [{ kind: ServiceAccount, name: postern-otel, namespace: ${SHIPPER_NAMESPACE} }]
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: postern-otel }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: postern-otel, namespace: ${SHIPPER_NAMESPACE} }
data:
  config.yaml: |
    receivers:
      otlp:
        protocols:
          grpc: { endpoint: 0.0.0.0:4317 }
          http: { endpoint: 0.0.0.0:4318 }
${(parts(target) + PIPELINE).replace(/^(?=.)/gm, '    ')}---
apiVersion: apps/v1
kind: Deployment
metadata: { name: postern-otel, namespace: ${SHIPPER_NAMESPACE} }
spec:
  replicas: 1
  selector: { matchLabels: { app: postern-otel } }
  template:
    metadata: { labels: { app: postern-otel } }
    spec:
      serviceAccountName: postern-otel
      containers:
        - name: collector
          image: otel/opentelemetry-collector-k8s:0.150.0
          args: [--config=/conf/config.yaml]
          env:
            - name: POSTERN_TOKEN
              valueFrom: { secretKeyRef: { name: postern-token, key: token } }
          ports: [{ containerPort: 4317 }, { containerPort: 4318 }]
          resources: { requests: { cpu: 100m, memory: 128Mi }, limits: { memory: 512Mi } }
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsNonRoot: true }
          volumeMounts: [{ name: config, mountPath: /conf }]
      volumes: [{ name: config, configMap: { name: postern-otel } }]
---
apiVersion: v1
kind: Service
metadata: { name: postern-otel, namespace: ${SHIPPER_NAMESPACE} }
spec:
  selector: { app: postern-otel }
  ports: [{ name: grpc, port: 4317 }, { name: http, port: 4318 }]
`,
    settings: [...(ABOUT ?? []), ['ClusterRole', 'what k8sattributes reads: pods and their owners']],
  },
  {
    title: 'Into the environment of programs that are instrumented',
    form: 'yaml',
    text: `env:
  - { name: OTEL_EXPORTER_OTLP_ENDPOINT, value: 'http://postern-otel.${SHIPPER_NAMESPACE}.svc:4318' }
  - { name: OTEL_EXPORTER_OTLP_PROTOCOL, value: http/protobuf }
  - { name: OTEL_METRICS_EXPORTER, value: none }
  - { name: OTEL_LOGS_EXPORTER, value: none }
`,
    settings: [['OTEL_METRICS_EXPORTER', 'Postern keeps no metrics and no other logs']],
  },
]
