import { emptyDecodeResult } from '@/lib/model/decoded'
import type { Gap } from '@/lib/model/flow'
import { LIMITS } from '@/lib/model/limits'
import type { NatRecord } from '@/lib/model/nat-record'
import { SECOND_MS } from '@/lib/model/units'
import type { BatchDecoder, LineDecoder } from '@/lib/sources/decoder'
import { addressOf, portOf, portProtocol } from './conntrack-event'
import { isInside, keyOfParts, type Reading } from './json-log'
import { openRecord } from './open-record'
import { cleanRaw } from './raw'

/** A line or a parsed record as fields by their names in AWS' spelling; `-` is left out, since it means "none". */
type FlowFields = ReadonlyMap<string, string>

/** The default format, version 2: the only one that may come without naming its fields. */
const DEFAULT_FIELDS =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status'.split(
    ' ',
  )
const FIELD = /^[a-z][a-z0-9-]{1,63}$/
/** Any of these in a line of nothing but field names makes it a header. */
const TELLING = ['srcaddr', 'pkt-srcaddr', 'interface-id', 'log-status']

/** What is kept of a record as evidence. */
const SHOWN =
  'interface-id flow-direction srcaddr dstaddr pkt-srcaddr pkt-dstaddr srcport dstport protocol start end action'.split(
    ' ',
  )

/**
 * Decoder of AWS VPC flow logs, versions 2 to 10: files with a header line that names their fields in any order; lines of a known
 * order (`fields`, else the default format); and either inside JSON (CloudWatch subscriptions and shippers: `message`; or the
 * fields as members). Windows in whole seconds.
 *
 * A NAT gateway shows in one kind of line only: a packet that arrives at the gateway's interface, for a server behind it
 * (`dstaddr` is the interface's private address, `pkt-dstaddr` the server). That address stands for the gateway; the public one
 * comes from a path's map. What leaves the gateway again names no client, and what comes back names neither: both are
 * 'no_translation', as is what was rejected or stays inside. No line tells the translated port. SKIPDATA is a gap.
 *
 * Identity: interface, addresses, ports, protocol and window.
 */
export function createAwsVpcDecoder(options: { readonly fields?: readonly string[] } = {}): LineDecoder & BatchDecoder {
  const out = emptyDecodeResult()
  const records = new Map<string, NatRecord>()
  const told = options.fields?.map(fieldName) ?? []
  let fields: readonly string[] = told.length > 0 ? told : DEFAULT_FIELDS

  const take = (flow: FlowFields, line: number) => {
    const reading = readFlow(flow)
    if ('gap' in reading) out.gaps.push(reading.gap)
    else if ('record' in reading) records.set(reading.record.recordKey, reading.record)
    else if ('ignore' in reading) out.ignored[reading.ignore] = (out.ignored[reading.ignore] ?? 0) + 1
    else out.rejects.push({ line, reason: reading.reason, detail: reading.detail })
  }
  const takeLine = (text: string, line: number) => {
    const bare = text.trim()
    if (bare === '') return
    if (bare.length > LIMITS.textLineBytes)
      return void out.rejects.push({
        line,
        reason: 'line_too_long',
        detail: `longer than ${LIMITS.textLineBytes} characters`,
      })
    const header = headerOf(bare)
    if (header) {
      fields = header
      return
    }
    if (bare.startsWith('#')) return
    const values = bare.split(/\s+/)
    if (values.length !== fields.length)
      return void out.rejects.push({ line, ...wrongCount(values.length, fields.length) })
    take(new Map(fields.flatMap((name, index) => namedValue(name, values[index]))), line)
  }

  return {
    pushLine: takeLine,
    push(value, line) {
      for (const record of openRecord(value, (candidate) => isFlow(candidate) || lineIn(candidate) !== undefined)) {
        const text = record && lineIn(record)
        if (record && isFlow(record)) take(flowOfJson(record), line)
        else if (text !== undefined) takeLine(text, line)
        else out.rejects.push({ line, reason: 'unsupported_dialect', detail: 'no line of a VPC flow log' })
      }
    },
    finish: () => ({ ...out, natRecords: [...records.values()] }),
  }
}

/** The line that a shipper put into a member; undefined where that is JSON, which is opened as such. */
function lineIn(record: Readonly<Record<string, unknown>>): string | undefined {
  const text = [record.message, record.log, record.line].find((value) => typeof value === 'string')
  return typeof text === 'string' && !text.trimStart().startsWith('{') ? text : undefined
}

const namedValue = (name: string, value: string | undefined): [string, string][] =>
  value === undefined || value === '-' ? [] : [[name, value]]

const wrongCount = (values: number, fields: number) => ({
  reason: 'unsupported_dialect' as const,
  detail: `${values} values for ${fields} fields: send the header line, or name the fields by ?fields=`,
})

