import type { AiCall, SpanKind } from '@/lib/model/span'
import { countOf, textOf } from './attributes'
import { canonicalProvider } from './providers'
import { isAddressRefused } from './refusal'
import type { WireAttributes, WireSpan } from './wire'

/**
 * The master table: each fact's keys in order of authority, OTel new, OTel old, OpenLLMetry, OpenInference, Vercel AI SDK.
 * The conventions renamed these four times in 18 months, so every generation stays readable.
 */
const PROVIDERS = ['gen_ai.provider.name', 'gen_ai.system', 'llm.provider', 'llm.system', 'ai.model.provider']
const REQUEST_MODELS = ['gen_ai.request.model', 'llm.request.model_name', 'embedding.model_name', 'ai.model.id']
const RESPONSE_MODELS = ['gen_ai.response.model', 'llm.response.model_name', 'ai.response.model']
/** OpenInference: the response's model after success, the request's before. */
const EITHER_MODEL = ['llm.model_name', 'reranker.model_name']
const INPUT_TOKENS = [
  'gen_ai.usage.input_tokens',
  'gen_ai.usage.prompt_tokens',
  'llm.usage.prompt_tokens',
  'llm.token_count.prompt',
  'ai.usage.inputTokens',
  'ai.usage.promptTokens',
  'ai.usage.tokens',
]
const OUTPUT_TOKENS = [
  'gen_ai.usage.output_tokens',
  'gen_ai.usage.completion_tokens',
  'llm.usage.completion_tokens',
  'llm.token_count.completion',
  'ai.usage.outputTokens',
  'ai.usage.completionTokens',
]
const CACHE_READ_TOKENS = [
  'gen_ai.usage.cache_read.input_tokens',
  'gen_ai.usage.cache_read_input_tokens',
  'llm.token_count.prompt_details.cache_read',
  'ai.usage.cachedInputTokens',
  'gen_ai.usage.input_cached_tokens',
]
const CACHE_WRITE_TOKENS = [
  'gen_ai.usage.cache_write.input_tokens',
  'gen_ai.usage.cache_creation.input_tokens',
  'gen_ai.usage.cache_creation_input_tokens',
  'llm.token_count.prompt_details.cache_write',
]
const REASONING_TOKENS = [
  'gen_ai.usage.reasoning.output_tokens',
  'gen_ai.usage.reasoning_tokens',
  'llm.token_count.completion_details.reasoning',
  'ai.usage.reasoningTokens',
]
/** vLLM and LiteLLM: too general a word to make a span a GenAI span. */
const GENERAL_MODEL = 'model'
const OPERATION = 'gen_ai.operation.name'
const REQUEST_TYPE = 'llm.request.type'
const TRACELOOP_KIND = 'traceloop.span.kind'
const OPENINFERENCE_KIND = 'openinference.span.kind'
const VERCEL_OPERATION = 'ai.operationId'
const INVOCATION_PARAMETERS = 'llm.invocation_parameters'

/** Keys that this file reads. */
export const AI_KEYS: readonly string[] = [
  ...PROVIDERS,
  ...REQUEST_MODELS,
  ...RESPONSE_MODELS,
  ...EITHER_MODEL,
  ...INPUT_TOKENS,
  ...OUTPUT_TOKENS,
  ...CACHE_READ_TOKENS,
  ...CACHE_WRITE_TOKENS,
  ...REASONING_TOKENS,
  GENERAL_MODEL,
  OPERATION,
  REQUEST_TYPE,
  TRACELOOP_KIND,
  OPENINFERENCE_KIND,
  VERCEL_OPERATION,
  INVOCATION_PARAMETERS,
]

const AI_KEY_SET = new Set(AI_KEYS.filter((key) => key !== GENERAL_MODEL))
/** What a span must name for its own name to be taken as an operation. */
const NAMING_KEYS = [...PROVIDERS, ...REQUEST_MODELS, ...RESPONSE_MODELS]

