import { LIMITS } from '@/lib/model/limits'
import { JsonRecordSplitter } from './framing/json-records'
import { isRecord } from './framing/unwrap'
import { recogniseRecord } from './recognise'

type Fields = Readonly<Record<string, unknown>>

/**
 * Formats of recorded files. `records`: JSON, many records to a body. `lines`: text, many lines to a body. `each`: every record
 * is a request of its own. `whole`: the file is one request. `hop`: the request must say which NAT hop saw it.
 */
export const FILE_FORMATS = {
  hubble: { framing: 'records' },
  calico: { framing: 'records' },
  'dns/calico': { framing: 'records' },
  'dns/coredns': { framing: 'lines' },
  'nat/conntrack': { framing: 'lines', hop: true },
  'nat/aws-vpc': { framing: 'lines', hop: true },
  'nat/gcp-nat': { framing: 'records', hop: true },
  'nat/gcp-vpc': { framing: 'records', hop: true },
  'nat/azure-natgw': { framing: 'records', hop: true },
  'nat/azure-vnet': { framing: 'records', hop: true },
  'nat/cloudtrail': { framing: 'records' },
  'nat/gcp-audit': { framing: 'records' },
  'nat/azure-openai': { framing: 'records' },
  'nat/openai-audit': { framing: 'records' },
  'nat/anthropic-compliance': { framing: 'records' },
  'otlp/traces': { framing: 'each' },
  'otlp/logs': { framing: 'each' },
  'otlp/traces-protobuf': { framing: 'whole' },
} as const satisfies Readonly<
  Record<string, { readonly framing: 'records' | 'lines' | 'each' | 'whole'; readonly hop?: true }>
>
export type FileFormat = keyof typeof FILE_FORMATS

export const isFileFormat = (name: string): name is FileFormat => Object.hasOwn(FILE_FORMATS, name)

const RECORDS_LOOKED_AT = 20
const LINES_LOOKED_AT = 20
/** The lists that clouds wrap their records in. */
const LISTS = ['Records', 'records', 'logEvents', 'entries'] as const
const OTLP_START = /^\ufeff?\s*\{\s*"(resourceSpans|resource_spans|resourceLogs|resource_logs)"/
const ENVELOPE_START = /^\ufeff?\s*\{\s*"(?:Records|records|logEvents|entries)"\s*:\s*\[/

/**
 * What a file holds, by its first bytes (decompressed; up to 1 MiB are looked at) and, for binary files alone, its name.
 * Undefined where it is nothing that we read. Never throws.
 */
export function recogniseFile(head: Uint8Array, name: string): FileFormat | undefined {
  if (head.includes(0)) return isProtobufTraces(head, name) ? 'otlp/traces-protobuf' : undefined
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('utf8')
  const otlp = OTLP_START.exec(text)?.[1]
  if (otlp) return otlp.startsWith('resourceS') || otlp === 'resource_spans' ? 'otlp/traces' : 'otlp/logs'
  if (/^\ufeff?[\s[]*\{/.test(text)) return firstOf(recordsOf(text), (record) => formatOfRecord(record))
  if (isProtobufTraces(head, name)) return 'otlp/traces-protobuf'
  return firstOf(text.split('\n', LINES_LOOKED_AT), formatOfLine)
}

function firstOf<Item>(
  items: readonly Item[],
  formatOf: (item: Item) => FileFormat | undefined,
): FileFormat | undefined {
  for (const item of items) {
    const format = formatOf(item)
    if (format) return format
  }
  return undefined
}

/** The first complete records; those of a list that does not end within these bytes included. */
function recordsOf(text: string): unknown[] {
  const splitter = new JsonRecordSplitter({ maxRecordBytes: LIMITS.recordBytes, maxDepth: LIMITS.nesting })
  const records: unknown[] = []
  for (const one of splitter.push(Buffer.from(text.replace(ENVELOPE_START, '')))) {
    if ('value' in one) records.push(...opened(one.value))
    if (records.length >= RECORDS_LOOKED_AT) break
  }
  return records
}

function opened(value: unknown): readonly unknown[] {
  if (!isRecord(value)) return []
  const list = LISTS.map((name) => value[name]).find(Array.isArray)
  return list ? list.slice(0, RECORDS_LOOKED_AT) : [value]
}

const MOST_LAYERS = 3

function formatOfRecord(value: unknown, layer = 0): FileFormat | undefined {
  if (!isRecord(value)) return undefined
  const { message, log } = value
  return (
    formatOfCloud(value) ??
    formatOfDns(value) ??
    recogniseRecord(value) ??
    formatOfCalico(value, layer) ??
    (typeof message === 'string' ? formatOfLine(message) : undefined) ??
    (typeof log === 'string' ? formatOfLine(log) : undefined)
  )
}

function formatOfCloud(record: Fields): FileFormat | undefined {
  const { jsonPayload: payload, protoPayload, category } = record
  if (isRecord(payload) && isRecord(payload.connection))
    return 'allocation_status' in payload || 'gateway_identifiers' in payload ? 'nat/gcp-nat' : 'nat/gcp-vpc'
  if (isRecord(protoPayload) && 'serviceName' in protoPayload) return 'nat/gcp-audit'
  if (typeof record.eventSource === 'string' && typeof record.eventName === 'string') return 'nat/cloudtrail'
  if (typeof category === 'string') return AZURE_CATEGORIES.get(category)
  if ('orig.l4.dport' in record || 'orig.ip.protocol' in record) return 'nat/conntrack'
  return 'pkt-srcaddr' in record || 'pkt_srcaddr' in record ? 'nat/aws-vpc' : undefined
}

const AZURE_CATEGORIES: ReadonlyMap<string, FileFormat> = new Map([
  ['NatGatewayFlowlogsV1', 'nat/azure-natgw'],
  ['FlowLogFlowEvent', 'nat/azure-vnet'],
  ['NetworkSecurityGroupFlowEvent', 'nat/azure-vnet'],
  ['RequestResponse', 'nat/azure-openai'],
])

/** Lists of Goldmane and Whisker, what HTTP gateways and collectors put around them, and Whisker's own flows. */
function formatOfCalico(record: Fields, layer: number): FileFormat | undefined {
  if ('source_name' in record && 'dest_name' in record && 'reporter' in record) return 'calico'
  if (layer >= MOST_LAYERS) return undefined
  const inner = [record.flows, record.items].find(Array.isArray)?.[0] ?? record.result ?? record.raw ?? record._source
  return formatOfRecord(inner, layer + 1)
}

/** Calico Enterprise's DNS logs. */
const formatOfDns = (record: Fields): FileFormat | undefined =>
  'qname' in record && ('rrsets' in record || 'client_name_aggr' in record) ? 'dns/calico' : undefined

function formatOfLine(line: string): FileFormat | undefined {
  if (/\bsrc=\S+ dst=\S+/.test(line) || /^\s*<(?:conntrack|flow)\b/.test(line)) return 'nat/conntrack'
  if (/:\d{1,5} - \d{1,5} "[A-Z0-9]+ IN /.test(line)) return 'dns/coredns'
  if (/(?:^|\s)(?:pkt-srcaddr|srcaddr)(?:\s|$)/.test(line)) return 'nat/aws-vpc'
  return /^\d{1,2} \d{12} eni-[0-9a-f]+ /.test(line) ? 'nat/aws-vpc' : undefined
}

/** A message whose first field is number 1 and holds bytes: told from other binary files by its name. */
const isProtobufTraces = (head: Uint8Array, name: string): boolean =>
  head[0] === 0x0a && /\.(pb|binpb|protobuf)(\.|$)/.test(name)
