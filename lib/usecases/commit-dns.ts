import 'server-only'
import { cleanText } from '@/lib/ingest/clean-text'
import { NAME_VALID_MS } from '@/lib/ingest/pipeline'
import { addRefused, groupRejects } from '@/lib/ingest/reject-hints'
import { sortByTime } from '@/lib/ingest/sort-by-time'
import { clusterOf } from '@/lib/ingest/steps/put-cluster'
import type { DecodeResult } from '@/lib/model/decoded'
import type { DnsAnswered, DnsRecord } from '@/lib/model/dns-record'
import type { IngestResult } from '@/lib/model/ingest-result'
import type { LearnedName } from '@/lib/model/prepared-batch'
import { commitDnsBatch } from '@/lib/store/commit-dns-batch'
import type { Sender } from './sender'

/** DNS records that came in, whichever way, and what makes them one batch. */
export interface DecodedDns extends Sender {
  readonly source: 'dns/coredns' | 'dns/calico'
  readonly decoded: DecodeResult
  /** sha256 of what makes the batch the same batch. */
  readonly sha256: Uint8Array
}

/** The one way from decoded DNS records to the database. Answers after COMMIT. Errors: `unavailable`. */
export async function commitDns(request: DecodedDns): Promise<IngestResult> {
  const { decoded, dataset } = request
  const timesOf = (record: DnsRecord) => ({
    startMs: record.atMs,
    endMs: record.kind === 'answer' ? record.endMs : record.atMs,
  })
  const { inTime, ...late } = sortByTime(decoded.dnsRecords, timesOf, request)
  const cluster = clusterOf({}, request)
  const rejects = addRefused(groupRejects(decoded.rejects, 'dns'), late, 'dns')
  const times = inTime.flatMap((record) => Object.values(timesOf(record)))
  const newestMs = times.reduce((newest, ms) => Math.max(newest, ms), 0)
  return commitDnsBatch({
    key: {
      bodySha256: request.sha256,
      source: request.source,
      tokenId: request.tokenId,
      dataset,
      context: cluster,
    },
    place: { dataset, cluster },
    questions: inTime.filter((record) => record.kind === 'question'),
    names: inTime.flatMap((record) => (record.kind === 'answer' ? namesOf(record, cluster) : [])),
    ...(newestMs > 0 && { newestMs }),
    result: {
      accepted: inTime.length,
      duplicates: 0,
      ignored: decoded.ignored,
      rejected: rejects.reduce((sum, group) => sum + group.count, 0),
      rejects,
      repeatedBatch: false,
      ...(times.length > 0 && { firstMs: times.reduce((a, b) => Math.min(a, b)), lastMs: newestMs }),
    },
  })
}

/** The log tells no TTL: a name holds for as long as one with a short TTL. */
const namesOf = (answer: DnsAnswered, cluster: string): LearnedName[] =>
  answer.ips.map((ip) => ({
    cluster,
    ip,
    name: answer.name,
    client: { class: 'workload', namespace: cleanText(answer.clientNamespace), name: '' },
    clientPod: cleanText(answer.clientPod),
    fromMs: answer.atMs,
    toMs: answer.endMs + NAME_VALID_MS,
  }))
