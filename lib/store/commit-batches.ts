import 'server-only'
import type { IngestResult } from '@/lib/model/ingest-result'
import { amendLedger, type BodyKey, bodyKeyText, enterLedger, loadRepeatedResults } from './batch-ledger'
import { type Queryable, withTransaction } from './client'
import { findRepeatedDenials } from './count-denials'
import { evidenceTrust } from './evidence-trust'
import type { EvidenceRow, IdentifiedBatch } from './identified-batch'
import { knownIds } from './known-ids'
import { lockConnections } from './lock-connections'
import { loadNameCoverage, markConnectionsOfNames } from './mark-connections-of-dns'
import { notifyGraph } from './notify-graph'
import { byId } from './row-order'
import { type BucketAddition, dropEmptyBuckets, negated, saveBuckets } from './save-buckets'
import { saveConnections } from './save-connections'
import { saveDatasets } from './save-datasets'
import { saveDictionaries } from './save-dictionaries'
import { saveDictionariesAhead } from './save-dictionaries-ahead'
import { saveDnsNames } from './save-dns-names'
import { saveEndpointFacts } from './save-endpoint-facts'
import { isRepeatedRecord, saveEvidence } from './save-evidence'
import { saveGaps } from './save-gaps'
import { savePodOwners } from './save-pod-owners'
import { type Pull, savePulls } from './save-pulls'
import { type Receipt, rejectCounts, saveSourceMinutes } from './save-source-minutes'
import { type SiblingChange, settleSiblings } from './settle-siblings'

/** One body, ready to be committed. */
export interface FlowBatch {
  readonly key: BodyKey
  readonly batch: IdentifiedBatch
  /** The answer, if every record turns out to be new; `accepted` counts them all. */
  readonly result: IngestResult
  /** Where rejects and duplicates are counted: they belong to no record's cluster. */
  readonly cluster: string
  /** For a batch that a collector pulled: how far it has read, written with the records. */
  readonly pull?: Pull
}

/**
 * Commits bodies in one transaction and answers after COMMIT, in the same order. A body that was committed before changes
 * nothing; an evidence record that any body brought before counts nowhere, unless its source tells it again with grown
 * counters: then these replace the older ones; a denial counts once a minute. Tables are visited in one order and rows in
 * key order: writers on the same keys queue up and never deadlock. Fails as a whole.
 */
export async function commitBatches(batches: readonly FlowBatch[]): Promise<IngestResult[]> {
  await saveDictionariesAhead(batches.map((item) => item.batch))
  const trust = evidenceTrust()
  const trusting = trust.isDue(batches.map((item) => item.batch))
  try {
    return await commitOnce(batches, trusting)
  } catch (error) {
    if (!trusting || !isRepeatedRecord(error)) throw error
    trust.disappoint()
    return await commitOnce(batches, false)
  }
}

async function commitOnce(batches: readonly FlowBatch[], trusting: boolean): Promise<IngestResult[]> {
  const { results, remembered, remember } = await withTransaction((client) => commitInside(client, batches, trusting))
  knownIds().add(remembered)
  remember()
  return results
}

interface Committed {
  readonly results: IngestResult[]
  /** Keys for `knownIds`, and what else is to be remembered after COMMIT. */
  readonly remembered: readonly string[]
  readonly remember: () => void
}

async function commitInside(client: Queryable, batches: readonly FlowBatch[], trusting: boolean): Promise<Committed> {
  await saveDatasets(
    client,
    batches.map((item) => item.batch.dataset),
  )
  const entered = await enterLedger(
    client,
    byId([...batches].reverse(), (item) => bodyKeyText(item.key)),
  )
  const taken = new Set<string>()
  const fresh = batches.filter((item) => {
    const text = bodyKeyText(item.key)
    if (!entered.has(text) || taken.has(text)) return false
    taken.add(text)
    return true
  })
  const written = fresh.length > 0 ? await write(client, fresh, trusting) : NOTHING
  await amendLedger(
    client,
    fresh.flatMap((item, index) => {
      const result = written.results[index]
      return result && result.duplicates !== item.result.duplicates ? [{ key: item.key, result }] : []
    }),
  )
  const isFresh = new Set(fresh)
  const repeats = batches.filter((item) => !isFresh.has(item))
  const earlier = await loadRepeatedResults(
    client,
    repeats.map((item) => item.key),
  )
  const byBatch = new Map(fresh.map((item, index) => [item, written.results[index] ?? item.result]))
  const results = batches.map(
    (item) => byBatch.get(item) ?? earlier.get(bodyKeyText(item.key)) ?? { ...item.result, repeatedBatch: true },
  )
  return { ...written, results }
}

const NOTHING: Committed = { results: [], remembered: [], remember: () => undefined }

