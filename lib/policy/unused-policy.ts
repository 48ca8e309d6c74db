import type { PolicyKind } from '@/lib/model/policy'
import type { UnknownUse } from '@/lib/model/policy-report'
import type { Direction, PolicySubject } from './isolating-policies'
import { selectsPod } from './selects-pod'

/** Looks at selectors that one answer may take: policies times workloads is as large as a cluster makes it. */
export interface SelectorBudget {
  left: number
}

/** An end of traffic of which no policy is named; `subject` is absent where it is no pod. */
export interface BareSide {
  readonly subject?: PolicySubject
  readonly direction?: Direction
}

type Text = Parameters<typeof selectsPod>[0]

/** Kinds that can also be about nodes. */
const OF_NODES: readonly PolicyKind[] = [
  'GlobalNetworkPolicy',
  'StagedGlobalNetworkPolicy',
  'CiliumClusterwideNetworkPolicy',
]

/**
 * Whether traffic without names of policies could be a policy's work: then that no record names it says nothing. `undefined` where it
 * cannot be, so that "never hit" is true. Of a policy of a namespace, `sides` are those of the namespace.
 */
export function whyNotUnused(
  policy: Text,
  sides: readonly BareSide[],
  budget: SelectorBudget,
): Extract<UnknownUse, 'unnamed' | 'too-many'> | undefined {
  for (const { subject, direction } of sides) {
    if (!subject) {
      if (OF_NODES.includes(policy.kind)) return 'unnamed'
      continue
    }
    if (budget.left <= 0) return 'too-many'
    budget.left -= 1
    if (selectsPod(policy, subject, direction) !== false) return 'unnamed'
  }
  return undefined
}

/** How many of these pods a policy selects; undefined once the budget is spent. */
export function selectionOf<Subject extends PolicySubject>(
  policy: Text,
  subjects: readonly Subject[],
  budget: SelectorBudget,
): { readonly selected: readonly Subject[]; readonly undecided: number } | undefined {
  if (budget.left < subjects.length) return undefined
  budget.left -= subjects.length
  const selected: Subject[] = []
  let undecided = 0
  for (const subject of subjects) {
    const selects = selectsPod(policy, subject)
    if (selects === true) selected.push(subject)
    else if (selects === undefined) undecided += 1
  }
  return { selected, undecided }
}
