import { hash } from 'node:crypto'
import { emptyDecodeResult, type RejectReason } from '@/lib/model/decoded'
import type { DnsAnswered } from '@/lib/model/dns-record'
import { canonicalIp } from '@/lib/sources/canonical-ip'
import type { BatchDecoder } from '@/lib/sources/decoder'
import { isRecord, unwrapShipper } from '@/lib/sources/framing/unwrap'
import { cleanText } from '@/lib/sources/otlp/attributes'
import { dnsName } from './dns-names'
import { timeOfValue } from './log-time'

type Wire = Readonly<Record<string, unknown>>

/** Record sets read of one answer, data read of one set, and links followed of one chain: far above what resolvers send. */
const MAX_RRSETS = 256
const MAX_RDATA = 64
const MAX_CHAIN = 16
const MAX_NAME = 253

/** True for a DNS log of Calico Enterprise or Cloud. */
export const isCalicoDns = (record: Wire): boolean => 'qname' in record && ('rrsets' in record || 'rcode' in record)

/**
 * Decoder of the DNS logs of Calico Enterprise and Cloud (formats/calico.md §3.4): one answer per record of rcode NoError
 * with addresses. The name is the one asked for; its CNAME chain is followed to the addresses, and sets of names outside the
 * chain name nothing. Records that stand for dropped logs, refusals and answers without address are ignored.
 */
export function createCalicoDnsDecoder(): BatchDecoder {
  const out = emptyDecodeResult()
  return {
    push(value, line) {
      if (!isRecord(value)) return void out.rejects.push({ line, reason: 'not_an_object' })
      const wire = unwrapShipper(value, isCalicoDns)
      if (!wire || !isCalicoDns(wire))
        return void out.rejects.push({ line, reason: 'no_flow', detail: 'no DNS log: neither `qname` nor `rrsets`' })
      const answer = answerOf(wire, line)
      if (answer === 'nothing') out.ignored.names_nothing = (out.ignored.names_nothing ?? 0) + 1
      else if ('reason' in answer) out.rejects.push({ line, reason: answer.reason, detail: answer.detail })
      else out.dnsRecords.push(answer)
    },
    finish: () => out,
  }
}

type Refusal = { readonly reason: RejectReason; readonly detail: string }

function answerOf(wire: Wire, line: number): DnsAnswered | 'nothing' | Refusal {
  if (textOf(wire.type).toLowerCase() === 'unlogged') return 'nothing'
  if (textOf(wire.rcode).toLowerCase() !== 'noerror') return 'nothing'
  const atMs = timeOfValue(wire.start_time) ?? timeOfValue(wire['@timestamp'])
  const endMs = timeOfValue(wire.end_time) ?? atMs
  if (atMs === undefined || endMs === undefined) return { reason: 'missing_time', detail: 'no `start_time`' }
  if (endMs < atMs) return { reason: 'bad_value', detail: '`end_time` is before `start_time`' }
  const name = dnsName(textOf(wire.qname))
  if (name === undefined) return { reason: 'bad_value', detail: '`qname` is no name' }
  if (wire.rrsets !== undefined && wire.rrsets !== null && !Array.isArray(wire.rrsets))
    return { reason: 'bad_value', detail: '`rrsets` is not a list' }
  const ips = addressesOf(name, Array.isArray(wire.rrsets) ? wire.rrsets.slice(0, MAX_RRSETS) : [])
  if (ips.length === 0) return 'nothing'
  const client = { clientNamespace: placeOf(wire.client_namespace), clientPod: podOf(wire) }
  const identity = [name, ips, client, textOf(wire.client_ip), atMs, endMs]
  return {
    kind: 'answer',
    recordKey: hash('sha256', JSON.stringify(identity), 'hex'),
    line,
    atMs,
    endMs,
    name,
    ips,
    ...client,
  }
}

/** Addresses at the end of the chain that begins at the asked name, sorted, each once. */
function addressesOf(asked: string, rrsets: readonly unknown[]): string[] {
  const aliases = new Map<string, string[]>()
  const addresses = new Map<string, string[]>()
  for (const set of rrsets) {
    if (!isRecord(set) || !Array.isArray(set.rdata)) continue
    const name = dnsName(textOf(set.name))
    const kind = name === undefined ? undefined : kindOf(set.type)
    if (name === undefined || kind === undefined) continue
    const target = kind === 'alias' ? aliases : addresses
    const known = target.get(name) ?? []
    for (const item of set.rdata.slice(0, MAX_RDATA)) {
      const value = kind === 'alias' ? dnsName(textOf(item)) : canonicalIp(textOf(item))
      if (value !== undefined) known.push(value)
    }
    target.set(name, known)
  }
  const reached = new Set([asked])
  let step: readonly string[] = [asked]
  for (let link = 0; link < MAX_CHAIN && step.length > 0; link += 1) {
    const next = new Set<string>()
    for (const name of step) for (const alias of aliases.get(name) ?? []) if (!reached.has(alias)) next.add(alias)
    for (const name of next) reached.add(name)
    step = [...next]
  }
  return [...new Set([...reached].flatMap((name) => addresses.get(name) ?? []))].sort()
}

function kindOf(type: unknown): 'alias' | 'address' | undefined {
  switch (typeof type === 'number' ? type : textOf(type).toUpperCase()) {
    case 'A':
    case 'AAAA':
    case 1:
    case 28:
      return 'address'
    case 'CNAME':
    case 5:
      return 'alias'
    default:
      return undefined
  }
}

/** The pod where the log is kept per pod, else the common part of the names of its ReplicaSet's pods. */
const podOf = (wire: Wire): string => placeOf(wire.client_name) || placeOf(wire.client_name_aggr)

/** `-` is what Felix writes for "aggregated" and "none". */
function placeOf(value: unknown): string {
  const text = textOf(value)
  return text === '-' ? '' : cleanText(text, MAX_NAME)
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
