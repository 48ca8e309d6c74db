import 'server-only'

/** Files with statements that nothing here sends, each with why. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  'all-flows.ts': 'for tests',
  'client.ts': 'BEGIN and COMMIT around what others send',
  'dedicated-connection.ts': 'a sign of life by the clock: dedicated-connection.db.test.ts',
  'bucket-floors.ts': 'three rows, read once a minute: roll-up-buckets.db.test.ts',
  'describe-schema.ts': 'the catalogue, for backups: backup.db.test.ts',
  'distribute.ts': 'needs the extension citus: distribute.db.test.ts',
  'dump-database.ts': 'a backup reads all: backup.db.test.ts',
  'hold-duty.ts': 'advisory locks, no table: maintain-storage.db.test.ts',
  'keep-judged.ts': 'text that partitions.ts sends',
  'lease-ends.ts': 'text that readers of leases send',
  'lint-migrations.ts': 'reads migrations, sends nothing',
  'lock-patience.ts': 'sessions of the server: migrate-under-load.db.test.ts',
  'migrate.ts': 'the ledger of migrations: migrate.db.test.ts',
  'migration-lock.ts': 'advisory locks, no table: migrate.db.test.ts',
  'plan-check.ts': 'the catalogue, for tests',
  'repeat-statement.ts': 'the catalogue, for migrations: migrate-under-load.db.test.ts',
  'restore-database.ts': 'a restore writes all: backup.db.test.ts',
  'server-admin.ts': 'databases of the server: migrate.db.test.ts',
  'source-keys.ts': 'text that load-coverage.ts and load-source-activity.ts send',
  'window-records.ts': 'text that readers of kept records send',
}
/** Lines that send what nothing here sends, each with why. */
export const UNSENT: Readonly<Record<string, string>> = {
  'audit-log.ts: return query<AuditRow>(': 'nothing reads it yet but tests: edit-egress.db.test.ts',
  "measure-dataset.ts: const plan = await query<{ 'QUERY PLAN': readonly { readonly Plan: { readonly 'Plan Rows': number } }[] }>(":
    'an estimate of the planner, which reads no row',
  "partitions.ts: await client.query(`SET lock_timeout = '500ms'`)": 'with the extension citus alone',
  'save-nat-records.ts: const result = await client.query(':
    'the UPDATE of a record whose end comes later, by its key and time: ingest-nat.db.test.ts',
  'partitions.ts: if (isPending) await client.query(`ALTER TABLE ${table} DETACH PARTITION ${name} FINALIZE`)':
    'what a crash left behind: partitions.db.test.ts',
  'save-evidence.ts: const stream = client.query(copyFrom(`COPY flow_record (${FLOW_COLUMNS}) FROM STDIN (FORMAT binary)`))':
    'COPY has no plan',
}
