/** Names that forms of egress rules suggest; anything else may be written. Sorted, each at most 1000. */
export interface EgressKnown {
  readonly clusters: readonly string[]
  readonly namespaces: readonly string[]
  readonly workloads: readonly string[]
  readonly serviceAccounts: readonly string[]
  /** `key=value`. */
  readonly podLabels: readonly string[]
  readonly namespaceLabels: readonly string[]
  /** Hops that sent NAT evidence, and those of paths. */
  readonly hops: readonly string[]
  readonly providers: readonly { readonly id: string; readonly name: string; readonly category: string }[]
  readonly categories: readonly string[]
}
