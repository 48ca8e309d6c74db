import { BOTH_HOPS, callMaker, HUBBLE, pod, TWO_HOPS } from './build'
import { HOUR_AGO_S, type PlantPod, type Scenario, type SideFlow } from './world'

const KAGENT = { 'app.kubernetes.io/part-of': 'kagent' }
const PODS = {
  planner: pod('planner', { namespace: 'agents', workload: 'planner', ip: '10.244.1.30', labels: KAGENT }),
  vllm: pod('vllm', {
    workload: 'vllm',
    ip: '10.244.2.31',
    node: 'node-b',
    labels: { 'app.kubernetes.io/part-of': 'vllm-stack' },
  }),
  ollama: pod('ollama', {
    workload: 'ollama',
    ip: '10.244.2.32',
    node: 'node-b',
    labels: { 'app.kubernetes.io/name': 'ollama' },
  }),
  qdrant: pod('qdrant', {
    workload: 'qdrant',
    ip: '10.244.2.33',
    node: 'node-b',
    labels: { 'app.kubernetes.io/name': 'qdrant' },
  }),
  langfuse: pod('langfuse', {
    namespace: 'observability',
    workload: 'langfuse',
    ip: '10.244.2.34',
    labels: { 'app.kubernetes.io/name': 'langfuse', 'app.kubernetes.io/component': 'web' },
  }),
  web: pod('web', { namespace: 'shop', workload: 'web', ip: '10.244.1.35' }),
  ingress: pod('ingress', {
    namespace: 'ingress-nginx',
    workload: 'ingress-nginx-controller',
    ip: '10.244.1.36',
    labels: { 'app.kubernetes.io/name': 'ingress-nginx' },
  }),
  prometheus: pod('prometheus', { namespace: 'monitoring', workload: 'prometheus', ip: '10.244.1.37' }),
  agent: pod('agent'),
} as const
const some = (...keys: readonly (keyof typeof PODS)[]): PlantPod[] => keys.map((key) => PODS[key])

const GOLDMANE = { kind: 'goldmane' } as const
const ENTERPRISE = { kind: 'calico-enterprise', aggregation: 1 } as const
const METADATA = '169.254.169.254'
const DAY_S = 86_400
const CHAT = { method: 'POST', url: 'http://vllm.ml:8000/v1/chat/completions' }
const ALLOWED = { policy: 'allow-listed' } as const

const flow = (from: string, to: string, port: number, change: Partial<SideFlow> = {}): SideFlow => ({
  from,
  to,
  port,
  atS: 10,
  by: ALLOWED,
  ...change,
})
/** A scenario of side flows alone. */
const among = (name: string, looks: Scenario['looks'], story: string, rest: Partial<Scenario>): Scenario => ({
  name,
  looks,
  story,
  operator: TWO_HOPS,
  pods: [],
  calls: [],
  observers: [HUBBLE],
  ...rest,
})

const one = some('agent')
const call = callMaker(one)
/** A week and a day of ordinary calls, three a day, before the scenario. */
const history = (host: string, bytesOut?: number) =>
  Array.from({ length: 24 }, (_, at) =>
    call(`day-${Math.floor(at / 3)}-${at % 3}`, 'agent', {
      host,
      atS: -DAY_S * (8 - Math.floor(at / 3)) + (at % 3) * 3600,
      ...(bytesOut !== undefined && { bytesOut, bytesIn: 20_000 }),
    }),
  )

