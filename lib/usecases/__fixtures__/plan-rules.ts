import 'server-only'
import { PARTITIONED, type PartitionedTable } from '@/lib/store/partitions'
import { recordPlans, type SentStatement } from '@/lib/store/record-plans'

const HOUR_MS = 3600_000
const DAY_MS = 24 * HOUR_MS

/** What a call may read of tables with partitions. */
export type Window =
  /** Of live data, the partitions that hold this stretch. */
  | { readonly fromMs: number; readonly toMs: number }
  /** The partition of pinned datasets. */
  | 'pinned'
  /** All that is kept. */
  | 'kept'

/** How far around a window rows can begin that are of it. A table without a line here is read for the window and no more. */
const AROUND: Readonly<Record<string, { readonly beforeMs: number; readonly afterMs?: number }>> = {
  // A connection that is alive can have begun a day before (connection-key.ts), seen by hops hours before that (mark-connections.ts).
  egress_connection: { beforeMs: DAY_MS + 5 * HOUR_MS },
  // It goes with its connection.
  judgement_history: { beforeMs: DAY_MS + 5 * HOUR_MS },
  // By whole days.
  flow_shape: { beforeMs: DAY_MS },
  flow_part: { beforeMs: DAY_MS },
  // Told by hops around the connections of the window, and hours before those of them that are alive.
  nat_record: { beforeMs: DAY_MS + 5 * HOUR_MS, afterMs: 2 * HOUR_MS },
  // Parts of a trace come a day apart at most.
  span: { beforeMs: DAY_MS, afterMs: DAY_MS },
  // What was asked before a connection, which can have begun a day before.
  dns_question: { beforeMs: DAY_MS + 5 * HOUR_MS, afterMs: HOUR_MS },
}

/** Tables that may be read whole: what they hold is little by nature, whatever is sent and however long. */
const SMALL: Readonly<Record<string, string>> = {
  dataset: 'a row per pinned dataset, which people make',
  collector: 'a row per collector of the settings',
  egress_entry: 'a row per entry of the egress settings',
  allow_list_confirmation: 'a row per provider of the catalogue',
  notification_channel: 'a row per channel, which people make, at most 50',
  api_token: 'a row per token, which people make',
  graph_layout: 'a row per view whose places are remembered, at most 500',
  provider_entry: 'a row per provider that people add',
  incident: 'a row per frozen incident, which people make; the list tells how many there are',
  saved_view: 'a row per view that people save, at most 200',
  filter_preset: 'a row per preset that people save, at most 2000',
  short_link: 'counted, when a person makes one: at most 50000',
  storage_floor: 'a row per tier of buckets',
  graph_revision: 'a sequence',
  graph_change: 'what changed in the last two minutes',
  bucket_change: 'buckets that wait to be added up, for seconds',
  address_change: 'addresses that wait to be looked at, for seconds',
  inventory_sync: 'a row per cluster and kind',
  finding: 'a row per detector, workload and target, all of which are planned over at once',
  incident_case: 'a row per cause that findings have in a cluster',
  detector_state: 'a row per cluster and detector',
  judged_past: 'a row per edge that leaves the cluster and judgement, of what retention dropped',
  judged_edge: 'a row per edge that leaves the cluster',
}

/** Indexes that may be walked whole: only rows that wait are in them. */
const QUEUES: Readonly<Record<string, string>> = {
  egress_connection_first_at_idx: 'connections that wait to be judged',
}

interface Exception {
  /** What it may read whatever the call is about. */
  readonly reads?: Window
  /** Tables that it may read whole. */
  readonly whole?: readonly string[]
  /** Of pinned datasets it reads all that an index by dataset gives. */
  readonly datasets?: true
  readonly why: string
}

