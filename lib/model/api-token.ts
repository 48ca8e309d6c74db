import type { UnixMillis } from './units'

/**
 * What a token may do. ingest: send records · nat-evidence: send NAT records that may prove something · metrics: read
 * /metrics · embed: read the graph for a frame · read: read everything that the pages show · canary: report by which address a
 * namespace's probes leave, and nothing else; such a token lies in that namespace.
 */
export const TOKEN_SCOPES = ['ingest', 'nat-evidence', 'metrics', 'embed', 'read', 'canary'] as const
export type TokenScope = (typeof TOKEN_SCOPES)[number]

/** An API token as the settings page lists it; its secret is known to nobody any more. */
export interface ApiToken {
  readonly id: string
  readonly name: string
  readonly scopes: readonly TokenScope[]
  /** Cluster that its records belong to; absent = as the header or the record says. */
  readonly cluster?: string
  /** Namespace that its probes speak for: scope `canary` only. */
  readonly namespace?: string
  readonly createdMs: UnixMillis
  readonly expiresMs?: UnixMillis
  readonly lastUsedMs?: UnixMillis
  readonly revokedMs?: UnixMillis
}
