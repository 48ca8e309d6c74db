import {
  type ChannelOptions,
  Client,
  type ClientReadableStream,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js'
import { MINUTE_MS, SECOND_MS } from '@/lib/model/units'
import type { TlsMaterial } from '../tls-files'
import { OBSERVER, type ServerStatus, serverStatus } from './protocol'

/** Servers answer GOAWAY too_many_pings to more than one ping in 5 minutes; a dead peer is noticed by ServerStatus long before. */
const KEEPALIVE_MS = 5.5 * MINUTE_MS
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024

export interface RelayTarget {
  readonly address: string
  readonly tls?: TlsMaterial
  /** The name that the server's certificate must carry, where it is not the address's. */
  readonly serverName?: string
}

/** One message of the stream: a decoded GetFlowsResponse, undefined where its bytes could not be decoded. */
export interface RelayMessage {
  readonly response: unknown
  /** On the wire. */
  readonly bytes: number
}

export type FlowStream = ClientReadableStream<RelayMessage>

/** A channel of its own to one Relay (or agent). */
export class RelayClient {
  private readonly client: Client

  constructor({ address, tls, serverName }: RelayTarget) {
    const channelCredentials = tls
      ? credentials.createSsl(tls.rootCerts, tls.privateKey, tls.certChain)
      : credentials.createInsecure()
    this.client = new Client(`dns:${address}`, channelCredentials, channelOptions(tls ? serverName : undefined))
  }

  /** Flows from `sinceMs` on, by their own times, and all that follow until the call is cancelled. */
  getFlows(sinceMs: number): FlowStream {
    const { path, requestSerialize } = OBSERVER.getFlows
    const request = {
      follow: true,
      since: { seconds: String(Math.floor(sinceMs / 1000)), nanos: Math.floor(sinceMs % 1000) * 1_000_000 },
    }
    return this.client.makeServerStreamRequest(path, requestSerialize, decodeMessage, request, new Metadata())
  }

  /** Errors: `ServiceError` of gRPC, also where `signal` aborts. */
  serverStatus(signal: AbortSignal, timeoutMs: number): Promise<ServerStatus> {
    const { path, requestSerialize, responseDeserialize } = OBSERVER.serverStatus
    return new Promise((resolve, reject) => {
      const options = { deadline: Date.now() + timeoutMs }
      const cancel = () => call.cancel()
      const answer = (error: ServiceError | null, response?: unknown) => {
        signal.removeEventListener('abort', cancel)
        const parsed = serverStatus.safeParse(response)
        if (error) reject(error)
        else if (parsed.success) resolve(parsed.data)
        else reject(new Error('ServerStatus could not be read'))
      }
      const call = this.client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        {},
        new Metadata(),
        options,
        answer,
      )
      signal.addEventListener('abort', cancel)
    })
  }

  close(): void {
    this.client.close()
  }
}

/** A message that cannot be decoded is one refused record, not the end of the stream. */
function decodeMessage(bytes: Buffer): RelayMessage {
  try {
    return { response: OBSERVER.getFlows.responseDeserialize(bytes), bytes: bytes.length }
  } catch {
    return { response: undefined, bytes: bytes.length }
  }
}

const channelOptions = (serverName: string | undefined): ChannelOptions => ({
  'grpc.keepalive_time_ms': KEEPALIVE_MS,
  'grpc.keepalive_timeout_ms': 20 * SECOND_MS,
  'grpc.keepalive_permit_without_calls': 0,
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  // A new channel must be a new connection: after a rotation with the new certificate.
  'grpc.use_local_subchannel_pool': 1,
  // The probe that explains failures goes directly too.
  'grpc.enable_http_proxy': 0,
  'grpc.service_config_disable_resolution': 1,
  ...(serverName && { 'grpc.ssl_target_name_override': serverName, 'grpc.default_authority': serverName }),
})
