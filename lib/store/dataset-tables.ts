import 'server-only'

/** Rows that are reached by the id of a row above them. */
export interface HangingTable {
  readonly table: string
  /** Its primary key. */
  readonly key: readonly string[]
  /** Column that holds the id of the row above; an index begins with it. */
  readonly by: string
}

/** A table with a column `dataset`. */
export interface DatasetTable {
  readonly table: string
  /** Unique columns. */
  readonly key: readonly string[]
  /** In what order rows are taken: one that an index beginning with `dataset` gives. Default: that of the key. */
  readonly order?: readonly string[]
  /** Tables whose rows belong to a row of this one by its column `id`. */
  readonly hanging?: readonly HangingTable[]
  /** What writers of these rows that no sender waits for (settling, judging, findings, roll-ups) hold while they write. */
  readonly lock?: 'spans' | 'connections' | 'findings' | 'roll-ups'
}

/**
 * Every table that holds rows of a dataset: what is deleted with one, and what its size is made of. A row that makes other rows come
 * to be (a span its edges, a connection its judgements, names and findings) stands before those. A new table needs one line
 * here, or in `SHARED_TABLES`; a test holds both to the database.
 */
export const DATASET_TABLES: readonly DatasetTable[] = [
  { table: 'span', key: ['dataset', 'start_at', 'trace_id', 'span_id'], lock: 'spans' },
  { table: 'span_bridge', key: ['dataset', 'trace_id', 'span_id'] },
  {
    table: 'egress_connection',
    key: ['dataset', 'id', 'first_at'],
    order: ['dataset', 'cluster', 'first_at', 'id'],
    lock: 'connections',
  },
  {
    table: 'judgement_history',
    key: ['dataset', 'connection_id', 'first_at', 'at'],
    order: ['dataset', 'first_at', 'connection_id', 'at'],
  },
  { table: 'judged_edge', key: ['dataset', 'edge_id'] },
  { table: 'judged_past', key: ['dataset', 'edge_id', 'group_id'] },
  { table: 'finding', key: ['dataset', 'id'], lock: 'findings' },
  { table: 'incident_case', key: ['dataset', 'id'], lock: 'findings' },
  { table: 'finding_event', key: ['dataset', 'id'], lock: 'findings' },
  { table: 'case_event', key: ['dataset', 'id'], lock: 'findings' },
  { table: 'detector_state', key: ['dataset', 'cluster', 'detector'], lock: 'findings' },
  { table: 'flow_record', key: ['dataset', 'start_at', 'record_key'] },
  { table: 'flow_shape', key: ['dataset', 'day', 'id'] },
  { table: 'flow_part', key: ['dataset', 'day', 'id'] },
  { table: 'nat_record', key: ['dataset', 'at', 'record_id'] },
  { table: 'dns_question', key: ['dataset', 'at', 'client_ip', 'record_hash', 'cluster'] },
  {
    table: 'dns_name',
    key: ['dataset', 'cluster', 'ip', 'name', 'client_namespace', 'client_pod', 'origin'],
  },
  { table: 'pod_owner', key: ['dataset', 'cluster', 'namespace', 'pod'] },
  { table: 'gap', key: ['dataset', 'at', 'id'] },
  { table: 'source_minute', key: ['dataset', 'source', 'cluster', 'hop', 'minute'] },
  { table: 'source_reject', key: ['dataset', 'source', 'cluster', 'hop', 'minute', 'reason'] },
  {
    table: 'ingest_batch',
    key: ['body_sha256', 'source', 'token_id', 'dataset', 'context'],
    order: ['dataset', 'body_sha256', 'source', 'token_id', 'context'],
  },
  { table: 'denial_seen', key: ['minute_at', 'id', 'dataset'], order: ['dataset', 'minute_at', 'id'] },
  { table: 'graph_layout', key: ['dataset', 'view_key'] },
  // Marks first: only where there is one anything is rolled up.
  { table: 'bucket_change', key: ['id'], lock: 'roll-ups' },
  { table: 'edge_bucket_15s', key: ['dataset', 'bucket_start', 'variant_id'] },
  { table: 'edge_bucket_1m', key: ['dataset', 'bucket_start', 'variant_id', 'is_direct'] },
  { table: 'edge_bucket_1h', key: ['dataset', 'bucket_start', 'variant_id', 'is_direct'] },
  { table: 'edge', key: ['dataset', 'id'], hanging: [{ table: 'edge_variant', key: ['id'], by: 'edge_id' }] },
  {
    table: 'endpoint',
    key: ['dataset', 'cluster', 'class', 'namespace', 'name'],
    hanging: [{ table: 'endpoint_fact', key: ['endpoint_id'], by: 'endpoint_id' }],
  },
]

/** Tables that hold nothing of one pinned dataset, each with why. */
export const SHARED_TABLES: Readonly<Record<string, string>> = {
  dataset: 'the datasets themselves',
  storage_floor: 'live data only',
  policy_trace: 'dictionary by content, shared by all datasets',
  judgement_group: 'dictionary by content, shared by all datasets',
  graph_change: 'what changed in the last minutes, for browsers that watch',
  address_change: 'live data only',
  pod_ip_lease: 'live data only',
  canary_probe: 'live data only',
  inventory_object: 'live data only',
  inventory_sync: 'live data only',
  collector: 'live data only',
  seen_record: 'live data only',
  edge_first_seen: 'live data only',
  egress_entry: 'settings',
  provider_entry: 'settings',
  allow_list_confirmation: 'settings',
  incident: 'frozen: it stays when what it was made of is gone',
  share_link: 'links to incidents',
  saved_view: 'settings',
  filter_preset: 'settings',
  short_link: 'links to pages',
  api_token: 'settings',
  audit_entry: 'who changed what',
  notification_channel: 'settings',
  notification_told: 'live data only',
  notification_event: 'live data only',
  notification_delivery: 'live data only',
  session: 'signed-in browsers',
  _prisma_migrations: 'ledger of migrations',
}

/** Names of all tables with rows of a dataset, those that hang on others too. */
export const datasetTableNames = (): string[] =>
  DATASET_TABLES.flatMap(({ table, hanging = [] }) => [table, ...hanging.map((below) => below.table)])
