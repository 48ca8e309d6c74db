import 'server-only'
import { callerOf } from '@/lib/egress/principals'
import { AppError } from '@/lib/errors'
import { cleanText } from '@/lib/ingest/clean-text'
import { addRefused, groupRejects, type RejectSource } from '@/lib/ingest/reject-hints'
import { sortByTime } from '@/lib/ingest/sort-by-time'
import { gapsInTime } from '@/lib/ingest/steps/drop-out-of-time'
import { clusterOf } from '@/lib/ingest/steps/put-cluster'
import type { IngestResult } from '@/lib/model/ingest-result'
import type { NatRecord } from '@/lib/model/nat-record'
import { NAT_FORMATS, type NatFormat } from '@/lib/sources/nat/formats'
import { commitNatBatch } from '@/lib/store/commit-nat-batch'
import type { AuditedCall } from '@/lib/store/mark-connections'
import { checkDataset } from './check-dataset'
import { decodeNatBody } from './decode-nat-body'
import { egressConfig } from './egress-config'
import { observeIngest } from './observe-ingest'
import { withRoom } from './waiting-bytes'

export interface NatIngestRequest {
  readonly format: NatFormat
  /** Which hop saw the translations, as paths of the egress configuration name it. Audits of providers need none. */
  readonly hop: string
  /** Names of the columns, for AWS flow logs that come without a header. */
  readonly fields?: readonly string[]
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

/** Hop of everything that a provider itself saw. */
const PROVIDER_HOP = 'provider'

/**
 * Takes one body of NAT records of one hop, or of a provider's audit, and answers after COMMIT; connections that they speak of are
 * marked to be judged again. A record of a connection's end completes that of its beginning. Errors: `bad_request` (hop or
 * dataset missing or wrong), `too_large`, `unavailable`.
 */
export const ingestNat = (request: NatIngestRequest): Promise<IngestResult> =>
  observeIngest(`nat/${request.format}`, () => ingest(request))

async function ingest(request: NatIngestRequest): Promise<IngestResult> {
  checkDataset(request.dataset)
  const hop = hopOf(request)
  return withRoom(async (takeRoom) => {
    const { decoded, sha256 } = await decodeNatBody(request, takeRoom)
    const { inTime, ...late } = sortByTime(decoded.natRecords, timesOf, request)
    const cluster = clusterOf({}, request)
    const source: RejectSource = request.format === 'conntrack' ? 'nat' : 'nat-log'
    const rejects = addRefused(groupRejects(decoded.rejects, source), late, source)
    return commitNatBatch({
      key: {
        bodySha256: sha256,
        source: `nat-${request.format}`,
        tokenId: request.tokenId,
        dataset: request.dataset,
        context: [cluster, hop, request.trusted ? 'trusted' : 'untrusted', ...(request.fields ?? [])].join('\n'),
      },
      place: { dataset: request.dataset, cluster, hop, trusted: request.trusted },
      records: inTime,
      calls: callsOf(inTime, cluster),
      gaps: gapsInTime(decoded.gaps, request).map((gap) => ({ ...gap, cluster })),
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
  })
}

function hopOf({ format, hop }: NatIngestRequest): string {
  if (NAT_FORMATS[`nat/${format}`].hop === 'provider') return PROVIDER_HOP
  const named = cleanText(hop).trim()
  if (named === '')
    throw new AppError('bad_request', 'hop is missing', {
      hint: 'Name the hop that saw these translations: ?hop=NAME, as in `hops` of an egress path.',
    })
  return named
}

/** What audits tell of workloads that a path names; calls of unknown callers concern no connection. */
function callsOf(records: readonly NatRecord[], cluster: string): AuditedCall[] {
  const { paths } = egressConfig()
  return records.flatMap(({ principal, destinationHost, atMs }) => {
    if (principal === undefined || destinationHost === undefined) return []
    const caller = callerOf(principal, cluster, paths)
    return caller ? [{ namespace: caller.namespace, name: caller.name, atMs }] : []
  })
}

const timesOf = (record: NatRecord) => ({ startMs: record.atMs, endMs: record.endMs ?? record.atMs })

function spanOf(times: readonly number[]): Pick<IngestResult, 'firstMs' | 'lastMs'> {
  if (times.length === 0) return {}
  return { firstMs: times.reduce((a, b) => Math.min(a, b)), lastMs: times.reduce((a, b) => Math.max(a, b)) }
}
