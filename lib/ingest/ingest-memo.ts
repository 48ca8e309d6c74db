import { ClusterScope } from './cluster-scope'
import type { IngestContext, Owner } from './draft'
import { clusterOf } from './steps/put-cluster'

/** Clusters that are kept for the next batch; beyond, all begin anew. */
const MOST_CLUSTERS = 64

/** What the batches of a process share, by cluster. Bounded between batches; holds nothing that a result depends on. */
export class IngestMemo {
  readonly scopes = new Map<string, ClusterScope>()
  private batches = 0

  /** The scopes of one batch, which ends before another begins: the pipeline does not wait. */
  begin(context: IngestContext, ownerOf: (podKey: string) => Owner | undefined): ClusterScopes {
    if (this.scopes.size > MOST_CLUSTERS) this.scopes.clear()
    this.batches += 1
    return new ClusterScopes(this.scopes, this.batches, context, ownerOf)
  }
}

/** The scopes of a batch, by what its records and its request say of their cluster. */
export class ClusterScopes {
  private readonly opened = new Map<string, ClusterScope>()
  private lastName: string | undefined
  private last: ClusterScope | undefined

  constructor(
    private readonly all: Map<string, ClusterScope>,
    private readonly batch: number,
    private readonly context: IngestContext,
    private readonly ownerOf: (podKey: string) => Owner | undefined,
  ) {}

  of(record: { readonly cluster?: string }): ClusterScope {
    if (this.last !== undefined && this.lastName === record.cluster) return this.last
    const cluster = clusterOf(record, this.context)
    const scope = this.opened.get(cluster) ?? this.open(cluster)
    this.lastName = record.cluster
    this.last = scope
    return scope
  }

  /** Lets go of what belongs to the batch. */
  close(): void {
    for (const scope of this.opened.values()) scope.close()
  }

  private open(cluster: string): ClusterScope {
    const scope = this.all.get(cluster) ?? new ClusterScope(cluster)
    this.all.set(cluster, scope)
    this.opened.set(cluster, scope)
    scope.open(this.batch, this.ownerOf)
    return scope
  }
}