/** Operations that are one call to a model, as against those around calls (agents, workflows, tools, memory). */
const MODEL_OPERATIONS = new Set([
  'chat',
  'generate_content',
  'text_completion',
  'embeddings',
  'retrieval',
  'fetch_response',
])
const KNOWN_OPERATIONS = new Set([
  ...MODEL_OPERATIONS,
  'create_agent',
  'invoke_agent',
  'invoke_workflow',
  'execute_tool',
  'plan',
  'create_memory',
  'update_memory',
  'upsert_memory',
  'delete_memory',
  'search_memory',
  'create_memory_store',
  'delete_memory_store',
])

const BY_REQUEST_TYPE: Readonly<Record<string, string>> = {
  chat: 'chat',
  completion: 'text_completion',
  embedding: 'embeddings',
  rerank: 'retrieval',
}
const BY_TRACELOOP_KIND: Readonly<Record<string, string>> = {
  workflow: 'invoke_workflow',
  agent: 'invoke_agent',
  task: 'invoke_agent',
  tool: 'execute_tool',
}
const BY_OPENINFERENCE_KIND: Readonly<Record<string, string>> = {
  LLM: 'chat',
  EMBEDDING: 'embeddings',
  CHAIN: 'invoke_agent',
  AGENT: 'invoke_agent',
  RETRIEVER: 'retrieval',
  RERANKER: 'retrieval',
  TOOL: 'execute_tool',
  PROMPT: 'text_completion',
}

/** Whether an operation is one call to a model; undefined operations of spans with a model or tokens are. */
export const isModelOperation = (operation: string | undefined): boolean =>
  operation === undefined || MODEL_OPERATIONS.has(operation)

/**
 * What a GenAI span says about one model call, whoever instrumented it; undefined for spans without AI facts. Token counts
 * are as sent: whether they include cached input differs by instrumentation (formats: OTel GenAI, captured surprises).
 */
