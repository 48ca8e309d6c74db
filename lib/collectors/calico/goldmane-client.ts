import { type ChannelOptions, Client, type ClientReadableStream, credentials, Metadata } from '@grpc/grpc-js'
import { LIMITS } from '@/lib/model/limits'
import { MINUTE_MS, SECOND_MS } from '@/lib/model/units'
import type { TlsMaterial } from '../tls-files'
import { decodeMessage, GOLDMANE, type GoldmaneMessage } from './protocol'

/** Go servers answer GOAWAY too_many_pings to more than one ping in 5 minutes. */
const KEEPALIVE_MS = 5.5 * MINUTE_MS
/** A server that refuses the client's certificate says so after the handshake, which then looks like a connection. */
const READY_LASTS_MS = 2 * SECOND_MS
const READY_WITHIN_MS = 30 * SECOND_MS

export interface GoldmaneTarget {
  readonly address: string
  readonly tls: TlsMaterial
  /** The name that the server's certificate must carry, where it is not the address's (a port-forward). */
  readonly serverName?: string
}

export type GoldmaneStream = ClientReadableStream<GoldmaneMessage>

/** A channel of its own to one Goldmane. */
export class GoldmaneClient {
  private readonly client: Client
  private timer: NodeJS.Timeout | undefined

  constructor({ address, tls, serverName }: GoldmaneTarget) {
    this.client = new Client(
      `dns:${address}`,
      credentials.createSsl(tls.rootCerts, tls.privateKey, tls.certChain),
      channelOptions(serverName),
    )
  }

  /** Flows from so many seconds before the server's now, and all that follow. Nothing is filtered by the server (§1.1). */
  stream(secondsBack: number): GoldmaneStream {
    const { path, requestSerialize, responseDeserialize } = GOLDMANE.stream
    const request = { start_time_gte: String(-secondsBack), aggregation_interval: '15' }
    return this.client.makeServerStreamRequest(
      path,
      requestSerialize,
      decodeMessage(responseDeserialize),
      request,
      new Metadata(),
    )
  }

  /** Calls back where the connection came about and lasts: a quiet cluster sends nothing for minutes. */
  onceReady(then: () => void): void {
    this.client.waitForReady(Date.now() + READY_WITHIN_MS, (error) => {
      if (!error) this.timer = setTimeout(then, READY_LASTS_MS)
    })
  }

  close(): void {
    clearTimeout(this.timer)
    this.client.close()
  }
}

function channelOptions(serverName: string | undefined): ChannelOptions {
  return {
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    'grpc.max_receive_message_length': LIMITS.recordBytes,
    // The supervisor has the pauses between attempts.
    'grpc.enable_retries': 0,
    // Rotated certificates need a connection of their own.
    'grpc.use_local_subchannel_pool': 1,
    ...(serverName && { 'grpc.ssl_target_name_override': serverName, 'grpc.default_authority': serverName }),
  }
}
