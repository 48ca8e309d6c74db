import 'server-only'
import { deleteOldBridges } from '@/lib/store/save-bridges'
import { datasetsToSettle, settleTraces } from '@/lib/store/settle-traces'
import { SPAN_MEANING } from './ingest-spans'
import { settleWindowMs } from './settle-window'

/** Transactions of one pass and dataset; the rest waits for the next pass. */
const MOST_ROUNDS = 200

/**
 * Ends the waiting of spans whose settle window is over: received calls whose caller did not come get the best caller that is
 * known, short names are looked up once more, and links of dropped spans that nobody asks for any more are deleted. Works on
 * stored rows alone, so that any replica may do it, at the same time and again. Answers how many spans were settled.
 */
export async function settleSpans(nowMs: number, settleMs = settleWindowMs()): Promise<number> {
  let settled = 0
  for (const dataset of await datasetsToSettle(nowMs))
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const count = await settleTraces(dataset, SPAN_MEANING, { nowMs, settleMs })
      settled += count
      if (count === 0) break
    }
  await deleteOldBridges(nowMs)
  return settled
}
