import type { UnixMillis } from './units'

/**
 * What a token may do. ingest: send records · nat-evidence: send NAT records that may prove something · metrics: read
 * /metrics · embed: read the graph for a frame · read: read everything that the pages show.
 */
export const TOKEN_SCOPES = ['ingest', 'nat-evidence', 'metrics', 'embed', 'read'] as const
export type TokenScope = (typeof TOKEN_SCOPES)[number]

/** An API token as the settings page lists it; its secret is known to nobody any more. */
export interface ApiToken {
  readonly id: string
  readonly name: string
  readonly scopes: readonly TokenScope[]
  /** Cluster that its records belong to; absent = as the header or the record says. */
  readonly cluster?: string
  readonly createdMs: UnixMillis
  readonly expiresMs?: UnixMillis
  readonly lastUsedMs?: UnixMillis
  readonly revokedMs?: UnixMillis
}
