import 'server-only'
import { bucketParts } from '@/lib/model/bucket-parts'
import type { BucketPart, ClusteredFlow, EvidenceFlow } from '@/lib/model/prepared-batch'
import { groupBy, isFuller, markFamily, type SiblingMark, withMark } from '@/lib/model/siblings'
import type { Queryable } from './client'
import { contentId } from './content-id'
import { type FlowIds, flowIds } from './flow-ids'
import type { EvidenceRow, IdentifiedBatch } from './identified-batch'
import { byId } from './row-order'

/** What the column `weight` of a connection holds. */
const MOST_WEIGHT = 2 ** 31 - 1

/** An evidence row that is stored already and becomes another. */
export interface SiblingChange {
  readonly before: { readonly variantId: string; readonly parts: readonly BucketPart[] }
  readonly after: StoredEvidence
}

/** What is written of an evidence row. */
export interface StoredEvidence {
  readonly recordId: string
  readonly ids: FlowIds
  readonly evidence: Pick<EvidenceFlow, 'flow' | 'parts' | 'sighting'>
}

export interface SettledBatches {
  /** In the order given, their evidence as it is to be stored. */
  readonly batches: readonly IdentifiedBatch[]
  readonly changes: readonly SiblingChange[]
}

/**
 * Decides which records of a family count, over the bodies given and what earlier ones brought, so that it does not matter
 * how a source cuts its records into bodies: of a record told again the fuller telling stands, of a family's parts the
 * largest counts. Writers of such records in one cluster take turns, so that each sees the whole family; to be called
 * before the transaction takes row locks that the same writers may wait for.
 */
export async function settleSiblings(client: Queryable, batches: readonly IdentifiedBatch[]): Promise<SettledBatches> {
  const rows = batches.flatMap((batch) => batch.evidence.filter((row) => row.evidence.flow.sibling))
  if (rows.length === 0) return { batches, changes: [] }
  await lockFamilies(client, rows)
  const given = groupBy(rows, (row) => familyOf(row.ids.dataset, row.evidence.flow))
  const known = await loadFamilies(client, [...given.keys()], rows)
  const stored = groupBy(known, (row) => familyOf(row.dataset, row.flow))
  const finals = new Map<EvidenceRow, EvidenceRow>()
  const changes: SiblingChange[] = []
  for (const [family, parts] of given) settleFamily(parts, stored.get(family) ?? [], finals, changes)
  return { batches: batches.map((batch) => withFinals(batch, finals)), changes }
}

const familyOf = (dataset: string, flow: ClusteredFlow): string =>
  contentId('family', dataset, flow.cluster, flow.sibling?.family ?? '')

/**
 * Column `family` of an evidence row. Only rows that count have it: what repeats them is never asked for again but by its own
 * key, so that a family costs the same however many parts it has.
 */
export const familyColumn = (dataset: string, flow: ClusteredFlow): string | null =>
  flow.sibling && !flow.repeatsSiblingCounts ? familyOf(dataset, flow) : null

async function lockFamilies(client: Queryable, rows: readonly EvidenceRow[]): Promise<void> {
  const ids = rows.map(({ ids: { dataset, flow } }) => contentId('siblings', dataset, flow.cluster))
  for (const id of byId(ids, (item) => item)) await client.query('SELECT pg_advisory_xact_lock($1::bigint)', [id])
}

interface StoredRow {
  readonly dataset: string
  readonly recordId: string
  readonly variantId: string
  readonly flow: ClusteredFlow
}

const COLUMNS = `r.dataset, r.record_id::text AS "recordId", r.variant_id::text AS "variantId", r.flow`
/** Rows of a family that count: one per Service of one key and bucket. */
const MOST_COUNTING = 64

/** The rows of these families that count, and those of the records themselves. */
async function loadFamilies(
  client: Queryable,
  families: readonly string[],
  rows: readonly EvidenceRow[],
): Promise<StoredRow[]> {
  const counting = await client.query<StoredRow>(
    `SELECT r.* FROM unnest($1::bigint[]) AS u(family) CROSS JOIN LATERAL (
       SELECT ${COLUMNS} FROM flow_record r WHERE r.family = u.family LIMIT ${MOST_COUNTING}) r`,
    [families],
  )
  const same = await client.query<StoredRow>(
    `SELECT ${COLUMNS} FROM unnest($1::text[], $2::uuid[]) AS u(dataset, id) JOIN flow_record r ON r.dataset = u.dataset AND r.record_id = u.id`,
    [rows.map((row) => row.ids.dataset), rows.map((row) => row.recordId)],
  )
  return byId([...counting.rows, ...same.rows], (row) => `${row.dataset}\n${row.recordId}`)
}

