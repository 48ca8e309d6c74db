import type { EgressEntry } from '@/lib/model/egress-entry'
import type { EgressFile } from '@/lib/model/egress-schema'
import type { Catalogue } from './catalogue/catalogue'
import type { IssueList } from './config-issue'
import { type Competitor, overlapWords, rivalOf } from './rule-overlaps'

/** An entry beside the text that is checked. */
export interface OtherEntry extends Pick<EgressEntry, 'kind' | 'name'> {
  /** Where it comes from, as the rest of a sentence: "… comes from the file". */
  readonly owner: string
  /** Of a rule in force. */
  readonly rule?: Competitor
}

/** Names that others have already are conflicts; rules of others that no order decides against one of the text's are warnings. */
export function checkAgainstOthers(
  file: EgressFile,
  others: readonly OtherEntry[],
  list: IssueList,
  catalogue: Catalogue,
): void {
  const owners = new Map(others.map((other) => [`${other.kind}/${other.name}`, other.owner]))
  const names = [
    ...file.egressPoints.map(({ name }, at) => ({ kind: 'point', name, path: ['egressPoints', at, 'name'] })),
    ...file.paths.map(({ name }, at) => ({ kind: 'path', name, path: ['paths', at, 'name'] })),
    ...file.egressRules.map(({ name }, at) => ({ kind: 'rule', name, path: ['egressRules', at, 'name'] })),
    ...file.denyProviders.map((name, at) => ({ kind: 'denied-provider', name, path: ['denyProviders', at] })),
  ]
  for (const { kind, name, path } of names) {
    const owner = owners.get(`${kind}/${name}`)
    if (owner !== undefined) list.conflict(path, `${kind} "${name}" is there already: it ${owner}.`)
  }
  const rules = others.flatMap(({ rule }) => (rule ? [rule] : []))
  file.egressRules.forEach((rule, at) => {
    const rival = rivalOf(rule, rules, catalogue)
    if (rival) list.warning(['egressRules', at], overlapWords(rival.name, rule.name))
  })
}
