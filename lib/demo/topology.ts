import type { Scenario } from './scenarios'

/** A workload of the demo cluster. */
export interface DemoWorkload {
  readonly namespace: string
  readonly name: string
  readonly labels: readonly string[]
  readonly ip: string
  readonly node: string
}

export interface DemoCall {
  readonly from: string
  /** A workload `ns/name`, or a DNS name outside the cluster. */
  readonly to: string
  readonly port: number
  /** Mean seconds between two connections. */
  readonly everyS: number
  /** Name of the policy that allows it; none = no policy selects the pods. */
  readonly policy?: string
  /** A policy selects the client and no rule allows the call. */
  readonly isDenied?: boolean
  /** By which logged NAT it leaves; none = nobody logs its way out. */
  readonly door?: 'sanctioned' | 'other'
  /** What it shows; all-well where nothing is said. */
  readonly scenario?: Scenario
  /** The model that the caller's spans name; none = the caller sends no span. */
  readonly model?: string
}

const workload = (namespace: string, name: string, octet: number, node: string, ...labels: string[]): DemoWorkload => ({
  namespace,
  name,
  ip: `10.244.${node === 'node-a' ? 1 : 2}.${octet}`,
  node,
  labels: [`k8s:app=${name}`, `k8s:io.kubernetes.pod.namespace=${namespace}`, ...labels],
})

export const WORKLOADS: readonly DemoWorkload[] = [
  workload('web', 'storefront', 10, 'node-a'),
  workload('agents', 'planner', 11, 'node-a'),
  workload('agents', 'support-agent', 12, 'node-b', 'k8s:app.kubernetes.io/part-of=kagent'),
  workload('ml', 'rag-service', 13, 'node-b'),
  workload('ml', 'vllm', 14, 'node-b', 'k8s:app.kubernetes.io/part-of=vllm-stack'),
  workload('ml', 'ollama', 15, 'node-a', 'k8s:app.kubernetes.io/name=ollama'),
  workload('ml', 'qdrant', 16, 'node-b', 'k8s:app.kubernetes.io/name=qdrant'),
  workload('gateway', 'litellm', 17, 'node-a', 'k8s:app.kubernetes.io/name=litellm'),
  workload('shop', 'orders', 18, 'node-a'),
  workload('shop', 'postgres', 19, 'node-b'),
  workload('agents', 'research-agent', 20, 'node-a', 'k8s:app.kubernetes.io/part-of=kagent'),
  workload('agents', 'mcp-tools', 21, 'node-b'),
  workload('ml', 'embedder', 22, 'node-a'),
  workload('web', 'chat-ui', 23, 'node-b', 'k8s:app.kubernetes.io/component=open-webui'),
]

/** Addresses are of the documentation ranges (RFC 5737), so that no real host is ever named by one. */
export const OUTSIDE: Readonly<Record<string, string>> = {
  'api.openai.com': '198.51.100.20',
  'api.anthropic.com': '198.51.100.30',
  'bedrock-runtime.eu-central-1.amazonaws.com': '198.51.100.40',
  'api.stripe.example': '198.51.100.50',
}

export const CALLS: readonly DemoCall[] = [
  { from: 'web/storefront', to: 'agents/planner', port: 8080, everyS: 3, policy: 'allow-storefront' },
  { from: 'web/storefront', to: 'agents/support-agent', port: 8080, everyS: 5, policy: 'allow-storefront' },
  { from: 'agents/planner', to: 'gateway/litellm', port: 4000, everyS: 4, policy: 'agents-to-gateway' },
  { from: 'agents/support-agent', to: 'gateway/litellm', port: 4000, everyS: 6, policy: 'agents-to-gateway' },
  { from: 'agents/support-agent', to: 'ml/rag-service', port: 8000, everyS: 7 },
  { from: 'ml/rag-service', to: 'ml/qdrant', port: 6333, everyS: 7 },
  { from: 'ml/rag-service', to: 'ml/vllm', port: 8000, everyS: 9, policy: 'allow-rag', model: 'llama-3.3-70b' },
  { from: 'agents/planner', to: 'ml/ollama', port: 11434, everyS: 20 },
  {
    from: 'gateway/litellm',
    to: 'api.openai.com',
    port: 443,
    everyS: 4,
    policy: 'gateway-to-providers',
    door: 'sanctioned',
    model: 'gpt-5-mini',
  },
  {
    from: 'gateway/litellm',
    to: 'api.anthropic.com',
    port: 443,
    everyS: 6,
    policy: 'gateway-to-providers',
    door: 'sanctioned',
    model: 'claude-sonnet-4',
  },
  // The planted bypass: an agent that calls the provider itself and leaves by a NAT that nobody registered.
  {
    from: 'agents/planner',
    to: 'api.openai.com',
    port: 443,
    everyS: 12,
    policy: 'agents-debug',
    door: 'other',
    scenario: 'violation',
  },
  {
    from: 'agents/support-agent',
    to: 'shop/postgres',
    port: 5432,
    everyS: 30,
    isDenied: true,
    scenario: 'denied-by-default',
  },
  {
    from: 'gateway/litellm',
    to: 'bedrock-runtime.eu-central-1.amazonaws.com',
    port: 443,
    everyS: 15,
    policy: 'gateway-to-providers',
    scenario: 'no-nat-evidence',
    model: 'anthropic.claude-sonnet-4',
  },
  { from: 'web/storefront', to: 'shop/orders', port: 8080, everyS: 4 },
  { from: 'shop/orders', to: 'shop/postgres', port: 5432, everyS: 4, policy: 'allow-orders' },
  { from: 'shop/orders', to: 'api.stripe.example', port: 443, everyS: 20, policy: 'orders-to-payments' },
  { from: 'web/chat-ui', to: 'agents/support-agent', port: 8080, everyS: 4, policy: 'allow-chat-ui' },
  { from: 'web/storefront', to: 'agents/research-agent', port: 8080, everyS: 10, policy: 'allow-storefront' },
  { from: 'agents/research-agent', to: 'gateway/litellm', port: 4000, everyS: 5, policy: 'agents-to-gateway' },
  { from: 'agents/research-agent', to: 'agents/mcp-tools', port: 9000, everyS: 8 },
  { from: 'agents/planner', to: 'agents/mcp-tools', port: 9000, everyS: 9 },
  { from: 'ml/rag-service', to: 'ml/embedder', port: 8001, everyS: 8, policy: 'allow-rag' },
  { from: 'ml/embedder', to: 'ml/qdrant', port: 6333, everyS: 11 },
]
