import type { ProviderMatch } from '@/lib/model/egress'
import { LIMITS } from '@/lib/model/limits'
import { type Cidr, cidrContains, parseAddress, parseCidr } from './address'
import type { Catalogue } from './catalogue/catalogue'
import type { CatalogueProvider } from './catalogue/types'
import { createHostTrie, type HostEntry, hostLabels, patternLabels } from './host-trie'

/** Everything that was learned about the far end of a connection, each with its own way of knowing. */
export interface PeerNames {
  /** DNS names that the flow record itself carries; several mean "one of these". */
  readonly dnsNames?: readonly string[]
  /** Names that our own DNS map has for (client, address) at that time. */
  readonly dnsMapNames?: readonly string[]
  /**
   * Names that the client asked for shortly before it connected, where no answer told the address (lib/egress/names-from-questions.ts).
   * Looked at only where nothing else gives a name; several are never taken for one, whatever they say.
   */
  readonly askedNames?: readonly string[]
  /** Cilium `fqdn:` identity labels without the prefix: selectors of a policy, possibly with `*`. Never more than possible. */
  readonly fqdnLabels?: readonly string[]
  readonly networkSet?: { readonly name: string; readonly labels: Readonly<Record<string, string>> }
  /** `server.address` of a span: the workload's own word. */
  readonly spanHost?: string
  readonly ip?: string
}

export interface ProviderMatcher {
  /** The provider of one host name by the catalogue's grammar; `matchedBy` is `flow-dns-name`. IP addresses match nothing. */
  matchHost(host: string): ProviderMatch | undefined
  /**
   * The provider of a peer, by the first way of knowing that names one (docs: "Providers" in ARCHITECTURE.md). Several
   * names that do not agree on one provider, or a later way that contradicts an earlier one, give `ambiguous`: a provider
   * was possible, and none is said to be it.
   */
  matchPeer(peer: PeerNames): ProviderMatch | undefined
}

/** Roles in which a host belongs to a call that a rule speaks of. `ui`, `cdn`, `hub` and `app` are the vendor's, but no call. */
const CALL_ROLES: ReadonlySet<string> = new Set(['inference', 'control', 'data', 'telemetry'])
/**
 * Ways of knowing that may decide: no address range, no identity (Cilium's is of the address, and shared addresses serve many names),
 * and no word of the workload about itself. A sole question is among them
 * by docs/decisions/0011-names-from-questions.md, which says what it assumes.
 */
const TRUSTED_WAYS: ReadonlySet<ProviderMatch['matchedBy']> = new Set(['flow-dns-name', 'dns-map', 'dns-question'])

/**
 * True where the match may decide a judgement: a host pattern (exact, suffix or glob), serving AI only, in a role that is a
 * call, learned on a way that the workload cannot forge, and without a rival. Everything else is "possible".
 */
export function isCertainProvider(match: ProviderMatch): boolean {
  const isHost = match.pattern === 'exact' || match.pattern === 'suffix' || match.pattern === 'label'
  return (
    isHost && match.aiExclusive && !match.ambiguous && CALL_ROLES.has(match.role) && TRUSTED_WAYS.has(match.matchedBy)
  )
}

/** The host that the connection is known to have meant, on a way that decides, and without a rival; undefined where it is not known. */
export const certainHost = (match: ProviderMatch): string | undefined =>
  TRUSTED_WAYS.has(match.matchedBy) && !match.ambiguous ? match.host : undefined

