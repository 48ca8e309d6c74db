import 'server-only'
import type { FlowFilter } from '@/lib/model/flow-list'
import { ALL_FLOWS } from '@/lib/model/flow-list'
import type { TimeRange } from '@/lib/model/time-range'
import { exportFlows } from '../export-flows'
import { ingestBatch } from '../ingest-batch'
import { countOfFlows, flowHistogram, listFlows, listViewSpans, readFlowRecord } from '../list-flows'
import type { FlowRequest } from '../select-flows'
import { common } from './calico-scene'

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

/** One record of Hubble, which is kept: a denial, unless said otherwise. */
export interface SentRecord {
  /** Makes its uuid: equal numbers are one record. */
  readonly n: number
  readonly atMs: number
  /** Number of its client; every one has an edge of its own. */
  readonly client: number
  readonly workload?: string
  readonly pod?: string
  readonly verdict?: 'DROPPED' | 'FORWARDED'
}

const uuidOf = (n: number): string => `11111111-1111-4111-8111-${String(n).padStart(12, '0')}`

const lineOf = ({
  n,
  atMs,
  client,
  workload = `app-${client}`,
  pod = `${workload}-0`,
  verdict = 'DROPPED',
}: SentRecord): string =>
  JSON.stringify({
    flow: {
      time: new Date(atMs).toISOString(),
      uuid: uuidOf(n),
      verdict,
      IP: { source: `10.1.${Math.floor(client / 250)}.${client % 250}`, destination: '10.2.0.1' },
      l4: { TCP: { source_port: 30_000 + (n % 20_000), destination_port: 8080, flags: { SYN: true } } },
      source: {
        ID: 1000 + client,
        namespace: 'web',
        pod_name: pod,
        workloads: [{ name: workload, kind: 'StatefulSet' }],
        labels: [],
      },
      destination: { ID: 7, namespace: 'db', pod_name: 'db-0', workloads: [{ name: 'db', kind: 'StatefulSet' }], labels: [] },
      event_type: { type: verdict === 'DROPPED' ? 1 : 5 },
      traffic_direction: 'EGRESS',
      ...(verdict === 'DROPPED' && { drop_reason_desc: 'POLICY_DENIED' }),
    },
  })

/** Sends records in one body; all must be taken. */
export async function sendRecords(records: readonly SentRecord[], nowMs: number, dataset = ''): Promise<void> {
  const result = await ingestBatch({
    ...common(nowMs, 'c'),
    dataset,
    source: 'hubble',
    body: once(records.map(lineOf).join('\n')),
  })
  if (result.accepted !== records.length) throw new Error(`not all records were taken: ${JSON.stringify(result)}`)
}

/** One interval of Goldmane, from `web-*` to `api-*`. */
export async function sendInterval(startMs: number, seconds: number, nowMs: number): Promise<void> {
  const line = JSON.stringify({
    Key: {
      source_name: 'web-*',
      source_namespace: 'shop',
      source_type: 1,
      dest_name: 'api-*',
      dest_namespace: 'shop',
      dest_type: 1,
      dest_port: 443,
      proto: 'tcp',
      reporter: 1,
      action: 1,
      policies: { enforced_policies: ['0|default|np:shop/a|allow|0'] },
    },
    start_time: Math.floor(startMs / 1000),
    end_time: Math.floor(startMs / 1000) + seconds,
    num_connections_started: 3,
  })
  await ingestBatch({ ...common(nowMs, 'c'), source: 'calico', body: once(line) })
}

/** All traffic of a window. */
export const requestOf = (
  window: TimeRange,
  { dataset = '', selected = '', filter = {} }: { dataset?: string; selected?: string; filter?: Partial<FlowFilter> } = {},
): FlowRequest => ({
  query: { dataset, ...window, windowMs: 0, namespaces: [], scope: 'all', states: [] },
  selected,
  filter: { ...ALL_FLOWS, ...filter },
})

/** All that the flow table asks for, of two pages. */
export async function readAllOfFlows(request: FlowRequest, nowMs: number): Promise<void> {
  const first = await listFlows(request, nowMs, 20)
  if (first.next) await listFlows(request, nowMs, 20, first.next)
  const [row] = first.rows
  if (!row) throw new Error('no record of the window was seeded')
  await readFlowRecord(request.query.dataset, row)
  await countOfFlows(request, nowMs)
  await flowHistogram(request, nowMs)
  for (const isOnlyFailed of [false, true]) await listViewSpans(request, nowMs, isOnlyFailed)
  const made = await exportFlows(request, nowMs)
  await made.nextPage()
  made.stop()
}
