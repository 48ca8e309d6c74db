import 'server-only'

/** Who sends records, and where they belong. */
export interface Sender {
  /** '' = live. */
  readonly dataset: string
  readonly clusterHeader?: string
  readonly tokenId: string
  readonly tokenCluster?: string
  readonly defaultCluster: string
  readonly retentionMs: number
  readonly nowMs: number
}
