import { describe, expect, it } from 'vitest'
import type { AiCall } from '@/lib/model/span'
import { isContentKey, safeUrl } from './allow-list'
import { aiCallOf } from './genai'
import { canonicalProvider } from './providers'
import type { WireSpan, WireValue } from './wire'

const span = (values: Record<string, WireValue>, rest: Partial<WireSpan> = {}): WireSpan => ({
  traceId: '',
  spanId: '',
  parentSpanId: '',
  name: 'x',
  kind: 3,
  startNs: 1n,
  endNs: 2n,
  attributes: new Map(Object.entries(values)),
  events: [],
  statusCode: 0,
  statusMessage: '',
  ...rest,
})
const ai = (values: Record<string, WireValue>, rest?: Partial<WireSpan>) =>
  aiCallOf(span(values, rest), 'client', undefined)

describe('canonicalProvider', () => {
  it.each([
    ['openai', 'openai'],
    ['OpenAI', 'openai'],
    ['openai.chat', 'openai'],
    ['openai.responses', 'openai'],
    ['az.ai.openai', 'azure.ai.openai'],
    ['azure-openai.chat', 'azure.ai.openai'],
    ['az.ai.inference', 'azure.ai.inference'],
    ['vertex_ai', 'gcp.vertex_ai'],
    ['VertexAI', 'gcp.vertex_ai'],
    ['google.vertex.chat', 'gcp.vertex_ai'],
    ['gemini', 'gcp.gemini'],
    ['google.generative-ai', 'gcp.gemini'],
    ['Google', 'gcp.gen_ai'],
    ['xai', 'x_ai'],
    ['MistralAI', 'mistral_ai'],
    ['mistral.chat', 'mistral_ai'],
    ['moonshot', 'moonshot_ai'],
    ['AWS', 'aws.bedrock'],
    ['bedrock', 'aws.bedrock'],
    ['amazon-bedrock', 'aws.bedrock'],
    ['Watsonx', 'ibm.watsonx.ai'],
    ['Ollama', 'ollama'],
    ['cerebras.chat', 'cerebras'],
    ['my.own.gateway', 'my.own.gateway'],
    ['kagent', 'kagent'],
    ['litellm', undefined],
    ['Unknown', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s is %s', (claimed, canonical) => {
    expect(canonicalProvider(claimed)).toBe(canonical)
  })
})

describe('aiCallOf', () => {
  it('a span without a GenAI attribute has no AI facts', () => {
    expect(ai({ 'http.request.method': 'POST', 'server.address': 'api.openai.com' })).toBeUndefined()
  })

  it.each<[string, Record<string, WireValue>, string, string | undefined]>([
    ['OTel', { 'gen_ai.operation.name': 'generate_content' }, 'x', 'generate_content'],
    ['LiteLLM', { 'gen_ai.operation.name': 'acompletion' }, 'x', 'chat'],
    ['LiteLLM', { 'gen_ai.operation.name': 'aembedding' }, 'x', 'embeddings'],
    ['OpenLLMetry', { 'llm.request.type': 'completion' }, 'x', 'text_completion'],
    ['OpenLLMetry', { 'llm.request.type': 'rerank' }, 'x', 'retrieval'],
    ['OpenLLMetry', { 'traceloop.span.kind': 'workflow' }, 'x', 'invoke_workflow'],
    ['OpenInference', { 'openinference.span.kind': 'EMBEDDING' }, 'x', 'embeddings'],
    ['OpenInference', { 'openinference.span.kind': 'RETRIEVER' }, 'x', 'retrieval'],
    ['Vercel', { 'ai.operationId': 'ai.embed.doEmbed' }, 'x', 'embeddings'],
    ['Vercel', { 'ai.operationId': 'ai.streamText.doStream' }, 'x', 'chat'],
    ['span name', { 'gen_ai.system': 'openai' }, 'embeddings text-embedding-3-small', 'embeddings'],
    ['vLLM', { 'gen_ai.response.model': 'llama' }, 'llm_request', 'chat'],
    ['none', { 'gen_ai.request.model': 'm' }, 'BedrockRuntime.InvokeModel', undefined],
  ])('operation of %s', (_, values, name, operation) => {
    expect(ai(values, { name })?.operation).toBe(operation)
  })

  it('new names win over old ones, and either is read', () => {
    expect(
      ai({
        'gen_ai.provider.name': 'azure.ai.openai',
        'gen_ai.system': 'openai',
        'gen_ai.usage.input_tokens': 5,
        'gen_ai.usage.prompt_tokens': 6,
        'gen_ai.usage.completion_tokens': '7',
      }),
    ).toMatchObject({ providerName: 'azure.ai.openai', inputTokens: 5, outputTokens: 7 })
    expect(ai({ 'ai.usage.promptTokens': 3, 'ai.usage.completionTokens': 4 })).toMatchObject({
      inputTokens: 3,
      outputTokens: 4,
    })
  })

  it.each<[keyof AiCall, readonly string[]]>([
    [
      'inputTokens',
      [
        'gen_ai.usage.input_tokens',
        'gen_ai.usage.prompt_tokens',
        'llm.usage.prompt_tokens',
        'llm.token_count.prompt',
        'ai.usage.inputTokens',
        'ai.usage.promptTokens',
        'ai.usage.tokens',
      ],
    ],
    [
      'outputTokens',
      [
        'gen_ai.usage.output_tokens',
        'gen_ai.usage.completion_tokens',
        'llm.usage.completion_tokens',
        'llm.token_count.completion',
        'ai.usage.outputTokens',
        'ai.usage.completionTokens',
      ],
    ],
    [
      'cacheReadTokens',
      [
        'gen_ai.usage.cache_read.input_tokens',
        'gen_ai.usage.cache_read_input_tokens',
        'llm.token_count.prompt_details.cache_read',
        'ai.usage.cachedInputTokens',
        'gen_ai.usage.input_cached_tokens',
      ],
    ],
    [
      'cacheWriteTokens',
      [
        'gen_ai.usage.cache_write.input_tokens',
        'gen_ai.usage.cache_creation.input_tokens',
        'gen_ai.usage.cache_creation_input_tokens',
        'llm.token_count.prompt_details.cache_write',
      ],
    ],
    [
      'reasoningTokens',
      [
        'gen_ai.usage.reasoning.output_tokens',
        'gen_ai.usage.reasoning_tokens',
        'llm.token_count.completion_details.reasoning',
        'ai.usage.reasoningTokens',
      ],
    ],
    ['requestModel', ['gen_ai.request.model', 'llm.request.model_name', 'embedding.model_name', 'ai.model.id']],
    ['responseModel', ['gen_ai.response.model', 'llm.response.model_name', 'ai.response.model']],
    ['providerName', ['gen_ai.provider.name', 'gen_ai.system', 'llm.provider', 'llm.system', 'ai.model.provider']],
  ])('%s is read under every name of the master table, the newest that is there first', (fact, keys) => {
    for (let from = 0; from < keys.length; from += 1) {
      const values = Object.fromEntries(keys.slice(from).map((key, index) => [key, from + index + 1]))
      const found = ai({ 'gen_ai.operation.name': 'chat', ...values })?.[fact]
      expect(String(found)).toBe(String(from + 1))
    }
  })

  it('what stands between names no provider: the next key does', () => {
    expect(ai({ 'gen_ai.system': 'litellm', 'llm.provider': 'Groq' })?.providerName).toBe('groq')
    expect(ai({ 'gen_ai.system': 'langchain' })?.providerName).toBeUndefined()
    expect(ai({ 'llm.request.type': 'acompletion', 'gen_ai.system': 'litellm' })).toMatchObject({ operation: 'chat' })
  })

  it('a bare `model` names the model of a GenAI span, and makes none of another', () => {
    expect(ai({ 'gen_ai.usage.prompt_tokens': 5, model: 'llama' })?.requestModel).toBe('llama')
    expect(ai({ model: 'T' })).toBeUndefined()
  })

  it.each([-1, Number.NaN, 1.5, 1e15, 'many', '', null, true])('%s is no token count', (value) => {
    expect(ai({ 'gen_ai.system': 'openai', 'gen_ai.usage.input_tokens': value })?.inputTokens).toBeUndefined()
  })

  it('OpenInference’s one model is the response’s after success and the request’s after a failure', () => {
    const values = { 'llm.model_name': 'gpt-x', 'llm.invocation_parameters': '{"model":"gpt","n":1}' }
    expect(ai(values)).toMatchObject({ requestModel: 'gpt', responseModel: 'gpt-x' })
    expect(ai({ 'llm.model_name': 'gpt-x' }, { statusCode: 2 })).toEqual({ requestModel: 'gpt-x', countsTokens: true })
    expect(ai({ 'llm.model_name': 'm', 'llm.invocation_parameters': '{"model":' })?.requestModel).toBeUndefined()
  })

  it.each<[string, Record<string, WireValue>, 'client' | 'internal', boolean]>([
    ['a model call', { 'gen_ai.operation.name': 'chat' }, 'client', true],
    ['Vercel’s inner span', { 'ai.operationId': 'ai.generateText.doGenerate' }, 'internal', true],
    ['Vercel’s outer span', { 'ai.operationId': 'ai.generateText' }, 'internal', false],
    ['an OpenInference chain', { 'openinference.span.kind': 'CHAIN' }, 'internal', false],
    ['an OpenInference agent', { 'openinference.span.kind': 'AGENT' }, 'internal', false],
    ['an OpenInference model call', { 'openinference.span.kind': 'LLM' }, 'internal', true],
    ['a workflow', { 'traceloop.span.kind': 'workflow' }, 'internal', false],
    ['an agent in the process', { 'gen_ai.operation.name': 'invoke_agent' }, 'internal', false],
    ['an agent elsewhere', { 'gen_ai.operation.name': 'invoke_agent' }, 'client', true],
    ['a tool', { 'gen_ai.operation.name': 'execute_tool' }, 'internal', false],
  ])('tokens of %s count or not', (_, values, kind, counts) => {
    expect(aiCallOf(span(values), kind, undefined)?.countsTokens).toBe(counts)
  })
})

describe('addressRefused', () => {
  const exception = (message: string) => ({
    events: [{ name: 'exception', attributes: new Map<string, WireValue>([['exception.message', message]]) }],
  })

  it.each<[string, Record<string, WireValue>, Partial<WireSpan>, boolean | undefined]>([
    ['OpenAI, error code', { 'error.type': 'ip_not_authorized' }, { statusCode: 2 }, true],
    ['OpenAI, status text', {}, { statusCode: 2, statusMessage: '401 ip_not_authorized' }, true],
    ['OpenAI, exception', {}, exception("{'code': 'ip_not_authorized'}"), true],
    [
      'Anthropic, exception',
      {},
      exception("403 permission_error: Your IP address isn't in this organization's allowed range."),
      true,
    ],
    ['another refusal', { 'error.type': 'AuthenticationError' }, { statusCode: 2 }, undefined],
    ['Anthropic, other permission', {}, exception('403 permission_error: no access to this model'), undefined],
    ['a success that mentions it', {}, { statusMessage: 'ip_not_authorized' }, undefined],
  ])('%s', (_, values, rest, refused) => {
    expect(ai({ 'gen_ai.system': 'openai', ...values }, rest)?.addressRefused).toBe(refused)
  })

  it('is a fact of its own where nothing else says GenAI', () => {
    expect(ai({}, { statusCode: 2, statusMessage: 'ip_not_authorized' })).toEqual({
      countsTokens: false,
      addressRefused: true,
    })
  })
})

describe('what may be shown', () => {
  it.each([
    ['https://u:p@h.example/a?b#c', 'https://h.example/a'],
    ['/a/b?key=s', '/a/b'],
    ['u:p@host', 'host'],
    ['https://hooks.example/services/T01/B02/Zx9kQ1mN7pR4sT6vW8yA2bC4', 'https://hooks.example/services/T01/B02/…'],
    ['https://t.example/bot123456789:AAF-abc_defghijklmnop/send', 'https://t.example/…/send'],
    [
      '/model/anthropic.claude-3-5-sonnet-20241022-v2:0/invoke',
      '/model/anthropic.claude-3-5-sonnet-20241022-v2:0/invoke',
    ],
  ])('%s is shown as %s', (url, shown) => {
    expect(safeUrl(url)).toBe(shown)
  })

  it('keys of content are known, and what only describes a message is not content', () => {
    const content = ['gen_ai.prompt.0.content', 'ai.prompt', 'llm.input_messages.1.message.content', 'ai.values']
    const other = [
      'gen_ai.completion.0.finish_reason',
      'gen_ai.prompt.0.role',
      'gen_ai.usage.input_tokens',
      'ai.model.id',
    ]
    expect([content.map(isContentKey), other.map(isContentKey)]).toEqual([
      [true, true, true, true],
      [false, false, false, false],
    ])
  })
})
