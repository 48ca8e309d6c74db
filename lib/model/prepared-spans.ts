import type { EndpointIdentity, Peer } from './endpoint'
import type { Span, SpanBridge } from './span'

/** The other end of the edge that a span's own names give. */
export interface SpanServer {
  /** What it is where nothing better is known. */
  readonly identity: EndpointIdentity
  /** 0 = none known. */
  readonly serverPort: number
  /** Default tcp. */
  readonly protocol?: string
  /** A name that may be a Service of this cluster: where a workload of this name is known, the call goes to it. */
  readonly candidate?: { readonly namespace: string; readonly name: string }
  /** The socket's other end: where a pod held this address at the time, the call goes to its workload, before all names. */
  readonly address?: string
  /** True where the edge begins there: messages come from a queue. */
  readonly isSource?: boolean
}

/** A span whose cluster is decided, with the edge that its own names give, if they give one. */
export interface PreparedSpan {
  readonly span: Span
  readonly cluster: string
  /** The emitter, with its owner where the store or the span told it. */
  readonly client: Peer
  readonly server?: SpanServer
}

/** The links of a span that is not kept, with its emitter as of PreparedSpan. */
export interface PreparedBridge {
  readonly bridge: SpanBridge
  readonly cluster: string
  readonly client: Peer
}

/** Who made a call that a span received; keys are `traceId:spanId`, of kept or dropped spans. */
export type SpanCaller =
  | { readonly by: 'call'; readonly span: Span }
  | { readonly by: 'service'; readonly key: string }
  | { readonly by: 'absent' | 'root' | 'own' }

/** What a span counts, among the spans of its trace. */
export interface SpanRole {
  readonly countsCall: boolean
  readonly countsAiCall: boolean
  readonly countsTokens: boolean
  /** By either side's word. */
  readonly hasFailed: boolean
  /** Key of the span whose call names the edge. */
  readonly edgeSpan?: string
  /** On a calling span: key of the span that received the call. */
  readonly receivedBy?: string
  /** On a receiving span: who called. */
  readonly caller?: SpanCaller
  /** On a span that takes a message from a queue which only its sender names. */
  readonly queue?: string
}

/** How the store asks what it cannot know itself: the meaning of spans. Both are pure. */
export interface SpanMeaning {
  /** The role of each span, by `traceId:spanId`; give the whole trace as far as known. */
  link(spans: readonly Span[], bridges: readonly SpanBridge[]): ReadonlyMap<string, SpanRole>
  /** The edge that a stored span's own names give. */
  serverOf(span: Span): SpanServer | undefined
  /** The end of an edge that comes from a queue. */
  queueEnd(name: string): SpanServer
}
