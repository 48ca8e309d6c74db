import { callMaker, HUBBLE, pod, TWO_HOPS } from './build'
import type { DetectorName, ExpectedFinding, PlantPod, Scenario, SideFlow } from './world'

const KAGENT = { 'app.kubernetes.io/part-of': 'kagent' }
/** Who plays in the scenarios of detectors. */
export const PODS = {
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
  litellm: pod('litellm', {
    namespace: 'gateway',
    workload: 'litellm',
    ip: '10.244.2.38',
    labels: { 'app.kubernetes.io/name': 'litellm' },
  }),
  kserve: pod('kserve', {
    workload: 'kserve-llama',
    ip: '10.244.2.39',
    node: 'node-b',
    labels: { 'serving.kserve.io/inferenceservice': 'llama' },
  }),
  ray: pod('ray', {
    workload: 'ray-head',
    ip: '10.244.2.40',
    node: 'node-b',
    labels: { 'ray.io/cluster': 'train' },
  }),
  proxy: pod('proxy', { namespace: 'platform', workload: 'squid', ip: '10.244.2.41' }),
  agent: pod('agent'),
} as const
export const some = (...keys: readonly (keyof typeof PODS)[]): PlantPod[] => keys.map((key) => PODS[key])

export const GOLDMANE = { kind: 'goldmane' } as const
export const ENTERPRISE = { kind: 'calico-enterprise', aggregation: 1 } as const
export const METADATA = '169.254.169.254'
export const DAY_S = 86_400
export const CHAT = { method: 'POST', url: 'http://vllm.ml:8000/v1/chat/completions' }
const ALLOWED = { policy: 'allow-listed' } as const

export const flow = (from: string, to: string, port: number, change: Partial<SideFlow> = {}): SideFlow => ({
  from,
  to,
  port,
  atS: 10,
  by: ALLOWED,
  ...change,
})
/** A scenario of side flows alone. */
export const among = (name: string, looks: Scenario['looks'], story: string, rest: Partial<Scenario>): Scenario => ({
  name,
  looks,
  story,
  operator: TWO_HOPS,
  pods: [],
  calls: [],
  observers: [HUBBLE],
  ...rest,
})

/** The agent alone, since a month: most scenarios need no more. */
export const one: readonly PlantPod[] = [{ ...PODS.agent, fromS: -30 * DAY_S }]
export const call = callMaker(one)
/** A week and a day of ordinary calls, three a day, before the scenario. */
export const history = (host: string, bytesOut?: number) =>
  Array.from({ length: 24 }, (_, at) =>
    call(`day-${Math.floor(at / 3)}-${at % 3}`, 'agent', {
      host,
      atS: -DAY_S * (8 - Math.floor(at / 3)) + (at % 3) * 3600,
      ...(bytesOut !== undefined && { bytesOut, bytesIn: 20_000 }),
    }),
  )
/** Spans of the agent that tell of its calls to the shop's web server, and of nothing else. */
export const otherSpans = [0, 60, 120].map((atS) => ({
  pod: 'agent',
  host: 'web.shop.svc.cluster.local',
  port: 8080,
  scheme: 'http' as const,
  isAi: false,
  atS,
}))

export const OPENAI = 'api.openai.com'
export const MISTRAL = 'api.mistral.ai'
export const ANTHROPIC = 'api.anthropic.com'
export const DEEPSEEK = 'api.deepseek.com'
export const LANGSMITH = 'api.smith.langchain.com'

/** A finding about the agent. */
export const found = (
  detector: DetectorName,
  target: string,
  severity: NonNullable<ExpectedFinding['severity']>,
): ExpectedFinding => ({ detector, workload: 'ml/agent', target, severity })
