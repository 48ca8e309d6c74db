import { type Cidr, canonicalAddress, cidrContains, parseCidr } from './address'

/** What a request says of where it came from. */
export interface Caller {
  /** Other end of the connection that this server accepted. */
  readonly peer?: string
  /** `X-Forwarded-For` as it came; absent where there was none. */
  readonly forwardedFor?: string
}

export type CallerAddress =
  | { readonly address: string }
  /** `unknown_proxy`: it came by a proxy that is not trusted · `silent_proxy`: a trusted one names nobody · `unreadable` */
  | { readonly problem: 'unknown_proxy' | 'silent_proxy' | 'unreadable' }

/** Proxies on one way; a longer list is nobody's honest work. */
const MAX_PROXIES = 20

/**
 * The address by which a caller reached us: the other end of the connection; where that is a trusted proxy, what it says, and so
 * on from the right for each trusted one. Whoever is not trusted may write what he likes to the left, and it is not read. A
 * forwarded request of a proxy that is not trusted has no address: the proxy's own would be mistaken for the caller's.
 */
export function callerAddress({ peer, forwardedFor }: Caller, trusted: readonly string[]): CallerAddress {
  const networks = trusted.flatMap((text) => networkOf(text) ?? [])
  const isTrusted = (address: string) => networks.some((network) => cidrContains(network, address))
  const first = peer === undefined ? undefined : canonicalAddress(peer)
  if (first === undefined) return { problem: 'unreadable' }
  if (!isTrusted(first)) return forwardedFor === undefined ? { address: first } : { problem: 'unknown_proxy' }
  const entries = (forwardedFor ?? '').split(',').map((entry) => entry.trim())
  for (const entry of entries.slice(-MAX_PROXIES).reverse()) {
    if (entry === '') return { problem: 'silent_proxy' }
    const address = canonicalAddress(withoutPort(entry))
    if (address === undefined) return { problem: 'unreadable' }
    if (!isTrusted(address)) return { address }
  }
  return { problem: 'silent_proxy' }
}

/** `203.0.113.10:4711`, `[2001:db8::1]:4711`: some proxies tell the port as well. */
function withoutPort(entry: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(entry)?.[1]
  return bracketed ?? (/^[\d.]+:\d{1,5}$/.test(entry) ? entry.slice(0, entry.indexOf(':')) : entry)
}

function networkOf(text: string): Cidr | undefined {
  const read = parseCidr(text)
  return 'cidr' in read ? read.cidr : undefined
}
