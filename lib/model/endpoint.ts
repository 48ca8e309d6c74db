import { shownText } from './shown-text'

/**
 * What an endpoint of a connection is. Identity holds only what both observers of a connection can know; kind, AI role,
 * provider and names learned later are resolved when the graph is read, so that late knowledge never splits an edge.
 */
export type EndpointClass =
  | 'workload'
  | 'host'
  | 'kube-apiserver'
  | 'ingress'
  | 'network-set'
  | 'external'
  | 'internet'
  // Only traces know these: no flow record names them.
  | 'database'
  | 'queue'
  | 'local'
  | 'caller'
  | 'claimed'

/** The identity of an endpoint: equal fields are the same node of the graph. */
export interface EndpointIdentity {
  readonly class: EndpointClass
  /** Kubernetes namespace; '' where the class has none. */
  readonly namespace: string
  /**
   * Workload name (from owner data, else the pod name without hash suffixes), network-set name, or for `external` the DNS
   * name in lower case without trailing dot, else the address. '' for host, kube-apiserver, ingress and internet. For
   * `database` (`postgresql/shop`) and `queue` (`kafka/orders`) system and name, for `local` the workload whose own pod is
   * called, for `caller` one of CALLERS, for
   * `claimed` the provider that a span names without saying where it called.
   */
  readonly name: string
}

/** One side of a flow as a record described it: the identity, and facts that belong to this record only. */
export interface Peer extends EndpointIdentity {
  /** Owner kind as the source spelled it, e.g. `Deployment`. */
  readonly workloadKind?: string
  readonly pod?: string
  readonly serviceAccount?: string
  /** Canonical text form (IPv4 dotted, IPv6 compressed). Absent = the source does not tell it. */
  readonly ip?: string
  /** Every DNS name that the record gives for the address; several mean "one of these". */
  readonly dnsNames?: readonly string[]
  /**
   * `fqdn:` labels of the address's identity, where no name is told: selectors of policies (`api.openai.com`, `*.openai.com`) that some
   * client's look-up of the address met. Which name this client meant they do not say.
   */
  readonly fqdnSelectors?: readonly string[]
  /** `k=v` labels, without the `k8s:` prefix; bounded by the decoder. */
  readonly labels?: Readonly<Record<string, string>>
}

const POD_TEMPLATE_HASH = /-[bcdfghjklmnpqrstvwxz2456789]{6,10}$/
const POD_SUFFIX = /-[bcdfghjklmnpqrstvwxz2456789]{5}$/
/** A CronJob's run: minutes since 1970, seconds in clusters before 1.21. */
const CRON_RUN = /-\d{8,10}$/
const STATEFUL_ORDINAL = /-\d{1,5}$/

/**
 * Name of the workload that a pod most likely belongs to, from the pod's name alone: `checkout-598d5b586d-x2x5v` →
 * `checkout`, `checkout-598d5b586d-*` → `checkout`, `fluent-bit-x2x5v` → `fluent-bit`, `redis-0` → `redis`,
 * `backup-29345671-x2x5v` → `backup`. The alphabet is that of Kubernetes' safe names (no vowels, no 0, 1, 3), so ordinary words are left alone.
 * https://github.com/kubernetes/apimachinery/blob/master/pkg/util/rand/rand.go
 */
export function workloadFromPodName(pod: string): string {
  const owner = pod.endsWith('-*') ? pod.slice(0, -2) : pod.replace(POD_SUFFIX, '')
  if (owner === pod) return pod.replace(STATEFUL_ORDINAL, '') || pod
  return owner.replace(CRON_RUN, '').replace(POD_TEMPLATE_HASH, '') || owner
}

/** What a person reads for an endpoint without further knowledge: `ns / name`, the host name, or the class in words. */
export const endpointLabel = (endpoint: EndpointIdentity): string => shownText(writtenLabel(endpoint))

function writtenLabel(endpoint: EndpointIdentity): string {
  switch (endpoint.class) {
    case 'workload':
    case 'network-set':
      return endpoint.namespace ? `${endpoint.namespace} / ${endpoint.name}` : endpoint.name
    case 'external':
      return endpoint.name
    case 'host':
      return 'cluster nodes'
    case 'kube-apiserver':
      return 'kube-apiserver'
    case 'ingress':
      return 'ingress'
    case 'internet':
      return 'public internet (unresolved)'
    case 'database':
    case 'queue':
      return systemLabel(endpoint.name)
    case 'local':
      return `localhost of ${endpoint.name}`
    case 'caller':
      return endpoint.name
    case 'claimed':
      return `${endpoint.name} (host not told)`
  }
}

/** Who calls where no trace says it: nobody that is traced began the call, or somebody did and did not send the span. */
export const CALLERS = { root: 'external users', absent: 'untraced caller' } as const

const SYSTEM_WORDS: ReadonlyMap<string, string> = new Map([
  ['postgresql', 'PostgreSQL'],
  ['mysql', 'MySQL'],
  ['mariadb', 'MariaDB'],
  ['mongodb', 'MongoDB'],
  ['redis', 'Redis'],
  ['elasticsearch', 'Elasticsearch'],
  ['microsoft.sql_server', 'SQL Server'],
  ['mssql', 'SQL Server'],
  ['kafka', 'Kafka'],
  ['rabbitmq', 'RabbitMQ'],
  ['aws_sqs', 'SQS'],
  ['nats', 'NATS'],
])

/** `postgresql/shop` → `PostgreSQL shop`: how a database or a queue is called on screen. */
export function systemLabel(name: string): string {
  const slash = name.indexOf('/')
  const system = slash < 0 ? name : name.slice(0, slash)
  const word = SYSTEM_WORDS.get(system) ?? system
  return slash < 0 ? word : `${word} ${name.slice(slash + 1)}`
}
