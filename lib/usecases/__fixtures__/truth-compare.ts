import 'server-only'
import { type FindingLabel, findingsOf } from '@/lib/demo/plant/finding-labels'
import { type CallLabel, edgeLabels } from '@/lib/demo/plant/labels'
import { clusterOf, type Scenario } from '@/lib/demo/plant/world'
import type { ServiceGraph } from '@/lib/model/graph'
import type { SeenConnection, SeenFinding } from './truth-run'

/** Records of one opening lie within this. */
const SAME_MS = 1500

/** One line of what went otherwise than it should. */
export type Complaint = string

export interface Pair {
  readonly label: CallLabel
  /** What Postern has of it; several where flow records name its far end in two ways, [] where it has nothing. */
  readonly seen: readonly SeenConnection[]
}

/** Which of Postern's connections each true call is. Calls that are only told in sums are compared by their edge. */
export function pairUp(labels: readonly CallLabel[], connections: readonly SeenConnection[], baseMs: number) {
  const left = new Set(connections)
  const pairs = labels.map((label): Pair => {
    const seen = connections.filter((row) => isOf(label, row, baseMs))
    for (const row of seen) left.delete(row)
    return { label, seen }
  })
  return { pairs, strangers: [...left] }
}

function isOf(label: CallLabel, row: SeenConnection, baseMs: number): boolean {
  if (row.cluster !== label.cluster || row.workload !== label.workload || row.serverPort !== label.call.port) return false
  if (label.seenS === undefined) return false
  if (label.isAggregate) return row.clientIp === null && row.target === label.target
  return (
    row.clientIp === label.clientIp &&
    row.serverIp === label.call.serverIp &&
    (label.clientPort === undefined || row.clientPort === null || row.clientPort === label.clientPort) &&
    Math.abs(row.firstMs - (baseMs + label.seenS * 1000)) <= SAME_MS
  )
}

/** What Postern says of a call: the most that it says of any row. */
export const saidOf = ({ seen }: Pair): string =>
  (seen.find(({ state }) => state === 'violation' || state === 'sanctioned') ?? seen.find(({ state }) => state !== null))
    ?.state ?? 'unjudged'

/** A judgement that truth contradicts, whatever could be known. */
export const isFalse = (said: string, { truth }: CallLabel): boolean =>
  (said === 'sanctioned' && truth !== 'sanctioned') || (said === 'violation' && truth !== 'outside')

const words = ({ cluster, workload, call }: CallLabel): string => `${cluster}: ${workload} ${call.id} → ${call.host}`

/** Judgements that truth contradicts. None at any moment, whatever has come yet. */
export const falseJudgements = (pairs: readonly Pair[], strangers: readonly SeenConnection[]): Complaint[] => [
  ...pairs.flatMap((pair) =>
    pair.seen.flatMap(({ state }) =>
      isFalse(state ?? '', pair.label) ? [`false ${state} (truly ${pair.label.truth}): ${words(pair.label)}`] : [],
    ),
  ),
  ...strangers
    .filter(({ state }) => state === 'sanctioned' || state === 'violation')
    .map((row) => `${row.state} of a connection that never was: ${row.cluster} ${row.workload} → ${row.target}`),
]

/** Everything that differs from the labels once all has come. */
export const wrongJudgements = (pairs: readonly Pair[]): Complaint[] =>
  pairs.flatMap((pair) => {
    const said = saidOf(pair)
    if (said === pair.label.state) return []
    const reason = pair.seen.map((row) => `${row.target} ${row.state} ${row.reason} ${row.lean}`).join('; ')
    return [`${said} instead of ${pair.label.state}: ${words(pair.label)} (${reason || 'not there'})`]
  })

/** Reasons that what is known does not give. */
export const wrongReasons = (pairs: readonly Pair[]): Complaint[] =>
  pairs.flatMap(({ label, seen }) =>
    seen.flatMap(({ state, reason, lean }) => {
      if (state !== label.state || label.reasons.length === 0) return []
      if (!label.reasons.includes(reason ?? ''))
        return [`${state} because ${reason}, not ${label.reasons.join(' or ')}: ${words(label)}`]
      return label.lean === undefined || label.lean === lean ? [] : [`leans ${lean}, not ${label.lean}: ${words(label)}`]
    }),
  )

