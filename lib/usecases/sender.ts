import 'server-only'

/** Who sends an OTLP request, and where its records belong. */
export interface ExportRequest {
  /** '' = live. */
  readonly dataset: string
  readonly clusterHeader?: string
  readonly tokenId: string
  readonly tokenCluster?: string
  readonly defaultCluster: string
  readonly retentionMs: number
  readonly nowMs: number
}
