import 'server-only'
import { createHash } from 'node:crypto'
import type { RecordReject } from '@/lib/model/decoded'
import type { OtlpEncoding } from '@/lib/sources/otlp/decode'
import { type CarriedRecord, decodeOtlpLogs } from '@/lib/sources/otlp/decode-logs'
import type { PartialSuccess } from '@/lib/sources/otlp/respond'
import { checkDataset } from './check-dataset'
import { countRefused, groupOtlpRejects, rejectSentences } from './count-refused'
import { ingestRecords } from './ingest-records'
import type { Sender } from './sender'

/** Each cluster of a request is committed by itself; a request of more than this many is no cluster's collector. */
const MAX_CLUSTERS = 16

/**
 * Takes the flow records that OTLP logs carry, and answers after COMMIT; all other log records are refused and counted. The cluster
 * that a resource names counts where neither token nor header nor the record itself says one. Equal bodies count once.
 * Errors: `bad_request`, `too_large`, `unavailable` (send all of it again).
 */
export async function ingestLogs(body: Uint8Array, encoding: OtlpEncoding, request: Sender): Promise<PartialSuccess> {
  checkDataset(request.dataset)
  const { records, rejects, total } = decodeOtlpLogs(body, encoding)
  const { byCluster, refused } = splitByCluster(records)
  const bodySha256 = createHash('sha256').update(body).digest()
  const taken = []
  for (const [cluster, own] of byCluster)
    taken.push(
      await ingestRecords({
        ...request,
        records: own,
        sha256: createHash('sha256').update(bodySha256).update(cluster).digest(),
        defaultCluster: cluster || request.defaultCluster,
      }),
    )
  const carried = groupOtlpRejects([...rejects, ...refused])
  if (!taken.some((result) => result.repeatedBatch)) await countRefused(carried, request)
  const groups = [...carried, ...taken.flatMap((result) => result.rejects)]
  // A log record may carry a list of flows: of what is counted here no more can be refused than came.
  const rejected = Math.min(
    total,
    groups.reduce((sum, group) => sum + group.count, 0),
  )
  return { rejected, message: rejectSentences(groups).join(' ') }
}

function splitByCluster(records: readonly CarriedRecord[]): {
  readonly byCluster: ReadonlyMap<string, readonly CarriedRecord[]>
  readonly refused: readonly RecordReject[]
} {
  const byCluster = new Map<string, CarriedRecord[]>()
  const refused: RecordReject[] = []
  for (const record of records) {
    const known = byCluster.get(record.cluster)
    if (known) known.push(record)
    else if (byCluster.size < MAX_CLUSTERS) byCluster.set(record.cluster, [record])
    else
      refused.push({
        line: record.line,
        reason: 'bad_value',
        detail: `one request holds records of more than ${MAX_CLUSTERS} clusters`,
      })
  }
  return { byCluster, refused }
}
