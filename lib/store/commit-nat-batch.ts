import 'server-only'
import type { Gap } from '@/lib/model/flow'
import type { IngestResult } from '@/lib/model/ingest-result'
import type { NatRecord } from '@/lib/model/nat-record'
import { noteNatAddresses } from './address-changes'
import { amendLedger, type BodyKey, bodyKeyText, enterLedger, loadRepeatedResults } from './batch-ledger'
import { type Queryable, withTransaction } from './client'
import { type AuditedCall, markConnectionsOfCalls, markConnectionsOfNat } from './mark-connections'
import { notifyGraph } from './notify-graph'
import { saveDatasets } from './save-datasets'
import { saveGaps } from './save-gaps'
import { type NatPlace, saveNatRecords } from './save-nat-records'
import { rejectCounts, saveSourceMinutes } from './save-source-minutes'

export interface NatBatch {
  readonly key: BodyKey
  readonly place: NatPlace
  readonly records: readonly NatRecord[]
  /** What records of providers tell of workloads that paths name. */
  readonly calls?: readonly AuditedCall[]
  /** Losses that the log declared. */
  readonly gaps?: readonly (Gap & { readonly cluster: string })[]
  /** The answer, if every record turns out to be new. */
  readonly result: IngestResult
}

/** Commits one body of NAT records with everything that follows from it, and answers after COMMIT. Once per body. */
export async function commitNatBatch(batch: NatBatch): Promise<IngestResult> {
  return withTransaction(async (client) => {
    await saveDatasets(client, [batch.place.dataset])
    const entered = await enterLedger(client, [{ key: batch.key, result: batch.result }])
    if (entered.size > 0) return write(client, batch)
    const earlier = await loadRepeatedResults(client, [batch.key])
    return earlier.get(bodyKeyText(batch.key)) ?? { ...batch.result, repeatedBatch: true }
  })
}

async function write(client: Queryable, batch: NatBatch): Promise<IngestResult> {
  const { place, records, key } = batch
  const { changed } = await saveNatRecords(client, place, records)
  const duplicates = batch.result.duplicates + records.length - changed
  const result = { ...batch.result, accepted: changed, duplicates }
  if (duplicates !== batch.result.duplicates) await amendLedger(client, [{ key, result }])
  const newestMs = records.reduce((newest, record) => Math.max(newest, record.endMs ?? record.atMs), 0)
  await saveSourceMinutes(client, [
    {
      dataset: place.dataset,
      source: 'nat',
      cluster: place.cluster,
      hop: place.hop,
      accepted: changed,
      duplicates,
      rejects: rejectCounts(result.rejects),
      ...(newestMs > 0 && { newestMs }),
    },
  ])
  const { dataset } = place
  await saveGaps(
    client,
    (batch.gaps ?? []).map((gap) => ({ ...gap, dataset })),
  )
  if (dataset === '' && changed > 0) await noteNatAddresses(client, place.cluster, records)
  const marked =
    (await markConnectionsOfNat(client, place, records)) +
    (await markConnectionsOfCalls(client, place, batch.calls ?? []))
  await notifyGraph(client, [{ dataset: place.dataset, cluster: place.cluster, egress: marked > 0 }])
  return result
}
