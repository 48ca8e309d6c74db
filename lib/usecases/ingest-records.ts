import 'server-only'
import { createHash } from 'node:crypto'
import { groupRejects } from '@/lib/ingest/reject-hints'
import { IGNORE_REASONS, type IgnoreReason, type RecordReject } from '@/lib/model/decoded'
import type { IngestResult, RejectGroup } from '@/lib/model/ingest-result'
import { type RecordFormat, recogniseRecord } from '@/lib/sources/recognise'
import { SOURCE_FORMATS } from '@/lib/sources/registry'
import { checkDataset } from './check-dataset'
import { commitDecoded } from './commit-decoded'
import { commitDns } from './commit-dns'
import { observeIngest } from './observe-ingest'
import type { Sender } from './sender'

/** JSON records of any of our formats, as a carrier without a path for each brings them. */
export interface RecordsRequest extends Sender {
  /** `line` is where the record stood in its batch, 1-based. */
  readonly records: readonly { readonly value: unknown; readonly line: number }[]
  /** What makes the batch the same batch: equal ones count once. */
  readonly sha256: Uint8Array
}

/**
 * Sorts records by their own format, and commits each kind as a body of its own. Records of no known format are answered as
 * rejects; the carrier counts them. Errors: `bad_request` (dataset name), `unavailable` (send all of it again: what is
 * stored already counts once).
 */
export async function ingestRecords(request: RecordsRequest): Promise<IngestResult> {
  checkDataset(request.dataset)
  const byFormat = new Map<RecordFormat, { value: unknown; line: number }[]>()
  const unknown: RecordReject[] = []
  for (const record of request.records) {
    const format = recogniseRecord(record.value)
    if (!format) unknown.push({ line: record.line, reason: 'unsupported_dialect' })
    else {
      const known = byFormat.get(format)
      if (known) known.push(record)
      else byFormat.set(format, [record])
    }
  }
  let result = emptyResult(unknown)
  for (const [format, records] of byFormat) result = addResults(result, await ingestFormat(format, records, request))
  return result
}

function ingestFormat(
  format: RecordFormat,
  records: readonly { readonly value: unknown; readonly line: number }[],
  request: RecordsRequest,
): Promise<IngestResult> {
  return observeIngest(format, () => {
    const decoder = SOURCE_FORMATS[format].createDecoder()
    for (const { value, line } of records) decoder.push(value, line)
    const sha256 = createHash('sha256').update(request.sha256).update(format).digest()
    const decoded = decoder.finish()
    return format === 'dns/calico' || format === 'dns/coredns'
      ? commitDns({ ...request, source: format, decoded, sha256 })
      : commitDecoded({ ...request, source: format, decoded, sha256 })
  })
}

const emptyResult = (unknown: readonly RecordReject[]): IngestResult => ({
  accepted: 0,
  duplicates: 0,
  ignored: {},
  rejected: unknown.length,
  rejects: groupRejects(unknown, 'calico'),
  repeatedBatch: false,
})

/** Two answers as one. */
function addResults(a: IngestResult, b: IngestResult): IngestResult {
  const ignored: Partial<Record<IgnoreReason, number>> = {}
  for (const reason of IGNORE_REASONS) {
    const sum = (a.ignored[reason] ?? 0) + (b.ignored[reason] ?? 0)
    if (sum > 0) ignored[reason] = sum
  }
  const times = [a, b].flatMap(({ firstMs, lastMs }) =>
    firstMs !== undefined && lastMs !== undefined ? [{ firstMs, lastMs }] : [],
  )
  return {
    accepted: a.accepted + b.accepted,
    duplicates: a.duplicates + b.duplicates,
    ignored,
    rejected: a.rejected + b.rejected,
    rejects: addGroups(a.rejects, b.rejects),
    repeatedBatch: a.repeatedBatch || b.repeatedBatch,
    ...(times.length > 0 && {
      firstMs: Math.min(...times.map((time) => time.firstMs)),
      lastMs: Math.max(...times.map((time) => time.lastMs)),
    }),
    ...((b.view ?? a.view) && { view: b.view ?? a.view }),
  }
}

function addGroups(a: readonly RejectGroup[], b: readonly RejectGroup[]): RejectGroup[] {
  const groups = new Map(a.map((group) => [group.reason, group]))
  for (const group of b) {
    const other = groups.get(group.reason)
    groups.set(group.reason, other ? { ...other, count: other.count + group.count } : group)
  }
  return [...groups.values()].sort((left, right) => right.count - left.count)
}
