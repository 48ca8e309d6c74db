import type { ServiceGraph } from '@/lib/model/graph'
import { DEFAULT_VIEW, type GraphView, serializeGraphView } from '@/lib/view/graph-view'

/** Names a drawing whose nodes keep their places: one per dataset, cluster, lens, level and place. */
export function layoutKeyOf(view: GraphView, { level = 'workload' }: Pick<ServiceGraph, 'level'>): string {
  const place = view.inside ? (serializeGraphView({ ...DEFAULT_VIEW, inside: view.inside }).get('in') ?? '') : ''
  const whole = `${view.dataset}/${view.cluster}/${view.scope}`
  return level === 'workload' && place === '' ? whole : `${whole}/${level}/${place}`
}
