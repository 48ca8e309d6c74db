import type { SourceCoverage } from '@/lib/model/coverage'
import type { EgressPath } from '@/lib/model/egress'
import { DETECTOR_NEEDS, type DetectorNeed, type EdgeFacts } from './facts'
import { livenessOf } from './source-liveness'

/** What a cluster's sources said in the look-back, as far as needs are met by it. */
export interface NeedSigns {
  /** Of all clusters. */
  readonly coverage: readonly SourceCoverage[]
  readonly paths: readonly EgressPath[]
  readonly edges: readonly EdgeFacts[]
  /** DNS answers were seen, by whatever log. */
  readonly hasDnsAnswers: boolean
  readonly aiSpans: number
}

/** DNS is read by a proxy too, and is not the HTTP that detectors look for. */
const DNS_PORT = 53

/**
 * The needs that the sources of a cluster meet now: a source that is silent meets none, and what a source can tell is taken from what
 * it did tell. A flow log without a single external peer by address or name tells none (Goldmane), unless it is one that
 * always does (Hubble).
 */
export function metNeeds(cluster: string, signs: NeedSigns): ReadonlySet<DetectorNeed> {
  const own = signs.coverage.filter((source) => source.cluster === cluster)
  const isAlive = (name: SourceCoverage['source']) => own.some(({ source, isSilent }) => source === name && !isSilent)
  const { flows, evidence } = livenessOf(signs.coverage, cluster, signs.paths)
  const variants = signs.edges.flatMap((edge) => edge.variants.map((variant) => ({ ...variant, edge })))
  const met: Readonly<Record<DetectorNeed, boolean>> = {
    flows: flows.isAlive,
    addresses: flows.isAlive && (isAlive('hubble') || signs.edges.some(namesItsServer)),
    'nat-evidence': evidence.isAlive || isAlive('nat'),
    dns: isAlive('dns') || signs.hasDnsAnswers,
    spans: isAlive('otlp'),
    'ai-spans': isAlive('otlp') && signs.aiSpans > 0,
    l7: flows.isAlive && variants.some(({ layer, edge }) => layer === 'L7' && edge.serverPort !== DNS_PORT),
    policies:
      flows.isAlive && variants.some(({ enforced = [], basis }) => enforced.length > 0 || basis === 'no_policy'),
    inventory: isAlive('kubernetes'),
    bytes: flows.isAlive && variants.some(({ counters }) => counters.bytesSent + counters.bytesReceived > 0),
  }
  return new Set(DETECTOR_NEEDS.filter((need) => met[need]))
}

/** A network set is a name that an operator gave; `private network`, Calico's word for the rest, is none. */
const namesItsServer = ({ server, variants, door }: EdgeFacts): boolean =>
  (server.class === 'network-set' || (server.class === 'external' && /[.:]/.test(server.name))) &&
  (door !== undefined || variants.some(({ source }) => source === 'calico'))