/** One record of a family with all that is known of it. */
interface Member {
  readonly given: readonly EvidenceRow[]
  readonly stored?: StoredRow
  /** The fullest telling. */
  readonly flow: ClusteredFlow
  /** Of which row that telling is; undefined where the stored one is it. */
  readonly fullest?: EvidenceRow
}

function settleFamily(
  parts: readonly EvidenceRow[],
  stored: readonly StoredRow[],
  finals: Map<EvidenceRow, EvidenceRow>,
  changes: SiblingChange[],
): void {
  const members = membersOf(parts, stored)
  const compared = members.flatMap((member) => {
    const { sibling } = member.flow
    return sibling ? [{ member, sibling, recordKey: member.flow.recordKey, counts: member.flow.counts }] : []
  })
  const marks = markFamily(compared)
  const counting = compared.filter((item) => !marks.get(item)?.repeats)
  const weight = counting.reduce((sum, item) => sum + item.counts.connections, 0)
  for (const item of compared) {
    const mark = marks.get(item)
    if (mark) settleMember(item.member, mark, weight, finals, changes)
  }
}

function membersOf(parts: readonly EvidenceRow[], stored: readonly StoredRow[]): Member[] {
  const known = new Map(stored.map((row) => [row.recordId, row]))
  const members: Member[] = []
  for (const [recordId, given] of groupBy(parts, (row) => row.recordId)) {
    const before = known.get(recordId)
    known.delete(recordId)
    members.push(memberOf(given, before))
  }
  for (const row of known.values()) members.push({ given: [], stored: row, flow: row.flow })
  return members
}

function memberOf(given: readonly EvidenceRow[], stored: StoredRow | undefined): Member {
  let fullest: EvidenceRow | undefined
  let flow = stored?.flow
  for (const row of given) {
    if (flow && !isFuller(row.evidence.flow.counts, flow.counts)) continue
    fullest = row
    flow = row.evidence.flow
  }
  if (!flow) throw new Error('a member of a family without a record')
  return { given, flow, ...(stored && { stored }), ...(fullest && { fullest }) }
}

function settleMember(
  { given, stored, flow, fullest }: Member,
  mark: SiblingMark,
  weight: number,
  finals: Map<EvidenceRow, EvidenceRow>,
  changes: SiblingChange[],
): void {
  const final: ClusteredFlow = { ...withMark(flow, mark), cluster: flow.cluster }
  const after = fullest ? settledRow(fullest, final, weight) : undefined
  for (const row of given) finals.set(row, after ?? row)
  if (!stored || (!after && isSameMark(stored.flow, final))) return
  changes.push({
    before: { variantId: stored.variantId, parts: bucketParts(stored.flow) },
    after: after ?? {
      recordId: stored.recordId,
      ids: flowIds(final, stored.dataset),
      evidence: { flow: final, parts: bucketParts(final) },
    },
  })
}

const isSameMark = (before: ClusteredFlow, after: ClusteredFlow): boolean =>
  before.repeatsSiblingCounts === after.repeatsSiblingCounts &&
  JSON.stringify(before.raw.notes) === JSON.stringify(after.raw.notes)

/** The row with its final mark; what repeats tells nothing of connections, and what counts stands for all that its family started. */
function settledRow(row: EvidenceRow, flow: ClusteredFlow, weight: number): EvidenceRow {
  const { sighting, ...evidence } = row.evidence
  const isSameVariant = flow.repeatsSiblingCounts === row.ids.flow.repeatsSiblingCounts
  return {
    recordId: row.recordId,
    ids: isSameVariant ? row.ids : flowIds(flow, row.ids.dataset),
    evidence: {
      ...evidence,
      flow,
      ...(sighting &&
        !flow.repeatsSiblingCounts && {
          sighting: { ...sighting, weight: Math.min(Math.max(1, weight), MOST_WEIGHT) },
        }),
    },
  }
}

function withFinals(batch: IdentifiedBatch, finals: ReadonlyMap<EvidenceRow, EvidenceRow>): IdentifiedBatch {
  const evidence = batch.evidence.map((row) => finals.get(row) ?? row)
  const variants = new Map(batch.variants.map((ids) => [ids.variantId, ids]))
  for (const { ids } of evidence) variants.set(ids.variantId, ids)
  return { ...batch, evidence, variants: [...variants.values()] }
}
