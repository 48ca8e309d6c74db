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
  /** False where an inner span of the same call carries the same tokens (Vercel's outer span): do not add. */
  readonly countsTokens: boolean
  /** The provider refused the caller's address: `ip_not_authorized` and its kin. The workload's word, not proof. */
  readonly addressRefused?: boolean
}
