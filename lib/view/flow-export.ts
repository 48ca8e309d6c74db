import type { FlowListRow } from '@/lib/model/flow-list'
import { policyName } from '@/lib/model/policy'
import type { TimeRange } from '@/lib/model/time-range'
import { csvLine } from './csv'

export const EXPORT_FORMATS = ['csv', 'ndjson'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

type Cell = string | number | undefined

/** Fields of an exported record, in order; docs/flows.md says what each means. A field that the record lacks is empty, in NDJSON absent. */
const FIELDS: readonly (readonly [name: string, of: (row: FlowListRow, dataset: string) => Cell])[] = [
  ['start', (row) => iso(row.startMs)],
  ['end', (row) => iso(row.endMs)],
  ['id', (row) => row.id],
  ['dataset', (_row, dataset) => dataset],
  ['cluster', (row) => row.cluster],
  ['edge_id', (row) => row.edgeId],
  ['source', (row) => row.source],
  ['observer', (row) => row.observer],
  ['outcome', (row) => row.outcome],
  ['basis', (row) => row.basis],
  ['pending', (row) => row.pending],
  ['layer', (row) => row.layer],
  ['drop_reason', (row) => row.dropReason],
  ['policy', (row) => row.policy && policyName(row.policy)],
  ['policy_kind', (row) => row.policy?.kind],
  ['policy_tier', (row) => row.policy?.tier],
  ['policy_rule', (row) => row.policy?.ruleIndex],
  ['policy_trigger', (row) => row.policy?.trigger && policyName(row.policy.trigger)],
  ...(['client', 'server'] as const).flatMap((end) => [
    [`${end}_class`, (row: FlowListRow) => row[end].class] as const,
    [`${end}_namespace`, (row: FlowListRow) => row[end].namespace] as const,
    [`${end}_name`, (row: FlowListRow) => row[end].name] as const,
    [`${end}_label`, (row: FlowListRow) => row[end].label] as const,
    [`${end}_pod`, (row: FlowListRow) => row[end].pod] as const,
    [`${end}_ip`, (row: FlowListRow) => row[end].ip] as const,
    [`${end}_port`, (row: FlowListRow) => row[end].port] as const,
    [`${end}_dns_names`, (row: FlowListRow) => row[end].dnsNames?.join(' ')] as const,
    [`${end}_provider`, (row: FlowListRow) => row[end].provider] as const,
    [`${end}_role`, (row: FlowListRow) => row[end].role] as const,
  ]),
  ['protocol', (row) => row.protocol],
  ['service', (row) => row.service && `${row.service.namespace}/${row.service.name}`],
  ['translated_ip', (row) => row.translatedIp],
  ['connections', (row) => row.counts.connections],
  ['events', (row) => row.counts.events],
  ['requests', (row) => row.counts.requests],
  ['request_errors', (row) => row.counts.requestErrors],
  ['bytes_sent', (row) => row.counts.bytesSent],
  ['bytes_received', (row) => row.counts.bytesReceived],
  ['l7_protocol', (row) => row.l7?.protocol],
  ['l7_kind', (row) => row.l7?.kind],
  ['l7_method', (row) => row.l7?.method],
  ['l7_status', (row) => row.l7?.status],
  ['l7_path', (row) => row.l7?.path],
  ['l7_latency_ns', (row) => row.l7?.latencyNs],
  ['l7_query', (row) => row.l7?.query],
  ['trace_id', (row) => row.traceId],
  ['node', (row) => row.node],
  ['kept_as', (row) => row.keptAs],
  ['received', (row) => iso(row.receivedMs)],
]

export const EXPORT_FIELDS: readonly string[] = FIELDS.map(([name]) => name)

/** The first line of a CSV. */
export const csvHead = (): string => csvLine(EXPORT_FIELDS)

export const csvFlow = (row: FlowListRow, dataset: string): string =>
  csvLine(FIELDS.map(([name, of]) => (name === 'edge_id' ? BigInt(row.edgeId) : (of(row, dataset) ?? ''))))

/** One line of NDJSON: the fields of the CSV with their types, and what the source sent as `raw`. */
export const ndjsonFlow = (row: FlowListRow, dataset: string, raw: Readonly<Record<string, unknown>>): string =>
  `${JSON.stringify({ ...Object.fromEntries(FIELDS.map(([name, of]) => [name, of(row, dataset)])), raw })}\n`

/** The last line of NDJSON, which only a file that is whole has. */
export const ndjsonEnd = (count: number, window: TimeRange): string =>
  `${JSON.stringify({ postern_export: { complete: true, count, from: iso(window.fromMs), to: iso(window.toMs) } })}\n`

const iso = (ms: number): string => new Date(ms).toISOString()
