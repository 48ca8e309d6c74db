import 'server-only'
import { judgeConnection } from '@/lib/egress/judge'
import { proposeFromCalico } from '@/lib/egress/propose-calico'
import { proposeFromCilium } from '@/lib/egress/propose-cilium'
import { ASK_FOR_PROOF, proposeFromObserved } from '@/lib/egress/propose-observed'
import type { Sighting } from '@/lib/egress/sighting'
import type { EgressConfig, EgressObservation } from '@/lib/model/egress'
import type { EgressProposal } from '@/lib/model/egress-proposal'
import type { WaitingConnection } from '@/lib/store/judge-connections'
import { loadEgressObjects } from '@/lib/store/load-egress-objects'
import { lookAtKept } from '@/lib/store/look-at-kept'
import { checkDataset } from './check-dataset'
import { egressConfig } from './egress-config'
import { connectionOf, providerOf } from './judge-egress'
import { windowOf } from './preview-egress'

/**
 * Egress points, paths and rules that could be made of what the clusters are configured to do, and of the addresses by which
 * connections of the last 24 h left. Nothing of it is in force. Errors: `bad_request`, `unavailable`.
 */
export async function proposeEgress(
  dataset: string,
  nowMs: number,
): Promise<{ readonly proposals: readonly EgressProposal[] }> {
  checkDataset(dataset)
  const config = egressConfig()
  const asking = { ...config, rules: [ASK_FOR_PROOF] }
  const seen = new Map<string, Sighting>()
  await lookAtKept(dataset, windowOf(dataset, nowMs), {
    // What was observed stands in the judgement.
    wantedOf: () => [],
    visit: (row) => {
      const one = sightingOf(row, asking)
      if (one) addTo(seen, one)
    },
  })
  const sightings = [...seen.values()]
  const objects = await loadEgressObjects()
  const declared = new Set(config.points.map(({ name }) => name))
  return {
    proposals: [
      ...proposeFromCilium(objects, sightings),
      ...proposeFromCalico(objects, sightings),
      ...proposeFromObserved(sightings, config),
    ].filter(({ point }) => !declared.has(point.name)),
  }
}

/** Connections that tell the same are one sighting. */
function addTo(seen: Map<string, Sighting>, one: Sighting): void {
  const { connections, ...rest } = one
  const key = JSON.stringify(rest)
  seen.set(key, { ...one, connections: connections + (seen.get(key)?.connections ?? 0) })
}

function sightingOf(row: WaitingConnection, asking: EgressConfig): Sighting | undefined {
  const provider = providerOf(row)
  if (!provider || !row.previous) return undefined
  const { observations } = row.previous
  const { state, observedIp, observations: graded } = judgeConnection(connectionOf(row, provider), observations, asking)
  const intent = observations.find(({ kind }) => kind === 'cegp-intent')
  const kind = graded[0]?.kind
  return {
    cluster: row.cluster,
    namespace: row.namespace,
    workload: row.workload,
    host: provider.host,
    connections: row.weight,
    hops: hopsOf(observations),
    ...(!provider.ambiguous && { providerId: provider.providerId }),
    ...(row.serverIp !== null && { serverIp: row.serverIp }),
    ...(observedIp !== undefined && {
      address: { ip: observedIp, isProven: state === 'violation', ...(kind && { kind }) },
    }),
    ...(intent?.covers !== undefined && { isCovered: intent.covers }),
  }
}

/** Each hop's record rests on those of the hops before it. */
const hopsOf = (observations: readonly EgressObservation[]): string[] => [
  ...new Set(
    observations
      .filter(({ hop, evidenceIds, trustedChannel }) => hop !== undefined && evidenceIds && trustedChannel)
      .sort((a, b) => (a.evidenceIds?.length ?? 0) - (b.evidenceIds?.length ?? 0))
      .flatMap(({ hop }) => hop ?? []),
  ),
]