/** What doors on the graph say, by workload and far end. */
export function doorsOf({ nodes, edges }: ServiceGraph): ReadonlyMap<string, string> {
  const names = new Map(nodes.map((node) => [node.id, node]))
  return new Map(
    edges.flatMap((edge) => {
      const [client, server] = [names.get(edge.client), names.get(edge.server)]
      if (!client || !server) return []
      return [[`${edge.cluster} ${client.namespace}/${client.name} ${server.name} ${edge.serverPort}`, edge.door?.state ?? 'unjudged']]
    }),
  )
}

/** Half an hour before the scenarios begin, the graph's window does. */
const SHOWN_SINCE_S = -1800

export function wrongDoors(labels: readonly CallLabel[], doors: ReadonlyMap<string, string>): Complaint[] {
  return edgeLabels(labels.filter(({ call }) => call.atS > SHOWN_SINCE_S)).flatMap(({ cluster, workload, target, port, state }) => {
    const said = doors.get(`${cluster} ${workload} ${target} ${port}`) ?? 'unjudged'
    return said === state ? [] : [`door ${said} instead of ${state}: ${cluster} ${workload} → ${target}`]
  })
}

/** A detector's word about a workload, right or wrong. */
export interface DetectorCase {
  readonly detector: string
  readonly cluster: string
  readonly workload: string
  /** What was found instead, or beside. */
  readonly said: string
  readonly isExpected: boolean
  readonly isFound: boolean
}

/**
 * What detectors found beside what they should have, in all clusters of all scenarios: whatever is labelled and not found is missed,
 * whatever is found and not labelled is false, however little it alarms.
 */
export function detectorCases(scenarios: readonly Scenario[], findings: readonly SeenFinding[]): DetectorCase[] {
  return scenarios.flatMap((scenario) => {
    const expected = findingsOf(scenario)
    const clusters = new Set(scenario.pods.map((pod) => clusterOf(scenario, pod))).add(scenario.name)
    const found = findings.filter((finding) => clusters.has(finding.cluster) && wasSaid(finding, hasLate(scenario)))
    return [
      ...expected.map((label) => {
        const isFound = found.some((finding) => fits(label, finding))
        const alike = found.filter((finding) => finding.detector === label.detector)
        return { ...caseOf(label), said: isFound ? '' : alike.map(wordsOf).join('; '), isExpected: true, isFound }
      }),
      ...found
        .filter((finding) => scenario.leavesOpen?.some((id) => id === finding.detector) !== true)
        .filter((finding) => !expected.some((label) => fits(label, finding)))
        .map((finding) => ({ ...caseOf(finding), said: wordsOf(finding), isExpected: false, isFound: true })),
    ]
  })
}

/**
 * Stands, or stood when all but the late had come: the scenarios are half an hour old, so quiet ends it. Only what came late may have taken
 * it back since; and of a door counts what is said in the end, since it is judged on the way too.
 */
const wasSaid = ({ detector, status, because }: SeenFinding, mayBeDisproved: boolean): boolean => {
  if (status !== 'resolved') return true
  const isOfDoor = detector === 'D0' || detector === 'D0u'
  return !isOfDoor && (because === 'quiet' || !mayBeDisproved)
}

const hasLate = ({ observers }: Scenario): boolean => observers.some(({ isLate }) => isLate)

const wordsOf = ({ workload, target, severity, title }: SeenFinding): string =>
  `${workload} → ${target}, ${severity}: ${title}`

const caseOf = ({ detector, cluster, workload }: Pick<FindingLabel, 'detector' | 'cluster' | 'workload'> | SeenFinding) => ({
  detector,
  cluster,
  workload,
})

const fits = (label: FindingLabel, finding: SeenFinding): boolean =>
  label.detector === finding.detector &&
  label.cluster === finding.cluster &&
  label.workload === finding.workload &&
  (label.target === undefined || label.target === finding.target) &&
  (label.severity === undefined || label.severity === finding.severity)
