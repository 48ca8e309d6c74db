import { cleanText } from './attributes'
import type { KeyVerdict, WireAttributes, WireValue } from './wire'

const MAX_VALUE_CHARS = 512

/** The attributes that may be stored and shown. Whatever is not named here is dropped; content never gets a line. */
const PLAIN = [
  'http.request.method',
  'http.method',
  'http.response.status_code',
  'http.status_code',
  'http.route',
  'http.request.resend_count',
  'url.scheme',
  'http.scheme',
  'server.port',
  'net.peer.port',
  'network.peer.address',
  'network.peer.port',
  'network.protocol.name',
  'network.protocol.version',
  'network.transport',
  'user_agent.original',
  'error.type',
  'rpc.system',
  'rpc.system.name',
  'rpc.service',
  'rpc.method',
  'rpc.grpc.status_code',
  'rpc.response.status_code',
  'db.system',
  'db.system.name',
  'db.operation',
  'db.operation.name',
  'db.collection.name',
  'messaging.system',
  'messaging.operation.type',
  'cloud.region',
  'mcp.method.name',
  'mcp.protocol.version',
  'gen_ai.operation.name',
  'gen_ai.provider.name',
  'gen_ai.system',
  'gen_ai.request.model',
  'gen_ai.request.max_tokens',
  'gen_ai.request.temperature',
  'gen_ai.request.top_p',
  'gen_ai.request.stream',
  'gen_ai.is_streaming',
  'gen_ai.response.model',
  'gen_ai.response.id',
  'gen_ai.response.finish_reasons',
  'gen_ai.response.time_to_first_chunk',
  'gen_ai.usage.input_tokens',
  'gen_ai.usage.output_tokens',
  'gen_ai.usage.total_tokens',
  'gen_ai.usage.cost',
  'gen_ai.usage.cache_read.input_tokens',
  'gen_ai.usage.cache_write.input_tokens',
  'gen_ai.usage.cache_creation.input_tokens',
  'gen_ai.usage.cache_read_input_tokens',
  'gen_ai.usage.cache_creation_input_tokens',
  'gen_ai.usage.input_cached_tokens',
  'gen_ai.latency.time_to_first_token',
  'gen_ai.usage.reasoning.output_tokens',
  'gen_ai.usage.reasoning_tokens',
  'gen_ai.agent.name',
  'gen_ai.workflow.name',
  'gen_ai.tool.name',
  'gen_ai.tool.type',
  'openai.api.type',
  'openai.request.service_tier',
  'openai.response.service_tier',
  'gen_ai.openai.request.service_tier',
  'gen_ai.openai.response.service_tier',
  'llm.request.type',
  'llm.usage.total_tokens',
  'llm.is_streaming',
  'llm.model_name',
  'llm.provider',
  'llm.system',
  'llm.finish_reason',
  'llm.token_count.prompt',
  'llm.token_count.completion',
  'llm.token_count.total',
  'llm.token_count.prompt_details.cache_read',
  'llm.token_count.prompt_details.cache_write',
  'llm.token_count.completion_details.reasoning',
  'llm.cost.total',
  'openinference.span.kind',
  'traceloop.span.kind',
  'ai.operationId',
  'ai.model.id',
  'ai.model.provider',
  'ai.response.finishReason',
  'ai.usage.totalTokens',
  'ai.usage.cachedInputTokens',
  'ai.usage.reasoningTokens',
  'ai.response.msToFirstChunk',
] as const

/** Shown without userinfo, query and fragment; long opaque path segments (webhook secrets) are masked. */
const URLS = new Set([
  'url.full',
  'http.url',
  'url.path',
  'http.target',
  'server.address',
  'net.peer.name',
  'peer.service',
  'db.namespace',
  'db.name',
  'messaging.destination.name',
])
const SHOWN = new Set<string>([...PLAIN, ...URLS, 'service.peer.name'])

/** Keys whose values may be shown. */
export const SHOWN_KEYS: readonly string[] = [...SHOWN]

/**
 * Keys under which the instrumentations in the field send prompts and answers. They are dropped as everything unknown is;
 * knowing them lets the sender's operator be told to switch capture off.
 */
const CONTENT = [
  'gen_ai.prompt',
  'gen_ai.completion',
  'gen_ai.input.messages',
  'gen_ai.output.messages',
  'gen_ai.system_instructions',
  'gen_ai.tool.definitions',
  'gen_ai.tool.call.arguments',
  'gen_ai.tool.call.result',
  'traceloop.entity.input',
  'traceloop.entity.output',
  'llm.input_messages',
  'llm.output_messages',
  'llm.prompts',
  'embedding.embeddings',
  'retrieval.documents',
  'ai.prompt',
  'ai.response.text',
  'ai.response.object',
  'ai.response.toolCalls',
  'ai.toolCall.args',
  'ai.toolCall.result',
  'ai.value',
  'ai.values',
  'ai.embedding',
  'ai.embeddings',
] as const

