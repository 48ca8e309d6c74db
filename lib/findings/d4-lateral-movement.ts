import { aiOf, workloadsOf } from './ai-peers'
import { countSlots, passed, sumSlots, tellingEdges, total } from './count-slots'
import { byServer, type EdgeGroup, groupsOf } from './edge-groups'
import type { ClusterDetector, ClusterFacts, Detection, EdgeFacts } from './facts'
import { spoken, times } from './finding-words'
import { HOUR_MS, hasLearned, isNew } from './learning'
import { detection, lower } from './make-detection'
import { isPlatformNamespace } from './namespaces'
import { statementOf } from './policy-statements'

/** What holds data and keys of everybody: a step there is worth more. */
const TREASURES: ReadonlySet<string> = new Set(['vector-store', 'gateway'])

type Why = 'no policy' | 'no policy of the caller' | 'first'
interface Step {
  readonly edge: EdgeFacts
  readonly why: Why
}

/**
 * D4: a path into an AI workload from another namespace that no policy speaks of, or that was never seen before. That no policy
 * applied is only taken from a source that states it. The second half keeps silent by itself until the cluster was watched long
 * enough; the first needs no history, so the detector as a whole does not wait.
 */
export const d4: ClusterDetector = {
  id: 'D4',
  name: 'Lateral movement',
  needs: ['flows'],
  isLearning: false,
  detect: (facts) => groupsOf(facts, byServer).flatMap((group) => movementOf(group, facts)),
}

function movementOf({ workload, target, edges }: EdgeGroup, facts: ClusterFacts): Detection[] {
  const steps = edges.flatMap((edge) => readEdge(edge, facts)).sort((left, right) => RANK[left.why] - RANK[right.why])
  const [best] = steps
  const taken = steps.map(({ edge }) => edge)
  const shown = countSlots(taken, passed)
  if (!best || !shown) return []
  const ai = aiOf(facts, best.edge.server)
  const isFact = best.why === 'no policy' && ai?.certain === true
  const severity = TREASURES.has(ai?.role ?? '') ? 'high' : 'medium'
  return [
    detection({
      workload,
      target,
      severity: ai?.certain ? severity : lower(severity),
      certainty: isFact ? 'fact' : 'possible',
      title: `${spoken(workload)} reaches ${spoken(target)} in another namespace, ${WORDS[best.why]}.`,
      facts: [
        `${times(total(shown), 'connection')} got through in the last hour.`,
        ...new Set(steps.map(({ why }) => FACTS[why])),
        `${spoken(target)} is an AI workload: ${spoken(ai?.by ?? 'unknown')}${ai?.certain ? '' : ', likely'}.`,
      ],
      disproof: 'A policy that allows this path by name, or a deployment that explains why it is new.',
      cause: `path:${target}`,
      edgeIds: tellingEdges(taken, (edge) => sumSlots(edge, passed)),
      shown,
    }),
  ]
}

function readEdge(edge: EdgeFacts, facts: ClusterFacts): Step[] {
  const { client, server } = edge
  const isStep = client.class === 'workload' && server.class === 'workload' && client.namespace !== server.namespace
  if (!isStep || !aiOf(facts, server) || isPlatformNamespace(client.namespace)) return []
  if (sumSlots(edge, passed) === 0) return []
  const unruled = unruledBy(edge)
  if (unruled) return [{ edge, why: unruled }]
  return isFirst(edge, facts) ? [{ edge, why: 'first' }] : []
}

/** No side let it through by a rule, and the server's side, or where it does not report the client's, states that none applied. */
function unruledBy({ variants }: EdgeFacts): Why | undefined {
  const [out, into] = [statementOf(variants, 'client'), statementOf(variants, 'server')]
  if (out.isRuled || into.isRuled || into.isUntold) return undefined
  if (into.isUnruled) return 'no policy'
  return out.isUnruled && !out.isUntold ? 'no policy of the caller' : undefined
}

/** Never seen before, and not since one of its ends is new itself, as after a deployment. */
function isFirst({ client, server, firstEverMs }: EdgeFacts, facts: ClusterFacts): boolean {
  if (!hasLearned(facts) || !isNew(facts, firstEverMs)) return false
  const seen = firstSeenOf(facts)
  const isOld = ({ endpointId }: EdgeFacts['client']) => (seen.get(endpointId) ?? firstEverMs) <= firstEverMs - HOUR_MS
  return isOld(client) && isOld(server)
}

const FIRST_SEEN = new WeakMap<ClusterFacts, ReadonlyMap<string, number>>()

/** When endpoints were first seen at either end of an edge, as far as these facts tell. */
function firstSeenOf(facts: ClusterFacts): ReadonlyMap<string, number> {
  const known = FIRST_SEEN.get(facts)
  if (known) return known
  const seen = new Map<string, number>()
  const note = (endpointId: string, atMs: number) =>
    seen.set(endpointId, Math.min(seen.get(endpointId) ?? Number.POSITIVE_INFINITY, atMs))
  for (const { endpointId, firstEverMs } of workloadsOf(facts).values()) note(endpointId, firstEverMs)
  for (const { client, server, firstEverMs } of facts.edges) {
    note(client.endpointId, client.firstEverMs ?? firstEverMs)
    note(server.endpointId, server.firstEverMs ?? firstEverMs)
  }
  FIRST_SEEN.set(facts, seen)
  return seen
}

const RANK: Readonly<Record<Why, number>> = { 'no policy': 0, 'no policy of the caller': 1, first: 2 }
const WORDS: Readonly<Record<Why, string>> = {
  'no policy': 'allowed by no policy',
  'no policy of the caller': 'and no policy of the caller speaks of it',
  first: 'for the first time',
}
const FACTS: Readonly<Record<Why, string>> = {
  'no policy': 'The flow log states that no policy of either side let it through.',
  'no policy of the caller':
    "The flow log states that no policy of the caller applied; the called side's was not reported.",
  first: 'This path was not seen in the days before.',
}
