import type { Peer } from '@/lib/model/endpoint'
import type { Flow } from '@/lib/model/flow'
import { cleanPeer } from './clean-peer'
import type { IngestContext, Owner } from './draft'
import { clusterOf } from './steps/put-cluster'
import { withOwner } from './steps/put-workload'
import { type Variant, variantKey } from './variant-key'

/** Variants of two endpoints that are compared one by one; of more, each is looked up by its key. */
const MOST_RECENT = 8

/** An endpoint's identity as records of one batch and cluster share it: one object for equal fields. */
export interface KnownIdentity {
  /** The variants seen last between this client and a server, each with the flow it was last seen with. */
  readonly recent: Map<KnownIdentity, RecentVariant[]>
}

interface RecentVariant {
  flow: Flow
  readonly variant: Variant
}

/** A peer as the batch knows it: clean, and with its owner. */
export interface KnownPeer {
  readonly peer: Peer
  readonly identity: KnownIdentity
}

/**
 * What records of one cluster share within a batch. Decoders give the same object for the same peer, verdict and trace wherever they
 * can: what follows from it is worked out once per object, and compared by content only where the object is another one.
 */
export class ClusterScope {
  /** Keys of the records that came in. */
  readonly seenKeys = new Set<string>()
  private readonly peers = new Map<Peer, KnownPeer>()
  private readonly identities = new Map<string, KnownIdentity>()
  private readonly variants = new Map<string, Variant>()

  constructor(
    readonly cluster: string,
    private readonly ownerOf: (podKey: string) => Owner | undefined,
  ) {}

  peerOf(peer: Peer): KnownPeer {
    const known = this.peers.get(peer)
    if (known !== undefined) return known
    const clean = withOwner(cleanPeer(peer), this.cluster, this.ownerOf)
    const made = { peer: clean, identity: this.identityOf(clean) }
    this.peers.set(peer, made)
    return made
  }

  /** The variant of a flow between these two. */
  variantOf(flow: Flow, client: KnownPeer, server: KnownPeer): Variant {
    const recent = this.recentOf(client.identity, server.identity)
    for (const one of recent) if (isSameVariant(one.flow, flow)) return one.variant
    const key = variantKey(flow, this.cluster, client.peer, server.peer)
    const known = this.variants.get(key)
    const variant = known ?? { key, sample: undefined, lastSum: undefined, moreSums: undefined, isFullAtMs: Number.NaN }
    if (known === undefined) this.variants.set(key, variant)
    const same = recent.find((one) => one.variant === variant)
    if (same) same.flow = flow
    else {
      if (recent.length >= MOST_RECENT) recent.length = 0
      recent.push({ flow, variant })
    }
    return variant
  }

  private identityOf(peer: Peer): KnownIdentity {
    const key = `${peer.class}\n${peer.namespace}\n${peer.name}`
    const known = this.identities.get(key)
    if (known !== undefined) return known
    const made = { recent: new Map() }
    this.identities.set(key, made)
    return made
  }

  private recentOf(client: KnownIdentity, server: KnownIdentity): RecentVariant[] {
    const known = client.recent.get(server)
    if (known !== undefined) return known
    const made: RecentVariant[] = []
    client.recent.set(server, made)
    return made
  }
}

/** Everything of a variant but its ends. True is certain; false may also mean that equal content is another object. */
const isSameVariant = (a: Flow, b: Flow): boolean =>
  a.serverPort === b.serverPort &&
  a.verdict === b.verdict &&
  a.trace === b.trace &&
  a.observer === b.observer &&
  a.protocol === b.protocol &&
  a.source === b.source &&
  (a.repeatsSiblingCounts ?? false) === (b.repeatsSiblingCounts ?? false)

/** The scopes of a batch, by what its records and its request say of their cluster. */
export class ClusterScopes {
  private readonly scopes = new Map<string, ClusterScope>()
  private lastName: string | undefined
  private last: ClusterScope | undefined

  constructor(
    private readonly context: IngestContext,
    private readonly ownerOf: (podKey: string) => Owner | undefined,
  ) {}

  of(flow: Flow): ClusterScope {
    if (this.last !== undefined && this.lastName === flow.cluster) return this.last
    const cluster = clusterOf(flow, this.context)
    const scope = this.scopes.get(cluster) ?? new ClusterScope(cluster, this.ownerOf)
    this.scopes.set(cluster, scope)
    this.lastName = flow.cluster
    this.last = scope
    return scope
  }
}
