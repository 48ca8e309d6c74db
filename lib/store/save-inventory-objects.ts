import 'server-only'
import type { InventoryChange, InventoryKey, InventoryKind, InventoryObject } from '@/lib/model/inventory'
import type { UnixMillis } from '@/lib/model/units'
import { canonicalJson } from './canonical-json'
import type { Queryable } from './client'
import { contentId } from './content-id'
import { compareText } from './row-order'
import { storeJson } from './store-json'

type ObjectChange = Extract<InventoryChange, { what: 'object' | 'object-gone' }>

interface Version {
  readonly key: InventoryKey
  readonly validFromMs: UnixMillis
  /** undefined = in force. */
  validToMs: UnixMillis | undefined
  readonly hash: string
  /** Absent for a version that is stored already. */
  readonly object?: InventoryObject
}

const keyText = ({ kind, namespace, tier, name }: InventoryKey): string => [kind, namespace, tier, name].join('\n')
const hashOf = ({ uid, body }: InventoryObject): string => contentId(uid, canonicalJson(body ?? null))

/**
 * Enters versions of objects in the order of the changes: one that is equal to the version in force changes nothing, a
 * different one ends it, a removal ends it. Answers the kinds of which anything changed. The caller holds the cluster's inventory lock.
 */
export async function saveInventoryObjects(
  client: Queryable,
  cluster: string,
  changes: readonly ObjectChange[],
): Promise<ReadonlySet<InventoryKind>> {
  if (changes.length === 0) return new Set()
  const latest = await loadLatest(client, cluster, changes.map(keyOf))
  const added: Version[] = []
  const ended: Version[] = []
  for (const change of changes) {
    const text = keyText(keyOf(change))
    const before = latest.get(text)
    const inForce = before?.validToMs === undefined ? before : undefined
    if (change.what === 'object-gone') {
      if (inForce) end(inForce, change.atMs, ended)
      continue
    }
    const hash = hashOf(change.object)
    if (inForce?.hash === hash) continue
    const validFromMs = startOf(change.object, change.atMs, before)
    if (inForce) end(inForce, validFromMs, ended)
    const version: Version = {
      key: change.object,
      validFromMs,
      validToMs: undefined,
      hash,
      object: change.object,
    }
    latest.set(text, version)
    added.push(version)
  }
  await writeEnds(client, cluster, ended)
  await writeVersions(client, cluster, added)
  return new Set([...added, ...ended].map(({ key }) => key.kind))
}

const keyOf = (change: ObjectChange): InventoryKey => (change.what === 'object' ? change.object : change.key)

/** What never changed was so from its creation on; anything else since we learned of it. Versions never overlap. */
function startOf(object: InventoryObject, atMs: UnixMillis, before: Version | undefined): UnixMillis {
  const startMs = !before && object.isUnchanged ? Math.min(object.createdMs ?? atMs, atMs) : atMs
  return before ? Math.max(startMs, before.validFromMs + 1, before.validToMs ?? 0) : startMs
}

function end(version: Version, atMs: UnixMillis, ended: Version[]): void {
  version.validToMs = Math.max(atMs, version.validFromMs)
  if (!version.object) ended.push(version)
}

/** The newest version of each key, in force or not. Index: primary key. */
async function loadLatest(
  client: Queryable,
  cluster: string,
  keys: readonly InventoryKey[],
): Promise<Map<string, Version>> {
  const unique = [...new Map(keys.map((key) => [keyText(key), key])).values()]
  const { rows } = await client.query<InventoryKey & { hash: string; fromMs: number; toMs: number | null }>(
    `SELECT o.kind, o.namespace, o.tier, o.name, o.hash::text, (extract(epoch FROM o.valid_from) * 1000)::float8 AS "fromMs",
       (extract(epoch FROM o.valid_to) * 1000)::float8 AS "toMs"
     FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS u(kind, namespace, tier, name)
     JOIN LATERAL (SELECT * FROM inventory_object i WHERE i.cluster = $1 AND i.kind = u.kind AND i.namespace = u.namespace
       AND i.tier = u.tier AND i.name = u.name ORDER BY i.valid_from DESC LIMIT 1) o ON true`,
    [
      cluster,
      unique.map((key) => key.kind),
      unique.map((key) => key.namespace),
      unique.map((key) => key.tier),
      unique.map((key) => key.name),
    ],
  )
  return new Map(
    rows.map(({ hash, fromMs, toMs, ...key }) => [
      keyText(key),
      { key, hash, validFromMs: fromMs, validToMs: toMs ?? undefined },
    ]),
  )
}

