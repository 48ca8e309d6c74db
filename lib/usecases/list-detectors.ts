import 'server-only'
import { CLUSTER_DETECTORS } from '@/lib/findings/cluster-detectors'
import type { DetectorState } from '@/lib/model/finding'
import { loadDetectorStates } from '@/lib/store/detector-states'

export interface ListedDetectors {
  readonly detectors: readonly DetectorState[]
  /** That have detectors; those beyond the 100 first by name are not listed. */
  readonly clusters: number
}

/** Detectors of a dataset by cluster, in their order, each with whether it works and what it lacks; none before the first pass. */
export async function listDetectors(dataset: string): Promise<ListedDetectors> {
  const order = new Map(CLUSTER_DETECTORS.map(({ id }, at) => [id, at]))
  const { states, clusters } = await loadDetectorStates(dataset)
  const place = ({ detector }: DetectorState) => order.get(detector) ?? order.size
  const detectors = states
    .filter(({ detector }) => order.has(detector))
    .sort((a, b) => compare(a.cluster, b.cluster) || place(a) - place(b))
  return { detectors, clusters }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
