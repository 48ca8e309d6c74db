import { callMaker, GATEWAY_LOG, HUBBLE, INVENTORY, NODE_LOG, pod, TWO_HOPS } from './build'
import { ELSEWHERE, GATEWAYS, type Operator, SANCTIONED, type Scenario } from './world'

const one = [pod('agent')]
const call = callMaker(one)
/** Pods keep their addresses as far as the gateway. */
const straight = callMaker(one, { topology: 'gateway' })
const base = { operator: TWO_HOPS, pods: one }
const GATEWAY_ONLY: Operator = { ...TWO_HOPS, hops: ['node', 'nat-gw'] }
const AWS = { kind: 'aws-vpc', hop: 'nat-gw' } as const
const GCP = { kind: 'gcp-nat', hop: 'nat-gw' } as const

/** An identity of a cloud that only this scenario's workload has. */
const role = (name: string): Operator => ({
  ...TWO_HOPS,
  principals: { [`arn:aws:sts::111122223333:assumed-role/${name}/*`]: 'ml/agent' },
})
const BEDROCK = 'bedrock-runtime.us-east-1.amazonaws.com'
const bedrock = callMaker(one, { host: BEDROCK })

const twoOwners = [pod('old', { namespace: 'lab', workload: 'notebook', toS: 40 }), pod('new', { fromS: 70 })]
const ofTwoOwners = callMaker(twoOwners, { topology: 'gateway' })

