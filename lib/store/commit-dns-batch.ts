import 'server-only'
import type { DnsQuestion } from '@/lib/model/dns-record'
import type { IngestResult } from '@/lib/model/ingest-result'
import type { LearnedName } from '@/lib/model/prepared-batch'
import { amendLedger, type BodyKey, bodyKeyText, enterLedger, loadRepeatedResults } from './batch-ledger'
import { type Queryable, withTransaction } from './client'
import { lockConnections } from './lock-connections'
import { loadNameCoverage, markConnectionsOfNames, markConnectionsOfQuestions } from './mark-connections-of-dns'
import { notifyGraph } from './notify-graph'
import { saveDatasets } from './save-datasets'
import { saveDnsNames } from './save-dns-names'
import { type DnsPlace, saveDnsQuestions } from './save-dns-questions'
import { rejectCounts, saveSourceMinutes } from './save-source-minutes'

export interface DnsBatch {
  readonly key: BodyKey
  readonly place: DnsPlace
  readonly questions: readonly DnsQuestion[]
  /** Names by answers. */
  readonly names: readonly LearnedName[]
  /** Newest time of the records; undefined without any. */
  readonly newestMs?: number
  /** The answer, if every record turns out to be new. */
  readonly result: IngestResult
}

/**
 * Commits one body of DNS records with everything that follows from it, and answers after COMMIT. Once per body; a question
 * that any body brought before is a duplicate.
 */
export async function commitDnsBatch(batch: DnsBatch): Promise<IngestResult> {
  return withTransaction(async (client) => {
    await saveDatasets(client, [batch.place.dataset])
    const entered = await enterLedger(client, [{ key: batch.key, result: batch.result }])
    if (entered.size > 0) return write(client, batch)
    const earlier = await loadRepeatedResults(client, [batch.key])
    return earlier.get(bodyKeyText(batch.key)) ?? { ...batch.result, repeatedBatch: true }
  })
}

async function write(client: Queryable, { key, place, questions, names, newestMs, result }: DnsBatch) {
  const added = await saveDnsQuestions(client, place, questions)
  const repeated = questions.length - added
  const answer = { ...result, accepted: result.accepted - repeated, duplicates: result.duplicates + repeated }
  if (repeated > 0) await amendLedger(client, [{ key, result: answer }])
  const placed = names.map((name) => ({ ...name, dataset: place.dataset }))
  const before = await loadNameCoverage(client, placed)
  await saveDnsNames(client, placed)
  await saveSourceMinutes(client, [
    {
      ...place,
      source: 'dns',
      hop: '',
      accepted: answer.accepted,
      duplicates: answer.duplicates,
      rejects: rejectCounts(answer.rejects),
      ...(newestMs !== undefined && { newestMs }),
    },
  ])
  // Last, as all writers do it: whoever holds it waits for nobody's rows.
  await lockConnections(client, [place])
  const byName = await markConnectionsOfNames(client, placed, before)
  const byQuestion = await markConnectionsOfQuestions(client, place, questions)
  await notifyGraph(client, [{ ...place, egress: byName.size > 0 || byQuestion > 0 }])
  return answer
}
