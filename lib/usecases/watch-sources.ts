import 'server-only'
import { livenessOf, rememberLiveness, type SourceLiveness } from '@/lib/findings/source-liveness'
import type { EgressPath } from '@/lib/model/egress'
import { processGlobal } from '@/lib/process-global'
import { loadCoverage } from '@/lib/store/load-coverage'

const watched = () => processGlobal('watched-sources', () => new Map<string, SourceLiveness>())

/**
 * Whether the sources of each live cluster are alive, and since when as far as this process has watched: each pass remembers what
 * the one before saw. Errors: `unavailable`.
 */
export async function watchSources(
  nowMs: number,
  quietMs: number,
  paths: readonly EgressPath[],
): Promise<ReadonlyMap<string, SourceLiveness>> {
  const coverage = await loadCoverage('', { fromMs: nowMs - quietMs, toMs: nowMs })
  const before = watched()
  const now = new Map(
    [...new Set(coverage.map(({ cluster }) => cluster))].map((cluster) => [
      cluster,
      rememberLiveness(before.get(cluster), livenessOf(coverage, cluster, paths), nowMs),
    ]),
  )
  before.clear()
  for (const [cluster, liveness] of now) before.set(cluster, liveness)
  return now
}
