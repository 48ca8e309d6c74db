import type { UnixMillis } from './units'

/**
 * Where NAT records come from: packet filters (`conntrack`, in all its encodings), logs of cloud NATs and networks, and audit
 * records of providers that name the caller's address.
 */
export type NatSource =
  | 'conntrack'
  | 'aws-vpc'
  | 'gcp-nat'
  | 'gcp-vpc'
  | 'azure-natgw'
  | 'cloudtrail'
  | 'gcp-audit'
  | 'azure-openai'

/** Sources that tell what was seen within a window, not when a connection began. */
const WINDOWED: ReadonlySet<NatSource> = new Set(['aws-vpc', 'gcp-vpc', 'azure-natgw'])
/** Providers' own records: the address that the provider saw, and who called. No hop of ours is behind them. */
const AUDITS: ReadonlySet<NatSource> = new Set(['cloudtrail', 'gcp-audit', 'azure-openai'])

/** True where `[atMs, endMs]` is a stretch of aggregation, in which the connection may have lived before and after. */
export const isWindowed = (source: NatSource): boolean => WINDOWED.has(source)
export const isAudit = (source: NatSource): boolean => AUDITS.has(source)

/**
 * One translation seen by one hop: the tuple before and after; or, of an audit, the address by which a caller reached the
 * provider. Addresses in canonical text form. A field is absent where the source does not tell it: AWS tells no translated
 * port, Azure no ports and no protocol, an audit neither the original tuple nor the server's address.
 */
export interface NatRecord {
  readonly source: NatSource
  /** Identity of the record: repeats of the same translation event have equal keys. Each decoder says what makes it. */
  readonly recordKey: string
  readonly protocol?: 'tcp' | 'udp' | 'sctp' | (string & {})
  /** When the connection began, the window opened, or the call was made. */
  readonly atMs: UnixMillis
  /** When the connection ended, where a DESTROY was seen; the end of a window. */
  readonly endMs?: UnixMillis
  readonly originalIp?: string
  readonly originalPort?: number
  readonly destinationIp?: string
  readonly destinationPort?: number
  /** Host that the caller addressed, lower case: audits only. */
  readonly destinationHost?: string
  /** Who called, in the provider's words: a role's ARN, a service account. Audits only. */
  readonly principal?: string
  /** The source after this hop. Equal to the original where the hop translated nothing. */
  readonly translatedIp: string
  readonly translatedPort?: number
  /**
   * Who really answered, where the hop also translated the destination (a ClusterIP to its backend); absent where the
   * answer comes from the destination itself.
   */
  readonly replySourceIp?: string
  readonly replySourcePort?: number
  /** The hop's own connection id, which stays equal between NEW and DESTROY. */
  readonly connectionId?: string
  /** The line as it came, or the fields that were read of it, bounded: shown as evidence. */
  readonly raw: string
}

/** A record that tells both tuples whole, as conntrack and Cloud NAT do. */
export type NatTuple = NatRecord &
  Required<
    Pick<
      NatRecord,
      | 'protocol'
      | 'originalIp'
      | 'originalPort'
      | 'destinationIp'
      | 'destinationPort'
      | 'translatedIp'
      | 'translatedPort'
    >
  >

export const isTuple = (record: NatRecord): record is NatTuple =>
  record.protocol !== undefined &&
  record.originalIp !== undefined &&
  record.originalPort !== undefined &&
  record.destinationIp !== undefined &&
  record.destinationPort !== undefined &&
  record.translatedPort !== undefined
