import 'server-only'
import type { ProviderMatcher } from '@/lib/egress/match-provider'
import {
  aiRoleOf,
  describePeer,
  isAddress,
  type PeerContext,
  type PeerNamesKnown,
  providerOf,
} from '@/lib/findings/describe-peer'
import type { PeerFacts } from '@/lib/findings/facts'
import type { NamedBy } from '@/lib/model/egress'
import type { EdgeRow } from '@/lib/model/graph-input'
import type { TimeRange } from '@/lib/model/time-range'
import { loadDnsNames, type MappedNames } from '@/lib/store/load-dns-names'
import { loadPeers, type PeerRow } from '@/lib/store/load-peers'

/** An edge whose ends are to be described. */
export interface DescribedEdge {
  readonly row: EdgeRow
  /** True where only spans tell of it: its server's name is the caller's word. */
  readonly isSpanWord: boolean
  /** How judged connections of the edge knew their server. */
  readonly named?: NamedBy | undefined
}

/** What is known of the ends of edges in a window. */
export class PeerBook {
  private readonly ports = new Map<string, Set<number>>()
  private readonly callers = new Map<string, { certain: boolean }>()
  private readonly named = new Map<string, PeerNamesKnown>()
  private readonly described = new Map<string, PeerFacts>()
  /** null: there is none. */
  private readonly providers = new Map<string, NonNullable<PeerFacts['provider']> | null>()
  private readonly roles = new Map<string, NonNullable<PeerFacts['ai']> | null>()

  constructor(
    readonly peers: ReadonlyMap<string, PeerRow>,
    private readonly names: ReadonlyMap<string, MappedNames>,
    private readonly matcher: ProviderMatcher,
    edges: readonly DescribedEdge[],
  ) {
    for (const { row, named } of edges) {
      const known = knownBy(named)
      // One edge that is sure of it says more of an address than another that is not.
      if (known && (!known.isPossible || !this.named.has(row.serverId))) this.named.set(row.serverId, known)
      if (row.protocol !== 'tcp' || row.serverPort === 0) continue
      const ports = this.ports.get(row.serverId) ?? new Set()
      this.ports.set(row.serverId, ports.add(row.serverPort))
    }
    for (const { row, isSpanWord, named } of edges) {
      const provider = this.providerAt(row.serverId, isSpanWord, named)
      if (provider) this.callers.set(row.clientId, { certain: provider.certain || this.isSureCaller(row.clientId) })
    }
  }

  /** The provider behind an endpoint; `isSpanWord` and `named` as of `DescribedEdge`: an address may be of several. */
  providerAt(id: string, isSpanWord: boolean, named?: NamedBy): PeerFacts['provider'] {
    const key = JSON.stringify([id, isSpanWord, named])
    const known = this.providers.get(key)
    if (known !== undefined) return known ?? undefined
    const peer = this.peers.get(id)
    const provider = peer && providerOf(peer, this.contextOf(peer, { isSpanWord, named }), this.matcher)
    this.providers.set(key, provider ?? null)
    return provider
  }

  aiRoleAt(id: string): PeerFacts['ai'] {
    const known = this.roles.get(id)
    if (known !== undefined) return known ?? undefined
    const peer = this.peers.get(id)
    const role = peer && aiRoleOf(peer, this.contextOf(peer, {}))
    this.roles.set(id, role ?? null)
    return role
  }

  /** An end as detectors see it, with addresses that were seen of it on this edge; undefined for one that is not known. */
  describe(
    id: string,
    seen: Seen & { readonly isSpanWord: boolean; readonly ips: readonly string[] },
  ): PeerFacts | undefined {
    const peer = this.peers.get(id)
    if (!peer) return undefined
    const key = JSON.stringify([id, seen.isSpanWord, seen.named, seen.ips])
    const known = this.described.get(key)
    if (known) return known
    const [ai, provider] = [this.aiRoleAt(id), this.providerAt(id, seen.isSpanWord, seen.named)]
    const facts = describePeer(peer, this.contextOf(peer, seen), { ...(ai && { ai }), ...(provider && { provider }) })
    this.described.set(key, facts)
    return facts
  }

  private isSureCaller(id: string): boolean {
    return this.callers.get(id)?.certain ?? false
  }

  private contextOf(peer: PeerRow, { named, ...seen }: Seen & Pick<PeerContext, 'isSpanWord' | 'ips'>): PeerContext {
    const ports = this.ports.get(peer.id)
    const callsProvider = this.callers.get(peer.id)
    const judged = isAddress(peer.name) ? (knownBy(named) ?? this.named.get(peer.id)) : undefined
    const known = judged ?? this.names.get(peer.id)
    return {
      ...seen,
      ...(known && { known }),
      ...(ports && { serverPorts: [...ports] }),
      ...(callsProvider && { callsProvider }),
    }
  }
}

interface Seen {
  readonly named?: NamedBy | undefined
}

/** The one name of a judgement. Several names are told by the map as well, and an address by itself. */
function knownBy(named: NamedBy | undefined): PeerNamesKnown | undefined {
  const [host, ...others] = named?.hosts ?? []
  if (!named || host === undefined || others.length > 0) return undefined
  const origin = named.way === 'dns-question' ? 'question' : 'answer'
  return { names: [host], origin, ...(named.isPossible && { isPossible: true }) }
}

/** Everything known of the ends of these edges, and of further endpoints, in a window. */
export async function openPeerBook(
  dataset: string,
  window: TimeRange,
  edges: readonly DescribedEdge[],
  { matcher, others = [] }: { readonly matcher: ProviderMatcher; readonly others?: Iterable<string> },
): Promise<PeerBook> {
  const ids = new Set(others)
  for (const { row } of edges) ids.add(row.clientId).add(row.serverId)
  const peers = await loadPeers([...ids])
  const addresses = peers.filter((peer) => peer.class === 'external' && isAddress(peer.name))
  const names = await loadDnsNames(dataset, window, addresses)
  return new PeerBook(new Map(peers.map((peer) => [peer.id, peer])), names, matcher, edges)
}
