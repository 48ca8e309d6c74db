import 'server-only'
import pg from 'pg'

/**
 * Where each table lives once one server is outgrown (Citus, setting POSTERN_CITUS): `by` a column that is in every key of the
 * table, so that a key is unique on the shard that holds it; `reference` tables are whole on every node, so that joins with
 * dictionaries never leave a shard; `coordinator` tables are small and joined with nothing.
 */
export const DISTRIBUTION: Readonly<
  Record<string, { readonly by: string; readonly with?: string } | 'reference' | 'coordinator'>
> = {
  edge_bucket_15s: { by: 'variant_id' },
  edge_bucket_1m: { by: 'variant_id', with: 'edge_bucket_15s' },
  edge_bucket_1h: { by: 'variant_id', with: 'edge_bucket_15s' },
  flow_record: { by: 'record_key' },
  denial_seen: { by: 'id' },
  span: { by: 'trace_id' },
  span_bridge: { by: 'trace_id', with: 'span' },
  egress_connection: { by: 'id' },
  judgement_history: { by: 'connection_id', with: 'egress_connection' },
  nat_record: { by: 'record_id' },
  dns_question: { by: 'client_ip' },
  dataset: 'reference',
  endpoint: 'reference',
  endpoint_fact: 'reference',
  edge: 'reference',
  edge_variant: 'reference',
  policy_trace: 'reference',
  flow_shape: 'reference',
  flow_part: 'reference',
  judgement_group: 'reference',
  judged_edge: 'reference',
  judged_past: 'reference',
  dns_name: 'reference',
  pod_ip_lease: 'coordinator',
  canary_probe: 'coordinator',
  pod_owner: 'coordinator',
  address_change: 'coordinator',
  bucket_change: 'coordinator',
  graph_change: 'coordinator',
  storage_floor: 'coordinator',
  ingest_batch: 'coordinator',
  source_minute: 'coordinator',
  source_reject: 'coordinator',
  gap: 'coordinator',
  collector: 'coordinator',
  seen_record: 'coordinator',
  inventory_object: 'coordinator',
  inventory_sync: 'coordinator',
  edge_first_seen: 'coordinator',
  egress_entry: 'coordinator',
  provider_entry: 'coordinator',
  allow_list_confirmation: 'coordinator',
  finding: 'coordinator',
  finding_event: 'coordinator',
  incident_case: 'coordinator',
  case_event: 'coordinator',
  detector_state: 'coordinator',
  incident: 'coordinator',
  share_link: 'coordinator',
  saved_view: 'coordinator',
  filter_preset: 'coordinator',
  short_link: 'coordinator',
  api_token: 'coordinator',
  audit_entry: 'coordinator',
  notification_channel: 'coordinator',
  notification_told: 'coordinator',
  notification_event: 'coordinator',
  notification_delivery: 'coordinator',
  graph_layout: 'coordinator',
  session: 'coordinator',
  _prisma_migrations: 'coordinator',
}

const IS_CITUS = `SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') AS "isThere"`

/**
 * Distributes the tables over the nodes of a Citus coordinator; those that are distributed already stay as they are, so it may
 * be run at every start. Answers the names of what it distributed. Throws, with what to do, where the extension is not
 * installed in the database.
 */
export async function distributeTables(databaseUrl: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { rows } = await client.query<{ isThere: boolean }>(IS_CITUS)
    if (!rows[0]?.isThere)
      throw new Error(
        'POSTERN_CITUS is set, but the database has no extension citus: run CREATE EXTENSION citus on the coordinator and its ' +
          'workers, add the workers, then start again. See docs/scale.md.',
      )
    const known = await client.query<{ name: string }>('SELECT logicalrelid::text AS name FROM pg_dist_partition')
    const done = new Set(known.rows.map((row) => row.name))
    const changed: string[] = []
    for (const [table, where] of Object.entries(DISTRIBUTION)) {
      if (done.has(table) || where === 'coordinator') continue
      if (where === 'reference') await client.query('SELECT create_reference_table($1)', [table])
      else
        await client.query('SELECT create_distributed_table($1, $2, colocate_with => $3)', [
          table,
          where.by,
          where.with ?? 'none',
        ])
      changed.push(table)
    }
    return changed
  } finally {
    await client.end().catch(() => undefined)
  }
}
