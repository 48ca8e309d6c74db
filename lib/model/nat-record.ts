import type { UnixMillis } from './units'

/** Formats of NAT evidence; conntrack first, cloud logs follow. */
export type NatSource = 'conntrack'

/** One translation seen by one hop: the tuple before and after. Addresses in canonical text form. */
export interface NatRecord {
  readonly source: NatSource
  /** Identity of the record: repeats of the same translation event have equal keys. */
  readonly recordKey: string
  readonly protocol: 'tcp' | 'udp' | 'sctp' | (string & {})
  readonly atMs: UnixMillis
  /** When the connection ended, where a DESTROY was seen. */
  readonly endMs?: UnixMillis
  readonly originalIp: string
  readonly originalPort: number
  readonly destinationIp: string
  readonly destinationPort: number
  /** The source after this hop. Equal to the original where the hop translated nothing. */
  readonly translatedIp: string
  readonly translatedPort: number
  /**
   * Who really answered, where the hop also translated the destination (a ClusterIP to its backend); absent where the
   * answer comes from the destination itself.
   */
  readonly replySourceIp?: string
  readonly replySourcePort?: number
  /** The hop's own connection id, which stays equal between NEW and DESTROY. */
  readonly connectionId?: string
  /** The line as it came, bounded: shown as evidence. */
  readonly raw: string
}
