import type { ChipField, ChipSide } from '@/lib/model/filter-chip'
import type { FlowEnd, FlowListRow } from '@/lib/model/flow-list'
import { shownPolicyName } from '@/lib/model/policy'
import { BASIS_WORD, formatExact, KEPT_AS_WORD, OBSERVER_WORD, OUTCOME_WORD, PENDING_WORD } from '@/lib/view/flow-words'
import { formatBytes, formatMoment } from '@/lib/view/format'

/** What a cell can be filtered by, the most particular first. */
export interface CellTerms {
  readonly side: ChipSide
  readonly terms: readonly { readonly field: ChipField; readonly value: string }[]
}

interface Column {
  readonly id: string
  readonly group: string
  readonly title: string
  /** Pixels. */
  readonly width: number
  readonly isNumber?: boolean
  /** Where there is no room for its text, its end says more than its start. */
  isOfEnd?(row: FlowListRow): boolean
  /** '' = the record does not tell. */
  text(row: FlowListRow): string
  terms?(row: FlowListRow): CellTerms
}

/** A moment in UTC, to the millisecond. */
const moment = (ms: number): string => `${new Date(ms).toISOString().slice(0, 23).replace('T', ' ')} UTC`
const count = (value: number): string => (value > 0 ? formatExact(value) : '')
const bytes = (value: number): string => (value > 0 ? formatBytes(value) : '')

function workloadTerms(side: 'source' | 'destination', end: FlowEnd): CellTerms {
  const terms: { field: ChipField; value: string }[] = []
  if (end.provider) terms.push({ field: 'provider', value: end.provider })
  // A workload's name alone is not unique.
  if (end.class === 'workload')
    terms.push({ field: 'workload', value: end.namespace ? `${end.namespace}/${end.name}` : end.name })
  if (end.class === 'external') terms.push({ field: 'host', value: end.name })
  if (end.namespace) terms.push({ field: 'namespace', value: end.namespace })
  if (terms.length === 0) terms.push({ field: 'class', value: end.class })
  return { side, terms }
}

const one = (side: ChipSide, field: ChipField, value: string): CellTerms => ({
  side,
  terms: value === '' ? [] : [{ field, value }],
})

const SIDE = { client: 'source', server: 'destination' } as const

const endColumns = <End extends 'client' | 'server'>(end: End, group: string, title: string) =>
  [
    {
      id: end,
      group,
      title,
      // Hosts of providers are long, and differ in their end.
      width: end === 'server' ? 290 : 220,
      text: (row: FlowListRow) => row[end].label,
      isOfEnd: (row: FlowListRow) => row[end].label === `${row[end].namespace} / ${row[end].name}`,
      terms: (row: FlowListRow) => workloadTerms(SIDE[end], row[end]),
    },
    {
      id: `${end}_namespace`,
      group,
      title: `${title} namespace`,
      width: 140,
      text: (row: FlowListRow) => row[end].namespace,
      terms: (row: FlowListRow) => one(SIDE[end], 'namespace', row[end].namespace),
    },
    {
      id: `${end}_pod`,
      group,
      title: `${title} pod`,
      width: 220,
      text: (row: FlowListRow) => row[end].pod ?? '',
    },
    { id: `${end}_ip`, group, title: `${title} address`, width: 130, text: (row: FlowListRow) => row[end].ip ?? '' },
    {
      id: `${end}_names`,
      group,
      title: `${title} DNS names`,
      width: 200,
      text: (row: FlowListRow) => row[end].dnsNames?.join(', ') ?? '',
    },
    {
      id: `${end}_role`,
      group,
      title: `${title} AI role`,
      width: 110,
      text: (row: FlowListRow) => row[end].role ?? '',
      terms: (row: FlowListRow) => one(SIDE[end], 'role', row[end].role ?? ''),
    },
  ] as const