async function write(client: Queryable, given: readonly FlowBatch[], trusting: boolean): Promise<Committed> {
  const settled = await settleSiblings(
    client,
    given.map((item) => item.batch),
  )
  const { changes, batches: all } = settled
  const batches = given.map((item, index) => ({ ...item, batch: all[index] ?? item.batch }))
  const ofEach = <T extends object>(pick: (batch: IdentifiedBatch) => readonly T[]) =>
    all.flatMap((batch) => pick(batch).map((row) => ({ ...row, dataset: batch.dataset })))
  const variants = [...all.flatMap((batch) => batch.variants), ...changes.map((change) => change.after.ids)]
  const remembered = [...(await saveDictionaries(client, variants))]
  remembered.push(...(await saveEndpointFacts(client, variants)))
  const { newRows, remember } = await saveEvidence(
    client,
    { rows: all.flatMap((batch) => batch.evidence), changed: changes.map((change) => change.after) },
    { trusting },
  )
  const repeatedDenials = await findRepeatedDenials(client, [...newRows])
  await saveBuckets(client, [
    ...all.flatMap((batch) =>
      batch.sums.map(({ sum, ids }) => ({ dataset: ids.dataset, variantId: ids.variantId, part: sum })),
    ),
    ...[...newRows].flatMap((row) => additionsOf(row, repeatedDenials.has(row))),
    ...changes.flatMap(correctionsOf),
  ])
  await dropEmptyBuckets(
    client,
    changes.flatMap(({ before, after }) =>
      before.parts.map((part) => ({ dataset: after.ids.dataset, variantId: before.variantId, part })),
    ),
  )
  remembered.push(
    ...(await savePodOwners(
      client,
      ofEach((batch) => batch.flows.owners),
    )),
  )
  const names = ofEach((batch) => batch.flows.names)
  const namesBefore = await loadNameCoverage(client, names)
  await saveDnsNames(client, names)
  await saveGaps(
    client,
    ofEach((batch) => batch.flows.gaps),
  )
  const newOf = newRowsOfEach(batches, newRows)
  await saveSourceMinutes(
    client,
    batches.flatMap((item) => receiptsOf(item, newOf(item))),
  )
  // All clusters at once: to take one's lock while holding another's could close a circle.
  if (names.length > 0) await lockConnections(client, scopesOf(batches))
  const egressScopes = new Set([
    ...(await saveConnections(client, [...newRows, ...changes.map((change) => change.after)])),
    ...(await markConnectionsOfNames(client, names, namesBefore)),
  ])
  await savePulls(
    client,
    batches.flatMap((item) => (item.pull ? [item.pull] : [])),
  )
  await notifyGraph(client, changesOf(batches, egressScopes))
  return { results: batches.map((item) => resultOf(item, newOf(item))), remembered, remember }
}

/** The new rows of each body. Bodies that tell the same record share its row: it counts for the first, and repeats for the others. */
function newRowsOfEach(
  batches: readonly FlowBatch[],
  newRows: ReadonlySet<EvidenceRow>,
): (item: FlowBatch) => ReadonlySet<EvidenceRow> {
  const left = new Set(newRows)
  const own = new Map(batches.map((item) => [item, new Set(item.batch.evidence.filter((row) => left.delete(row)))]))
  return (item) => own.get(item) ?? new Set()
}

/** A repeated denial keeps the edge alive and counts no connection. */
function additionsOf(row: EvidenceRow, isRepeat: boolean): BucketAddition[] {
  const { dataset, variantId } = row.ids
  if (!isRepeat) return row.evidence.parts.map((part) => ({ dataset, variantId, part }))
  return row.evidence.parts.map((part) => ({
    dataset,
    variantId,
    part: { ...part, connections: 0, events: part.events + part.connections },
  }))
}

/** What a changed row takes back, and what it adds: together the difference. */
const correctionsOf = ({ before, after }: SiblingChange): BucketAddition[] => [
  ...before.parts.map((part) => ({ dataset: after.ids.dataset, variantId: before.variantId, part: negated(part) })),
  ...after.evidence.parts.map((part) => ({ dataset: after.ids.dataset, variantId: after.ids.variantId, part })),
]

function resultOf(item: FlowBatch, newRows: ReadonlySet<EvidenceRow>): IngestResult {
  const repeated = item.batch.evidence.length - newRows.size
  return { ...item.result, accepted: item.result.accepted - repeated, duplicates: item.result.duplicates + repeated }
}

function receiptsOf(item: FlowBatch, newRows: ReadonlySet<EvidenceRow>): Receipt[] {
  const { dataset, flows } = item.batch
  const base = { dataset, source: item.key.source, hop: '', duplicates: 0 }
  const { duplicates } = resultOf(item, newRows)
  return [
    { ...base, cluster: item.cluster, accepted: 0, duplicates, rejects: rejectCounts(item.result.rejects) },
    ...flows.summed.map((tally) => ({ ...base, ...tally })),
    ...talliesOf(newRows).map((tally) => ({ ...base, ...tally })),
  ]
}

/** New evidence per cluster. */
function talliesOf(newRows: Iterable<EvidenceRow>) {
  const tallies = new Map<string, { cluster: string; accepted: number; newestMs: number }>()
  for (const row of newRows) {
    const { cluster, endMs } = row.evidence.flow
    const tally = tallies.get(cluster)
    if (!tally) tallies.set(cluster, { cluster, accepted: 1, newestMs: endMs })
    else {
      tally.accepted += 1
      tally.newestMs = Math.max(tally.newestMs, endMs)
    }
  }
  return [...tallies.values()]
}

function scopesOf(batches: readonly FlowBatch[]): { readonly dataset: string; readonly cluster: string }[] {
  const scopes = batches.flatMap(({ batch, cluster }) => [
    { dataset: batch.dataset, cluster },
    ...batch.variants.map((ids) => ({ dataset: batch.dataset, cluster: ids.flow.cluster })),
  ])
  return byId(scopes, (scope) => `${scope.dataset}\n${scope.cluster}`)
}

function changesOf(batches: readonly FlowBatch[], egressScopes: ReadonlySet<string>) {
  return scopesOf(batches).map((scope) => ({
    ...scope,
    egress: egressScopes.has(`${scope.dataset}\n${scope.cluster}`),
  }))
}
