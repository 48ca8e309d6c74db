import { EDGE_STATE_WORD } from '@/lib/model/verdict'
import { chipWords } from './chip-words'
import type { GraphView } from './graph-view'

/** What of a view keeps edges off the screen, in words: `AI traffic only`, `namespaces ml, shop`. Empty = nothing does. */
export function filterWords(view: GraphView): string[] {
  const chips = view.chips.filter(({ isDisabled }) => !isDisabled)
  return [
    ...(view.scope === 'ai' ? ['AI traffic only'] : []),
    ...(view.cluster ? [`cluster ${view.cluster}`] : []),
    ...(view.namespaces.length > 0 ? [`namespaces ${view.namespaces.join(', ')}`] : []),
    ...(view.states.length > 0
      ? [`edges that are ${view.states.map((state) => EDGE_STATE_WORD[state]).join(', ')}`]
      : []),
    ...(view.isOnlyProblems ? ['only problems'] : []),
    ...(view.inside
      ? [`inside ${[view.inside.cluster, view.inside.namespace, view.inside.workload].filter(Boolean).join(' / ')}`]
      : []),
    ...chips.map((chip) => chipWords(chip, view.isBothWays)),
    ...(view.hide ? [`hide ${view.hide}`] : []),
    ...(view.focus ? [`focus ${view.focus}`] : []),
    ...(view.quiet.length > 0 ? [`without ${view.quiet.join(', ')}`] : []),
  ]
}

/** What is taken off a view so that nothing is filtered away; where and when one looks stays. */
export const UNFILTERED: Partial<GraphView> = {
  scope: 'all',
  cluster: '',
  namespaces: [],
  states: [],
  isOnlyProblems: false,
  inside: undefined,
  chips: [],
  isBothWays: false,
  hide: '',
  focus: '',
  quiet: [],
}
