import ipaddr from 'ipaddr.js'
import type { DecodeResult } from '@/lib/model/decoded'
import { isRecord } from '../framing/unwrap'

/** The largest time that a Date can hold: `sortByTime` and `dropBadValue` refuse what lies far off, but NaN nobody can compare. */
const LAST_MS = 8.64e15
/** No text of a model value is longer: an attribute has 512 characters, evidence of two lines 1025, a policy hit as text less. */
const LONGEST_TEXT = 2048
const LONGEST_DETAIL = 120
const LONGEST_LIST = 1024
const IP_KEYS = /^(ip|clientIp|peerIp|originalIp|destinationIp|translatedIp|replySourceIp|ips)$/
const TIME_KEYS = /^(atMs|endMs|startMs|fromMs|endedMs|createdMs|deletedMs)$/
const FORBIDDEN_KEYS = ['__proto__', 'constructor', 'prototype']

/**
 * For tests: what is wrong with a value that a decoder made, however hostile its input was; [] where nothing is. Looks at
 * every leaf: plain JSON, finite numbers, canonical addresses, bounded texts that PostgreSQL can store, lists of bounded length.
 */
export function faultsOf(value: unknown): string[] {
  const out: string[] = []
  inspect(value, '', '', out)
  return out
}

function inspect(value: unknown, key: string, path: string, out: string[]): void {
  if (out.length > 5 || value === undefined || value === null) return
  if (typeof value === 'string') inspectText(value, key, path, out)
  else if (typeof value === 'number') inspectNumber(value, key, path, out)
  else if (Array.isArray(value)) {
    if (value.length > LONGEST_LIST && path.split('/').length > 2) out.push(`${path}: ${value.length} items`)
    for (const [index, item] of value.entries()) inspect(item, key, `${path}/${index}`, out)
  } else if (typeof value === 'object') inspectRecord(value, path, out)
  else if (typeof value !== 'boolean') out.push(`${path}: a ${typeof value} is no JSON`)
}

function inspectRecord(value: object, path: string, out: string[]): void {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) out.push(`${path}: no plain object`)
  for (const [key, item] of Object.entries(value)) {
    if (FORBIDDEN_KEYS.includes(key)) out.push(`${path}: a key ${key}`)
    inspectText(key, '', `${path}/(key)`, out)
    inspect(item, key, `${path}/${key}`, out)
  }
}

function inspectText(text: string, key: string, path: string, out: string[]): void {
  if (text.length > (key === 'detail' ? LONGEST_DETAIL : LONGEST_TEXT)) out.push(`${path}: ${text.length} characters`)
  if (text.includes('\0')) out.push(`${path}: NUL`)
  if (/\p{Cs}/u.test(text)) out.push(`${path}: half a character`)
  if (IP_KEYS.test(key) && !isCanonical(text)) out.push(`${path}: ${JSON.stringify(text)} is no canonical address`)
}

function inspectNumber(value: number, key: string, path: string, out: string[]): void {
  if (!Number.isFinite(value)) out.push(`${path}: ${value}`)
  else if (TIME_KEYS.test(key) && Math.abs(value) > LAST_MS) out.push(`${path}: ${value} is no time`)
}

const isCanonical = (text: string): boolean => ipaddr.isValid(text) && ipaddr.process(text).toString() === text

/** For tests: objects whose prototype is not that of plain ones, as a key `__proto__` that was assigned makes them. */
export function impostors(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => impostors(item, `${path}/${index}`))
  if (typeof value !== 'object' || value === null) return []
  const own = Object.getPrototypeOf(value) === Object.prototype ? [] : [`${path}: no plain object`]
  return [...own, ...Object.entries(value).flatMap(([key, item]) => impostors(item, `${path}/${key}`))]
}

/** How many records a result tells of: accepted, refused, ignored, or a stretch that is missing. */
export const accountedFor = ({ flows, spans, natRecords, dnsRecords, gaps, rejects, ignored }: DecodeResult): number =>
  flows.length +
  spans.length +
  natRecords.length +
  dnsRecords.length +
  gaps.length +
  rejects.length +
  Object.values(ignored).reduce((sum, count) => sum + count, 0)

/** For tests: keys that hostile input added to the prototypes that everything shares. */
export function pollution(): string[] {
  const fresh: unknown = JSON.parse('{}')
  return [
    ...Object.keys(Object.prototype),
    ...Object.keys(Array.prototype),
    ...(isRecord(fresh) && fresh.polluted !== undefined ? ['polluted'] : []),
  ]
}
