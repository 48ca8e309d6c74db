import type { PolicyCoverage, PolicyEngine, PolicyLine, PolicyReport, UnknownUse } from '@/lib/model/policy-report'
import { shownText } from '@/lib/model/shown-text'
import { counted, formatCount, formatMoment, sentenceCase } from './format'
import type { PoliciesOnly } from './policies-view'

export const ENGINE_WORD: Readonly<Record<PolicyEngine, string>> = { hubble: 'Hubble', calico: 'Calico’s flow logs' }

export const ONLY_WORD: Readonly<Record<PoliciesOnly, string>> = {
  never: 'Never hit',
  staged: 'Staged',
  denying: 'Refusing',
}

/** Kinds as people read them; others stay as the source spells them. */
const KIND_WORD: ReadonlyMap<string, string> = new Map([
  ['NetworkPolicy', 'Kubernetes NetworkPolicy'],
  ['CalicoNetworkPolicy', 'Calico NetworkPolicy'],
  ['EndOfTier', 'End of tier'],
  ['Profile', 'Profile: no policy applied'],
  ['Implicit', 'The engine’s own rules'],
])

export const kindWord = (kind: string): string => KIND_WORD.get(kind) ?? kind

/** What a person reads as a policy's name; hits that are no policy say what they are. */
export function policyTitle(line: Pick<PolicyLine, 'kind' | 'namespace' | 'tier' | 'name'>): string {
  if (line.kind === 'EndOfTier') return `No rule matched in tier ${shownText(line.tier) || 'default'}`
  if (line.kind === 'Profile') return `No policy selects the workload (${shownText(line.name)})`
  return shownText(line.namespace ? `${line.namespace} / ${line.name}` : line.name)
}

const WHY_UNKNOWN: Readonly<Record<UnknownUse, string>> = {
  'no-source': 'no source that names such policies spoke of this cluster in the window',
  unnamed: 'traffic that it may select came without the names of policies',
  lost: 'the source lost records in this window',
  'no-pending': 'records do not tell what staged policies would do',
  namesake: 'records name a policy of this name under another kind',
  'too-many': 'it selects more traffic than is looked at at once',
}

/** Whether a policy was hit: a moment, "never" with since when, or that it is not known, with why. */
export function hitWords({ use, lastMs, neverSinceMs, whyUnknown }: PolicyLine): string {
  if (use === 'hit') return lastMs === undefined ? 'Hit' : formatMoment(lastMs)
  if (use === 'never') return `Never hit${neverSinceMs === undefined ? '' : ` since ${formatMoment(neverSinceMs)}`}`
  return `Not known: ${whyUnknown ? WHY_UNKNOWN[whyUnknown] : 'no record names it'}`
}

/** What a staged policy, or one that changed, would do; '' where nothing is told. */
export function wouldWords({ counts, edges }: Pick<PolicyLine, 'counts' | 'edges'>): string {
  const parts = [
    ...(edges.wouldDeny > 0 ? [`would deny ${formatCount(counts.wouldDeny)} on ${onEdges(edges.wouldDeny)}`] : []),
    ...(edges.wouldAllow > 0 ? [`would allow ${formatCount(counts.wouldAllow)} on ${onEdges(edges.wouldAllow)}`] : []),
    ...(counts.wouldAgree > 0 ? [`leaves ${formatCount(counts.wouldAgree)} as they are`] : []),
  ]
  return parts.join(', ')
}

export const onEdges = (count: number): string => counted(count, 'edge', 'edges')

/** A count, said to be a bound where it is one. */
export const countWords = (count: number, isAtMost: boolean): string =>
  `${isAtMost && count > 0 ? '≤ ' : ''}${formatCount(count)}`

/** What the page cannot know, in sentences; [] where everything is known. */
export function cannotKnow({ dataset, clusters, isInventoryCut, total, lines }: PolicyReport): string[] {
  const without = clusters.filter(({ hasInventory }) => !hasInventory).map(({ cluster }) => cluster)
  return [
    ...(dataset === '' ? [] : [`A pinned dataset has no inventory: ${NOT_LISTED}`]),
    ...(dataset === '' && without.length > 0
      ? [`No Kubernetes inventory of ${namesOf(without)} is connected: ${NOT_LISTED}`]
      : []),
    ...namingWords(clusters),
    ...(isInventoryCut
      ? ['The inventory has more policies than one page looks at: some that no record names are missing.']
      : []),
    ...(total > lines.length
      ? [`${formatCount(total - lines.length)} policies that did least are left off. Choose a cluster.`]
      : []),
  ]
}

const NOT_LISTED = 'policies that no record names are not listed there, and none can be called never hit.'
const CLUSTERS_NAMED = 3

function namesOf(clusters: readonly string[]): string {
  const more = clusters.length > CLUSTERS_NAMED ? ` and ${clusters.length - CLUSTERS_NAMED} more` : ''
  return `${clusters.length === 1 ? 'cluster' : 'clusters'} ${clusters.slice(0, CLUSTERS_NAMED).join(', ')}${more}`
}

/** What sources leave unsaid, in a sentence for all clusters of which it is true: a line for each would leave no room for the policies. */
function namingWords(clusters: readonly PolicyCoverage[]): string[] {
  const told = new Map<string, string[]>()
  for (const { cluster, naming, silent } of clusters)
    for (const what of namingGaps(naming.length > 0, silent)) {
      const known = told.get(what)
      if (known) known.push(cluster)
      else told.set(what, [cluster])
    }
  const unnamed = clusters.filter((one) => one.naming.length > 0 && one.unnamed > 0)
  const verdicts = unnamed.reduce((sum, one) => sum + one.unnamed, 0)
  if (verdicts > 0)
    told.set(
      `${counted(verdicts, 'verdict', 'verdicts')} came without the name of a policy. That means “not told”, not “no policy”.`,
      unnamed.map(({ cluster }) => cluster),
    )
  return [...told].map(([what, of]) => `${sentenceCase(namesOf(of))}: ${what}`)
}

/** Which sources of a cluster name no policies, while others do or none does. */
function namingGaps(isNamed: boolean, silent: readonly PolicyEngine[]): string[] {
  const engines = silent.map((engine) => ENGINE_WORD[engine])
  if (isNamed) return engines.map((engine) => `${engine} named no policy.`)
  const why = engines.length === 0 ? 'no flow records in this window' : `${engines.join(' and ')} named no policy`
  return [`${why}, so what policies decide there is not known.`]
}