/** For each detector beside D0 and D0u a case that it must find, and one that it must not. */
export const DETECTOR_SCENARIOS: readonly Scenario[] = [
  among('d1-plain-chat', 'fine, is bad', 'A proxy saw an agent’s chat with its model server as plain HTTP.', {
    pods: some('planner', 'vllm'),
    sideFlows: [flow('planner', 'vllm', 8000, { http: CHAT })],
    finds: [{ detector: 'D1', workload: 'agents/planner' }],
  }),
  among('d1-plain-inside-wireguard', 'bad, is fine', 'The same between nodes that encrypt: plain at both ends still.', {
    pods: some('planner', 'vllm'),
    sideFlows: [flow('planner', 'vllm', 8000, { http: CHAT, isEncrypted: true })],
    finds: [{ detector: 'D1', workload: 'agents/planner' }],
  }),
  among(
    'd1-sidecars-speak-mtls',
    'bad, is fine',
    'Both pods have a mesh’s sidecar: what the span calls http is mTLS on the wire.',
    {
      pods: some('planner', 'vllm').map((one) => ({
        ...one,
        labels: { ...one.labels, 'security.istio.io/tlsMode': 'istio' },
      })),
      sideFlows: [flow('planner', 'vllm', 8000)],
      spans: [{ pod: 'planner', host: 'vllm.ml.svc.cluster.local', port: 8000, scheme: 'http', atS: 10 }],
      guards: ['D1'],
    },
  ),
  among('d1-tls-by-span', 'bad, is fine', 'The same port, and the caller’s span says that it speaks TLS.', {
    pods: some('planner', 'vllm'),
    sideFlows: [flow('planner', 'vllm', 8000)],
    spans: [{ pod: 'planner', host: 'vllm.ml.svc.cluster.local', port: 8000, scheme: 'https', atS: 10 }],
    guards: ['D1'],
  }),
  among(
    'd2-key-in-the-clear',
    'fine, is bad',
    'An agent calls OpenAI by plain HTTP, as its span says: the key is on the wire.',
    {
      pods: one,
      calls: [call('plain', 'agent', { port: 80 })],
      observers: [HUBBLE, ...BOTH_HOPS],
      spans: [{ pod: 'agent', host: 'api.openai.com', port: 80, scheme: 'http', atS: 0.1 }],
      finds: [{ detector: 'D2', workload: 'ml/agent' }],
    },
  ),
  among('d2-stopped-in-the-clear', 'bad, is fine', 'The same try, and a policy stops it: nothing was sent.', {
    pods: one,
    calls: [call('plain', 'agent', { port: 80, fate: 'blocked' })],
    observers: [HUBBLE],
    guards: ['D2'],
  }),
  among('d2-redirect', 'bad, is fine', 'A client that is redirected from port 80: a few bytes, and then TLS.', {
    pods: one,
    calls: [
      call('redirect', 'agent', { atS: 5, port: 80, bytesOut: 180, bytesIn: 300 }),
      call('real', 'agent', { atS: 7, bytesOut: 9000 }),
    ],
    observers: [{ kind: 'calico-enterprise', aggregation: 0 }, ...BOTH_HOPS],
  }),
  among('d3-ollama-from-outside', 'fine, is bad', 'An address of the internet reaches a model server straight.', {
    pods: some('ollama'),
    sideFlows: [flow('198.51.100.50', 'ollama', 11_434, { by: 'nothing' })],
    finds: [{ detector: 'D3', workload: 'ml/ollama' }],
  }),
  among(
    'd3-through-the-ingress',
    'bad, is fine',
    'The internet reaches the ingress controller, and that the model server.',
    {
      pods: some('ollama', 'ingress'),
      sideFlows: [flow('198.51.100.50', 'ingress', 443), flow('ingress', 'ollama', 11_434)],
      guards: ['D3'],
    },
  ),
  among(
    'd3-health-check',
    'bad, is fine',
    'A load balancer of the cloud looks after the model server, from a private address.',
    {
      pods: some('ollama'),
      sideFlows: [flow('10.0.9.9', 'ollama', 11_434, { by: 'nothing' })],
      guards: ['D3'],
    },
  ),
  among(
    'd4-default-allow-into-vectors',
    'fine, is bad',
    'The shop’s web server reaches the vector store; only the namespace’s profile let it.',
    {
      pods: some('web', 'qdrant'),
      observers: [GOLDMANE],
      sideFlows: [flow('web', 'qdrant', 6333, { by: 'profile' })],
      finds: [{ detector: 'D4', workload: 'shop/web' }],
    },
  ),
  among(
    'd4-hubble-names-no-policy',
    'bad, is fine',
    'Hubble’s empty list of policies is no statement, and the cluster is new.',
    {
      pods: some('web', 'qdrant'),
      sideFlows: [flow('web', 'qdrant', 6333, { by: 'nothing' })],
      guards: ['D4'],
    },
  ),
  among('d4-monitoring', 'bad, is fine', 'Prometheus reads the vector store’s metrics, by a policy.', {
    pods: some('prometheus', 'qdrant'),
    observers: [GOLDMANE],
    sideFlows: [flow('prometheus', 'qdrant', 6333)],
    guards: ['D4'],
  }),
  among(
    'd5-new-provider',
    'fine, is bad',
    'A workload that called OpenAI for a week calls Mistral for the first time.',
    {
      isWatchedSinceBefore: true,
      pods: [{ ...PODS.agent, fromS: -30 * DAY_S }],
      calls: [...history('api.openai.com'), call('new', 'agent', { host: 'api.mistral.ai' })],
      finds: [{ detector: 'D5', workload: 'ml/agent' }],
    },
  ),
  among(
    'd5-new-workload',
    'bad, is fine',
    'A workload that appeared this hour calls its provider for the first time.',
    {
      isWatchedSinceBefore: true,
      pods: [
        { ...PODS.agent, fromS: -30 * DAY_S },
        { ...PODS.web, namespace: 'ml', fromS: -60 },
      ],
      calls: [
        ...history('api.openai.com'),
        callMaker([{ ...PODS.web, namespace: 'ml' }])('first', 'web', { clientPort: 44_000 }),
      ],
      guards: ['D5'],
    },
  ),
  among('d6-denied-elsewhere', 'bad, is fine', 'A policy denies a shop’s address, which is no provider’s.', {
    pods: one,
    calls: [call('denied', 'agent', { host: 'shop.example.com', fate: 'blocked' })],
    guards: ['D6', 'D15'],
  }),
  among('d7-shadow-call', 'fine, is bad', 'An instrumented workload’s call to OpenAI is in no trace of it.', {
    pods: some('agent', 'web'),
    calls: [call('shadow', 'agent')],
    spans: [0, 60, 120].map((atS) => ({
      pod: 'agent',
      host: 'web.shop.svc.cluster.local',
      port: 8080,
      scheme: 'http' as const,
      isAi: false,
      atS,
    })),
    finds: [{ detector: 'D7', workload: 'ml/agent' }],
  }),
  among('d7-not-instrumented', 'bad, is fine', 'A workload without any span: nothing is hidden, nothing is told.', {
    pods: one,
    calls: [call('silent', 'agent')],
    guards: ['D7'],
  }),
  among('d8-asked-and-not-called', 'as it is', 'A pod asks for OpenAI’s name and calls nobody.', {
    pods: one,
    calls: [call('other', 'agent', { host: 'shop.example.com', atS: 400 })],
    questions: [{ pod: 'agent', name: 'api.openai.com', atS: 60 }],
    observers: [HUBBLE, { kind: 'hubble-dns' }],
    finds: [{ detector: 'D8', workload: 'ml/agent' }],
  }),
  among('d8-asked-and-called', 'as it is', 'A pod asks and calls.', {
    pods: one,
    calls: [call('called', 'agent')],
    observers: [HUBBLE, { kind: 'hubble-dns' }],
    guards: ['D8', 'D9'],
  }),
  among(
    'd9-nobody-watches-dns',
    'bad, is fine',
    'An address of Anthropic’s without a question, where nobody sees questions.',
    {
      pods: one,
      calls: [call('unnamed', 'agent', { host: 'api.anthropic.com' })],
      observers: [{ ...HUBBLE, hasNames: false }],
      guards: ['D9'],
    },
  ),
  among('d10-large-upload', 'fine, is bad', 'After a week of two megabytes an hour, two hundred go to a provider.', {
    isWatchedSinceBefore: true,
    pods: [{ ...PODS.agent, fromS: -30 * DAY_S }],
    calls: [
      ...history('api.openai.com', 2_000_000),
      call('upload', 'agent', { atS: HOUR_AGO_S, bytesOut: 200_000_000, bytesIn: 30_000 }),
    ],
    observers: [ENTERPRISE],
    finds: [{ detector: 'D10', workload: 'ml/agent' }],
  }),
  among('d10-below-the-floor', 'bad, is fine', 'Ten times the usual, and still little.', {
    isWatchedSinceBefore: true,
    pods: [{ ...PODS.agent, fromS: -30 * DAY_S }],
    calls: [
      ...history('api.openai.com', 2_000_000),
      call('upload', 'agent', { atS: HOUR_AGO_S, bytesOut: 20_000_000, bytesIn: 30_000 }),
    ],
    observers: [ENTERPRISE],
    guards: ['D10'],
  }),
  among(
    'd12-list-not-confirmed',
    'as it is',
    'OpenAI is in use, which can keep a list of addresses; nobody confirmed it.',
    {
      pods: one,
      calls: [call('used', 'agent')],
      finds: [{ detector: 'D12', workload: 'all workloads', target: 'OpenAI' }],
    },
  ),
  among('d12-provider-without-list', 'as it is', 'Mistral is in use, which keeps no such list.', {
    pods: one,
    calls: [call('used', 'agent', { host: 'api.mistral.ai' })],
    guards: ['D12'],
  }),
  among(
    'd13-nothing-but-the-profile',
    'fine, is bad',
    'All of a namespace’s traffic, a model server’s among it, is allowed by its profile alone.',
    {
      pods: some('planner', 'vllm', 'qdrant'),
      observers: [GOLDMANE],
      sideFlows: [
        flow('planner', 'vllm', 8000, { by: 'profile' }),
        flow('vllm', 'qdrant', 6333, { atS: 20, by: 'profile' }),
      ],
      finds: [{ detector: 'D13', workload: 'ml' }],
    },
  ),
  among('d13-policies-everywhere', 'as it is', 'The same traffic, each by a policy.', {
    pods: some('planner', 'vllm', 'qdrant'),
    observers: [GOLDMANE],
    sideFlows: [flow('planner', 'vllm', 8000), flow('vllm', 'qdrant', 6333, { atS: 20 })],
    guards: ['D13', 'D4'],
  }),
  among('d14-prompts-to-langsmith', 'as it is', 'Traces with prompts go to LangSmith’s cloud.', {
    pods: one,
    calls: [call('traces', 'agent', { host: 'api.smith.langchain.com' })],
    finds: [{ detector: 'D14', workload: 'ml/agent' }],
  }),
  among('d14-langfuse-at-home', 'bad, is fine', 'Traces go to Langfuse within the cluster.', {
    pods: some('agent', 'langfuse'),
    sideFlows: [flow('agent', 'langfuse', 3000)],
    guards: ['D14'],
  }),
  among('d16-denied-provider', 'fine, is bad', 'A provider that the operator does not want is reached.', {
    pods: one,
    calls: [call('reached', 'agent', { host: 'api.deepseek.com' })],
    observers: [HUBBLE, ...BOTH_HOPS],
    finds: [{ detector: 'D16', workload: 'ml/agent' }],
  }),
  among(
    'd18-agent-asks-the-metadata-service',
    'fine, is bad',
    'An agent asks the cloud’s metadata service, where credentials are.',
    {
      pods: some('planner'),
      sideFlows: [flow('planner', METADATA, 80, { by: 'nothing' })],
      finds: [{ detector: 'D18', workload: 'agents/planner' }],
    },
  ),
  among('d18-shop-asks-the-metadata-service', 'bad, is fine', 'A web server does the same, which is no AI workload.', {
    pods: some('web'),
    sideFlows: [flow('web', METADATA, 80, { by: 'nothing' })],
    guards: ['D18'],
  }),
  among('d18-agent-is-stopped', 'bad, is fine', 'An agent tries, and a policy stops it.', {
    pods: some('planner'),
    sideFlows: [flow('planner', METADATA, 80, { isDenied: true })],
    guards: ['D18'],
  }),
]
