import { CATALOGUE } from '@/lib/egress/catalogue/catalogue'
import { createProviderMatcher, type ProviderMatcher } from '@/lib/egress/match-provider'
import { workloadsOf } from './ai-peers'
import { edgesByClient } from './edge-groups'
import type { ClusterFacts } from './facts'

/** What the spans of one workload say of providers. */
export interface SpanClaims {
  /** Provider ids that its spans name by attribute or by host. */
  readonly providers: ReadonlySet<string>
  readonly hosts: ReadonlySet<string>
}

let matcher: ProviderMatcher | undefined

/** The bundled catalogue's provider of a host that a span names. */
export function providerOfHost(host: string): string | undefined {
  matcher ??= createProviderMatcher(CATALOGUE)
  const match = matcher.matchHost(host)
  return match && !match.ambiguous ? match.providerId : undefined
}

const CLAIMS = new WeakMap<ClusterFacts, Map<string, SpanClaims>>()

/** Everything that the spans of a workload claim, on whatever edge; made once per workload. */
export function claimsOf(facts: ClusterFacts, endpointId: string): SpanClaims {
  const all = CLAIMS.get(facts) ?? new Map<string, SpanClaims>()
  CLAIMS.set(facts, all)
  const known = all.get(endpointId)
  if (known) return known
  const hosts = new Set(workloadsOf(facts).get(endpointId)?.spanHosts)
  const providers = new Set<string>()
  for (const { server, spans } of edgesByClient(facts).get(endpointId) ?? []) {
    if (!spans || spans.calls === 0) continue
    if (server.provider) providers.add(server.provider.id)
    for (const host of spans.claimedHosts) hosts.add(host)
    for (const provider of spans.claimedProviders) providers.add(provider)
  }
  for (const host of hosts) {
    const provider = providerOfHost(host)
    if (provider !== undefined) providers.add(provider)
  }
  const claims = { providers, hosts }
  all.set(endpointId, claims)
  return claims
}
