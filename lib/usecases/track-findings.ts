import 'server-only'
import { CLUSTER_DETECTORS } from '@/lib/findings/cluster-detectors'
import type { ClusterFacts } from '@/lib/findings/facts'
import { planFindingChanges, QUIET_MS } from '@/lib/findings/plan-finding-changes'
import { type DetectorRun, DOOR_DETECTORS, runDetectors, stateOf } from '@/lib/findings/run-detectors'
import type { DetectorState } from '@/lib/model/finding'
import { logger } from '@/lib/observability/logger'
import { planFindings } from '@/lib/store/plan-findings'
import { CASE_PLANNER } from './case-planner'
import { clusterFacts } from './cluster-facts'
import { egressConfig } from './egress-config'
import { watchSources } from './watch-sources'

/** All detectors run so often, by whichever replica comes first. */
export const DETECTORS_EVERY_MS = 30_000

/** Which detectors run: those of judged doors, or all others, which look at an hour of everything. */
export type PassKind = 'doors' | 'all'

/**
 * Opens, counts, resolves findings by what is known at a moment. Quiet ends a finding only while the sources that would
 * have seen it are alive; elsewhere it goes stale. Safe to run on any number of replicas. Answers the number of changes; undefined
 * where all detectors ran within `everyMs`, on whichever replica. Errors: `unavailable`.
 */
export async function trackFindings(
  nowMs: number,
  kind: PassKind = 'doors',
  everyMs = DETECTORS_EVERY_MS,
): Promise<number | undefined> {
  const detectors = CLUSTER_DETECTORS.filter(({ id }) => DOOR_DETECTORS.has(id) === (kind === 'doors'))
  return planFindings({
    nowMs,
    cases: CASE_PLANNER,
    ...(kind === 'all' && { everyMs }),
    async read() {
      const facts = await clusterFacts(nowMs, kind)
      return {
        runs: facts.map((one) => run(one, detectors)),
        liveness: await watchSources(nowMs, QUIET_MS, egressConfig().paths),
      }
    },
    plan: ({ runs, liveness }, findings) => ({
      changes: planFindingChanges({ detectors, runs, findings, liveness, nowMs }),
      ...(kind === 'all' && { states: runs.flatMap((one) => statesOf(one, nowMs)) }),
    }),
  })
}

function run(facts: ClusterFacts, detectors: typeof CLUSTER_DETECTORS): DetectorRun {
  const result = runDetectors(facts, detectors)
  for (const { detector, error } of result.failures)
    logger().error({ task: 'findings', detector, cluster: facts.cluster, error }, 'a detector failed')
  return result
}

/** Of every detector, at the time of the pass: those that look at doors ran elsewhere, by the same facts. */
function statesOf({ facts, states }: DetectorRun, checkedMs: number): DetectorState[] {
  const ran = new Map(states.map((state) => [state.detector, state]))
  return CLUSTER_DETECTORS.map((detector) => ({ ...(ran.get(detector.id) ?? stateOf(detector, facts)), checkedMs }))
}
