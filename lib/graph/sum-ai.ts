import type { AiFacts } from '@/lib/model/graph'

const MODELS_SHOWN = 8

/** AI facts of several edges together; undefined where none has any. Models in the order of the edges, each once. */
export function sumAi(facts: readonly AiFacts[]): AiFacts | undefined {
  if (facts.length === 0) return undefined
  const sum = (read: (one: AiFacts) => number) => facts.reduce((total, one) => total + read(one), 0)
  const providers = new Set(facts.flatMap(({ providerName }) => providerName ?? []))
  const [only] = providers.size === 1 ? providers : []
  return {
    calls: sum(({ calls }) => calls),
    errors: sum(({ errors }) => errors),
    inputTokens: sum(({ inputTokens }) => inputTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    addressRefused: sum(({ addressRefused }) => addressRefused),
    models: [...new Set(facts.flatMap(({ models }) => models))].slice(0, MODELS_SHOWN),
    ...(only !== undefined && { providerName: only }),
  }
}