export function aiCallOf(span: WireSpan, kind: SpanKind, httpStatus: number | undefined): AiCall | undefined {
  const { attributes } = span
  const isRefused = isAddressRefused(span, httpStatus)
  // Most spans are not GenAI: one look at each of their few keys spares fifty look-ups.
  if (!isRefused && !hasAiKey(attributes)) return undefined
  const operation = operationOf(span)
  const provider = providerOf(attributes)
  const models = modelsOf(attributes, span.statusCode === 2)
  const inputTokens = countOf(attributes, INPUT_TOKENS)
  const outputTokens = countOf(attributes, OUTPUT_TOKENS)
  const hasFacts = operation ?? provider ?? models.requestModel ?? models.responseModel ?? inputTokens ?? outputTokens
  if (hasFacts === undefined && !isRefused) return undefined
  return {
    ...(operation && { operation }),
    ...(provider && { providerName: provider }),
    ...models,
    ...(inputTokens !== undefined && { inputTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
    ...partsOfTokens(attributes),
    countsTokens: hasFacts !== undefined && countsTokens(attributes, kind, operation),
    ...(isRefused && { addressRefused: true }),
  }
}

/** The first key that names a provider: what stands between (`litellm`, `langchain`) is none. */
function providerOf(attributes: WireAttributes): string | undefined {
  for (const key of PROVIDERS) {
    const provider = canonicalProvider(textOf(attributes, [key], 64))
    if (provider) return provider
  }
  return undefined
}

function partsOfTokens(
  attributes: WireAttributes,
): Pick<AiCall, 'cacheReadTokens' | 'cacheWriteTokens' | 'reasoningTokens'> {
  const cacheReadTokens = countOf(attributes, CACHE_READ_TOKENS)
  const cacheWriteTokens = countOf(attributes, CACHE_WRITE_TOKENS)
  const reasoningTokens = countOf(attributes, REASONING_TOKENS)
  return {
    ...(cacheReadTokens !== undefined && { cacheReadTokens }),
    ...(cacheWriteTokens !== undefined && { cacheWriteTokens }),
    ...(reasoningTokens !== undefined && { reasoningTokens }),
  }
}

function hasAiKey(attributes: WireAttributes): boolean {
  for (const key of attributes.keys()) if (AI_KEY_SET.has(key)) return true
  return false
}

function operationOf(span: WireSpan): string | undefined {
  const { attributes, name } = span
  const said = textOf(attributes, [OPERATION], 64)?.toLowerCase()
  // LiteLLM says `acompletion`; Vercel, `ai.*` ids: neither is an operation of the conventions.
  if (said) return KNOWN_OPERATIONS.has(said) ? said : (foreignOperation(said) ?? said)
  const vercel = textOf(attributes, [VERCEL_OPERATION], 64)
  if (vercel) return vercelOperation(vercel)
  const kind = textOf(attributes, [OPENINFERENCE_KIND], 32)?.toUpperCase()
  const requestType = textOf(attributes, [REQUEST_TYPE], 32)?.toLowerCase()
  const traceloop = textOf(attributes, [TRACELOOP_KIND], 32)?.toLowerCase()
  return (
    lookUp(BY_REQUEST_TYPE, requestType) ??
    (requestType && foreignOperation(requestType)) ??
    lookUp(BY_OPENINFERENCE_KIND, kind) ??
    lookUp(BY_TRACELOOP_KIND, traceloop) ??
    operationOfName(attributes, name)
  )
}

/** `chat gpt-4o`: older conventions put the operation only into the span's name, and vLLM names its span `llm_request`. */
function operationOfName(attributes: WireAttributes, name: string): string | undefined {
  if (textOf(attributes, NAMING_KEYS) === undefined) return undefined
  const first = name.slice(0, 64).split(' ', 1)[0] ?? ''
  if (first === 'llm_request') return 'chat'
  return KNOWN_OPERATIONS.has(first) ? first : undefined
}

function foreignOperation(said: string): string | undefined {
  if (said.startsWith('ai.')) return vercelOperation(said)
  if (/embedding/.test(said)) return 'embeddings'
  if (/text_completion$/.test(said)) return 'text_completion'
  return /^(?:a?completion|a?responses|chat\.completions?|anthropic_messages)$/.test(said) ? 'chat' : undefined
}

function vercelOperation(id: string): string {
  if (/^ai\.toolcall/i.test(id)) return 'execute_tool'
  return /^ai\.embed/i.test(id) ? 'embeddings' : 'chat'
}

const lookUp = (table: Readonly<Record<string, string>>, key: string | undefined): string | undefined =>
  key !== undefined && Object.hasOwn(table, key) ? table[key] : undefined

function modelsOf(attributes: WireAttributes, hasFailed: boolean): Pick<AiCall, 'requestModel' | 'responseModel'> {
  const either = textOf(attributes, EITHER_MODEL, 128)
  const responseModel = textOf(attributes, RESPONSE_MODELS, 128) ?? (hasFailed ? undefined : either)
  const requestModel =
    textOf(attributes, REQUEST_MODELS, 128) ??
    modelOfParameters(attributes) ??
    (hasFailed ? either : undefined) ??
    textOf(attributes, [GENERAL_MODEL], 128)
  return { ...(requestModel && { requestModel }), ...(responseModel && { responseModel }) }
}

/** OpenInference's invocation parameters are JSON text; only the model is taken out. */
function modelOfParameters(attributes: WireAttributes): string | undefined {
  const text = attributes.get(INVOCATION_PARAMETERS)
  if (typeof text !== 'string' || !text.startsWith('{')) return undefined
  try {
    const parameters: unknown = JSON.parse(text)
    const model = typeof parameters === 'object' && parameters !== null && 'model' in parameters && parameters.model
    return typeof model === 'string' ? textOf(new Map([['model', model]]), ['model'], 128) : undefined
  } catch {
    // Cut at the size limit, or no JSON.
    return undefined
  }
}

/**
 * False where the same tokens stand on an inner span: Vercel's outer spans, chains, agents and workflows of every kind.
 * An agent called remotely (CLIENT) has no inner span, so its tokens count.
 */
function countsTokens(attributes: WireAttributes, kind: SpanKind, operation: string | undefined): boolean {
  const vercel = textOf(attributes, [VERCEL_OPERATION], 64)
  if (vercel) return /\.do[A-Z]\w*$/.test(vercel)
  const openInference = textOf(attributes, [OPENINFERENCE_KIND], 32)?.toUpperCase()
  if (openInference) return openInference === 'LLM' || openInference === 'EMBEDDING' || openInference === 'RERANKER'
  if (operation === 'invoke_agent') return kind === 'client'
  return isModelOperation(operation)
}
