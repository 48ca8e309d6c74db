import providersJson from './providers.json'
import type { CatalogueProvider, WorkloadSignature } from './types'
import workloadsJson from './workloads.json'

/** Everything matching needs, as one value, so that a test or an operator's file can stand in. */
export interface Catalogue {
  readonly providers: readonly CatalogueProvider[]
}

// JSON modules widen literals (`role: string`); the compile step and catalogue.test.ts guarantee the shape.
const asSignatures = (json: unknown): readonly WorkloadSignature[] => json as readonly WorkloadSignature[]
const asProviders = (json: unknown): readonly CatalogueProvider[] => json as readonly CatalogueProvider[]

/** The bundled catalogue of AI providers (see README.md for its date and making). */
export const AI_PROVIDERS: readonly CatalogueProvider[] = asProviders(providersJson)
/** The bundled signatures of self-hosted AI software. */
export const AI_WORKLOADS: readonly WorkloadSignature[] = asSignatures(workloadsJson)
export const CATALOGUE: Catalogue = { providers: AI_PROVIDERS }

const BY_ID: ReadonlyMap<string, CatalogueProvider> = new Map(AI_PROVIDERS.map((provider) => [provider.id, provider]))

/** A bundled provider by id; undefined for an id that the catalogue does not have. */
export const providerById = (id: string): CatalogueProvider | undefined => BY_ID.get(id)

const BY_OTEL_NAME: ReadonlyMap<string, CatalogueProvider> = otelIndex()

/**
 * The provider that a span's `gen_ai.provider.name` (or legacy `gen_ai.system`) claims. Canonical names win over aliases;
 * an alias that two providers share names neither. Case is folded. A host match outranks it.
 */
export const providerByOtelName = (claimed: string): CatalogueProvider | undefined =>
  BY_OTEL_NAME.get(claimed.toLowerCase())

function otelIndex(): Map<string, CatalogueProvider> {
  const aliases = new Map<string, CatalogueProvider | undefined>()
  for (const provider of AI_PROVIDERS) {
    for (const alias of new Set(provider.otelAliases?.map((name) => name.toLowerCase()))) {
      aliases.set(alias, aliases.has(alias) ? undefined : provider)
    }
  }
  const index = new Map<string, CatalogueProvider>()
  for (const [alias, provider] of aliases) if (provider) index.set(alias, provider)
  for (const provider of AI_PROVIDERS) if (provider.otelName) index.set(provider.otelName.toLowerCase(), provider)
  return index
}
