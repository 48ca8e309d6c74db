import { type ServiceError, status } from '@grpc/grpc-js'
import { CollectorFailure } from '../collector'
import { grpcFailure } from '../grpc-failure'
import type { GoldmaneTarget } from './goldmane-client'

const USUAL_ADDRESS = 'goldmane.calico-system.svc:7443'

/** Goldmane asks everybody for a certificate; without one it would only say that the handshake failed. */
export const noClientCertificate = (): CollectorFailure =>
  new CollectorFailure(
    'Goldmane wants a client certificate, and none is set.',
    'Set `tls.cert` and `tls.key` to a client certificate signed by the Tigera CA of the cluster, and `tls.ca` to that CA; see docs/calico.md.',
    true,
  )

/** A failed stream in an operator's words, with a remedy. */
export async function goldmaneFailure(
  error: ServiceError,
  target: GoldmaneTarget,
  wasConnected: boolean,
): Promise<CollectorFailure> {
  if (error.code === status.RESOURCE_EXHAUSTED && !/larger than max/i.test(error.details))
    return new CollectorFailure(
      'Goldmane serves no more streams: it allows 100 at a time.',
      'End other readers of Goldmane (Whisker’s open pages, exporters); Postern needs one stream.',
      false,
      { cause: error },
    )
  if (error.code === status.INVALID_ARGUMENT || error.code === status.OUT_OF_RANGE)
    return new CollectorFailure(
      'Goldmane refuses the time that was asked for.',
      'Compare the clocks of the cluster and of this machine.',
      false,
      { cause: error },
    )
  const failure = await grpcFailure(error, { peer: 'Goldmane', usualAddress: USUAL_ADDRESS, ...target }, wasConnected)
  // A server in Go says why; others close the connection once they have seen the client's certificate.
  if (!/the server closed the connection/.test(failure.message)) return failure
  return new CollectorFailure(
    `${target.address} closed the connection after the TLS handshake: it does not seem to accept the client certificate.`,
    'Set `tls.cert` and `tls.key` to a client certificate signed by the Tigera CA that Goldmane trusts.',
    true,
    { cause: error },
  )
}
