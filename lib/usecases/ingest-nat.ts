import 'server-only'
import { createHash } from 'node:crypto'
import { AppError } from '@/lib/errors'
import { cleanText } from '@/lib/ingest/clean-text'
import { addRefused, groupRejects } from '@/lib/ingest/reject-hints'
import { sortByTime } from '@/lib/ingest/sort-by-time'
import { clusterOf } from '@/lib/ingest/steps/put-cluster'
import { TextLineSplitter } from '@/lib/ingest/text-lines'
import type { IngestResult } from '@/lib/model/ingest-result'
import { SOURCE_FORMATS } from '@/lib/sources/registry'
import { commitNatBatch } from '@/lib/store/commit-nat-batch'
import { groupCommit } from '@/lib/store/group-commit'
import { checkDataset } from './check-dataset'
import { observeIngest } from './observe-ingest'
import { readBounded } from './read-bounded'

export interface NatIngestRequest {
  readonly format: 'conntrack'
  /** Which hop saw the translations, as paths of the egress configuration name it. */
  readonly hop: string
  /** Decompressed bytes. */
  readonly body: AsyncIterable<Uint8Array>
  /** '' = live. */
  readonly dataset: string
  readonly clusterHeader?: string
  readonly tokenId: string
  readonly tokenCluster?: string
  readonly defaultCluster: string
  /** True on a token with the nat-evidence scope. Anything else is shown, and proves nothing. */
  readonly trusted: boolean
  readonly retentionMs: number
  readonly nowMs: number
}

/**
 * Takes one body of NAT records of one hop and answers after COMMIT; connections that they speak of are marked to be judged
 * again. A record of a connection's end completes that of its beginning. Errors: `bad_request` (hop or dataset missing or
 * wrong), `too_large`, `unavailable`.
 */
export const ingestNat = (request: NatIngestRequest): Promise<IngestResult> =>
  observeIngest(`nat/${request.format}`, () => ingest(request))

async function ingest(request: NatIngestRequest): Promise<IngestResult> {
  checkDataset(request.dataset)
  const hop = cleanText(request.hop).trim()
  if (hop === '')
    throw new AppError('bad_request', 'hop is missing', {
      hint: 'Name the hop that saw these translations: ?hop=NAME, as in `hops` of an egress path.',
    })
  const commits = groupCommit()
  let reserved = 0
  try {
    const decoder = SOURCE_FORMATS[`nat/${request.format}`].createDecoder()
    const lines = new TextLineSplitter((line, n) => decoder.pushLine(line, n))
    const hash = createHash('sha256')
    for await (const chunk of readBounded(request.body)) {
      commits.reserve(chunk.byteLength)
      reserved += chunk.byteLength
      hash.update(chunk)
      lines.push(chunk)
    }
    lines.end()
    const decoded = decoder.finish()
    const times = (record: (typeof decoded.natRecords)[number]) => ({
      startMs: record.atMs,
      endMs: record.endMs ?? record.atMs,
    })
    const { inTime, refused } = sortByTime(decoded.natRecords, times, request)
    const cluster = clusterOf({}, request)
    const rejects = addRefused(groupRejects(decoded.rejects, 'nat'), refused, 'nat')
    return await commitNatBatch({
      key: {
        bodySha256: hash.digest(),
        source: `nat-${request.format}`,
        tokenId: request.tokenId,
        dataset: request.dataset,
        context: `${cluster}\n${hop}\n${request.trusted ? 'trusted' : 'untrusted'}`,
      },
      place: { dataset: request.dataset, cluster, hop, trusted: request.trusted },
      records: inTime,
      result: {
        accepted: inTime.length,
        duplicates: 0,
        ignored: decoded.ignored,
        rejected: rejects.reduce((sum, group) => sum + group.count, 0),
        rejects,
        repeatedBatch: false,
        ...spanOf(inTime.flatMap((record) => [record.atMs, record.endMs ?? record.atMs])),
      },
    })
  } finally {
    commits.release(reserved)
  }
}

function spanOf(times: readonly number[]): Pick<IngestResult, 'firstMs' | 'lastMs'> {
  if (times.length === 0) return {}
  return { firstMs: times.reduce((a, b) => Math.min(a, b)), lastMs: times.reduce((a, b) => Math.max(a, b)) }
}
