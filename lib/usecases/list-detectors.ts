import 'server-only'
import { CLUSTER_DETECTORS } from '@/lib/findings/cluster-detectors'
import type { DetectorState } from '@/lib/model/finding'
import { loadDetectorStates } from '@/lib/store/detector-states'

/** Detectors of a dataset by cluster, in their order, each with whether it works and what it lacks; [] before the first pass. */
export async function listDetectors(dataset: string): Promise<readonly DetectorState[]> {
  const order = new Map(CLUSTER_DETECTORS.map(({ id }, at) => [id, at]))
  const states = await loadDetectorStates(dataset)
  const place = ({ detector }: DetectorState) => order.get(detector) ?? order.size
  return states
    .filter(({ detector }) => order.has(detector))
    .sort((a, b) => compare(a.cluster, b.cluster) || place(a) - place(b))
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