/** Files whose statements may read more than the window of the call, each with why that is right. */
const EXCEPTIONS: Readonly<Record<string, Exception>> = {
  'count-waiting.ts': { reads: 'kept', why: 'what waits can be of any time: the index of what waits, of each partition' },
  'judge-connections.ts': { reads: 'kept', why: 'as count-waiting.ts; what is written is found by its key' },
  'load-judged-edges.ts': {
    reads: 'kept',
    datasets: true,
    whole: ['egress_connection'],
    why: 'a finding counts all that is on record, edge by edge; of a pinned dataset the planner may take its own index beside',
  },
  'load-answered-hosts.ts': {
    whole: ['dns_name'],
    why: 'once in half a minute; an index on the end of a name would have to be written whenever an answer repeats it',
  },
  'load-asked-hosts.ts': {
    whole: ['dns_question'],
    why: 'once in half a minute, the hours of the window: an index on names would have to be written with every question',
  },
  'look-at-kept.ts': {
    datasets: true,
    whole: ['egress_connection'],
    why: 'of a pinned dataset all is looked at, edge by edge, and the planner may walk its key; of live partitions it does not',
  },
  'settle-traces.ts': { reads: 'kept', why: 'what waits can be of any time: the index of what waits, of each partition' },
  'load-oldest.ts': { reads: 'kept', why: 'the first row of each partition' },
  'load-datasets.ts': { datasets: true, why: 'the minutes of receipt of one pinned dataset' },
  'measure-dataset.ts': { reads: 'kept', datasets: true, why: 'at most 100 000 index entries and 200 rows of a dataset' },
  'mark-all-connections.ts': {
    reads: 'kept',
    whole: ['egress_connection'],
    why: 'changed rules concern every connection that is kept; rules change rarely',
  },
  'mark-for-intent.ts': {
    whole: ['egress_connection'],
    why: 'what a gateway is told to do concerns every connection of its cluster since then; that changes rarely, and the planner may walk the index of edges',
  },
  'mark-connections.ts': {
    datasets: true,
    whole: ['egress_connection'],
    why: 'as long as the partition of all pinned datasets has no statistics the planner may walk its key; of live partitions it does not',
  },
  'partitions.ts': {
    reads: 'kept',
    whole: ['egress_connection'],
    why: 'what a partition leaves behind is added up once, before it is dropped',
  },
  'collectors.ts': {
    whole: ['seen_record'],
    why: 'once at a start, where the settings name other collectors than before; it holds the overlap of each, some minutes',
  },
  'delete-old-rows.ts': {
    whole: ['dns_name'],
    why: 'once in ten minutes; an index on the end of a name would have to be written whenever an answer repeats it',
  },
}

const isPartitioned = (table: string): table is PartitionedTable => Object.hasOwn(PARTITIONED, table)

function mayRead(table: string, partition: string, window: Window): boolean {
  if (!isPartitioned(table) || window === 'kept') return true
  if (partition === `${table}_pinned` || window === 'pinned') return partition === `${table}_pinned` && window === 'pinned'
  const [, year, month, day, hour] = /_p(\d{4})(\d\d)(\d\d)(\d\d)$/.exec(partition) ?? []
  const startMs = Date.parse(`${year}-${month}-${day}T${hour}:00:00Z`)
  const { beforeMs, afterMs = 0 } = AROUND[table] ?? { beforeMs: 0 }
  return startMs < window.toMs + afterMs && startMs + PARTITIONED[table].widthMs > window.fromMs - beforeMs
}

/** What is wrong with how a statement of a call reads. */
function problemsOf({ reads, failure, places }: SentStatement, window: Window): string[] {
  if (failure !== undefined) return [failure]
  if (!reads) return []
  const exception = EXCEPTIONS[places[0]?.file ?? '']
  const ofDataset = exception?.datasets || window === 'pinned' ? [] : reads.datasets
  const whole = [...reads.problems, ...ofDataset].filter(
    ({ table, index = '', isShort }) =>
      !isShort &&
      // The catalogue.
      !table.startsWith('pg_') &&
      !Object.hasOwn(SMALL, table) && !Object.hasOwn(QUEUES, index) && !exception?.whole?.includes(table),
  )
  const beyond = [...reads.partitions].flatMap(([table, names]) =>
    [...names]
      .filter((name) => !mayRead(table, name, exception?.reads ?? window))
      .map((name) => `reads ${name}, which it does not need`),
  )
  return [...new Set([...whole.map(({ problem }) => problem), ...beyond])]
}

/**
 * Runs `work`, and adds what it sent to `all`. Throws, with statement and plan, where a statement reads more than it may: a table that
 * is not small without a condition on an index, or partitions beyond those of the window.
 */
export async function expectPlans(all: SentStatement[], window: Window, work: () => Promise<unknown>): Promise<void> {
  const sent = await recordPlans(work)
  all.push(...sent)
  const bad = sent.flatMap((statement) => {
    const problems = problemsOf(statement, window)
    const [place] = statement.places
    return problems.length > 0 ? [{ what: `${place?.file}:${place?.line}: ${problems.join('; ')}`, statement }] : []
  })
  const [first] = bad
  if (first)
    throw new Error(
      `${[...new Set(bad.map(({ what }) => what))].join('\n')}\n\n${first.statement.text}\n${first.statement.reads?.plan ?? ''}`,
    )
}
