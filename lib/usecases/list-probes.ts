import 'server-only'
import { isPublicAddress } from '@/lib/egress/address'
import type { ListedProbe } from '@/lib/model/canary'
import { listProbes } from '@/lib/store/list-probes'

/** What probes showed lately, newest first: one line per place and basis. */
export const recentProbes = async (cluster: string | undefined): Promise<ListedProbe[]> =>
  (await listProbes(cluster)).map((probe) => ({ ...probe, isPublic: isPublicAddress(probe.address) }))
