import type { DemoConnection } from './connections'
import { createRng } from './rng'

const NS_PER_MS = 1_000_000n
const PROVIDER: Readonly<Record<string, string>> = {
  'api.openai.com': 'openai',
  'api.anthropic.com': 'anthropic',
  'bedrock-runtime.eu-central-1.amazonaws.com': 'aws.bedrock',
}

const text = (key: string, value: string) => ({ key, value: { stringValue: value } })
const whole = (key: string, value: number) => ({ key, value: { intValue: String(value) } })

/**
 * One OTLP export (JSON) with a client span per model call of these connections, as an instrumented caller sends it by the
 * GenAI conventions; undefined where none of them is one. The same for the same connections.
 */
export function otlpTraces(connections: readonly DemoConnection[]): string | undefined {
  const byCaller = new Map<DemoConnection['client'], DemoConnection[]>()
  for (const connection of connections)
    if (connection.call.model) byCaller.set(connection.client, [...(byCaller.get(connection.client) ?? []), connection])
  if (byCaller.size === 0) return undefined
  return JSON.stringify({
    resourceSpans: [...byCaller].map(([client, own]) => ({
      resource: {
        attributes: [
          text('service.name', client.name),
          text('k8s.namespace.name', client.namespace),
          text('k8s.deployment.name', client.name),
        ],
      },
      scopeSpans: [{ scope: { name: 'demo' }, spans: own.map(spanOf) }],
    })),
  })
}

function spanOf({ id, call, atMs, clientPort, server }: DemoConnection) {
  const rng = createRng(Math.imul(clientPort, 0x9e3779b1) ^ atMs)
  const startNs = BigInt(atMs + 4) * NS_PER_MS
  const durationNs = BigInt(Math.floor(200 + rng() * 1800)) * NS_PER_MS
  const host = server ? `${server.name}.${server.namespace}.svc.cluster.local` : call.to
  return {
    traceId: hex(`${id}t`, 32),
    spanId: hex(`${id}s`, 16),
    name: `chat ${call.model}`,
    kind: 3,
    startTimeUnixNano: String(startNs),
    endTimeUnixNano: String(startNs + durationNs),
    attributes: [
      text('server.address', host),
      whole('server.port', call.port),
      text('gen_ai.operation.name', 'chat'),
      text('gen_ai.provider.name', PROVIDER[call.to] ?? 'vllm'),
      text('gen_ai.request.model', call.model ?? ''),
      text('gen_ai.response.model', call.model ?? ''),
      whole('gen_ai.usage.input_tokens', 200 + Math.floor(rng() * 1800)),
      whole('gen_ai.usage.output_tokens', 40 + Math.floor(rng() * 400)),
    ],
    status: {},
  }
}

/** A text as that many hex digits, never all zero: each digit from a hash of the whole, so that ids are far apart. */
function hex(seed: string, digits: number): string {
  let state = 0x811c9dc5
  for (const character of seed) state = Math.imul(state ^ character.charCodeAt(0), 0x01000193)
  const rng = createRng(state)
  return `1${Array.from({ length: digits - 1 }, () => Math.floor(rng() * 16).toString(16)).join('')}`
}
