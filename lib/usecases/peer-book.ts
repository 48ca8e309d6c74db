import 'server-only'
import type { ProviderMatcher } from '@/lib/egress/match-provider'
import { aiRoleOf, describePeer, isAddress, type PeerContext, providerOf } from '@/lib/findings/describe-peer'
import type { PeerFacts } from '@/lib/findings/facts'
import type { EdgeRow } from '@/lib/model/graph-input'
import type { TimeRange } from '@/lib/model/time-range'
import { loadDnsNames, type MappedNames } from '@/lib/store/load-dns-names'
import { loadPeers, type PeerRow } from '@/lib/store/load-peers'

/** An edge whose ends are to be described. */
export interface DescribedEdge {
  readonly row: EdgeRow
  /** True where only spans tell of it: its server's name is the caller's word. */
  readonly isSpanWord: boolean
  /** The one name by which judged connections knew their server. */
  readonly host?: string | undefined
}

/** What is known of the ends of edges in a window. */
export class PeerBook {
  private readonly ports = new Map<string, Set<number>>()
  private readonly callers = new Map<string, { certain: boolean }>()
  private readonly hosts = new Map<string, string>()
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
    for (const { row, host } of edges) {
      if (host !== undefined) this.hosts.set(row.serverId, host)
      if (row.protocol !== 'tcp' || row.serverPort === 0) continue
      const ports = this.ports.get(row.serverId) ?? new Set()
      this.ports.set(row.serverId, ports.add(row.serverPort))
    }
    for (const { row, isSpanWord } of edges) {
      const provider = this.providerAt(row.serverId, isSpanWord)
      if (provider) this.callers.set(row.clientId, { certain: provider.certain || this.isSureCaller(row.clientId) })
    }
  }

  /** The provider behind an endpoint; `isSpanWord` as of `DescribedEdge`. */
  providerAt(id: string, isSpanWord: boolean): PeerFacts['provider'] {
    const key = `${id} ${isSpanWord}`
    const known = this.providers.get(key)
    if (known !== undefined) return known ?? undefined
    const peer = this.peers.get(id)
    const provider = peer && providerOf(peer, this.contextOf(peer, { isSpanWord }), this.matcher)
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
  describe(id: string, seen: { readonly isSpanWord: boolean; readonly ips: readonly string[] }): PeerFacts | undefined {
    const peer = this.peers.get(id)
    if (!peer) return undefined
    const key = `${id} ${seen.isSpanWord} ${seen.ips.join()}`
    const known = this.described.get(key)
    if (known) return known
    const [ai, provider] = [this.aiRoleAt(id), this.providerAt(id, seen.isSpanWord)]
    const facts = describePeer(peer, this.contextOf(peer, seen), { ...(ai && { ai }), ...(provider && { provider }) })
    this.described.set(key, facts)
    return facts
  }

  private isSureCaller(id: string): boolean {
    return this.callers.get(id)?.certain ?? false
  }

  private contextOf(peer: PeerRow, seen: Pick<PeerContext, 'isSpanWord' | 'ips'>): PeerContext {
    const ports = this.ports.get(peer.id)
    const callsProvider = this.callers.get(peer.id)
    const host = isAddress(peer.name) ? this.hosts.get(peer.id) : undefined
    const known = host === undefined ? this.names.get(peer.id) : { names: [host], origin: this.originOf(peer.id, host) }
    return {
      ...seen,
      ...(known && { known }),
      ...(ports && { serverPorts: [...ports] }),
      ...(callsProvider && { callsProvider }),
    }
  }

  /** Judgements keep the name and forget the way; where the map does not tell it any more, an answer is usual. */
  private originOf(id: string, host: string): MappedNames['origin'] {
    const known = this.names.get(id)
    return known?.names.includes(host) ? known.origin : 'answer'
  }
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
