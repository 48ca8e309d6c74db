import 'server-only'
import { CATALOGUE, type Catalogue } from '@/lib/egress/catalogue/catalogue'
import { mergeCatalogue, ownProvidersVersion } from '@/lib/egress/catalogue/own-providers'
import { createProviderMatcher, type ProviderMatcher } from '@/lib/egress/match-provider'
import { type OwnProvider, ownProviderSchema } from '@/lib/model/provider-schema'
import { logger } from '@/lib/observability/logger'
import { processGlobal } from '@/lib/process-global'
import { markUnjudged } from '@/lib/store/mark-all-connections'
import { loadProviderEntries } from '@/lib/store/provider-entries'

/** The catalogue in force: what is bundled, and what the operator added. */
export interface ProviderCatalogue {
  readonly catalogue: Catalogue
  readonly own: readonly OwnProvider[]
  readonly matcher: ProviderMatcher
  /** Of the own entries; '' without any. */
  readonly version: string
}

const holder = (): { current: ProviderCatalogue; isLoaded: boolean } =>
  processGlobal('provider-catalogue', () => ({ current: catalogueOf([]), isLoaded: false }))
/** A process that ended may have judged by an older catalogue until then. */
const SETTLED_MS = 3_600_000

/** The catalogue in force in this process; the bundled one until `refreshProviderCatalogue`. */
export const providerCatalogue = (): ProviderCatalogue => holder().current

/**
 * Puts what the database holds in force, compiled anew only where something changed. Then what this process judged by the catalogue of
 * before without knowing a provider is judged again: each process marks after its own last such pass, so none is left out.
 * Errors: `unavailable`.
 */
export async function refreshProviderCatalogue(nowMs = Date.now()): Promise<ProviderCatalogue> {
  const own: OwnProvider[] = []
  let newestMs = 0
  for (const { id, body, updatedMs } of await loadProviderEntries()) {
    newestMs = Math.max(newestMs, updatedMs)
    const parsed = ownProviderSchema.safeParse(body)
    if (parsed.success) own.push(parsed.data)
    else
      logger().warn(
        { task: 'provider-catalogue', provider: id },
        'an entry of the catalogue has another shape and is left out',
      )
  }
  const state = holder()
  const isNew = ownProvidersVersion(own) !== state.current.version
  const mustMark = isNew && (state.isLoaded || newestMs > nowMs - SETTLED_MS)
  if (isNew) state.current = catalogueOf(own)
  state.isLoaded = true
  if (mustMark) await markUnjudged()
  return state.current
}

function catalogueOf(own: readonly OwnProvider[]): ProviderCatalogue {
  const catalogue = own.length === 0 ? CATALOGUE : mergeCatalogue(own)
  return { catalogue, own, matcher: createProviderMatcher(catalogue), version: ownProvidersVersion(own) }
}
