import { type GraphView, serializeGraphView, windowOnly } from './graph-view'

/** Views that are there from the start, each by what differs from an empty link. */
export const BUILT_IN_VIEWS: readonly { readonly name: string; readonly part: Partial<GraphView> }[] = [
  { name: 'AI egress', part: { scope: 'ai' } },
  { name: 'Denied', part: { scope: 'all', states: ['denied_by_rule', 'denied_no_rule', 'mixed'] } },
  { name: 'Only problems', part: { scope: 'all', isOnlyProblems: true } },
  { name: 'Everything by namespace', part: { scope: 'all', level: 'namespace' } },
]

/** Where and when one looks stays: a built-in view changes what is shown of it. */
export function builtInPath(part: Partial<GraphView>, view: GraphView): string {
  const params = serializeGraphView({ ...windowOnly(view), ...part }).toString()
  return params ? `/graph?${params}` : '/graph'
}
