import type { DnsAnswer, L7Summary } from '@/lib/model/flow'
import { canonicalIp } from '@/lib/sources/canonical-ip'
import { L7_TYPE } from './enums'
import { enumName, integer, record, text, texts, type Wire } from './fields'

const KIND: ReadonlyMap<string, L7Summary['kind']> = new Map([
  ['REQUEST', 'request'],
  ['RESPONSE', 'response'],
  ['SAMPLE', 'sample'],
])
/** "No TTL" on the wire. */
const NO_TTL = 4294967295

/** Method, status, path without query, latency; headers are dropped here, before anything is stored. */
export function l7Of(flow: Wire): L7Summary | undefined {
  const l7 = record(flow, 'l7')
  if (!l7) return undefined
  const kind = KIND.get(enumName(l7, 'type', L7_TYPE) ?? '') ?? 'sample'
  const latencyNs = integer(l7, 'latency_ns')
  const base = { kind, ...(latencyNs !== undefined && { latencyNs }) }
  const http = record(l7, 'http')
  if (http) {
    const [method, status, path] = [text(http, 'method', 16), integer(http, 'code'), pathOf(text(http, 'url', 2048))]
    return { protocol: 'http', ...base, ...(method && { method }), ...(status && { status }), ...(path && { path }) }
  }
  const dns = record(l7, 'dns')
  if (dns) return { protocol: 'dns', ...base, ...(text(dns, 'query') && { query: hostName(text(dns, 'query') ?? '') }) }
  return record(l7, 'kafka') ? { protocol: 'kafka', ...base } : undefined
}

/** A DNS answer that may feed the DNS map: rcode 0 with addresses. */
export function dnsAnswerOf(flow: Wire): DnsAnswer | undefined {
  const dns = record(record(flow, 'l7') ?? {}, 'dns')
  const query = dns && text(dns, 'query')
  if (!dns || !query || (integer(dns, 'rcode') ?? 0) !== 0) return undefined
  const ips = texts(dns, 'ips', 32).flatMap((ip) => canonicalIp(ip) ?? [])
  if (ips.length === 0) return undefined
  const ttl = integer(dns, 'ttl')
  return { name: hostName(query), ips, ...(ttl !== undefined && ttl >= 0 && ttl < NO_TTL && { ttlS: ttl }) }
}

const hostName = (name: string): string => name.toLowerCase().replace(/\.$/, '')

function pathOf(url: string | undefined): string | undefined {
  if (!url) return undefined
  const withoutQuery = url.split(/[?#]/)[0] ?? ''
  return withoutQuery.replace(/^[a-z]+:\/\/[^/]*/i, '').slice(0, 512) || '/'
}