const SHORTEST_CONTENT_KEY = Math.min(...CONTENT.map((prefix) => prefix.length))
/** Parts of a message that say nothing of what was said. */
const ABOUT_CONTENT = /\.(?:role|finish_reason|id|type|mime_type|name|score|vector)$/

/** Whether a span's key carries message content: one of the list, or a part of it such as `gen_ai.prompt.0.content`. */
export const isContentKey = (key: string): boolean =>
  key.length >= SHORTEST_CONTENT_KEY &&
  CONTENT.some((prefix) => key.startsWith(prefix) && (key.length === prefix.length || key[prefix.length] === '.')) &&
  !ABOUT_CONTENT.test(key)

/** Attributes of a call received that are worth a row: what was called, and how it ended. */
const ENTRY_SHOWN = new Set([
  'http.request.method',
  'http.method',
  'http.route',
  'http.response.status_code',
  'http.status_code',
  'rpc.system',
  'rpc.system.name',
  'rpc.service',
  'rpc.method',
  'rpc.grpc.status_code',
  'rpc.response.status_code',
  'messaging.system',
  'messaging.destination.name',
  'error.type',
])

/** Of the shown attributes of a received call, the few that are stored with it: every request has such a span. */
export const entryAttributes = (
  shown: Readonly<Record<string, string | number | boolean>>,
): Record<string, string | number | boolean> =>
  Object.fromEntries(Object.entries(shown).filter(([key]) => ENTRY_SHOWN.has(key)))

/** A filter that keeps the given keys and tells content from the rest. */
export function keyFilter(kept: Iterable<string>): (key: string) => KeyVerdict {
  const keys = new Set(kept)
  return (key) => (keys.has(key) ? 'keep' : isContentKey(key) ? 'content' : 'drop')
}

/** The attributes of a span that may be stored, values bounded to 512 characters. Keys come from the closed list only. */
export function shownAttributes(attributes: WireAttributes): Record<string, string | number | boolean> {
  const shown: Record<string, string | number | boolean> = {}
  for (const [key, value] of attributes) {
    if (!SHOWN.has(key)) continue
    const plain = plainValue(value)
    if (plain === undefined || plain === '') continue
    // A URL may stand where a word belongs, with its credentials.
    shown[key] = typeof plain === 'string' && (URLS.has(key) || plain.includes('://')) ? safeUrl(plain) : plain
  }
  return shown
}

function plainValue(value: WireValue): string | number | boolean | undefined {
  if (typeof value === 'string') return cleanText(value, MAX_VALUE_CHARS)
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value === 'boolean') return value
  if (typeof value === 'bigint') return String(value)
  if (!Array.isArray(value)) return undefined
  const texts = value.slice(0, 8).flatMap((item) => (typeof item === 'string' ? [item] : []))
  return cleanText(texts.join(', '), MAX_VALUE_CHARS)
}

/** A URL, path or address without userinfo, query and fragment. */
export function safeUrl(text: string): string {
  const whole = text.split(/[?#]/, 1)[0] ?? ''
  const start = whole.indexOf('://') < 0 ? 0 : whole.indexOf('://') + 3
  const slash = whole.indexOf('/', start)
  const authority = slash < 0 ? whole.slice(start) : whole.slice(start, slash)
  const path = slash < 0 ? '' : whole.slice(slash)
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  return whole.slice(0, start) + host + path.split('/').map(maskSecret).join('/')
}

/** 20 and more letters and digits without a separator are a key more often than a name. */
const maskSecret = (segment: string): string =>
  segment.length >= 20 && /^(?:bot\d+:)?[A-Za-z0-9_-]*$/.test(segment) && isOpaque(segment) ? '…' : segment

const isOpaque = (segment: string): boolean =>
  /^[A-Za-z0-9]{20,}$/.test(segment) ? /\d/.test(segment) && /[A-Za-z]/.test(segment) : segment.startsWith('bot')

/** A span's name without the query strings and credentials that old HTTP instrumentations put there. */
export function safeName(name: string): string {
  return cleanText(name, 256)
    .split(' ')
    .map((word) => (word.includes('/') && /[?#@]/.test(word) ? safeUrl(word) : word))
    .join(' ')
}
