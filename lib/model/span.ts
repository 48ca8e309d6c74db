import type { Peer } from './endpoint'
import type { UnixMillis } from './units'

export type SpanKind = 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer'

/** A span in our words: typed columns and an allow-listed rest. Content (prompts, headers, query strings) is never here. */
export interface Span {
  /** 32 lower-case hex digits. */
  readonly traceId: string
  /** 16 lower-case hex digits. */
  readonly spanId: string
  readonly parentSpanId?: string
  /**
   * The next span outwards that was not dropped at ingest, where steps without meaning (ignored spans of the same batch and
   * service) lie between it and this one. Nesting goes by this before `parentSpanId`; it outlives the batch.
   */
  readonly enclosingSpanId?: string
  readonly name: string
  readonly kind: SpanKind
  readonly startMs: UnixMillis
  readonly endMs: UnixMillis
  readonly durationNs: number
  readonly isError: boolean
  /** The workload that emitted the span. */
  readonly workload: Peer
  readonly serviceName: string
  readonly cluster?: string
  /** Where the call went, by the best name the span has (peer.service, server.address, host of the URL). */
  readonly peer?: SpanPeer
  /** On spans that receive a call (SERVER, CONSUMER): what the process saw of its caller. */
  readonly entry?: SpanEntry
  /** On spans that hand a message to a queue or topic, or take one from it. */
  readonly queue?: SpanQueue
  readonly httpStatus?: number
  readonly errorType?: string
  readonly ai?: AiCall
  /** Allow-listed attributes for display; values bounded. */
  readonly attributes: Readonly<Record<string, string | number | boolean>>
}

export interface SpanPeer {
  /** Host or service name, lower case; never a bare "unknown". */
  readonly name: string
  readonly namedBy: 'peer.service' | 'server.address' | 'url' | 'network.peer.address' | 'db' | 'api_base'
  /** The host that was addressed, where `name` is another word for it (`peer.service`): match providers by this first. */
  readonly host?: string
  readonly port?: number
  readonly ip?: string
  /** `system/name` of the database behind the peer, lower case: `postgresql/shop`; the system alone where it has no name. */
  readonly database?: string
}

/** The receiving end's view of a call. Addresses are canonical; who held them is for the store to say. */
export interface SpanEntry {
  /** `client.address`: the original caller, which a proxy before the process may have named. */
  readonly clientIp?: string
  /** `network.peer.address`: the other end of the socket. */
  readonly peerIp?: string
  /** Port that the process listens on; rarely told. */
  readonly listenPort?: number
  /** Port that was addressed, by the caller's word (Host header). */
  readonly port?: number
}

export interface SpanQueue {
  /** `system/destination`: `kafka/orders`. */
  readonly name: string
  /** `process` is one message handled; `receive` only fetches or settles, and counts nothing. */
  readonly does: 'send' | 'process' | 'receive'
}

/** The links of a span that was not kept: it lets a walk up the trace see past it. */
export interface SpanBridge {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly kind: SpanKind
  /** Who emitted it, as `emitterKey` writes it. */
  readonly emitter: string
}

/** A span that was read and not kept, with who emitted it: that service may turn out to be a caller. */
export interface DroppedSpan extends SpanBridge {
  readonly workload: Peer
  readonly cluster?: string
}

/** What a GenAI span says about one model call, by the master table of the conventions, old and new names. */
export interface AiCall {
  /** `chat`, `embeddings`, `execute_tool`, … (gen_ai.operation.name values). */
  readonly operation?: string
  /** Canonical `gen_ai.provider.name` value as the span claims it; the host outranks it when both are known. */
  readonly providerName?: string
  readonly requestModel?: string
  readonly responseModel?: string
  readonly inputTokens?: number
  readonly outputTokens?: number
  /** As sent: whether `inputTokens` includes cached ones differs by instrumentation, so nothing is added up from these. */
  readonly cacheReadTokens?: number
  readonly cacheWriteTokens?: number
  readonly reasoningTokens?: number
  /** False where an inner span of the same call carries the same tokens (Vercel's outer span): do not add. */
  readonly countsTokens: boolean
  /** The provider refused the caller's address: `ip_not_authorized` and its kin. The workload's word, not proof. */
  readonly addressRefused?: boolean
}
