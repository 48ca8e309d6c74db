import { BOTH_HOPS, callMaker, HUBBLE, NODE_LOG } from './build'
import {
  ANTHROPIC,
  among,
  call,
  DEEPSEEK,
  ENTERPRISE,
  flow,
  found,
  GOLDMANE,
  history,
  LANGSMITH,
  MISTRAL,
  OPENAI,
  one,
  PODS,
  some,
} from './cast'
import { HOUR_AGO_S, type Scenario, SERVER_OF } from './world'

const LITELLM = { pod: 'agent', host: 'litellm.gateway.svc.cluster.local', port: 4000, atS: 0.1 } as const
const HUBBLE_DNS = { kind: 'hubble-dns' } as const
const MUCH = { atS: HOUR_AGO_S, bytesOut: 200_000_000, bytesIn: 30_000 } as const

const two = [...one, { ...PODS.web, namespace: 'ml' }]
const ofTwo = callMaker(two)

/** Detectors of what goes to providers, and where to: D10 to D12, D14 to D17. */
export const USAGE_SCENARIOS: readonly Scenario[] = [
  among('d10-large-upload', 'fine, is bad', 'After a week of two megabytes an hour, two hundred go to a provider.', {
    isWatchedSinceBefore: true,
    pods: one,
    calls: [...history(OPENAI, 2_000_000), call('upload', 'agent', MUCH)],
    observers: [ENTERPRISE],
    finds: [found('D10', 'OpenAI', 'medium')],
  }),
  among('d10-aggregated', 'fine, is bad', 'The same in logs without addresses, which name the provider.', {
    isWatchedSinceBefore: true,
    pods: one,
    calls: [...history(MISTRAL, 2_000_000), call('upload', 'agent', { ...MUCH, host: MISTRAL })],
    observers: [{ kind: 'calico-enterprise', aggregation: 2 }],
    finds: [found('D10', 'Mistral AI', 'medium')],
  }),
  among('d10-files', 'bad, is fine', 'As much to the endpoint for files, as a span tells: low.', {
    isWatchedSinceBefore: true,
    pods: one,
    calls: [...history(OPENAI, 2_000_000), call('upload', 'agent', MUCH)],
    observers: [ENTERPRISE],
    spans: [{ pod: 'agent', host: OPENAI, atS: 30, isAi: false, path: '/v1/files' }],
    finds: [found('D10', 'OpenAI', 'low')],
  }),
  among('d10-below-the-floor', 'bad, is fine', 'Ten times the usual, and still little.', {
    isWatchedSinceBefore: true,
    pods: one,
    calls: [...history(OPENAI, 2_000_000), call('upload', 'agent', { ...MUCH, bytesOut: 20_000_000 })],
    observers: [ENTERPRISE],
    guards: { D10: 'd10-large-upload' },
  }),
  among('d10-as-usual', 'bad, is fine', 'Two hundred megabytes, as in every hour of the week.', {
    isWatchedSinceBefore: true,
    pods: one,
    calls: [...history(OPENAI, 200_000_000), call('upload', 'agent', MUCH)],
    observers: [ENTERPRISE],
    guards: { D10: 'd10-large-upload' },
  }),
  among('d10-as-much-came-back', 'bad, is fine', 'As much came back as was sent: a conversation.', {
    isWatchedSinceBefore: true,
    pods: one,
    calls: [...history(OPENAI, 2_000_000), call('upload', 'agent', { ...MUCH, bytesIn: 190_000_000 })],
    observers: [ENTERPRISE],
    guards: { D10: 'd10-large-upload' },
  }),
  among(
    'd10-watched-since-today',
    'bad, is fine',
    'The week is on record, and nobody looked at it then: it still learns.',
    {
      pods: one,
      calls: [...history(OPENAI, 2_000_000), call('upload', 'agent', MUCH)],
      observers: [ENTERPRISE],
      guards: { D10: 'd10-large-upload' },
    },
  ),

  among('d11-by-enterprise', 'fine, is bad', 'A span tells that Mistral refused the address, in a cluster of Calico.', {
    pods: one,
    calls: [call('bad', 'agent', { door: 'elsewhere', host: ANTHROPIC })],
    observers: [ENTERPRISE],
    spans: [{ pod: 'agent', host: ANTHROPIC, atS: 0.1, status: 403, error: 'ip_not_authorized' }],
    finds: [found('D11', 'Anthropic', 'high')],
  }),
  among('d11-refused-by-a-shop', 'bad, is fine', 'A shop refuses the address in the same words, and is no provider.', {
    pods: one,
    calls: [call('refused', 'agent', { host: 'shop.example.com' })],
    spans: [{ pod: 'agent', host: 'shop.example.com', atS: 0.1, isAi: false, status: 401, error: 'ip_not_authorized' }],
    guards: { D11: 'provider-refuses-the-address' },
  }),

  among(
    'd12-list-not-confirmed',
    'as it is',
    'OpenAI is in use, which can keep a list of addresses; nobody confirmed it.',
    {
      pods: one,
      calls: [call('used', 'agent')],
      finds: [{ detector: 'D12', workload: 'all workloads', target: 'OpenAI', severity: 'info' }],
    },
  ),
  among('d12-provider-without-list', 'as it is', 'Mistral is in use, which keeps no such list.', {
    pods: one,
    calls: [call('used', 'agent', { host: MISTRAL })],
    guards: { D12: 'd12-list-not-confirmed', D16: 'd16-denied-provider' },
  }),
  among('d12-calls-are-denied', 'bad, is fine', 'OpenAI is tried and not reached: not in use.', {
    pods: one,
    calls: [call('tried', 'agent', { fate: 'blocked' })],
    observers: [ENTERPRISE],
    guards: { D12: 'd12-list-not-confirmed' },
  }),

  among('d14-prompts-to-langsmith', 'as it is', 'Traces with prompts go to LangSmith’s cloud.', {
    pods: one,
    calls: [call('traces', 'agent', { host: LANGSMITH })],
    finds: [found('D14', 'LangSmith', 'info')],
  }),
  among('d14-as-enterprise-tells-it', 'as it is', 'The same in a cluster of Calico Enterprise.', {
    pods: one,
    calls: [call('traces', 'agent', { host: LANGSMITH })],
    observers: [ENTERPRISE],
    finds: [found('D14', 'LangSmith', 'info')],
  }),
  among('d14-langfuse-at-home', 'bad, is fine', 'Traces go to Langfuse within the cluster.', {
    pods: some('agent', 'langfuse'),
    sideFlows: [flow('agent', 'langfuse', 3000)],
    finds: [{ detector: 'D1', workload: 'ml/agent', target: 'observability/langfuse', severity: 'medium' }],
    guards: { D14: 'd14-prompts-to-langsmith' },
  }),
  among('d14-langsmith-is-denied', 'bad, is fine', 'A policy stops the traces.', {
    pods: one,
    calls: [call('traces', 'agent', { host: LANGSMITH, fate: 'blocked' })],
    observers: [ENTERPRISE],
    guards: { D14: 'd14-as-enterprise-tells-it' },
  }),

  among('d15-gateway-without-address', 'bad, is fine', 'The egress gateway’s node has no address to give.', {
    pods: one,
    calls: [call('dropped', 'agent', { host: MISTRAL, fate: 'broken', isWithoutAddress: true })],
    finds: [{ detector: 'D15', workload: 'ml/agent', severity: 'high' }],
    guards: { D6: 'd6-keeps-trying', D16: 'd16-denied-provider' },
  }),
  among(
    'd15-shop-behind-the-gateway',
    'bad, is fine',
    'What the gateway drops is no provider’s, and broken all the same.',
    {
      pods: some('web'),
      sideFlows: [flow('web', '203.0.113.146', 443, { drop: { code: 194, word: 'NO_EGRESS_GATEWAY' } })],
      finds: [{ detector: 'D15', workload: 'shop/web', severity: 'high' }],
    },
  ),
  among(
    'd15-dropped-for-another-cause',
    'bad, is fine',
    'The table of connections is full: a drop, and none of the gateway’s.',
    {
      pods: some('web'),
      sideFlows: [flow('web', '203.0.113.146', 443, { drop: { code: 155, word: 'CT_MAP_INSERTION_FAILED' } })],
      guards: { D15: 'd15-shop-behind-the-gateway' },
    },
  ),
  among('d15-denied', 'bad, is fine', 'A policy denies it: enforced, and not broken.', {
    pods: some('web'),
    sideFlows: [flow('web', '203.0.113.146', 443, { isDenied: true })],
    guards: { D15: 'd15-shop-behind-the-gateway' },
  }),

  among('d16-denied-provider', 'fine, is bad', 'A provider that the operator does not want is reached.', {
    pods: one,
    calls: [call('reached', 'agent', { host: DEEPSEEK })],
    observers: [HUBBLE, ...BOTH_HOPS],
    finds: [found('D16', 'DeepSeek', 'high')],
  }),
  among('d16-as-enterprise-tells-it', 'fine, is bad', 'The same in a cluster of Calico Enterprise.', {
    pods: one,
    calls: [call('reached', 'agent', { host: DEEPSEEK })],
    observers: [ENTERPRISE],
    finds: [found('D16', 'DeepSeek', 'high')],
  }),
  among(
    'd16-one-of-two-names',
    'bad, is fine',
    'DeepSeek and a shop were asked for, at one address: which of them is not known.',
    {
      pods: one,
      calls: [call('unsure', 'agent', { host: 'shop.example.com', asked: [DEEPSEEK, 'shop.example.com'] })],
      finds: [found('D16', 'DeepSeek', 'medium')],
    },
  ),
  among(
    'd16-another-pod-asked',
    'bad, is fine',
    'One pod asked for DeepSeek; what another one calls at that address, it did not ask for.',
    {
      pods: two,
      calls: [
        ofTwo('asked', 'agent', { host: DEEPSEEK }),
        ofTwo('unasked', 'web', { host: 'shop.example.com', serverIp: SERVER_OF[DEEPSEEK] ?? '', asked: [], atS: 40 }),
      ],
      observers: [HUBBLE, HUBBLE_DNS],
      finds: [
        found('D16', 'DeepSeek', 'high'),
        { detector: 'D16', workload: 'ml/web', target: 'DeepSeek', severity: 'medium' },
      ],
    },
  ),
  among('d16-asked-and-not-called', 'bad, is fine', 'DeepSeek’s name is asked for, and nobody calls it.', {
    pods: one,
    calls: [call('other', 'agent', { host: 'shop.example.com', atS: 400 })],
    questions: [{ pod: 'agent', name: DEEPSEEK, atS: 60 }],
    observers: [HUBBLE, HUBBLE_DNS],
    finds: [found('D8', 'DeepSeek', 'info')],
    guards: { D16: 'd16-denied-provider' },
  }),

  among(
    'd17-other-host',
    'fine, is bad',
    'Spans tell of Mistral, to which nothing goes, and of nothing that goes to OpenAI.',
    {
      pods: one,
      calls: [call('real', 'agent')],
      observers: [ENTERPRISE],
      spans: [{ pod: 'agent', host: MISTRAL, atS: 0.1 }],
      finds: [found('D17', 'OpenAI', 'medium'), found('D7', 'OpenAI', 'low')],
    },
  ),
  among('d17-around-the-gateway', 'fine, is bad', 'Spans call OpenAI through LiteLLM, and flows go straight to it.', {
    pods: some('agent', 'litellm'),
    calls: [call('direct', 'agent')],
    spans: [{ ...LITELLM, scheme: 'https', provider: 'openai' }],
    finds: [found('D17', 'OpenAI', 'medium')],
    guards: { D7: 'd7-shadow-call' },
  }),
  among('d17-forward-proxy', 'bad, is fine', 'Flows to a forward proxy may be the calls that spans name.', {
    pods: [...one, PODS.proxy],
    calls: [call('real', 'agent')],
    observers: [ENTERPRISE],
    sideFlows: [flow('agent', 'proxy', 3128)],
    spans: [{ pod: 'agent', host: MISTRAL, atS: 0.1 }],
    finds: [found('D7', 'OpenAI', 'low')],
    guards: { D17: 'd17-other-host' },
  }),
  among('d17-claude-by-bedrock', 'bad, is fine', 'The span says Anthropic, whose model Bedrock serves.', {
    pods: one,
    calls: [call('served', 'agent', { host: 'bedrock-runtime.us-east-1.amazonaws.com' })],
    observers: [HUBBLE, NODE_LOG],
    spans: [{ pod: 'agent', host: 'bedrock-runtime.us-east-1.amazonaws.com', provider: 'anthropic', atS: 0.1 }],
    guards: { D17: 'd17-other-host', D7: 'd7-shadow-call' },
  }),
  among(
    'goldmane-cannot-say',
    'as it is',
    'Goldmane tells neither address nor name: no detector of providers may guess.',
    {
      pods: one,
      calls: [call('unknown', 'agent', { host: DEEPSEEK, bytesOut: 200_000_000 })],
      observers: [GOLDMANE],
      guards: { D16: 'd16-denied-provider', D5: 'd5-new-provider', D12: 'd12-list-not-confirmed' },
    },
  ),
]
