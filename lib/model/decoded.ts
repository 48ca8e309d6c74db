import type { DnsRecord } from './dns-record'
import type { Flow, Gap } from './flow'
import type { NatRecord } from './nat-record'
import type { Span } from './span'

/** Why a single record was refused. A closed list: each is counted, shown and documented. */
export const REJECT_REASONS = [
  'not_json',
  'not_an_object',
  'line_too_long',
  'nested_too_deep',
  'unsupported_dialect',
  'no_flow',
  'missing_time',
  'missing_endpoints',
  'bad_value',
  'bad_policy',
  'bad_id',
  'empty_record',
  'too_old',
  'in_the_future',
  'metrics_not_stored',
] as const
export type RejectReason = (typeof REJECT_REASONS)[number]

/** Records that are understood and deliberately not stored, counted apart from rejects. */
export const IGNORE_REASONS = [
  'not_traffic', // socket translation, debug, agent events
  'node_status',
  'stale_zero_deny', // Calico re-emits denies with all counters 0
  'no_translation', // multicast, broadcast, protocols without ports, return traffic, what a NAT refused
  'not_inference', // an audit record of something else than a call to a model
  'private_link', // a call over a private endpoint: it never left by a public address
  'no_caller_address', // an audit record with a masked address, or a service's name in its place
  'not_a_query', // lines of a DNS server that are no query log: other plugins, other levels
  'names_nothing', // a DNS query that names no address outside: other types, refusals, names of the cluster
  'internal_span', // a step inside a service: no peer and no AI facts
] as const
export type IgnoreReason = (typeof IGNORE_REASONS)[number]

/** A record that was refused, with where it stood in the body (1-based line, or index in an array plus 1). */
export interface RecordReject {
  readonly line: number
  readonly reason: RejectReason
  /** What was wrong, in words that the sender's operator understands; never echoes more than 120 characters of input. */
  readonly detail?: string
}

/** What a decoder makes of one batch. Order is that of the input. */
export interface DecodeResult {
  readonly flows: Flow[]
  readonly spans: Span[]
  readonly natRecords: NatRecord[]
  readonly dnsRecords: DnsRecord[]
  readonly gaps: Gap[]
  readonly rejects: RecordReject[]
  readonly ignored: Partial<Record<IgnoreReason, number>>
}

export function emptyDecodeResult(): DecodeResult & { ignored: Partial<Record<IgnoreReason, number>> } {
  return { flows: [], spans: [], natRecords: [], dnsRecords: [], gaps: [], rejects: [], ignored: {} }
}
