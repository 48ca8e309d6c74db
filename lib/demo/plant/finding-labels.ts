import { type CallLabel, edgeLabels, labelsOf } from './labels'
import {
  type DetectorName,
  type ExpectedFinding,
  HOUR_AGO_S,
  PROVIDER_OF,
  PROVIDERS,
  podOf,
  type Scenario,
} from './world'

/** A finding that must be there, in its cluster. */
export interface FindingLabel extends ExpectedFinding {
  readonly cluster: string
}

/** Every finding that must be there of a scenario: those of doors, those that follow from its calls, and those that it names. */
export function findingsOf(scenario: Scenario): FindingLabel[] {
  const labels = labelsOf(scenario)
  const named = (scenario.finds ?? []).map((one) => ({ ...one, cluster: scenario.name }))
  const own = [...doorFindings(scenario, labels), ...callFindings(labels), ...listFindings(scenario, labels)]
  const isNamed = (label: FindingLabel) =>
    named.some(
      (one) => one.detector === label.detector && one.cluster === label.cluster && one.workload === label.workload,
    )
  const isOpen = ({ detector }: FindingLabel) => scenario.leavesOpen?.includes(detector) === true
  return [...unique(own).filter((label) => !isNamed(label) && !isOpen(label)), ...named]
}

/** A rule that only observes opens nothing. */
function doorFindings({ operator }: Scenario, labels: readonly CallLabel[]): FindingLabel[] {
  if (operator.mode === 'observe') return []
  return edgeLabels(labels).flatMap(({ cluster, workload, state }): FindingLabel[] => {
    if (state === 'violation') return [{ detector: 'D0', cluster, workload, severity: 'critical' }]
    return state === 'unverified' ? [{ detector: 'D0u', cluster, workload }] : []
  })
}

/** What follows from a call as far as it is known whose host it reached: stopped, broken, not wanted, telemetry. */
function callFindings(labels: readonly CallLabel[]): FindingLabel[] {
  return labels.flatMap(({ cluster, workload, call, state }): FindingLabel[] => {
    const provider = providerAt(call.host)
    const of = (detector: DetectorName, severity?: FindingLabel['severity']): FindingLabel => ({
      detector,
      cluster,
      workload,
      ...(severity && { severity }),
    })
    if (!provider || state === 'unjudged' || call.atS < HOUR_AGO_S) return []
    if (state === 'blocked') return [of('D6', 'info')]
    if (state === 'broken') return [of('D15', 'high')]
    return [...(provider.isDenied ? [of('D16')] : []), ...(provider.isTelemetry ? [of('D14', 'info')] : [])]
  })
}

/** One item of the checklist per provider that surely is in use by its public address and keeps a list. Nobody confirmed any. */
function listFindings(scenario: Scenario, labels: readonly CallLabel[]): FindingLabel[] {
  const item = (cluster: string, host: string): FindingLabel[] => {
    const provider = providerAt(host)
    if (!provider?.keepsList) return []
    return [{ detector: 'D12', cluster, workload: 'all workloads', target: provider.name, severity: 'info' }]
  }
  const byFlows = labels
    .filter(
      ({ call, state, reasons }) => call.atS >= HOUR_AGO_S && isInUse(state) && !reasons.includes('provider_unknown'),
    )
    .flatMap(({ cluster, call }) => item(cluster, call.host))
  const bySpans = (scenario.spans ?? []).flatMap(({ pod, host }) =>
    item(`${scenario.name}${podOf(scenario, pod).cluster}`, host),
  )
  return [...byFlows, ...bySpans]
}

const isInUse = (state: CallLabel['state']): boolean =>
  state !== 'unjudged' && state !== 'not_applicable' && state !== 'blocked' && state !== 'broken'

const providerAt = (host: string) => PROVIDERS[PROVIDER_OF[host] ?? '']

function unique(labels: readonly FindingLabel[]): FindingLabel[] {
  const keyOf = (label: FindingLabel) => JSON.stringify([label.detector, label.cluster, label.workload, label.target])
  return [...new Map(labels.map((label) => [keyOf(label), label])).values()]
}
