import { hash } from 'node:crypto'
import ipaddr from 'ipaddr.js'
import { emptyDecodeResult, type IgnoreReason, type RejectReason } from '@/lib/model/decoded'
import type { NatRecord } from '@/lib/model/nat-record'
import type { UnixMillis } from '@/lib/model/units'
import type { BatchDecoder } from '@/lib/sources/decoder'
import { isRecord } from '@/lib/sources/framing/unwrap'
import { openRecord } from './open-record'

export type Fields = Readonly<Record<string, unknown>>

/** What one log record amounts to. */
export type Reading =
  | { readonly record: NatRecord }
  | { readonly ignore: IgnoreReason }
  | { readonly reason: RejectReason; readonly detail: string }

/** How the records of one log are recognised and read. */
export interface JsonLog {
  /** True for the record itself, as opposed to a wrapper around it. */
  readonly isBare: (record: Fields) => boolean
  readonly read: (record: Fields) => Reading
  /** What to send instead of a value that holds no record. */
  readonly advice: string
}

/** Decoder of a log of JSON records, inside whatever wraps them. Records of equal key within a batch are one. */
export function createJsonLogDecoder({ isBare, read, advice }: JsonLog): BatchDecoder {
  const out = emptyDecodeResult()
  const records = new Map<string, NatRecord>()
  return {
    push(value, line) {
      for (const fields of openRecord(value, isBare)) {
        const reading =
          fields && isBare(fields) ? read(fields) : ({ reason: 'unsupported_dialect', detail: advice } as const)
        if ('record' in reading) records.set(reading.record.recordKey, reading.record)
        else if ('ignore' in reading) out.ignored[reading.ignore] = (out.ignored[reading.ignore] ?? 0) + 1
        else out.rejects.push({ line, reason: reading.reason, detail: reading.detail.slice(0, 120) })
      }
    },
    finish: () => ({ ...out, natRecords: [...records.values()] }),
  }
}

/** Identity of a record: hash of what tells it from others of its source. */
export const keyOfParts = (...parts: readonly unknown[]): string => hash('sha256', JSON.stringify(parts), 'hex')

/** A member that is an object, else an empty one. */
export const childOf = (fields: Fields, name: string): Fields => {
  const child = fields[name]
  return isRecord(child) ? child : {}
}

/** Text of at most 512 characters without control characters; undefined for everything else. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, 512).replace(/[\p{Cc}\p{Cs}]+/gu, ' ') : undefined

const RFC3339 = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/

/** A time with its zone; undefined for a local one, which has several readings. */
export function timeOf(value: unknown): UnixMillis | undefined {
  if (typeof value !== 'string' || !RFC3339.test(value)) return undefined
  const parsed = Date.parse(value)
  return Number.isFinite(parsed) ? parsed : undefined
}

const INSIDE: ReadonlySet<string> = new Set([
  'private',
  'uniqueLocal',
  'carrierGradeNat',
  'linkLocal',
  'loopback',
  'unspecified',
])

/** True for an address inside a network of one's own, in canonical form: no provider sees it as a source. */
export const isInside = (address: string): boolean => INSIDE.has(ipaddr.parse(address).range())
