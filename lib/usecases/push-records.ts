import 'server-only'
import { createHash } from 'node:crypto'
import type { DecodeResult } from '@/lib/model/decoded'
import type { IngestResult } from '@/lib/model/ingest-result'
import { contentKey } from '@/lib/model/siblings'
import { commitDecoded } from './commit-decoded'
import { observeIngest } from './observe-ingest'

export interface PushedRecords {
  /** Name of the listener that took them. */
  readonly collector: string
  readonly source: 'hubble' | 'calico'
  readonly decoded: DecodeResult
  /** Cluster of the listener's settings: it stands above what records say. */
  readonly cluster: string
  readonly defaultCluster: string
  readonly retentionMs: number
  readonly nowMs: number
}

/**
 * Commits records that a sender pushed over a connection of its own, and answers after COMMIT: only then may they be
 * acknowledged. Records that come again count once, each by its key. Errors: `unavailable`: nothing is known to be stored; call
 * again with the same records.
 */
export function pushRecords(request: PushedRecords): Promise<IngestResult> {
  const { collector, source, decoded, cluster, defaultCluster, retentionMs, nowMs } = request
  const hash = createHash('sha256').update(collector)
  for (const flow of decoded.flows) hash.update(contentKey(flow)).update('\n')
  // Records that made no flow: they are told apart by when they came.
  hash.update(JSON.stringify([decoded.gaps, decoded.rejects, decoded.ignored]))
  if (decoded.flows.length === 0) hash.update(String(nowMs))
  return observeIngest(source, () =>
    commitDecoded({
      source,
      decoded,
      sha256: hash.digest(),
      tokenId: `collector:${collector}`,
      tokenCluster: cluster,
      defaultCluster,
      dataset: '',
      retentionMs,
      nowMs,
    }),
  )
}
