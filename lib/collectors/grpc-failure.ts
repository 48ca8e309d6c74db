import { type ServiceError, status } from '@grpc/grpc-js'
import { CollectorFailure } from './collector'
import { type ConnectionTrouble, type ProbeTarget, probeConnection } from './probe-connection'

/** Who is called, for the words: `Hubble Relay`, and what an operator should check there. */
export interface GrpcPeer extends ProbeTarget {
  readonly peer: string
  /** Which service the other side should be, where it turns out to be another: an address that is usually right. */
  readonly usualAddress: string
}

interface Words {
  readonly message: string
  readonly remedy: string
  readonly isLasting?: boolean
}

/**
 * A failed call in an operator's words, with a remedy. Where no connection came about it is tried once more by hand, to tell a
 * wrong certificate from a wrong port (at most 6 s).
 */
export async function grpcFailure(
  error: ServiceError,
  peer: GrpcPeer,
  wasConnected: boolean,
): Promise<CollectorFailure> {
  const words = wordsOf(error, peer, wasConnected) ?? (await connectionWords(error, peer))
  return new CollectorFailure(words.message, words.remedy, words.isLasting ?? false, { cause: error })
}

/** undefined: the connection itself must be looked at. */
function wordsOf(error: ServiceError, { peer, usualAddress }: GrpcPeer, wasConnected: boolean): Words | undefined {
  const said = detailOf(error)
  if (/too_many_pings|ENHANCE_YOUR_CALM/i.test(error.details))
    return {
      message: `${peer} closed the connection: too many keepalive pings.`,
      remedy: 'A proxy or load balancer between them allows fewer pings than one in 5 minutes: connect directly.',
    }
  switch (error.code) {
    case status.UNAUTHENTICATED:
      return {
        message: `${peer} wants credentials that Postern did not show (${said}).`,
        remedy: 'Set `tls.cert` and `tls.key` to a client certificate that it accepts.',
        isLasting: true,
      }
    case status.PERMISSION_DENIED:
      return {
        message: `${peer} does not allow this (${said}).`,
        remedy: 'Let the client certificate, or the network policy and proxy in front, allow this service.',
        isLasting: true,
      }
    case status.UNIMPLEMENTED:
      return {
        message: `What answers at the address is not ${peer}: it does not know the service (${said}).`,
        remedy: `Check the address; usually it is ${usualAddress}.`,
        isLasting: true,
      }
    case status.RESOURCE_EXHAUSTED:
      return /larger than max/i.test(error.details)
        ? {
            message: `${peer} sent a message that is too large (${said}).`,
            remedy: 'Let the source redact or mask the fields that make its records so large.',
          }
        : { message: `${peer} is overloaded (${said}).`, remedy: 'Give it more memory and CPU, or fewer clients.' }
    case status.DEADLINE_EXCEEDED:
      return { message: `${peer} does not answer in time.`, remedy: 'Look at its log and load.' }
    case status.INVALID_ARGUMENT:
    case status.OUT_OF_RANGE:
      return {
        message: `${peer} refuses the request (${said}).`,
        remedy: 'Its version may be too old; see docs/cilium.md.',
      }
    case status.UNAVAILABLE:
    case status.CANCELLED:
      return wasConnected
        ? { message: `The connection to ${peer} was lost (${said}).`, remedy: 'Nothing to do: it is opened again.' }
        : error.code === status.UNAVAILABLE
          ? undefined
          : { message: `${peer} ended the call (${said}).`, remedy: 'Nothing to do: it is tried again.' }
    default:
      return wasConnected || error.code !== status.INTERNAL
        ? { message: `${peer} failed: ${said}.`, remedy: `Look at the log of ${peer}.` }
        : undefined
  }
}

async function connectionWords(error: ServiceError, peer: GrpcPeer): Promise<Words> {
  const { trouble, detail } = await probeConnection(peer)
  return TROUBLE_WORDS[trouble](peer, detail || detailOf(error))
}

const TROUBLE_WORDS: Readonly<Record<ConnectionTrouble, (peer: GrpcPeer, detail: string) => Words>> = {
  reachable: ({ peer }, detail) => ({
    message: `${peer} did not take the call (${detail}).`,
    remedy: `Look at the log of ${peer}; the address may belong to something else.`,
  }),
  name_not_resolved: ({ address }) => ({
    message: `The name in ${address} cannot be resolved.`,
    remedy: 'Check the name; names of a cluster’s services are known inside that cluster only.',
  }),
  refused: ({ address, usualAddress }) => ({
    message: `Nothing listens at ${address}: connection refused.`,
    remedy: `Check the port (usually ${usualAddress}), and that the port-forward runs.`,
  }),
  no_answer: ({ address }) => ({
    message: `${address} does not answer.`,
    remedy: 'A firewall or network policy may drop the connection: allow it.',
  }),
  speaks_no_tls: ({ address }) => ({
    message: `${address} does not speak TLS, but the settings ask for it.`,
    remedy: 'Take `tls` out of the settings of this collector, or turn TLS on at the server.',
    isLasting: true,
  }),
  speaks_tls: ({ address }) => ({
    message: `${address} speaks TLS, but the settings do not ask for it.`,
    remedy: 'Give this collector `tls` with the `ca` that signed the server’s certificate.',
    isLasting: true,
  }),
  unknown_authority: ({ address }, detail) => ({
    message: `The certificate of ${address} is signed by an authority that is not trusted (${detail}).`,
    remedy: 'Set `tls.ca` to the CA that signed it.',
    isLasting: true,
  }),
  expired: ({ address }, detail) => ({
    message: `The certificate of ${address} is not valid at this time (${detail}).`,
    remedy: 'Renew the server’s certificate, or set this machine’s clock.',
    isLasting: true,
  }),
  wrong_name: ({ address }) => ({
    message: `The certificate of ${address} is for another name.`,
    remedy: 'Set `tls.serverName` to a name in the certificate, for example where a port-forward is used.',
    isLasting: true,
  }),
  client_certificate_wanted: ({ address, tls }, detail) => ({
    message: tls?.certChain
      ? `${address} does not accept the client certificate (${detail}).`
      : `${address} wants a client certificate.`,
    remedy: 'Set `tls.cert` and `tls.key` to a client certificate signed by the CA that the server trusts.',
    isLasting: true,
  }),
  tls_failed: ({ address }, detail) => ({
    message: `The TLS handshake with ${address} failed (${detail}).`,
    remedy: 'Check that the address speaks gRPC over TLS 1.2 or newer.',
  }),
}

/** What the other side said: one line, no control characters, at most 160 characters. */
function detailOf(error: ServiceError): string {
  const text = (error.details || error.message).replace(/\p{C}+/gu, ' ').trim()
  return text.slice(0, 160) || `gRPC status ${error.code}`
}
