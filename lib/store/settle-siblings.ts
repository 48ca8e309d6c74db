import 'server-only'
import { bucketParts } from '@/lib/model/bucket-parts'
import type { BucketPart, ClusteredFlow, EvidenceFlow } from '@/lib/model/prepared-batch'
import { groupBy, isFuller, markFamily, type SiblingMark, withMark } from '@/lib/model/siblings'
import type { Queryable } from './client'
import { contentId } from './content-id'
import { NS_PER_MS } from './flow-form'
import { type FlowIds, flowIds } from './flow-ids'
import type { EvidenceRow, IdentifiedBatch } from './identified-batch'
import { FLOW_ROW, type FlowRowColumns, readFlows, type StoredFlow } from './read-flows'
import { recordKeyText } from './record-key'
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
  readonly evidence: Pick<EvidenceFlow, 'flow' | 'keptAs' | 'parts' | 'sighting'>
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
  const known = await loadFamilies(client, rows)
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

/** Rows of a family that count: one per Service of one key and bucket. */
const MOST_COUNTING = 64

/**
 * The rows of these families that count, and those of the records themselves. A family is one interval's, and a record keeps
 * its start: each look-up goes to one place in the index of one partition.
 */
async function loadFamilies(client: Queryable, rows: readonly EvidenceRow[]): Promise<StoredFlow[]> {
  const starts = rows.map((row) => row.evidence.flow.startMs * NS_PER_MS)
  const bounds = [starts.reduce((a, b) => Math.min(a, b)), starts.reduce((a, b) => Math.max(a, b))]
  const families = byId(rows, (row) => `${familyOf(row.ids.dataset, row.evidence.flow)}\n${row.evidence.flow.startMs}`)
  const within =
    'r.dataset = u.dataset AND r.start_at = u.start AND r.start_at >= $4::bigint AND r.start_at <= $5::bigint'
  const counting = await client.query<FlowRowColumns>(
    `SELECT r.* FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS u(family, start, dataset) CROSS JOIN LATERAL (
       SELECT ${FLOW_ROW} FROM flow_record r WHERE ${OF_FAMILY} = u.family AND ${HAS_FAMILY} AND ${within} LIMIT ${MOST_COUNTING}) r`,
    [
      families.map((row) => familyOf(row.ids.dataset, row.evidence.flow)),
      families.map((row) => row.evidence.flow.startMs * NS_PER_MS),
      families.map((row) => row.ids.dataset),
      ...bounds,
    ],
  )
  const same = await client.query<FlowRowColumns>(
    `SELECT r.* FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS u(key, start, dataset) CROSS JOIN LATERAL (
       SELECT ${FLOW_ROW} FROM flow_record r WHERE r.record_key = u.key AND ${within} LIMIT 1) r`,
    [rows.map((row) => recordKeyText(row.recordId)), starts, rows.map((row) => row.ids.dataset), ...bounds],
  )
  const known = byId([...counting.rows, ...same.rows], (row) => `${row.dataset}\n${row.startAt}\n${row.recordKey}`)
  return readFlows(client, known)
}

/** The expression and the condition of the index on families. */
const OF_FAMILY = `((nullif(r.rest, '')::jsonb ->> 'family')::bigint)`
const HAS_FAMILY = `r.rest ^@ '{"family":'`

/** One record of a family with all that is known of it. */
interface Member {
  readonly given: readonly EvidenceRow[]
  readonly stored?: StoredFlow
  /** The fullest telling. */
  readonly flow: ClusteredFlow
  /** Of which row that telling is; undefined where the stored one is it. */
  readonly fullest?: EvidenceRow
}

function settleFamily(
  parts: readonly EvidenceRow[],
  stored: readonly StoredFlow[],
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

function membersOf(parts: readonly EvidenceRow[], stored: readonly StoredFlow[]): Member[] {
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

function memberOf(given: readonly EvidenceRow[], stored: StoredFlow | undefined): Member {
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
      evidence: { flow: final, keptAs: stored.keptAs ?? 'calico', parts: bucketParts(final) },
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
