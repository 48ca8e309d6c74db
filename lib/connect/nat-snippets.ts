import { printable, quoteInner, quoteShell, shellWord } from './quote'
import type { ConnectTarget, HopTarget, Snippet } from './snippet'

/** Fields without which a record of a VPC flow log ties to no connection (docs/nat-evidence.md). */
const AWS_FIELDS = [
  'interface-id',
  'flow-direction',
  'srcaddr',
  'dstaddr',
  'pkt-srcaddr',
  'pkt-dstaddr',
  'srcport',
  'dstport',
  'protocol',
  'start',
  'end',
  'action',
  'log-status',
  'traffic-path',
]
  .map((field) => `\${${field}}`)
  .join(' ')

const TOKEN = '-H "Authorization: Bearer $POSTERN_TOKEN"'
const clusterHeader = ({ cluster }: ConnectTarget): string => `-H ${quoteInner(`X-Postern-Cluster: ${cluster}`)}`
const natUrl = ({ server }: ConnectTarget, format: string, hop?: string): string =>
  `${baseOf(server)}/api/ingest/nat/${format}${hop === undefined ? '' : `?hop=${encodeURIComponent(printable(hop))}`}`

/** Behind a proxy the server may stand under a path. */
const baseOf = (server: URL): string => server.href.replace(/\/+$/, '')

interface Form {
  /** With the header of a token; it must have the scope `nat-evidence`, else the records may accuse but prove nothing. */
  readonly hasToken: boolean
  readonly isOneLine?: boolean
}

/** Sends a hop's conntrack events for as long as it runs, in batches of 200 lines. */
export function conntrackCommand(target: HopTarget, { hasToken, isOneLine = false }: Form): string {
  const curl = [
    'curl -fsS --retry 5 --data-binary @-',
    ...(hasToken ? [TOKEN] : []),
    '-H "Content-Type: text/plain"',
    clusterHeader(target),
    quoteInner(natUrl(target, 'conntrack', target.hop)),
  ].join(isOneLine ? ' ' : ' \\\n    ')
  const [next, pipe] = isOneLine ? ['; ', ' | '] : ['\n', ' |\n  ']
  return `sysctl -w net.netfilter.nf_conntrack_timestamp=1${next}conntrack -E -e NEW,DESTROY -o extended,timestamp,id${pipe}split -l 200 --filter=${quoteShell(curl)}`
}

/** Reads standard input and sends it whole. */
const sendInput = (target: ConnectTarget, format: string, type: string, hop?: string): string =>
  [
    'curl -fsS --data-binary @-',
    TOKEN,
    clusterHeader(target),
    `-H 'Content-Type: ${type}'`,
    quoteInner(natUrl(target, format, hop)),
  ].join(' \\\n    ')

export const conntrackSnippet = (target: HopTarget, form: Form): Snippet => ({
  title: 'conntrack of a node or a gateway, as root on that machine',
  command: conntrackCommand(target, form),
})

/** The same as a file of ulogd2, where nobody may hold a pipe open. */
export const ulogdSnippet = (target: HopTarget): Snippet => ({
  title: 'ulogd2 in its place: NFCT as JSON lines, sent by any shipper',
  command: `[global]
stack=ct1:NFCT,ip2str1:IP2STR,json1:JSON
[ct1]
event_mask=0x00000005
[json1]
file="/var/log/ulogd-ct.json"
sync=1

# tail -F /var/log/ulogd-ct.json, in batches, to
# ${natUrl(target, 'conntrack', target.hop)}`,
})

export const importLogsSnippet = (target: HopTarget): Snippet => ({
  title: 'Logs of a cloud’s NAT gateway, from files; the hop is the gateway’s name in your egress paths',
  command: `npm run postern -- import vpc-flow-logs/ --hop ${shellWord(target.hop)} \\
  --cluster ${shellWord(target.cluster)} --url ${baseOf(target.server)}`,
})

export const awsVpcSnippet = (target: HopTarget): Snippet => ({
  title: 'AWS: a flow log of the NAT gateway’s interface, with ports',
  command: `aws ec2 create-flow-logs --resource-type NetworkInterface --resource-ids eni-OF-THE-NAT-GATEWAY \\
  --traffic-type ALL --max-aggregation-interval 60 \\
  --log-destination-type s3 --log-destination arn:aws:s3:::BUCKET/natgw/ \\
  --log-format '${AWS_FIELDS}'
aws s3 cp s3://BUCKET/natgw/FILE.log.gz - | gunzip |
  ${sendInput(target, 'aws-vpc', 'text/plain', target.hop)}`,
})

export const gcpNatSnippet = (target: HopTarget): Snippet => ({
  title: 'Google Cloud: logging of Cloud NAT, and a subscription to it',
  command: `gcloud compute routers nats update NAT --router ROUTER --region REGION --enable-logging --log-filter=ALL
gcloud pubsub topics create nat && gcloud pubsub subscriptions create nat --topic nat
gcloud logging sinks create postern-nat pubsub.googleapis.com/projects/PROJECT/topics/nat \\
  --log-filter 'logName="projects/PROJECT/logs/compute.googleapis.com%2Fnat_flows"'
gcloud pubsub subscriptions pull nat --limit 500 --format json --auto-ack |
  ${sendInput(target, 'gcp-nat', 'application/json', target.hop)}`,
})

export const cloudTrailSnippet = (target: ConnectTarget): Snippet => ({
  title: 'AWS: CloudTrail’s record of the model calls, which names the address that Bedrock saw',
  command: `aws s3 cp s3://BUCKET/AWSLogs/…/FILE.json.gz - | gunzip |
  ${sendInput(target, 'cloudtrail', 'application/json')}`,
})

export const gcpAuditSnippet = (target: ConnectTarget): Snippet => ({
  title: 'Google Cloud: Data Access audit logs of Vertex AI (off by default)',
  command: `gcloud logging read 'protoPayload.serviceName="aiplatform.googleapis.com"' --freshness 1h --format json |
  ${sendInput(target, 'gcp-audit', 'application/json')}`,
})

export const azureOpenAiSnippet = (target: ConnectTarget): Snippet => ({
  title: 'Azure OpenAI: diagnostic setting RequestResponse, whose blobs name the caller’s address',
  command: `az storage blob download --container-name insights-logs-requestresponse --name …/PT1H.json --file /dev/stdout |
  ${sendInput(target, 'azure-openai', 'application/json')}`,
})
