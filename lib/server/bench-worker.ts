import { retention } from '@/lib/env'
import { rollUpBuckets } from '@/lib/store/roll-up-buckets'
import { retain } from '@/lib/usecases/maintain-storage'

/** What the storage worker has done by a moment: everything that was over is added up, what is past retention is gone. */
export async function workAt(nowMs: number): Promise<void> {
  await rollUpBuckets({ nowMs, hurry: { fromMs: 0, toMs: nowMs } })
  await retain(retention(), nowMs)
}
