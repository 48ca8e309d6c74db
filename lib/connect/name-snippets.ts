import { yamlScalar } from './quote'
import type { ConnectTarget, Snippet } from './snippet'

const portOf = (server: URL): string => server.port || (server.protocol === 'https:' ? '443' : '80')

/** Fluent Bit: the files of an input, posted. */
export const fluentBit = (
  { server, cluster }: ConnectTarget,
  match: string,
  input: string,
  path: string,
  more = '',
): string =>
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
    Header      X-Postern-Cluster ${oneWord(cluster)}`

// A header's value ends at the line: nothing of a name may begin another setting.
const oneWord = (text: string): string => text.replace(/[\s\p{Cc}]+/gu, '_')

export const corednsSnippet = (target: ConnectTarget): Snippet => ({
  title: 'CoreDNS: plugin log in the Corefile, its lines through Fluent Bit',
  command: fluentBit(
    target,
    'coredns',
    '    Path        /var/log/containers/coredns-*.log\n    multiline.parser cri, docker',
    '/api/ingest/dns/coredns',
    '\n    json_date_key date\n    json_date_format iso8601',
  ),
})

export const kubernetesSnippet = ({ cluster }: ConnectTarget): Snippet => ({
  title:
    'Kubernetes, read-only: owners, pod addresses, policies (without kubeconfig: the account of Postern’s own pod)',
  command: `collectors:
  - kind: kubernetes
    name: inventory
    cluster: ${yamlScalar(cluster)}
    kubeconfig: /etc/postern/kubeconfig`,
})

/** Cilium's proxy sees the names of DNS answers where an L7 rule leads them through it. */
export const hubbleDnsSnippet = (namespace: string): Snippet => ({
  title: 'Cilium: DNS visibility for these pods, so that Hubble’s flows carry names',
  command: `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: dns-visibility, namespace: ${yamlScalar(namespace)} }
spec:
  endpointSelector: {}
  enableDefaultDeny: { egress: false, ingress: false }   # else it denies everything else
  egress:
    - toEndpoints:
        - matchLabels: { 'k8s:io.kubernetes.pod.namespace': kube-system, 'k8s:k8s-app': kube-dns }
      toPorts:
        - ports: [{ port: '53', protocol: ANY }]
          rules: { dns: [{ matchPattern: '*' }] }`,
})