async function writeEnds(client: Queryable, cluster: string, versions: readonly Version[]): Promise<void> {
  if (versions.length === 0) return
  const rows = [...versions].sort((a, b) => compareText(keyText(a.key), keyText(b.key)))
  await client.query(
    `UPDATE inventory_object o SET valid_to = to_timestamp(u.at / 1000.0)
     FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::float8[]) AS u(kind, namespace, tier, name, at)
     WHERE o.cluster = $1 AND o.kind = u.kind AND o.namespace = u.namespace AND o.tier = u.tier AND o.name = u.name AND o.valid_to IS NULL`,
    [
      cluster,
      rows.map((row) => row.key.kind),
      rows.map((row) => row.key.namespace),
      rows.map((row) => row.key.tier),
      rows.map((row) => row.key.name),
      rows.map((row) => row.validToMs),
    ],
  )
}

async function writeVersions(client: Queryable, cluster: string, versions: readonly Version[]): Promise<void> {
  if (versions.length === 0) return
  const rows = versions.flatMap((version) => (version.object ? [{ ...version, object: version.object }] : []))
  rows.sort((a, b) => compareText(keyText(a.key), keyText(b.key)) || a.validFromMs - b.validFromMs)
  await client.query(
    `INSERT INTO inventory_object (cluster, kind, namespace, tier, name, uid, resource_version, created_at, valid_from, valid_to, hash, body)
     SELECT $1, u.kind, u.namespace, u.tier, u.name, u.uid, u.version, to_timestamp(u.created / 1000.0), to_timestamp(u.start / 1000.0),
       to_timestamp(u.stop / 1000.0), u.hash, u.body
     FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::float8[], $9::float8[], $10::float8[], $11::bigint[], $12::jsonb[])
       AS u(kind, namespace, tier, name, uid, version, created, start, stop, hash, body)`,
    [
      cluster,
      rows.map((row) => row.key.kind),
      rows.map((row) => row.key.namespace),
      rows.map((row) => row.key.tier),
      rows.map((row) => row.key.name),
      rows.map((row) => row.object.uid),
      rows.map((row) => row.object.resourceVersion),
      rows.map((row) => row.object.createdMs ?? null),
      rows.map((row) => row.validFromMs),
      rows.map((row) => row.validToMs ?? null),
      rows.map((row) => row.hash),
      rows.map((row) => (row.object.body ? storeJson(row.object.body) : null)),
    ],
  )
}

/** Ends what a complete list of a kind no longer has; true where there was such. Index: (cluster, kind, valid to). */
export async function endUnlistedObjects(
  client: Queryable,
  cluster: string,
  { kind, keys, atMs }: Extract<InventoryChange, { what: 'objects-listed' }>,
): Promise<boolean> {
  const result = await client.query(
    `UPDATE inventory_object o SET valid_to = greatest(o.valid_from, to_timestamp($3::float8 / 1000))
     WHERE o.cluster = $1 AND o.kind = $2 AND o.valid_to IS NULL AND NOT EXISTS (
       SELECT 1 FROM unnest($4::text[], $5::text[], $6::text[]) AS u(namespace, tier, name)
       WHERE u.namespace = o.namespace AND u.tier = o.tier AND u.name = o.name)`,
    [cluster, kind, atMs, keys.map((key) => key.namespace), keys.map((key) => key.tier), keys.map((key) => key.name)],
  )
  return (result.rowCount ?? 0) > 0
}