const TABLE = [
  { id: 'start', group: 'Time', title: 'Start', width: 210, text: (row: FlowListRow) => moment(row.startMs) },
  { id: 'end', group: 'Time', title: 'End', width: 210, text: (row: FlowListRow) => moment(row.endMs) },
  {
    id: 'received',
    group: 'Time',
    title: 'Received',
    width: 210,
    text: (row: FlowListRow) => formatMoment(row.receivedMs),
  },
  ...endColumns('client', 'Client', 'Client'),
  {
    id: 'client_port',
    group: 'Client',
    title: 'Client port',
    width: 90,
    isNumber: true,
    text: (row: FlowListRow) => String(row.client.port ?? ''),
  },
  ...endColumns('server', 'Server', 'Server'),
  {
    id: 'port',
    group: 'Server',
    title: 'Port',
    width: 100,
    text: (row: FlowListRow) => `${row.server.port ?? '–'}/${row.protocol}`,
    terms: (row: FlowListRow) => one('either', 'port', row.server.port === undefined ? '' : String(row.server.port)),
  },
  {
    id: 'protocol',
    group: 'Server',
    title: 'Protocol',
    width: 80,
    text: (row: FlowListRow) => row.protocol,
    terms: (row: FlowListRow) => one('either', 'protocol', row.protocol),
  },
  {
    id: 'service',
    group: 'Server',
    title: 'Service',
    width: 160,
    text: (row: FlowListRow) => (row.service ? `${row.service.namespace} / ${row.service.name}` : ''),
  },
  {
    id: 'provider',
    group: 'Server',
    title: 'Provider',
    width: 130,
    text: (row: FlowListRow) => row.server.provider ?? '',
    terms: (row: FlowListRow) => one('destination', 'provider', row.server.provider ?? ''),
  },
  {
    id: 'outcome',
    group: 'Verdict',
    title: 'Verdict',
    width: 110,
    text: (row: FlowListRow) => OUTCOME_WORD[row.outcome],
  },
  { id: 'basis', group: 'Verdict', title: 'Decided by', width: 170, text: (row: FlowListRow) => BASIS_WORD[row.basis] },
  {
    id: 'policy',
    group: 'Verdict',
    title: 'Policy',
    width: 200,
    text: (row: FlowListRow) => {
      if (!row.policy) return ''
      return row.policy.kind === 'EndOfTier' ? `end of tier ${row.policy.tier}` : shownPolicyName(row.policy)
    },
    terms: (row: FlowListRow) =>
      one('either', 'policy', !row.policy || row.policy.kind === 'EndOfTier' ? '' : row.policy.name),
  },
  {
    id: 'policy_kind',
    group: 'Verdict',
    title: 'Policy kind',
    width: 160,
    text: (row: FlowListRow) => row.policy?.kind ?? '',
  },
  {
    id: 'policy_tier',
    group: 'Verdict',
    title: 'Tier',
    width: 110,
    text: (row: FlowListRow) => row.policy?.tier ?? '',
  },
  {
    id: 'policy_rule',
    group: 'Verdict',
    title: 'Rule',
    width: 60,
    isNumber: true,
    text: (row: FlowListRow) => String(row.policy?.ruleIndex ?? ''),
  },
  {
    id: 'pending',
    group: 'Verdict',
    title: 'With staged policies',
    width: 150,
    text: (row: FlowListRow) => PENDING_WORD[row.pending],
  },
  { id: 'layer', group: 'Verdict', title: 'Layer', width: 60, text: (row: FlowListRow) => row.layer },
  {
    id: 'reason',
    group: 'Verdict',
    title: 'Drop reason',
    width: 170,
    text: (row: FlowListRow) => row.dropReason ?? '',
  },
  {
    id: 'observer',
    group: 'Verdict',
    title: 'Reported by',
    width: 100,
    text: (row: FlowListRow) => OBSERVER_WORD[row.observer],
  },
  {
    id: 'connections',
    group: 'Traffic',
    title: 'Connections',
    width: 100,
    isNumber: true,
    text: (row: FlowListRow) => count(row.counts.connections),
  },
  {
    id: 'requests',
    group: 'Traffic',
    title: 'Requests',
    width: 90,
    isNumber: true,
    text: (row: FlowListRow) => count(row.counts.requests),
  },
  {
    id: 'errors',
    group: 'Traffic',
    title: 'Requests failed (5xx)',
    width: 140,
    isNumber: true,
    text: (row: FlowListRow) => count(row.counts.requestErrors),
  },
  {
    id: 'sent',
    group: 'Traffic',
    title: 'Sent by client',
    width: 110,
    isNumber: true,
    text: (row: FlowListRow) => bytes(row.counts.bytesSent),
  },
  {
    id: 'got',
    group: 'Traffic',
    title: 'Received by client',
    width: 130,
    isNumber: true,
    text: (row: FlowListRow) => bytes(row.counts.bytesReceived),
  },
  { id: 'l7', group: 'Layer 7', title: 'L7 protocol', width: 90, text: (row: FlowListRow) => row.l7?.protocol ?? '' },
  { id: 'method', group: 'Layer 7', title: 'Method', width: 80, text: (row: FlowListRow) => row.l7?.method ?? '' },
  {
    id: 'status',
    group: 'Layer 7',
    title: 'Status',
    width: 70,
    isNumber: true,
    text: (row: FlowListRow) => String(row.l7?.status ?? ''),
  },
  { id: 'path', group: 'Layer 7', title: 'Path', width: 220, text: (row: FlowListRow) => row.l7?.path ?? '' },
  {
    id: 'latency',
    group: 'Layer 7',
    title: 'Latency',
    width: 90,
    isNumber: true,
    text: (row: FlowListRow) => (row.l7?.latencyNs === undefined ? '' : `${(row.l7.latencyNs / 1e6).toFixed(1)} ms`),
  },
  {
    id: 'translated',
    group: 'Egress',
    title: 'Left as address',
    width: 130,
    text: (row: FlowListRow) => row.translatedIp ?? '',
  },
  { id: 'trace', group: 'Record', title: 'Trace', width: 240, text: (row: FlowListRow) => row.traceId ?? '' },
  {
    id: 'cluster',
    group: 'Record',
    title: 'Cluster',
    width: 110,
    text: (row: FlowListRow) => row.cluster,
    terms: (row: FlowListRow) => one('either', 'cluster', row.cluster),
  },
  { id: 'node', group: 'Record', title: 'Node', width: 140, text: (row: FlowListRow) => row.node ?? '' },
  { id: 'source', group: 'Record', title: 'Told by', width: 80, text: (row: FlowListRow) => row.source },
  {
    id: 'kept',
    group: 'Record',
    title: 'Kept as',
    width: 160,
    text: (row: FlowListRow) => (row.keptAs ? KEPT_AS_WORD[row.keptAs] : ''),
  },
  { id: 'id', group: 'Record', title: 'Record id', width: 270, text: (row: FlowListRow) => row.id },
] as const

