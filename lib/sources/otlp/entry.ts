import type { SpanEntry } from '@/lib/model/span'
import { canonicalIp } from '@/lib/sources/canonical-ip'
import { countOf, textOf } from './attributes'
import { validPort } from './host'
import type { WireAttributes } from './wire'

const CLIENT_ADDRESSES = ['client.address', 'http.client_ip']
const PEER_ADDRESSES = ['network.peer.address', 'net.sock.peer.addr', 'net.peer.ip']
const LISTEN_PORTS = ['network.local.port', 'net.sock.host.port']
const PORTS = ['server.port', 'net.host.port']

/** Keys that this file reads. */
export const ENTRY_KEYS: readonly string[] = [...CLIENT_ADDRESSES, ...PEER_ADDRESSES, ...LISTEN_PORTS, ...PORTS]

/** What a SERVER or CONSUMER span says of its caller and of the port that was called. */
export function entryOf(attributes: WireAttributes): SpanEntry {
  const clientIp = canonicalIp(textOf(attributes, CLIENT_ADDRESSES))
  const peerIp = canonicalIp(textOf(attributes, PEER_ADDRESSES))
  const listenPort = validPort(countOf(attributes, LISTEN_PORTS))
  const port = validPort(countOf(attributes, PORTS))
  return {
    ...(clientIp && { clientIp }),
    ...(peerIp && { peerIp }),
    ...(listenPort && { listenPort }),
    ...(port && { port }),
  }
}
