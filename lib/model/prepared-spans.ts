import type { EndpointIdentity, Peer } from './endpoint'
import type { Span } from './span'

/** A span whose cluster is decided, with the edge that its own peer names, if it names one. */
export interface PreparedSpan {
  readonly span: Span
  readonly cluster: string
  /** The emitter, with its owner where the store or the span told it. */
  readonly client: Peer
  readonly server?: {
    readonly identity: EndpointIdentity
    readonly serverPort: number
    /** Where a workload of this name is known in the cluster, the call goes to it. */
    readonly candidate?: { readonly namespace: string; readonly name: string }
  }
}

/** What a span counts, among the spans of its trace. */
export interface SpanRole {
  readonly countsCall: boolean
  readonly countsAiCall: boolean
  readonly countsTokens: boolean
  /** `traceId:spanId` of the span whose peer names the edge. */
  readonly edgeSpan?: string
}

/** Says the role of each span, by `traceId:spanId`; handed to the store, which knows the rest of the trace. */
export type LinkSpans = (spans: readonly Span[]) => ReadonlyMap<string, SpanRole>
