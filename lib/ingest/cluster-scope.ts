import type { Peer } from '@/lib/model/endpoint'
import type { Flow, FlowSource, Observer } from '@/lib/model/flow'
import type { PolicyTrace } from '@/lib/model/policy'
import type { Verdict } from '@/lib/model/verdict'
import { cleanPeer } from './clean-peer'
import type { Owner } from './draft'
import { withOwner } from './steps/put-workload'
import { newVariant, resetVariant, type Variant, variantKey } from './variant-key'

/** Variants of two endpoints that are compared one by one; of more, each is looked up by its key. */
const MOST_RECENT = 8
/** What is kept for the next batch; beyond any of them all begins anew. */
const MOST_PEERS = 32_768
const MOST_VARIANTS = 65_536

/** An endpoint's identity as records of one cluster share it: one object for equal fields. */
export interface KnownIdentity {
  /** The variants seen last between this client and a server. */
  readonly recent: Map<KnownIdentity, RecentVariant[]>
}

/** A variant, and the objects that it was seen with last. */
interface RecentVariant {
  verdict: Verdict
  trace: PolicyTrace
  readonly serverPort: number
  readonly observer: Observer
  readonly protocol: string
  readonly source: FlowSource
  readonly repeats: boolean
  readonly variant: Variant
}

/** A peer as a batch knows it: clean, and with its owner. */
export interface KnownPeer {
  readonly peer: Peer
  readonly identity: KnownIdentity
}

/** A clean peer that all batches share; what depends on the batch is of the last one that asked. */
interface SharedPeer {
  readonly clean: Peer
  batch: number
  known: KnownPeer
}

/**
 * What records of one cluster share. Decoders give the same object for the same peer, verdict and trace wherever they can: what
 * follows from it is worked out once per object, and compared by content only where the object is another one. Frozen peers come
 * again in later batches, others do not. Bounded between batches.
 */
export class ClusterScope {
  /** Keys of the records that came in with this batch. */
  seenKeys = new Set<string>()
  private batch = 0
  private ownerOf: (podKey: string) => Owner | undefined = () => undefined
  private peers = new Map<Peer, KnownPeer>()
  private readonly shared = new Map<Peer, SharedPeer>()
  private readonly identities = new Map<string, KnownIdentity>()
  private readonly variants = new Map<string, Variant>()

  constructor(readonly cluster: string) {}

  /** Begins another batch. `batch` was no other one's number. */
  open(batch: number, ownerOf: (podKey: string) => Owner | undefined): void {
    this.batch = batch
    this.ownerOf = ownerOf
    this.seenKeys = new Set()
    this.peers = new Map()
    const isFull =
      this.shared.size > MOST_PEERS || this.identities.size > MOST_PEERS || this.variants.size > MOST_VARIANTS
    if (!isFull) return
    this.shared.clear()
    this.identities.clear()
    this.variants.clear()
  }

  /** Lets go of what belongs to the batch. */
  close(): void {
    this.seenKeys = new Set()
    this.peers = new Map()
    this.ownerOf = () => undefined
  }

  peerOf(peer: Peer): KnownPeer {
    const shared = this.shared.get(peer)
    if (shared !== undefined) return shared.batch === this.batch ? shared.known : this.renew(shared)
    const known = this.peers.get(peer)
    if (known !== undefined) return known
    const clean = cleanPeer(peer)
    const made = this.know(clean)
    if (Object.isFrozen(peer)) this.shared.set(peer, { clean, batch: this.batch, known: made })
    else this.peers.set(peer, made)
    return made
  }

  /** The variant of a flow between these two. */
  variantOf(flow: Flow, client: KnownPeer, server: KnownPeer): Variant {
    const recent = this.recentOf(client.identity, server.identity)
    for (const one of recent) if (isSameVariant(one, flow)) return resetVariant(one.variant, this.batch)
    const key = variantKey(flow, this.cluster, client.peer, server.peer)
    let variant = this.variants.get(key)
    if (variant === undefined) {
      variant = newVariant(key, this.batch)
      this.variants.set(key, variant)
    }
    const same = recent.find((one) => one.variant === variant)
    if (same) {
      same.verdict = flow.verdict
      same.trace = flow.trace
    } else {
      if (recent.length >= MOST_RECENT) recent.length = 0
      recent.push(recentOf(flow, variant))
    }
    return resetVariant(variant, this.batch)
  }

  /** Owners may be others than in the batch before. */
  private renew(shared: SharedPeer): KnownPeer {
    shared.batch = this.batch
    if (mayLackOwner(shared.clean)) shared.known = this.know(shared.clean)
    return shared.known
  }

  private know(clean: Peer): KnownPeer {
    const peer = withOwner(clean, this.cluster, this.ownerOf)
    return { peer, identity: this.identityOf(peer) }
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

const mayLackOwner = (peer: Peer): boolean => peer.class === 'workload' && !peer.workloadKind

const recentOf = (flow: Flow, variant: Variant): RecentVariant => ({
  verdict: flow.verdict,
  trace: flow.trace,
  serverPort: flow.serverPort,
  observer: flow.observer,
  protocol: flow.protocol,
  source: flow.source,
  repeats: flow.repeatsSiblingCounts ?? false,
  variant,
})

/** Everything of a variant but its ends. True is certain; false may also mean that equal content is another object. */
const isSameVariant = (known: RecentVariant, flow: Flow): boolean =>
  known.serverPort === flow.serverPort &&
  known.verdict === flow.verdict &&
  known.trace === flow.trace &&
  known.observer === flow.observer &&
  known.protocol === flow.protocol &&
  known.source === flow.source &&
  known.repeats === (flow.repeatsSiblingCounts ?? false)
