import type { UnixMillis } from './units'

/** Address family that a question asks for: A is 4, AAAA is 6. */
export type AddressFamily = 4 | 6

/** A client asked for the addresses of a name and was told that it exists; which addresses it has is not told. */
export interface DnsQuestion {
  readonly kind: 'question'
  /** Identity of the record: repeats of the same log line have equal keys. */
  readonly recordKey: string
  /** Where the record stood in its body (as in `RecordReject`). */
  readonly line: number
  /** When the answer was given. */
  readonly atMs: UnixMillis
  /** Who asked, as the resolver saw it; canonical text form. */
  readonly clientIp: string
  /** Lower case, no trailing dot. */
  readonly name: string
  readonly family: AddressFamily
}

/** A client was told the addresses of a name. */
export interface DnsAnswered {
  readonly kind: 'answer'
  readonly recordKey: string
  readonly line: number
  /** The record stands for `[atMs, endMs]`, in which the answer was given at least once. */
  readonly atMs: UnixMillis
  readonly endMs: UnixMillis
  /** Lower case, no trailing dot: the name asked for, never one in the middle of its CNAME chain. */
  readonly name: string
  /** Canonical text form, at least one. */
  readonly ips: readonly string[]
  /** Who asked, as far as the record tells: '' where it does not. */
  readonly clientNamespace: string
  readonly clientPod: string
}

/** One line of a DNS log that can name an address. */
export type DnsRecord = DnsQuestion | DnsAnswered
