import 'server-only'
import { createHash } from 'node:crypto'
import { emptyDecodeResult, type RecordReject } from '@/lib/model/decoded'
import type { FramedMessage } from '@/lib/sources/syslog/frame-syslog'
import { readSyslogMessages } from '@/lib/sources/syslog/read-messages'
import { commitDecoded } from './commit-decoded'
import { ingestRecords, type RecordsRequest } from './ingest-records'
import { observeIngest } from './observe-ingest'

/** Syslog is how Calico Enterprise sends: what cannot be read counts as a reject of it. */
const REJECTS_OF = 'calico'

export interface SyslogBatch extends Omit<RecordsRequest, 'records' | 'sha256' | 'dataset'> {
  readonly messages: readonly FramedMessage[]
  /** One per batch, and the same when it is tried again. */
  readonly batchId: string
}

/**
 * Takes a batch of syslog messages and ends after COMMIT: records by their own format, the rest as rejects with their reason.
 * Tried again with the same `batchId` it counts once. Errors: `unavailable` (nothing is known to be stored: try again).
 */
export async function ingestSyslog({ messages, batchId, ...context }: SyslogBatch): Promise<void> {
  const { records, rejects } = readSyslogMessages(messages)
  if (records.length > 0) {
    const sha256 = createHash('sha256')
      .update(JSON.stringify(records.map((record) => record.value)))
      .digest()
    await ingestRecords({ ...context, records, sha256, dataset: '' })
  }
  if (rejects.length > 0) await commitRejects(rejects, batchId, context)
}

/** Equal garbage comes again and again, and is counted again: its batch is known by its id and not by its content. */
const commitRejects = (
  rejects: readonly RecordReject[],
  batchId: string,
  context: Omit<SyslogBatch, 'messages' | 'batchId'>,
): Promise<unknown> =>
  observeIngest(REJECTS_OF, () =>
    commitDecoded({
      ...context,
      source: REJECTS_OF,
      decoded: { ...emptyDecodeResult(), rejects: [...rejects] },
      sha256: createHash('sha256').update(`rejects ${batchId}`).digest(),
      dataset: '',
    }),
  )