/** Compiles a catalogue once; matching visits each pattern node at most once per name and uses no regular expression of data. */
export function createProviderMatcher(catalogue: Catalogue): ProviderMatcher {
  const trie = createHostTrie(catalogue.providers)
  const byId = new Map(catalogue.providers.map((provider) => [provider.id, provider]))
  const ranges = exclusiveRanges(catalogue.providers)

  const fromNames = (names: readonly string[], matchedBy: ProviderMatch['matchedBy']): NamesAnswer => {
    const parse = matchedBy === 'fqdn-identity' ? patternLabels : hostLabels
    const hosts = names.slice(0, LIMITS.dnsNames).flatMap((name) => {
      const labels = parse(name)
      return labels ? [{ labels, host: labels.join('.') }] : []
    })
    const matches = hosts.map(({ labels, host }) => {
      const entry = trie.find(labels)
      return entry ? toMatch(entry, host, matchedBy) : undefined
    })
    // A name that no host can have (other letters, one label) is of nobody we know; it is a name all the same.
    const isRival = (name: string) => !/^\**$/.test(name) && !parse(name) && !parseAddress(name)
    if (names.some(isRival)) matches.push(undefined)
    const match = agree(matches)
    // What was not looked at may disagree.
    const isCut = names.length > LIMITS.dnsNames
    return { hasNames: hosts.length > 0, ...(match && { match: isCut ? { ...match, ambiguous: true } : match }) }
  }

  return {
    matchHost: (host) => fromNames([host], 'flow-dns-name').match,
    matchPeer: (peer) => {
      let isContradicted = false
      const byName: readonly (readonly [readonly string[], ProviderMatch['matchedBy']])[] = [
        [peer.dnsNames ?? [], 'flow-dns-name'],
        [peer.dnsMapNames ?? [], 'dns-map'],
        [peer.fqdnLabels ?? [], 'fqdn-identity'],
      ]
      for (const [names, matchedBy] of byName) {
        const { match, hasNames } = fromNames(names, matchedBy)
        if (match) return isContradicted ? { ...match, ambiguous: true } : match
        isContradicted ||= hasNames
      }
      const declaredSet = matchNetworkSet(peer.networkSet, byId)
      const asked = isContradicted ? undefined : fromNames(peer.askedNames ?? [], 'dns-question')
      if (asked?.match) {
        const other = declaredSet ?? matchRange(peer.ip, ranges)
        const isSole = new Set(peer.askedNames).size === 1
        const isAgreed = other === undefined || other.providerId === asked.match.providerId
        return isSole && isAgreed ? asked.match : { ...asked.match, ambiguous: true }
      }
      isContradicted ||= asked?.hasNames === true
      const later =
        declaredSet ??
        (peer.spanHost === undefined ? undefined : fromNames([peer.spanHost], 'span').match) ??
        matchRange(peer.ip, ranges)
      return later && isContradicted ? { ...later, ambiguous: true } : later
    },
  }
}

interface NamesAnswer {
  readonly hasNames: boolean
  readonly match?: ProviderMatch
}

/** One answer out of the matches of several names, each of which may be the true one. */
function agree(matches: readonly (ProviderMatch | undefined)[]): ProviderMatch | undefined {
  const found = matches.filter((match) => match !== undefined).sort(weakestFirst)
  const first = found[0]
  if (!first) return undefined
  const agrees = found.length === matches.length && found.every((match) => match.providerId === first.providerId)
  return agrees ? first : { ...first, ambiguous: true }
}

/** The most cautious reading first: the host that proves least; the rest makes the order total. */
function weakestFirst(left: ProviderMatch, right: ProviderMatch): number {
  return (
    Number(left.aiExclusive) - Number(right.aiExclusive) ||
    Number(CALL_ROLES.has(left.role)) - Number(CALL_ROLES.has(right.role)) ||
    (left.host < right.host ? -1 : left.host > right.host ? 1 : 0)
  )
}

function toMatch(entry: HostEntry, host: string, matchedBy: ProviderMatch['matchedBy']): ProviderMatch {
  return {
    providerId: entry.provider.id,
    providerName: entry.provider.name,
    category: entry.provider.category,
    host,
    role: entry.role,
    pattern: entry.pattern,
    aiExclusive: entry.aiExclusive,
    matchedBy,
  }
}

const SET_LABEL = 'ai-provider'
const SET_NAME_PREFIX = 'ai-provider-'

/** A network set that its operator labelled `ai-provider=<id>`, or named `ai-provider-<id>` where the source drops labels. */
function matchNetworkSet(
  set: PeerNames['networkSet'],
  byId: ReadonlyMap<string, CatalogueProvider>,
): ProviderMatch | undefined {
  if (!set) return undefined
  const named = set.name.startsWith(SET_NAME_PREFIX) ? set.name.slice(SET_NAME_PREFIX.length) : undefined
  const id = Object.hasOwn(set.labels, SET_LABEL) ? set.labels[SET_LABEL] : named
  const provider = id === undefined ? undefined : byId.get(id)
  return provider && declared(provider, set.name, 'declared', 'network-set')
}

interface Range {
  readonly cidr: Cidr
  readonly provider: CatalogueProvider
}

function exclusiveRanges(providers: readonly CatalogueProvider[]): readonly Range[] {
  return providers.flatMap((provider) =>
    (provider.inbound?.exclusive ? provider.inbound.cidrs : []).flatMap((text) => {
      const parsed = parseCidr(text)
      return 'cidr' in parsed ? [{ cidr: parsed.cidr, provider }] : []
    }),
  )
}

function matchRange(ip: string | undefined, ranges: readonly Range[]): ProviderMatch | undefined {
  const range = ip === undefined ? undefined : ranges.find(({ cidr }) => cidrContains(cidr, ip))
  return range && ip !== undefined ? declared(range.provider, ip, 'cidr', 'cidr') : undefined
}

function declared(
  provider: CatalogueProvider,
  host: string,
  pattern: 'declared' | 'cidr',
  matchedBy: 'network-set' | 'cidr',
): ProviderMatch {
  return {
    providerId: provider.id,
    providerName: provider.name,
    category: provider.category,
    host,
    role: 'inference',
    pattern,
    aiExclusive: true,
    matchedBy,
  }
}
