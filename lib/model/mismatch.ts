/**
 * Where flows and traces of one workload's calls to one provider do not fit together in a window. Neither is wrong by that: the one that
 * is missing has a cause, which is worth knowing.
 */
export interface Mismatch {
  /** `calls_without_span`: connections, and hardly a span that tells of a call. `spans_without_flow`: the other way round. */
  readonly kind: 'calls_without_span' | 'spans_without_flow'
  readonly cluster: string
  /** Ids and labels of the workload's node and of one node of the provider. */
  readonly clientId: string
  readonly client: string
  readonly providerId: string
  readonly provider: string
  /** One edge of them: where to look. */
  readonly edgeId: string
  readonly connections: number
  /** Calls that spans tell of. */
  readonly calls: number
  /** Connections of the workload to addresses outside without a name, of which some may be these; only of `spans_without_flow`. */
  readonly unnamed?: number
}

/** Where flows and traces of calls to providers do not fit together. */
export interface MismatchList {
  /** At most 200, the most calls first. */
  readonly mismatches: readonly Mismatch[]
  readonly total: number
  /** Clusters of which both a flow source and traces speak in the window: of others nothing is compared. */
  readonly clusters: readonly string[]
}
