import type { ProviderMatch } from '@/lib/model/egress'
import { providerByOtelName } from './catalogue/catalogue'
import type { ProviderMatcher } from './match-provider'

/** What a span of the connection's workload tells of a provider that refused its address. */
export interface ToldRefusal {
  /** Host that was addressed, where the span names one. */
  readonly host?: string
  /** `gen_ai.provider.name`, where it names that. */
  readonly otelProvider?: string
  /** Pod that told it; absent where the span does not say. */
  readonly pod?: string
}

/**
 * Whether one of these refusals can be of a connection to this provider: by the host that the span names, else by the provider
 * that it claims; of the connection's own pod, where both are told. It accuses, and never decides (nat-evidence §3.2, trusted
 * channel).
 */
export const isRefusalOf = (
  provider: ProviderMatch,
  pod: string | undefined,
  refusals: readonly ToldRefusal[],
  matcher: ProviderMatcher,
): boolean =>
  refusals.some(
    (told) => (told.pod === undefined || pod === undefined || told.pod === pod) && isOf(provider, told, matcher),
  )

function isOf(provider: ProviderMatch, { host, otelProvider }: ToldRefusal, matcher: ProviderMatcher): boolean {
  if (host !== undefined && (host === provider.host || matcher.matchHost(host)?.providerId === provider.providerId))
    return true
  const isNamed = host !== undefined && matcher.matchHost(host) !== undefined
  return !isNamed && otelProvider !== undefined && providerByOtelName(otelProvider)?.id === provider.providerId
}