/** `${srcaddr}`, `pkt_srcaddr` and `srcaddr` are one field. */
const fieldName = (text: string): string =>
  text
    .trim()
    .toLowerCase()
    .replace(/^\$\{|\}$/g, '')
    .replaceAll('_', '-')

function headerOf(line: string): readonly string[] | undefined {
  const names = line.replace(/^#\s*fields:\s*/i, '').split(/\s+/)
  if (names.length > LIMITS.logColumns) return undefined
  const fields = names.map(fieldName)
  return fields.every((name) => FIELD.test(name)) && TELLING.some((name) => fields.includes(name)) ? fields : undefined
}

/** A record whose members are the fields, or whose `message` is the line; neither is a wrapper of JSON. */
const isFlow = (record: Readonly<Record<string, unknown>>): boolean =>
  Object.keys(record).some((key) => TELLING.includes(fieldName(key)))

function flowOfJson(record: Readonly<Record<string, unknown>>): FlowFields {
  const flow = new Map<string, string>()
  for (const [key, value] of Object.entries(record).slice(0, LIMITS.logColumns))
    if (typeof value === 'string' || typeof value === 'number')
      for (const [name, text] of namedValue(fieldName(key), String(value))) flow.set(name, text)
  return flow
}

function readFlow(flow: FlowFields): Reading | { readonly gap: Gap } {
  const status = flow.get('log-status')
  if (status === 'NODATA') return { ignore: 'not_traffic' }
  const [start, end] = [secondsOf(flow.get('start')), secondsOf(flow.get('end'))]
  if (start === undefined || end === undefined)
    return { reason: 'missing_time', detail: 'the fields start and end are missing or no seconds' }
  if (status === 'SKIPDATA') {
    const node = flow.get('interface-id')?.slice(0, 64)
    const gap = {
      source: 'nat',
      reason: 'VPC flow log: SKIPDATA',
      atMs: start,
      endMs: end,
      ...(node && { node }),
    } as const
    return { gap }
  }
  const [from, to] = [flow.get('pkt-srcaddr'), flow.get('pkt-dstaddr')]
  const gateway = flow.get('dstaddr')
  if (from === undefined || to === undefined || gateway === undefined)
    return { reason: 'missing_endpoints', detail: `the log needs dstaddr, pkt-srcaddr and pkt-dstaddr` }
  const [originalIp, destinationIp, translatedIp] = [addressOf(from), addressOf(to), addressOf(gateway)]
  if (!originalIp || !destinationIp || !translatedIp)
    return { reason: 'bad_value', detail: 'an address cannot be read' }
  if (!isIntoGateway(flow, { originalIp, destinationIp, translatedIp })) return { ignore: 'no_translation' }
  const number = flow.get('protocol')
  const protocol = portProtocol(number)
  if (number !== undefined && !protocol) return { ignore: 'no_translation' }
  const [originalPort, destinationPort] = [portOf(flow.get('srcport')), portOf(flow.get('dstport'))]
  const record: NatRecord = {
    source: 'aws-vpc',
    recordKey: '',
    atMs: start,
    endMs: end,
    originalIp,
    destinationIp,
    translatedIp,
    ...(protocol && { protocol }),
    ...(originalPort !== undefined && { originalPort }),
    ...(destinationPort !== undefined && { destinationPort }),
    raw: cleanRaw(SHOWN.flatMap((name) => (flow.has(name) ? [`${name}=${flow.get(name)}`] : [])).join(' ')),
  }
  const recordKey = keyOfParts('aws-vpc', flow.get('interface-id') ?? null, { ...record, raw: '' })
  return { record: { ...record, recordKey } }
}

/** True for a packet on its way into a gateway's interface: from its own sender, for a server that is not there. */
function isIntoGateway(
  flow: FlowFields,
  {
    originalIp,
    destinationIp,
    translatedIp,
  }: Readonly<Record<'originalIp' | 'destinationIp' | 'translatedIp', string>>,
): boolean {
  const sender = addressOf(flow.get('srcaddr'))
  return (
    flow.get('action') !== 'REJECT' &&
    flow.get('flow-direction') !== 'egress' &&
    translatedIp !== destinationIp &&
    translatedIp !== originalIp &&
    (sender === undefined || sender === originalIp) &&
    !isInside(destinationIp)
  )
}

function secondsOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{9,11}$/.test(text) ? Number(text) * SECOND_MS : undefined
}

/** Field names of a URL parameter: separated by spaces or commas, `${…}` or bare; undefined where it names none. */
export function fieldsOfParameter(text: string): readonly string[] | undefined {
  const names = text
    .slice(0, 4096)
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(fieldName)
  return names.length > 0 && names.length <= LIMITS.logColumns && names.every((name) => FIELD.test(name))
    ? names
    : undefined
}
