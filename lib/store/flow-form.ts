import 'server-only'
import type { Peer } from '@/lib/model/endpoint'
import type { L7Summary } from '@/lib/model/flow'
import type { ClusteredFlow, EvidenceClass } from '@/lib/model/prepared-batch'

/**
 * The stored form of a flow: two peers and a frame, each kept once per day in `flow_part`; what varies from row to row in
 * columns; and, as JSON, what fits none. lib/store/encode-flow.ts takes a flow apart, lib/store/decode-flow.ts puts it together.
 */
export interface Frame {
  readonly flow: FramedFlow
  /** Members of the raw record, in their order. */
  readonly raw: readonly RawEntry[]
  readonly keptAs: EvidenceClass
}

/** What many records of one edge and side have in common. */
export interface FramedFlow
  extends Pick<
    ClusteredFlow,
    | 'source'
    | 'cluster'
    | 'node'
    | 'observer'
    | 'protocol'
    | 'serverPort'
    | 'service'
    | 'verdict'
    | 'trace'
    | 'repeatsSiblingCounts'
    | 'isReply'
    | 'translatedSource'
  > {
  /** Where they are those of many records: an instant that counts one thing. */
  readonly counts?: ClusteredFlow['counts']
  readonly l7?: Omit<L7Summary, 'path' | 'latencyNs' | 'query'>
}

/** A member of the raw record: its name and value, or where its value is found. */
export type RawEntry = readonly [string, unknown] | readonly [string, 0, RawSource]

/**
 * Where the value of a raw member is found. `trimmed`, `fixed3`, …: the start as RFC 3339 in UTC, decimals without trailing
 * zeros (Go), or so many (protojson, JavaScript) · `key`: the record key · `node`: the flow's node · an address or the DNS names
 * of a peer · `rest`: the next of `Rest.raw`.
 */
export type RawSource = TimeForm | 'key' | 'node' | 'clientIp' | 'serverIp' | 'clientNames' | 'serverNames' | 'rest'

export type TimeForm = 'trimmed' | 'fixed3' | 'fixed6' | 'fixed9'

/** What of a row fits no column. Only what is there: most Hubble rows have nothing. */
export interface Rest {
  /** Hash of the family of a record that counts for it; always the first member: an index reads it. */
  readonly family?: string
  /** Where the start is no whole millisecond. */
  readonly startMs?: number
  /** Where it is not the start. */
  readonly endMs?: number
  /** Where it is not the row's own id. */
  readonly recordKey?: string
  readonly counts?: ClusteredFlow['counts']
  readonly sibling?: ClusteredFlow['sibling']
  readonly clientPort?: number
  readonly traceId?: string
  readonly l7?: Pick<L7Summary, 'path' | 'latencyNs' | 'query'>
  readonly dnsAnswer?: ClusteredFlow['dnsAnswer']
  /** Values of raw members that vary. */
  readonly raw?: readonly unknown[]
  /** The whole flow, in rows of before there were shapes; then there is nothing else but `family`. */
  readonly flow?: ClusteredFlow
}

/** A flow taken apart, as it is read back. */
export interface FlowParts {
  readonly client: Peer
  readonly server: Peer
  readonly frame: Frame
  readonly startNs: bigint
  readonly recordId: string
  /** undefined = not told, or in `rest`. */
  readonly clientPort?: number
  readonly rest: Rest
}

export const NS_PER_MS = 1_000_000

/** A moment in the unit that starts are stored in, without what is below a millisecond. */
export const nanoseconds = (timeMs: number): bigint => BigInt(Math.floor(timeMs)) * BigInt(NS_PER_MS)
export const DAY_MS = 24 * 3600_000

/** Day of a time, counted from 1970-01-01 in UTC. */
export const dayOf = (timeMs: number): number => Math.floor(timeMs / DAY_MS)

/** A start as RFC 3339 in UTC. */
export function rfc3339(startMs: number, subMsNs: number, form: TimeForm): string {
  const whole = secondText(Math.floor(startMs / 1000))
  const nanos = (startMs % 1000) * NS_PER_MS + subMsNs
  const digits = String(nanos).padStart(9, '0')
  if (form !== 'trimmed') return `${whole}.${digits.slice(0, Number(form.slice(5)))}Z`
  return nanos === 0 ? `${whole}Z` : `${whole}.${digits.replace(/0+$/, '')}Z`
}

let lastSecond = Number.NaN
let lastText = ''
/** `2026-11-26T12:00:00`. Records come in by time, so the last answer is often the next. */
function secondText(second: number): string {
  if (second !== lastSecond) {
    lastText = new Date(second * 1000).toISOString().slice(0, -5)
    lastSecond = second
  }
  return lastText
}
