import { HUBBLE_HOP } from '@/lib/egress/observe-hubble'
import { pathsOfCluster } from '@/lib/egress/paths'
import type { SourceCoverage } from '@/lib/model/coverage'
import type { EgressPath } from '@/lib/model/egress'
import type { SourceName } from '@/lib/model/source-name'
import type { UnixMillis } from '@/lib/model/units'
import type { ClusterDetector, DetectorNeed } from './facts'

export interface Liveness {
  readonly isAlive: boolean
  /** Whether there is such a source at all. */
  readonly isKnown: boolean
  /** Alive without a break since then, where a break is known: quiet counts from here at the earliest. */
  readonly aliveSinceMs?: UnixMillis
  /** Looked at without a break since then: what was before is not known. */
  readonly watchedSinceMs?: UnixMillis
}

/** What can witness that nothing happened. */
type Witness = 'flows' | 'evidence' | 'dns' | 'spans' | 'inventory'

/** Whether quiet in a cluster means anything. */
export type SourceLiveness = Readonly<Record<Witness, Liveness>>

/**
 * Liveness of a cluster's sources by their coverage. Of a kind: there is one, and none is silent. Evidence: there is a path, and the
 * last hop of each sends (for the hop `hubble`: Hubble does). Whatever is not known to be alive is not.
 */
export function livenessOf(
  coverage: readonly SourceCoverage[],
  cluster: string,
  paths: readonly EgressPath[],
): SourceLiveness {
  const own = coverage.filter((source) => source.cluster === cluster)
  const ofKinds = (...kinds: readonly SourceName[]): Liveness => {
    const sources = own.filter(({ source }) => kinds.includes(source))
    return { isKnown: sources.length > 0, isAlive: sources.length > 0 && sources.every(({ isSilent }) => !isSilent) }
  }
  const sends = (hop: string) =>
    own.some((source) =>
      hop === HUBBLE_HOP
        ? source.source === 'hubble' && !source.isSilent
        : source.source === 'nat' && source.hop === hop && !source.isSilent,
    )
  const clusterPaths = pathsOfCluster(paths, cluster)
  return {
    flows: ofKinds('hubble', 'calico'),
    evidence: {
      isKnown: clusterPaths.length > 0,
      isAlive: clusterPaths.length > 0 && clusterPaths.every(({ finalHop }) => sends(finalHop)),
    },
    dns: ofKinds('dns'),
    spans: ofKinds('otlp'),
    inventory: ofKinds('kubernetes'),
  }
}

/** Liveness with what looking at it before told: since when each source has been alive, as far as was seen. */
export function rememberLiveness(
  before: SourceLiveness | undefined,
  now: SourceLiveness,
  nowMs: UnixMillis,
): SourceLiveness {
  const remember = (witness: Witness): Liveness => {
    const [was, is] = [before?.[witness], now[witness]]
    if (!is.isAlive) return is
    if (!was) return { ...is, watchedSinceMs: nowMs }
    if (!was.isAlive) return { ...is, aliveSinceMs: nowMs }
    return { ...was, ...is }
  }
  return {
    flows: remember('flows'),
    evidence: remember('evidence'),
    dns: remember('dns'),
    spans: remember('spans'),
    inventory: remember('inventory'),
  }
}

const WITNESS_OF: Readonly<Record<DetectorNeed, Witness>> = {
  flows: 'flows',
  addresses: 'flows',
  l7: 'flows',
  policies: 'flows',
  bytes: 'flows',
  'nat-evidence': 'evidence',
  dns: 'dns',
  spans: 'spans',
  'ai-spans': 'spans',
  inventory: 'inventory',
}

const DEAD: Liveness = { isKnown: false, isAlive: false }

/**
 * The sources that must be alive for quiet to end a detector's findings: one per need. Of a need that any of several sources meets, each
 * that the cluster has: what the silent one would have told, nobody knows.
 */
export function witnessesOf(
  { needs }: Pick<ClusterDetector, 'needs'>,
  liveness: SourceLiveness | undefined,
): readonly Liveness[] {
  if (!liveness) return [DEAD]
  return needs.flatMap((need) => {
    const all = (typeof need === 'string' ? [need] : need).map((one) => liveness[WITNESS_OF[one]])
    const known = all.filter(({ isKnown }) => isKnown)
    return known.length > 0 ? known : [DEAD]
  })
}