export type ColumnId = (typeof TABLE)[number]['id']

/** Every column of the flow table, in the order of the chooser. */
export const COLUMNS: readonly (Column & { readonly id: ColumnId })[] = TABLE

const BY_ID = new Map<string, Column & { readonly id: ColumnId }>(COLUMNS.map((column) => [column.id, column]))

export const isColumn = (id: unknown): id is ColumnId => typeof id === 'string' && BY_ID.has(id)

/** The column of an id; undefined for what is none. */
export const columnOf = (id: string): (Column & { readonly id: ColumnId }) | undefined => BY_ID.get(id)

/** Sets of columns for a question, each in its order. */
export const PRESETS: Readonly<Record<'Default' | 'Policy' | 'Egress' | 'Network', readonly ColumnId[]>> = {
  Default: ['start', 'client', 'server', 'port', 'outcome', 'policy', 'observer', 'kept'],
  Policy: [
    'start',
    'client',
    'server',
    'port',
    'outcome',
    'basis',
    'policy',
    'policy_kind',
    'policy_tier',
    'policy_rule',
    'pending',
    'reason',
    'observer',
  ],
  Egress: [
    'start',
    'client',
    'client_pod',
    'provider',
    'server',
    'server_ip',
    'port',
    'outcome',
    'translated',
    'trace',
  ],
  Network: [
    'start',
    'cluster',
    'node',
    'client_ip',
    'client_port',
    'server_ip',
    'port',
    'outcome',
    'reason',
    'connections',
    'sent',
    'got',
  ],
}
