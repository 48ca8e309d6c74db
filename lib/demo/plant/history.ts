import type { Scenario } from './world'

/** What is older than this was told on its day; what is younger comes with everything else. */
const HISTORY_S = -2 * 3600

const isHistory = ({ atS }: { readonly atS: number }): boolean => atS < HISTORY_S

/** The days before a scenario, where Postern watched its cluster then: calls and traffic of its own. */
export const beforeBeginning = (scenario: Scenario): Scenario => ({
  ...scenario,
  calls: scenario.calls.filter(isHistory),
  sideFlows: (scenario.sideFlows ?? []).filter(isHistory),
  spans: [],
  questions: [],
})

/** The rest of it; all of it where Postern learned of the days before only with the rest. */
export const sinceBeginning = (scenario: Scenario): Scenario =>
  scenario.isWatchedSinceBefore
    ? {
        ...scenario,
        calls: scenario.calls.filter((call) => !isHistory(call)),
        sideFlows: (scenario.sideFlows ?? []).filter((flow) => !isHistory(flow)),
      }
    : scenario
