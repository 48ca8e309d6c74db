import { among, CHAT, DAY_S, ENTERPRISE, flow, GOLDMANE, METADATA, PODS, some } from './cast'
import type { PlantPod, Scenario } from './world'

const OUTSIDE = '198.51.100.50'
/** From where Google's load balancers probe: public, and nobody's call. */
const LOAD_BALANCER = '35.191.3.4'
const TO_VLLM = { host: 'vllm.ml.svc.cluster.local', port: 8000, atS: 10 } as const
const inMesh = (one: PlantPod): PlantPod => ({
  ...one,
  labels: { ...one.labels, 'security.istio.io/tlsMode': 'istio' },
})
const ofPlanner = { detector: 'D1', workload: 'agents/planner', target: 'ml/vllm' } as const
const ofWeb = (severity: 'medium' | 'low') =>
  ({ detector: 'D1', workload: 'shop/web', target: 'ml/qdrant', severity }) as const
const stepOfWeb = { detector: 'D4', workload: 'shop/web', target: 'ml/qdrant', severity: 'high' } as const
const openNamespace = { detector: 'D13', workload: 'ml', severity: 'medium' } as const
const since = -30 * DAY_S

/** Detectors of traffic that is no call to a provider: D1, D3, D4, D13, D18. */
export const INSIDE_SCENARIOS: readonly Scenario[] = [
  among('d1-plain-chat', 'fine, is bad', 'A proxy saw an agent’s chat with its model server as plain HTTP.', {
    pods: some('planner', 'vllm'),
    sideFlows: [flow('planner', 'vllm', 8000, { http: CHAT })],
    finds: [{ ...ofPlanner, severity: 'high' }],
  }),
  among('d1-nobody-answers', 'fine, is bad', 'The proxy read such a chat, and the model server has not answered yet.', {
    pods: some('planner', 'vllm'),
    sideFlows: [flow('planner', 'vllm', 8000, { http: { ...CHAT, isUnanswered: true } })],
    finds: [{ ...ofPlanner, severity: 'high' }],
  }),
  among('d1-plain-inside-wireguard', 'bad, is fine', 'The same between nodes that encrypt: plain at both ends still.', {
    pods: some('planner', 'vllm'),
    sideFlows: [flow('planner', 'vllm', 8000, { http: CHAT, isEncrypted: true })],
    finds: [{ ...ofPlanner, severity: 'low' }],
  }),
  among('d1-span-says-http', 'fine, is bad', 'Enterprise shows the port alone, and the caller’s span says http://.', {
    pods: some('planner', 'vllm'),
    observers: [ENTERPRISE],
    sideFlows: [flow('planner', 'vllm', 8000)],
    spans: [{ ...TO_VLLM, pod: 'planner', scheme: 'http' }],
    finds: [{ ...ofPlanner, severity: 'high' }],
  }),
  among('d1-port-alone', 'as it is', 'A port that vLLM serves in the clear unless somebody changed it: possible.', {
    pods: some('planner', 'vllm'),
    sideFlows: [flow('planner', 'vllm', 8000)],
    finds: [{ ...ofPlanner, severity: 'medium' }],
  }),
  among(
    'd1-sidecars-speak-mtls',
    'bad, is fine',
    'Both pods have a mesh’s sidecar: what the span calls http is mTLS.',
    {
      pods: some('planner', 'vllm').map(inMesh),
      observers: [ENTERPRISE],
      sideFlows: [flow('planner', 'vllm', 8000)],
      spans: [{ ...TO_VLLM, pod: 'planner', scheme: 'http' }],
      guards: { D1: 'd1-span-says-http' },
    },
  ),
  among('d1-tls-by-span', 'bad, is fine', 'The same port, and the caller’s span says that it speaks TLS.', {
    pods: some('planner', 'vllm'),
    sideFlows: [flow('planner', 'vllm', 8000)],
    spans: [{ ...TO_VLLM, pod: 'planner', scheme: 'https' }],
    guards: { D1: 'd1-port-alone' },
  }),
  among(
    'd1-kserve-may-serve-tls',
    'bad, is fine',
    'KServe serves TLS or not, by its configuration: its port says nothing.',
    {
      pods: some('planner', 'kserve'),
      sideFlows: [flow('planner', 'kserve', 8080)],
      guards: { D1: 'd1-port-alone' },
    },
  ),
  among('d1-call-is-denied', 'bad, is fine', 'A policy stops the call: nothing is on the wire.', {
    pods: some('planner', 'vllm'),
    sideFlows: [flow('planner', 'vllm', 8000, { isDenied: true })],
    guards: { D1: 'd1-port-alone' },
  }),

  among('d3-ollama-from-outside', 'fine, is bad', 'An address of the internet reaches a model server straight.', {
    pods: some('ollama'),
    sideFlows: [flow(OUTSIDE, 'ollama', 11_434, { by: 'nothing' })],
    finds: [{ detector: 'D3', workload: 'ml/ollama', target: 'internet', severity: 'high' }],
  }),
  among(
    'd3-ray-from-outside',
    'fine, is bad',
    'The internet reaches the port of Ray that runs jobs for whoever asks.',
    {
      pods: some('ray'),
      observers: [ENTERPRISE],
      sideFlows: [flow(OUTSIDE, 'ray', 8265)],
      finds: [{ detector: 'D3', workload: 'ml/ray-head', target: 'internet', severity: 'critical' }],
    },
  ),
  among(
    'd3-goldmane-tells-no-address',
    'as it is',
    'Goldmane knows of the caller that it is public at most: possible.',
    {
      pods: some('ollama'),
      observers: [GOLDMANE],
      sideFlows: [flow(OUTSIDE, 'ollama', 11_434)],
      finds: [{ detector: 'D3', workload: 'ml/ollama', target: 'internet', severity: 'medium' }],
    },
  ),
  among(
    'd3-through-the-ingress',
    'bad, is fine',
    'The internet reaches the ingress controller, and that the model server.',
    {
      pods: some('ollama', 'ingress'),
      sideFlows: [flow(OUTSIDE, 'ingress', 443), flow('ingress', 'ollama', 11_434)],
      finds: [
        { detector: 'D1', workload: 'ingress-nginx/ingress-nginx-controller', target: 'ml/ollama', severity: 'medium' },
      ],
      guards: { D3: 'd3-ollama-from-outside' },
    },
  ),
  among('d3-health-check', 'bad, is fine', 'A load balancer looks after the model server, from a private address.', {
    pods: some('ollama'),
    sideFlows: [flow('10.0.9.9', 'ollama', 11_434, { by: 'nothing' })],
    guards: { D3: 'd3-ollama-from-outside' },
  }),
  among('d3-google-health-check', 'bad, is fine', 'Google’s load balancer does, from public addresses of its own.', {
    pods: some('ray'),
    observers: [ENTERPRISE],
    sideFlows: [flow(LOAD_BALANCER, 'ray', 8265)],
    guards: { D3: 'd3-ray-from-outside' },
  }),
  among('d3-outside-is-denied', 'bad, is fine', 'The internet tries, and a policy stops it.', {
    pods: some('ollama'),
    sideFlows: [flow(OUTSIDE, 'ollama', 11_434, { isDenied: true })],
    guards: { D3: 'd3-ollama-from-outside' },
  }),
  among('d3-gateway-is-the-front-door', 'bad, is fine', 'LiteLLM runs as the gateway, to be reached from outside.', {
    pods: some('litellm'),
    sideFlows: [flow(OUTSIDE, 'litellm', 4000)],
    guards: { D3: 'd3-ollama-from-outside' },
  }),

  among(
    'd4-default-allow-into-vectors',
    'fine, is bad',
    'The shop reaches the vector store; only the profile let it.',
    {
      pods: some('web', 'qdrant'),
      observers: [GOLDMANE],
      sideFlows: [flow('web', 'qdrant', 6333, { by: 'profile' })],
      finds: [stepOfWeb, ofWeb('medium'), openNamespace],
    },
  ),
  among('d4-default-allow-by-enterprise', 'fine, is bad', 'The same, as Calico Enterprise tells it.', {
    pods: some('web', 'qdrant'),
    observers: [ENTERPRISE],
    sideFlows: [flow('web', 'qdrant', 6333, { by: 'profile' })],
    finds: [stepOfWeb, ofWeb('medium'), openNamespace],
  }),
  among('d4-path-never-seen', 'fine, is bad', 'Hubble knows both for a week, and this path since today.', {
    isWatchedSinceBefore: true,
    pods: some('web', 'planner', 'qdrant').map((one) => ({ ...one, fromS: since })),
    sideFlows: [
      flow('planner', 'qdrant', 6333, { atS: -8 * DAY_S }),
      flow('web', 'planner', 8080, { atS: -8 * DAY_S }),
      flow('planner', 'qdrant', 6333),
      flow('web', 'planner', 8080),
      flow('web', 'qdrant', 6333, { atS: 60 }),
    ],
    finds: [
      stepOfWeb,
      ofWeb('medium'),
      { detector: 'D1', workload: 'agents/planner', target: 'ml/qdrant', severity: 'medium' },
      { detector: 'D1', workload: 'shop/web', target: 'agents/planner', severity: 'medium' },
    ],
  }),
  among('d4-path-of-every-week', 'as it is', 'The same path, which is as old as the rest.', {
    isWatchedSinceBefore: true,
    pods: some('web', 'qdrant').map((one) => ({ ...one, fromS: since })),
    sideFlows: [flow('web', 'qdrant', 6333, { atS: -8 * DAY_S }), flow('web', 'qdrant', 6333)],
    finds: [ofWeb('medium')],
    guards: { D4: 'd4-path-never-seen' },
  }),
  among('d4-hubble-names-no-policy', 'bad, is fine', 'Hubble’s empty list is no statement, and the cluster is new.', {
    pods: some('web', 'qdrant'),
    sideFlows: [flow('web', 'qdrant', 6333, { by: 'nothing' })],
    finds: [ofWeb('medium')],
    guards: { D4: 'd4-default-allow-into-vectors', D13: 'd4-default-allow-into-vectors' },
  }),
  among(
    'd4-monitoring',
    'bad, is fine',
    'Prometheus reads the vector store’s metrics, by no policy: it reads everybody’s.',
    {
      pods: some('prometheus', 'qdrant'),
      observers: [GOLDMANE],
      sideFlows: [flow('prometheus', 'qdrant', 6333, { by: 'profile' })],
      finds: [openNamespace],
      guards: { D4: 'd4-default-allow-into-vectors', D1: 'd4-default-allow-into-vectors' },
    },
  ),
  among(
    'd4-a-policy-names-the-path',
    'bad, is fine',
    'The shop reaches the vector store, as a policy says that it may.',
    {
      pods: some('web', 'qdrant'),
      observers: [GOLDMANE],
      sideFlows: [flow('web', 'qdrant', 6333)],
      finds: [ofWeb('medium')],
      guards: { D4: 'd4-default-allow-into-vectors', D13: 'd4-default-allow-into-vectors' },
    },
  ),

  among(
    'd13-nothing-but-the-profile',
    'fine, is bad',
    'All of a namespace’s traffic is allowed by its profile alone.',
    {
      pods: some('planner', 'vllm', 'qdrant'),
      observers: [GOLDMANE],
      sideFlows: [
        flow('planner', 'vllm', 8000, { by: 'profile' }),
        flow('vllm', 'qdrant', 6333, { atS: 20, by: 'profile' }),
      ],
      finds: [
        openNamespace,
        { detector: 'D4', workload: 'agents/planner', target: 'ml/vllm', severity: 'medium' },
        { ...ofPlanner, severity: 'medium' },
        { detector: 'D1', workload: 'ml/vllm', target: 'ml/qdrant', severity: 'low' },
      ],
    },
  ),
  among('d13-one-policy', 'bad, is fine', 'One path of the namespace has a policy: then it is not without.', {
    pods: some('planner', 'vllm', 'qdrant'),
    observers: [GOLDMANE],
    sideFlows: [flow('planner', 'vllm', 8000, { by: 'profile' }), flow('vllm', 'qdrant', 6333, { atS: 20 })],
    finds: [
      { detector: 'D4', workload: 'agents/planner', target: 'ml/vllm', severity: 'medium' },
      { ...ofPlanner, severity: 'medium' },
      { detector: 'D1', workload: 'ml/vllm', target: 'ml/qdrant', severity: 'low' },
    ],
    guards: { D13: 'd13-nothing-but-the-profile' },
  }),
  among('d13-policies-everywhere', 'as it is', 'The same traffic, each by a policy, as Enterprise tells it.', {
    pods: some('planner', 'vllm', 'qdrant'),
    observers: [ENTERPRISE],
    sideFlows: [flow('planner', 'vllm', 8000), flow('vllm', 'qdrant', 6333, { atS: 20 })],
    finds: [
      { ...ofPlanner, severity: 'medium' },
      { detector: 'D1', workload: 'ml/vllm', target: 'ml/qdrant', severity: 'low' },
    ],
    guards: { D13: 'd13-nothing-but-the-profile', D4: 'd13-nothing-but-the-profile' },
  }),
  among('d13-no-ai-in-it', 'bad, is fine', 'A namespace without policies, in which nothing of AI runs.', {
    pods: [PODS.web, { ...PODS.proxy, namespace: 'shop' }],
    observers: [GOLDMANE],
    sideFlows: [flow('web', 'proxy', 8080, { by: 'profile' })],
    guards: { D13: 'd13-nothing-but-the-profile' },
  }),

  among('d18-agent-asks-the-metadata-service', 'fine, is bad', 'An agent asks where a cloud’s credentials are.', {
    pods: some('planner'),
    sideFlows: [flow('planner', METADATA, 80, { by: 'nothing' })],
    finds: [{ detector: 'D18', workload: 'agents/planner', severity: 'high' }],
  }),
  among('d18-as-enterprise-tells-it', 'fine, is bad', 'The same in a cluster of Calico Enterprise.', {
    pods: some('planner'),
    observers: [ENTERPRISE],
    sideFlows: [flow('planner', METADATA, 80)],
    finds: [{ detector: 'D18', workload: 'agents/planner', severity: 'high' }],
  }),
  among('d18-identity-by-a-webhook', 'bad, is fine', 'A webhook gives the pod an identity of its own there: low.', {
    pods: some('planner').map((one) => ({
      ...one,
      labels: { ...one.labels, 'azure.workload.identity/use': 'true' },
    })),
    sideFlows: [flow('planner', METADATA, 80, { by: 'nothing' })],
    finds: [{ detector: 'D18', workload: 'agents/planner', severity: 'low' }],
  }),
  among('d18-agent-is-stopped', 'bad, is fine', 'An agent tries, and a policy stops it: told, and no alarm.', {
    pods: some('planner'),
    sideFlows: [flow('planner', METADATA, 80, { isDenied: true })],
    finds: [{ detector: 'D18', workload: 'agents/planner', severity: 'info' }],
  }),
  among('d18-shop-asks-the-metadata-service', 'bad, is fine', 'A web server does the same, which is no AI workload.', {
    pods: some('web'),
    sideFlows: [flow('web', METADATA, 80, { by: 'nothing' })],
    guards: { D18: 'd18-agent-asks-the-metadata-service' },
  }),
  among(
    'd18-identity-of-the-pod',
    'bad, is fine',
    'EKS Pod Identity, a neighbour of that address, serves pods their own.',
    {
      pods: some('planner'),
      sideFlows: [flow('planner', '169.254.170.23', 80, { by: 'nothing' })],
      guards: { D18: 'd18-agent-asks-the-metadata-service' },
    },
  ),
  among('d18-dns-at-that-address', 'bad, is fine', 'Google’s address answers DNS too, by TCP.', {
    pods: some('planner'),
    observers: [ENTERPRISE],
    sideFlows: [flow('planner', METADATA, 53)],
    guards: { D18: 'd18-as-enterprise-tells-it' },
  }),
]
