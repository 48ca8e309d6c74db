/** Namespaces of the cluster's own machinery and of monitoring, which calls everybody. Exact names, and prefixes with `*`. */
const PLATFORM = [
  'amazon-cloudwatch',
  'amazon-guardduty',
  'calico-*',
  'cattle-*',
  'cilium',
  'cilium-*',
  'datadog',
  'falco',
  'gke-managed-*',
  'gmp-*',
  'grafana',
  'kube-node-lease',
  'kube-prometheus',
  'kube-prometheus-stack',
  'kube-public',
  'kube-system',
  'logging',
  'monitoring',
  'newrelic',
  'observability',
  'opentelemetry',
  'opentelemetry-*',
  'otel',
  'openshift-*',
  'prometheus',
  'tigera-*',
  'victoria-metrics',
]
/** Namespaces in which gateways and ingress controllers usually run. */
const GATEWAYS = [
  'ambassador',
  'contour',
  'emissary',
  'envoy-gateway-*',
  'gateway',
  'gateway-*',
  'gloo-*',
  'haproxy-*',
  'ingress',
  'ingress-*',
  'istio-*',
  'kgateway-*',
  'kong',
  'kong-*',
  'nginx-*',
  'openshift-ingress',
  'projectcontour',
  'traefik',
  'traefik-*',
]

const compile = (names: readonly string[]): ((namespace: string) => boolean) => {
  const exact = new Set(names.filter((name) => !name.endsWith('*')))
  const prefixes = names.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1))
  return (namespace) => exact.has(namespace) || prefixes.some((prefix) => namespace.startsWith(prefix))
}

/**
 * True for namespaces whose workloads reach everything as their job. A name is no proof: whoever may make such a namespace may already
 * do what lateral movement is for.
 */
export const isPlatformNamespace = compile(PLATFORM)
export const isGatewayNamespace = compile(GATEWAYS)
