/** Registered values of `gen_ai.provider.name` (semantic-conventions-genai registry, read 2026-10). */
const CANONICAL = new Set([
  'anthropic',
  'aws.bedrock',
  'azure.ai.inference',
  'azure.ai.openai',
  'cohere',
  'deepseek',
  'gcp.gemini',
  'gcp.gen_ai',
  'gcp.vertex_ai',
  'groq',
  'ibm.watsonx.ai',
  'mistral_ai',
  'moonshot_ai',
  'openai',
  'perplexity',
  'x_ai',
])

/** Values of older conventions and of other instrumentations, in lower case. */
const ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'amazon-bedrock': 'aws.bedrock',
    'amazon.bedrock': 'aws.bedrock',
    aws: 'aws.bedrock',
    aws_bedrock: 'aws.bedrock',
    bedrock: 'aws.bedrock',
    bedrock_converse: 'aws.bedrock',
    'az.ai.inference': 'azure.ai.inference',
    azure_ai: 'azure.ai.inference',
    'az.ai.openai': 'azure.ai.openai',
    azure: 'azure.ai.openai',
    'azure-openai': 'azure.ai.openai',
    azure_openai: 'azure.ai.openai',
    azureopenai: 'azure.ai.openai',
    cohere_chat: 'cohere',
    gemini: 'gcp.gemini',
    'google.generative-ai': 'gcp.gemini',
    google: 'gcp.gen_ai',
    google_genai: 'gcp.gen_ai',
    'google.vertex': 'gcp.vertex_ai',
    google_vertexai: 'gcp.vertex_ai',
    vertex: 'gcp.vertex_ai',
    vertex_ai: 'gcp.vertex_ai',
    'vertex.anthropic': 'gcp.vertex_ai',
    vertexai: 'gcp.vertex_ai',
    watsonx: 'ibm.watsonx.ai',
    ibm: 'ibm.watsonx.ai',
    mistral: 'mistral_ai',
    mistralai: 'mistral_ai',
    moonshot: 'moonshot_ai',
    moonshotai: 'moonshot_ai',
    xai: 'x_ai',
    togetherai: 'together_ai',
    together: 'together_ai',
    huggingface: 'hugging_face',
    fireworks_ai: 'fireworks',
  }),
)

const NO_PROVIDER = new Set(['', 'unknown', 'none', 'null', 'undefined', '_other', 'custom', 'litellm', 'langchain'])

/**
 * A provider as a span names it, in the words of `gen_ai.provider.name`: registered values stay, old and foreign ones are
 * translated without regard to case, Vercel's `openai.chat` loses its method, and an unknown name keeps its own lower-case
 * word. undefined for words that name no provider (also frameworks that stand between).
 */
export function canonicalProvider(claimed: string | undefined): string | undefined {
  const name = claimed?.toLowerCase().replace(/\s+/g, '_').slice(0, 64)
  if (name === undefined || NO_PROVIDER.has(name)) return undefined
  for (let part = name; ; part = part.slice(0, part.lastIndexOf('.'))) {
    const known = CANONICAL.has(part) ? part : ALIASES.get(part)
    if (known) return known
    if (!part.includes('.')) return isMethodSuffix(name) ? part : name
  }
}

/** Vercel's `<provider>.<method>` for providers that the tables do not know. */
const isMethodSuffix = (name: string): boolean =>
  /^[a-z0-9_-]+\.(?:chat|responses|completion|embedding|messages|image)$/.test(name)
