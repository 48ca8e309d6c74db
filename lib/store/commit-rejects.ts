import 'server-only'
import type { SourceName } from '@/lib/model/source-name'
import { withTransaction } from './client'
import { notifyGraph } from './notify-graph'
import { saveDatasets } from './save-datasets'
import { type RejectCounts, saveSourceMinutes } from './save-source-minutes'

/** Records of which nothing is kept, and why. */
export interface RefusedBatch {
  readonly dataset: string
  readonly source: SourceName
  readonly cluster: string
  readonly rejects: RejectCounts
}

/** Counts refused records for the sources page, and answers after COMMIT. Errors: `unavailable`. */
export async function commitRejects({ dataset, source, cluster, rejects }: RefusedBatch): Promise<void> {
  await withTransaction(async (client) => {
    await saveDatasets(client, [dataset])
    await saveSourceMinutes(client, [{ dataset, source, cluster, hop: '', accepted: 0, duplicates: 0, rejects }])
    await notifyGraph(client, [{ dataset, cluster, egress: false }])
  })
}
