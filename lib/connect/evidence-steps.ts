import { pathSnippet } from './config-snippets'
import { fluentBitSteps } from './fluent-bit-values'
import { awsVpcSnippet, conntrackCommand, gcpNatSnippet } from './nat-snippets'
import { printable, quoteInner, yamlScalar } from './quote'
import { baseOf, type ConnectStep, type WayTarget } from './step'
import { tokenSecretStep, tokenVariableStep } from './token-steps'

/** The path of the egress settings that this hop stands in. */
const pathStep = ({ cluster, hop }: WayTarget): ConnectStep => ({
  title: 'In the egress settings (POSTERN_CONFIG, or the Egress page): the way that packets take',
  form: 'yaml',
  text: `${
    hop === 'node'
      ? `paths:
  - name: ${yamlScalar(cluster)}
    clusters: [${yamlScalar(cluster)}]
    hops: [node]
    final: node`
      : pathSnippet(cluster, hop).command
  }
`,
  settings: [
    ['hops', 'as ?hop= names them, in the order of translation'],
    ['final', 'the last NAT before the internet: only its records prove a door'],
  ],
})

export const awsSteps = (target: WayTarget): ConnectStep[] => [
  tokenVariableStep(target),
  { title: awsVpcSnippet(target).title, form: 'shell', text: awsVpcSnippet(target).command },
  pathStep(target),
  {
    title: 'The public address behind the gateway’s private one, for `map` of that path',
    form: 'shell',
    text: "aws ec2 describe-nat-gateways --query 'NatGateways[].NatGatewayAddresses[].[PrivateIp,PublicIp]'",
  },
]

export const gcpSteps = (target: WayTarget): ConnectStep[] => [
  tokenVariableStep(target),
  {
    title: gcpNatSnippet(target).title,
    form: 'shell',
    text: gcpNatSnippet(target).command,
    settings: [
      ['--log-filter=ALL', 'translations and errors; above 50 to 100 entries a second and vCPU Cloud NAT drops some'],
    ],
  },
  pathStep(target),
]

export const azureSteps = (target: WayTarget): ConnectStep[] => [
  tokenVariableStep(target),
  {
    title: 'The gateway’s flow log, from where its diagnostic setting writes it',
    form: 'shell',
    text: `az monitor diagnostic-settings create --name postern --resource NAT-GATEWAY-ID --storage-account ACCOUNT \\
  --logs '[{"category":"NatGatewayFlowlogsV1","enabled":true}]'
az storage blob download --account-name ACCOUNT --container-name insights-logs-natgatewayflowlogsv1 \\
  --name PATH/PT1H.json --file /dev/stdout |
  curl -fsS --data-binary @- -H "Authorization: Bearer $POSTERN_TOKEN" -H 'Content-Type: application/json' \\
    -H ${quoteInner(`X-Postern-Cluster: ${target.cluster}`)} \\
    ${quoteInner(`${baseOf(target.server)}/api/ingest/nat/azure-natgw?hop=${encodeURIComponent(printable(target.hop))}`)}`,
  },
  pathStep(target),
]

export const conntrackSteps = (target: WayTarget): ConnectStep[] => [
  tokenVariableStep(target),
  {
    title: 'As root on the machine, for as long as it runs',
    form: 'shell',
    text: conntrackCommand(target, { hasToken: true }),
    settings: [
      ['timestamp, id', 'when a connection began, and which one it is: without them nothing joins'],
      ['hop', 'one name for all machines of the same place in the path'],
    ],
  },
  pathStep(target),
]

export const kubernetesSteps = ({ cluster }: WayTarget): ConnectStep[] => [
  {
    title: 'A read-only account: get, list and watch, no Secrets (deploy/rbac.yaml of this repository)',
    form: 'shell',
    text: 'kubectl apply -f deploy/rbac.yaml',
  },
  {
    title: 'In the file of POSTERN_CONFIG, where Postern runs in the cluster with the account postern',
    form: 'yaml',
    text: `collectors:
  - kind: kubernetes
    name: ${yamlScalar(`inventory-${cluster}`)}
    cluster: ${yamlScalar(cluster)}
`,
    settings: [['cluster', 'the name by which flow records of this cluster are known, else the two do not meet']],
  },
  {
    title: 'The same from outside',
    form: 'yaml',
    text: `collectors:
  - kind: kubernetes
    name: ${yamlScalar(`inventory-${cluster}`)}
    cluster: ${yamlScalar(cluster)}
    kubeconfig: /etc/postern/kubeconfig
`,
    settings: [
      ['kubeconfig', 'read again when it changes; exec plug-ins and client certificates work as with kubectl'],
    ],
  },
]

export const corednsSteps = (target: WayTarget): ConnectStep[] => [
  {
    title: 'Plugin log, in the Corefile of the ConfigMap coredns in kube-system',
    form: 'text',
    text: `.:53 {
    log . {
        class success
    }
    # … what is there already
}`,
    settings: [['log', 'without a format of your own: CoreDNS’ own line is what is read']],
  },
  tokenSecretStep(target),
  ...fluentBitSteps(target, {
    release: 'postern-coredns',
    tag: 'coredns',
    path: '/var/log/containers/coredns-*.log',
    input: ['multiline.parser  cri, docker'],
    output: ['json_date_key     date', 'json_date_format  iso8601'],
    uri: '/api/ingest/dns/coredns',
  }),
]
