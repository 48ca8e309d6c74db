import type { EdgeElement, NodeElement } from '../elements'

/** A workload of a drawing. */
export const drawnNode = (id: string, part: Partial<NodeElement> = {}): NodeElement => ({
  kind: 'node',
  id,
  look: 'workload',
  label: id,
  isAlarmed: false,
  isGroup: false,
  isAi: false,
  category: '',
  ...part,
})

/** A line of a drawing: one edge, allowed. */
export const drawnEdge = (id: string, source: string, target: string, part: Partial<EdgeElement> = {}): EdgeElement => ({
  kind: 'edge',
  id,
  source,
  target,
  state: 'allowed_by_policy',
  label: '',
  isProblem: false,
  volume: 1,
  rate: 1,
  isBundle: false,
  change: '',
  lane: 0,
  ...part,
})
