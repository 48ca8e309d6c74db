import { isCalicoDns } from './dns/calico-dns'
import { unwrapText } from './dns/coredns'
import { isCorednsQuery } from './dns/coredns-line'
import { isRecord, unwrapShipper } from './framing/unwrap'

/** Formats that carriers without a path of their own (OTLP logs, syslog, imported files) may hold. */
export type RecordFormat = 'hubble' | 'calico' | 'dns/calico' | 'dns/coredns'

/**
 * The format of one JSON record by its own fields, looked for inside the wrappers of log shippers; undefined where it is none that
 * we read. Never throws.
 */
export function recogniseRecord(value: unknown): RecordFormat | undefined {
  if (!isRecord(value)) return undefined
  const bare = unwrapShipper(value, (record) => formatOf(record) !== undefined)
  const format = bare && formatOf(bare)
  if (format) return format
  const text = unwrapText(value)?.text
  return text !== undefined && isCorednsQuery(text) ? 'dns/coredns' : undefined
}

function formatOf(record: Readonly<Record<string, unknown>>): RecordFormat | undefined {
  const has = (...keys: readonly string[]) => keys.every((key) => key in record)
  if (has('Key') || (isRecord(record.flow) && ('Key' in record.flow || 'key' in record.flow))) return 'calico'
  if (Array.isArray(record.flows)) return 'calico'
  if (
    has('source_name_aggr') ||
    has('reporter', 'source_namespace') ||
    has('key', 'start_time') ||
    has('key', 'startTime')
  )
    return 'calico'
  if (isCalicoDns(record)) return 'dns/calico'
  if (isRecord(record.flow) || has('lost_events') || has('node_status')) return 'hubble'
  return has('verdict', 'IP') || has('verdict', 'l4') ? 'hubble' : undefined
}