/** NAT logs of clouds and kernels, and the logs of providers. */
export const NAT_SCENARIOS: readonly Scenario[] = [
  {
    ...base,
    name: 'gcp-behind-masquerade',
    story: 'Google’s NAT log knows the node; the node’s conntrack knows the pod: together they prove.',
    looks: 'as it is',
    calls: [call('good', 'agent'), call('bad', 'agent', { atS: 20, host: 'api.anthropic.com', door: 'elsewhere' })],
    observers: [HUBBLE, NODE_LOG, GCP],
  },
  {
    ...base,
    name: 'gcp-without-the-node',
    story: 'The same without the node’s log: the node’s address is everybody’s.',
    looks: 'fine, is bad',
    calls: [call('bad', 'agent', { door: 'elsewhere' })],
    observers: [HUBBLE, GCP],
  },
  {
    ...base,
    name: 'gcp-sees-pods',
    story: 'Pods keep their addresses: Google’s log alone proves.',
    looks: 'fine, is bad',
    calls: [
      straight('bad', 'agent', { door: 'elsewhere' }),
      straight('good', 'agent', { atS: 40, host: 'api.anthropic.com' }),
    ],
    observers: [HUBBLE, GCP],
  },
  {
    ...base,
    name: 'gcp-flows-are-sampled',
    story: 'Google’s VPC flow log is sampled: a hint, whatever it says.',
    looks: 'bad, is fine',
    calls: [straight('good', 'agent')],
    observers: [HUBBLE, { kind: 'gcp-vpc', hop: 'nat-gw' }],
  },
  {
    ...base,
    name: 'aws-with-ports',
    story: 'AWS shows the gateway’s private address; the map says which public one it is.',
    looks: 'as it is',
    calls: [
      straight('good', 'agent'),
      straight('bad', 'agent', { atS: 90, host: 'api.anthropic.com', door: 'elsewhere' }),
    ],
    observers: [HUBBLE, AWS],
  },
  {
    ...base,
    name: 'aws-unmapped',
    story: 'The same, and nobody said what the gateway’s private address is outside.',
    looks: 'fine, is bad',
    operator: { ...GATEWAY_ONLY, map: {} },
    calls: [straight('bad', 'agent', { door: 'elsewhere' })],
    observers: [HUBBLE, AWS],
  },
  {
    ...base,
    name: 'aws-without-ports',
    story: 'Without the source’s port the address decides, which was one pod’s with one connection.',
    looks: 'fine, is bad',
    calls: [straight('bad', 'agent', { atS: 10, door: 'elsewhere' })],
    observers: [HUBBLE, INVENTORY, { ...AWS, hasPorts: false }],
  },
  {
    ...base,
    name: 'aws-without-ports-nor-pods',
    story: 'The same, and nobody knows whose the address was.',
    looks: 'bad, is fine',
    calls: [straight('good', 'agent', { atS: 10 })],
    observers: [HUBBLE, { ...AWS, hasPorts: false }],
  },
  {
    ...base,
    name: 'aws-without-ports-two-connections',
    story: 'Two connections of the pod to that server within the window: the log may mean either.',
    looks: 'fine, is bad',
    calls: [straight('good', 'agent', { atS: 10 }), straight('bad', 'agent', { atS: 35, door: 'elsewhere' })],
    observers: [HUBBLE, INVENTORY, { ...AWS, hasPorts: false, misses: ['bad'] }],
  },
  {
    ...base,
    name: 'aws-address-used-again',
    story: 'Within one window the address, and the port, went to another pod: not even the tuple tells whose it was.',
    looks: 'fine, is bad',
    pods: twoOwners,
    calls: [
      ofTwoOwners('old', 'old', { atS: 10, clientPort: 45_000 }),
      ofTwoOwners('new', 'new', { atS: 80, clientPort: 45_000, door: 'elsewhere' }),
    ],
    observers: [HUBBLE, INVENTORY, AWS],
    // The wrong call is provable until the other owner’s call is known, which is a matter of what comes first.
    leavesOpen: ['D0'],
  },
  {
    ...base,
    name: 'aws-behind-masquerade',
    story: 'The node masquerades and AWS’ log has no port: only the group is known.',
    looks: 'fine, is bad',
    calls: [call('bad', 'agent', { door: 'elsewhere' })],
    observers: [HUBBLE, INVENTORY, NODE_LOG, { ...AWS, hasPorts: false }],
  },
  {
    ...base,
    name: 'aws-behind-masquerade-with-ports',
    story: 'The same with the port: the chain holds.',
    looks: 'fine, is bad',
    calls: [call('bad', 'agent', { door: 'elsewhere' })],
    observers: [HUBBLE, INVENTORY, NODE_LOG, AWS],
  },
  {
    ...base,
    name: 'azure-tells-no-port',
    story: 'Azure’s gateway logs addresses alone.',
    looks: 'bad, is fine',
    calls: [call('good', 'agent')],
    observers: [HUBBLE, NODE_LOG, { kind: 'azure-natgw', hop: 'nat-gw' }],
  },
  {
    ...base,
    name: 'ulogd-both-hops',
    story: 'The kernel’s records as ulogd2 writes them.',
    looks: 'as it is',
    calls: [call('bad', 'agent', { door: 'elsewhere' })],
    observers: [HUBBLE, { kind: 'ulogd', hop: 'node' }, { kind: 'ulogd', hop: 'nat-gw' }],
  },
  {
    ...base,
    name: 'node-is-the-last-hop',
    story: 'The node’s own public address is the way out, and the operator said so.',
    looks: 'fine, is bad',
    operator: { hops: ['node'], finalHop: 'node', namespaces: ['ml'] },
    calls: [call('bad', 'agent', { topology: 'node', door: 'elsewhere' })],
    observers: [HUBBLE, NODE_LOG],
  },
  {
    ...base,
    name: 'node-below-the-wanted-tier',
    story: 'The same, and the rule wants better evidence than a node’s.',
    looks: 'bad, is fine',
    operator: { hops: ['node'], finalHop: 'node', namespaces: ['ml'], requireEvidence: 'B' },
    calls: [call('good', 'agent', { topology: 'node' })],
    observers: [HUBBLE, NODE_LOG],
  },
  {
    ...base,
    name: 'bedrock-trail-sanctioned',
    story: 'CloudTrail saw the workload’s role call from the sanctioned address.',
    looks: 'bad, is fine',
    operator: role('bedrock-trail-sanctioned'),
    calls: [bedrock('good', 'agent')],
    observers: [HUBBLE, { kind: 'cloudtrail' }],
  },
  {
    ...base,
    name: 'bedrock-trail-elsewhere',
    story: 'CloudTrail saw it call from elsewhere; it comes fifteen minutes late.',
    looks: 'fine, is bad',
    operator: role('bedrock-trail-elsewhere'),
    calls: [bedrock('bad', 'agent', { door: 'elsewhere' })],
    observers: [HUBBLE, { kind: 'cloudtrail', isLate: true }],
  },
  {
    ...base,
    name: 'bedrock-trail-of-two-calls',
    story: 'The role had two connections then; the trail may mean either.',
    looks: 'fine, is bad',
    operator: role('bedrock-trail-of-two-calls'),
    calls: [bedrock('good', 'agent'), bedrock('bad', 'agent', { atS: 3, door: 'elsewhere' })],
    observers: [HUBBLE, { kind: 'cloudtrail', misses: ['bad'] }],
  },
  {
    ...base,
    name: 'bedrock-trail-contradicts-the-gateway',
    story: 'The gateway’s log and the trail name two addresses: one of them is wrong, and nothing is decided.',
    looks: 'bad, is fine',
    operator: role('bedrock-trail-contradicts-the-gateway'),
    calls: [bedrock('good', 'agent')],
    observers: [HUBBLE, { kind: 'cloudtrail' }, NODE_LOG, { ...GATEWAY_LOG, lies: { good: ELSEWHERE } }],
    // Where the lie comes first it convicts, until the trail contradicts it; a finding ends by quiet.
    leavesOpen: ['D0'],
  },
  {
    ...base,
    name: 'bedrock-trail-of-a-stranger',
    story: 'A laptop calls Bedrock from elsewhere at the same moment, by an identity that is nobody’s workload.',
    looks: 'bad, is fine',
    operator: role('bedrock-trail-of-a-stranger'),
    calls: [bedrock('good', 'agent')],
    observers: [HUBBLE],
    raw: (baseMs) => [
      {
        path: '/api/ingest/nat/cloudtrail',
        cluster: '',
        text: JSON.stringify({
          Records: [
            {
              eventID: 'stranger',
              eventTime: new Date(baseMs).toISOString(),
              eventSource: 'bedrock.amazonaws.com',
              eventName: 'InvokeModel',
              awsRegion: 'us-east-1',
              sourceIPAddress: ELSEWHERE,
              userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/laptop' },
              requestParameters: { modelId: 'some.model' },
              tlsDetails: { clientProvidedHostHeader: BEDROCK },
            },
          ],
        }),
      },
    ],
  },
  {
    ...base,
    name: 'bedrock-trail-forged',
    story: 'A workload sends a trail of its own that names the sanctioned address.',
    looks: 'fine, is bad',
    operator: role('bedrock-trail-forged'),
    calls: [bedrock('bad', 'agent', { door: 'elsewhere' })],
    observers: [HUBBLE, { kind: 'cloudtrail', isUntrusted: true, lies: { bad: SANCTIONED } }],
  },
  {
    ...base,
    name: 'vertex-audit',
    story: 'Google’s audit log of Vertex names the caller’s address.',
    looks: 'fine, is bad',
    operator: { ...TWO_HOPS, principals: { 'vertex-audit@example.iam.gserviceaccount.com': 'ml/agent' } },
    calls: [call('bad', 'agent', { host: 'europe-west4-aiplatform.googleapis.com', door: 'elsewhere' })],
    observers: [HUBBLE, { kind: 'gcp-audit' }],
  },
  {
    ...base,
    name: 'azure-audit',
    story: 'Azure’s diagnostic log of the resource names the caller’s address.',
    looks: 'bad, is fine',
    operator: { ...TWO_HOPS, principals: { 'azure-audit-object': 'ml/agent' } },
    calls: [call('good', 'agent', { host: 'planner-ai.openai.azure.com' })],
    observers: [HUBBLE, { kind: 'azure-openai' }],
  },
  {
    ...base,
    name: 'audit-wanted-gateway-logs',
    story: 'The rule takes the provider’s word alone, and there is none.',
    looks: 'bad, is fine',
    operator: { ...TWO_HOPS, map: GATEWAYS, requireEvidence: 'A' },
    calls: [call('good', 'agent')],
    observers: [HUBBLE, NODE_LOG, GATEWAY_LOG],
  },
  {
    ...base,
    name: 'provider-refuses-the-address',
    story: 'A span tells that OpenAI refused the address: the workload’s word, which accuses and does not convict.',
    looks: 'fine, is bad',
    calls: [call('bad', 'agent', { door: 'elsewhere' })],
    observers: [HUBBLE],
    spans: [{ pod: 'agent', host: 'api.openai.com', atS: 0.1, status: 401, error: 'ip_not_authorized' }],
    finds: [{ detector: 'D11', workload: 'ml/agent', target: 'OpenAI', severity: 'high' }],
  },
  {
    ...base,
    name: 'provider-refuses-the-key',
    story: 'A 401 of another kind says nothing about the address.',
    looks: 'bad, is fine',
    calls: [call('good', 'agent')],
    observers: [HUBBLE, NODE_LOG, GATEWAY_LOG],
    spans: [{ pod: 'agent', host: 'api.openai.com', atS: 0.1, status: 401, error: 'invalid_api_key' }],
    guards: { D11: 'provider-refuses-the-address', D17: 'd17-other-host', D7: 'd7-shadow-call' },
  },
]
