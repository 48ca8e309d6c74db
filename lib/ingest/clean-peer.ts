import type { Peer } from '@/lib/model/endpoint'
import { cleanText } from './clean-text'

/** Identities are hashed and stored: what cannot be stored must go before, or one node would have two ids. Clean peers come back as they are. */
export function cleanPeer(peer: Peer): Peer {
  const namespace = cleanText(peer.namespace)
  const name = cleanText(peer.name)
  const pod = peer.pod === undefined ? undefined : cleanText(peer.pod)
  if (namespace === peer.namespace && name === peer.name && pod === peer.pod) return peer
  return { ...peer, namespace, name, ...(pod !== undefined && { pod }) }
}
