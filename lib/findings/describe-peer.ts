import { matchAiWorkload } from '@/lib/egress/ai-workload'
import { isCertainProvider, type PeerNames, type ProviderMatcher } from '@/lib/egress/match-provider'
import { type EndpointClass, endpointLabel } from '@/lib/model/endpoint'
import type { PeerFacts } from './facts'

/** What is known of an endpoint before anything is concluded from it. */
export interface SeenPeer {
  readonly id: string
  readonly class: EndpointClass
  readonly namespace: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** It emitted spans with GenAI facts, whenever that was. */
  readonly emitsAiSpans: boolean
}

/** Names that the DNS map has for an address; by answers, or by what clients asked for alone. */
export interface PeerNamesKnown {
  readonly names: readonly string[]
  readonly origin: 'answer' | 'question'
  /** The judge knew of rivals, or that only others were given the address by this name. */
  readonly isPossible?: true
}

export interface PeerContext {
  /** Of endpoints that are addresses. */
  readonly known?: PeerNamesKnown
  /** In any order, with repeats. */
  readonly ips?: Iterable<string>
  /** TCP ports on which it was seen as the server. */
  readonly serverPorts?: readonly number[]
  /** It was seen to call a provider, and surely one. */
  readonly callsProvider?: { readonly certain: boolean }
  /** True where only spans name it: then the name is the caller's own word. */
  readonly isSpanWord?: boolean
}

const MOST_IPS = 8

export const isAddress = (name: string): boolean => /^[\d.]+$|:/.test(name)

/** An endpoint as detectors see it, with its label and addresses, and what `providerOf` and `aiRoleOf` say of it. */
export function describePeer(
  peer: SeenPeer,
  context: Pick<PeerContext, 'known' | 'ips'>,
  { ai, provider }: Pick<PeerFacts, 'ai' | 'provider'>,
): PeerFacts {
  const own = peer.class === 'external' && isAddress(peer.name) ? [peer.name] : []
  return {
    endpointId: peer.id,
    class: peer.class,
    namespace: peer.namespace,
    name: peer.name,
    label: labelOf(peer, context.known),
    labels: peer.labels,
    ips: [...own, ...[...new Set(context.ips)].filter((ip) => !own.includes(ip)).sort()].slice(0, MOST_IPS),
    ...(ai && { ai }),
    ...(provider && { provider }),
  }
}

/** The one name of an address stands before it, as on the graph; several are none. */
function labelOf(peer: SeenPeer, known: PeerNamesKnown | undefined): string {
  const isNamespaced = (peer.class === 'workload' || peer.class === 'network-set') && peer.namespace !== ''
  if (isNamespaced) return `${peer.namespace}/${peer.name}`
  const [name, ...others] = known?.names ?? []
  return name !== undefined && others.length === 0 && name !== peer.name
    ? `${name} (${peer.name})`
    : endpointLabel(peer)
}

/** What software it is, else that it emits AI spans, else that it calls a provider. */
export function aiRoleOf(peer: SeenPeer, { serverPorts, callsProvider }: PeerContext): PeerFacts['ai'] {
  if (peer.class !== 'workload') return undefined
  const match = matchAiWorkload({ labels: peer.labels, name: peer.name, ...(serverPorts && { serverPorts }) })
  if (match) return match
  if (peer.emitsAiSpans) return { role: 'app', by: 'span', certain: true }
  return callsProvider && { role: 'app', by: 'calls a provider', certain: callsProvider.certain }
}

/** The provider behind an endpoint; one that names do not agree on is there, and not certain. */
export function providerOf(peer: SeenPeer, context: PeerContext, matcher: ProviderMatcher): PeerFacts['provider'] {
  const names = namesOf(peer, context)
  const match = names && matcher.matchPeer(names)
  return (
    match && {
      id: match.providerId,
      name: match.providerName,
      category: match.category,
      host: match.host,
      role: match.role,
      certain: isCertainProvider(match) && context.known?.isPossible !== true,
      matchedBy: match.matchedBy,
    }
  )
}

function namesOf(peer: SeenPeer, { known, isSpanWord }: PeerContext): PeerNames | undefined {
  if (peer.class === 'network-set') return { networkSet: { name: peer.name, labels: peer.labels } }
  if (peer.class !== 'external') return undefined
  if (!isAddress(peer.name)) return isSpanWord ? { spanHost: peer.name } : { dnsNames: [peer.name] }
  return { ip: peer.name, [known?.origin === 'question' ? 'askedNames' : 'dnsMapNames']: known?.names ?? [] }
}
