import {
  type CalicoWatcher,
  clusterOf,
  type HubbleWatcher,
  type NatWatcher,
  type Observer,
  type PlantPod,
  podOf,
  type Scenario,
  type Seconds,
  type TrueCall,
} from './world'

/** Flow logs keep their interval: Calico's records begin and end with it. */
export const CALICO_INTERVAL_S = 60
/** Windows of AWS flow logs. */
export const AWS_WINDOW_S = 60
/** How long before a connection its question may lie (docs/decisions/0011-names-from-questions.md). */
const ASKED_WITHIN_S = 30
/** A pod asks this long before it connects. */
export const ASKED_BEFORE_S = 0.8

/** What flow logs tell of one call: when it lived, its port, and the names of the far end. */
export interface Sighting {
  readonly fromS: Seconds
  readonly toS: Seconds
  readonly hasPort: boolean
  /** Names that the records themselves carry. */
  readonly names: readonly string[]
  /** Drawn from a NAT record alone. */
  readonly isDrawn: boolean
  /** Only summed up with others, without addresses. */
  readonly isAggregate: boolean
}

export const watches = (observer: Pick<Observer, 'misses'>, call: TrueCall): boolean =>
  !observer.misses?.includes(call.id)

export const isSameCluster = (scenario: Scenario, a: TrueCall, b: TrueCall): boolean =>
  podOf(scenario, a.pod).cluster === podOf(scenario, b.pod).cluster

/** Names that the pod's node knows for the far end: what this pod asked so far, and got this address for. */
export function namesAtNode(scenario: Scenario, call: TrueCall): string[] {
  const names = scenario.calls
    .filter((other) => other.pod === call.pod && other.serverIp === call.serverIp && other.atS <= call.atS)
    .flatMap(({ asked }) => asked)
  return [...new Set(names)].sort()
}

export const intervalOf = (atS: Seconds, lengthS: number): readonly [Seconds, Seconds] => {
  const fromS = Math.floor(atS / lengthS) * lengthS
  return [fromS, fromS + lengthS]
}

const isFlowLog = (observer: Observer): observer is HubbleWatcher | CalicoWatcher =>
  observer.kind === 'hubble' || observer.kind === 'calico-enterprise'
export const isNatLog = (observer: Observer): observer is NatWatcher => 'hop' in observer

/** What is told of a call, all flow logs together; undefined where nobody tells of it with its addresses. */
export function sightingOf(scenario: Scenario, call: TrueCall): Sighting | undefined {
  const told = scenario.observers.filter(isFlowLog).flatMap((observer) => {
    if (!watches(observer, call)) return []
    if (observer.kind === 'hubble') {
      const names = observer.hasNames === false ? [] : namesAtNode(scenario, call)
      return [{ fromS: call.atS, toS: call.atS + call.lastsS, hasPort: true, names, isFine: true }]
    }
    const isFine = call.fate !== 'left' || observer.aggregation < 2
    const [fromS, toS] = intervalOf(call.atS, CALICO_INTERVAL_S)
    const names = observer.hasDomains === false ? [] : namesAtNode(scenario, call)
    return [{ fromS, toS, hasPort: observer.aggregation === 0, names, isFine }]
  })
  const [first] = told
  if (first) {
    return {
      fromS: told.reduce((least, one) => Math.min(least, one.fromS), first.fromS),
      toS: told.reduce((most, one) => Math.max(most, one.toS), first.toS),
      hasPort: told.some((one) => one.hasPort),
      names: [...new Set(told.flatMap(({ names }) => names))].sort(),
      isDrawn: false,
      isAggregate: !told.some((one) => one.isFine),
    }
  }
  return drawnBy(scenario, call)
}

/** A NAT record from an address whose pod the inventory knows. */
function drawnBy(scenario: Scenario, call: TrueCall): Sighting | undefined {
  const [hop] = call.way
  const pod = podOf(scenario, call.pod)
  const log = scenario.observers.find(
    (one) => isNatLog(one) && one.hop === hop?.hop && one.hasPorts !== false && !one.isUntrusted && watches(one, call),
  )
  if (!log || call.fate !== 'left' || pod.isHostNetwork || !ownsAddress(scenario, pod, call.atS, call.atS))
    return undefined
  const atS = call.atS + (log.skewS ?? 0)
  return { fromS: atS, toS: atS, hasPort: true, names: [], isDrawn: true, isAggregate: false }
}

/** The inventory knows that the address was this pod's alone in that stretch, give or take five seconds. */
export function ownsAddress(scenario: Scenario, pod: PlantPod, fromS: Seconds, toS: Seconds): boolean {
  if (!scenario.observers.some(({ kind }) => kind === 'inventory')) return false
  if (pod.fromS > fromS || (pod.toS ?? Number.POSITIVE_INFINITY) < toS) return false
  return !scenario.pods.some(
    (other) =>
      other.key !== pod.key &&
      other.ip === pod.ip &&
      clusterOf(scenario, other) === clusterOf(scenario, pod) &&
      other.fromS <= toS + 5 &&
      (other.toS ?? Number.POSITIVE_INFINITY) >= fromS - 5,
  )
}

/**
 * How surely it is known whose host the far end is. `known`: by names that this very pod got or asked for, which agree. `unsure`:
 * names that do not agree, or only the address. `nobody`: no name that matters.
 */
export function providerKnown(
  scenario: Scenario,
  call: TrueCall,
  providerOf: Readonly<Record<string, string | undefined>>,
) {
  const sighting = sightingOf(scenario, call)
  const told = sighting?.names ?? []
  const names = told.length > 0 ? told : answeredNames(scenario, call)
  const candidates = names.length > 0 ? names : askedNames(scenario, call)
  const providers = new Set(candidates.map((name) => providerOf[name]))
  const isSure = candidates.length > 0 && providers.size === 1 && (names.length > 0 || candidates.length === 1)
  const [provider] = providers
  if (isSure) return provider === undefined ? ('nobody' as const) : ('known' as const)
  if ([...providers].some((one) => one !== undefined)) return 'unsure' as const
  if (candidates.length === 0 && othersNames(scenario, call).some((name) => providerOf[name] !== undefined))
    return 'unsure' as const
  // Anthropic publishes its range: an address in it is possibly Anthropic.
  return call.serverIp.startsWith('160.79.104.') ? ('unsure' as const) : ('nobody' as const)
}

/** By a log of answers: names that this pod was given this address for. */
function answeredNames(scenario: Scenario, call: TrueCall): string[] {
  const hasAnswers = scenario.observers.some(
    (one) => (one.kind === 'calico-dns' || one.kind === 'hubble-dns') && watches(one, call),
  )
  return hasAnswers ? namesAtNode(scenario, call) : []
}

/** By a log of answers: names for which other pods of the cluster were given this address. */
function othersNames(scenario: Scenario, call: TrueCall): string[] {
  const hasAnswers = scenario.observers.some((one) => one.kind === 'calico-dns' || one.kind === 'hubble-dns')
  if (!hasAnswers) return []
  return scenario.calls
    .filter((other) => isSameCluster(scenario, other, call) && other.serverIp === call.serverIp)
    .flatMap(({ asked }) => asked)
}

/** By a log of questions: names that the pod's address asked for shortly before. */
function askedNames(scenario: Scenario, call: TrueCall): string[] {
  if (!scenario.observers.some((one) => one.kind === 'coredns' && watches(one, call))) return []
  const { ip } = podOf(scenario, call.pod)
  const names = scenario.calls
    .filter((other) => isSameCluster(scenario, other, call) && podOf(scenario, other.pod).ip === ip)
    .filter(({ atS }) => {
      const askedS = atS - ASKED_BEFORE_S
      return askedS >= call.atS - ASKED_WITHIN_S && askedS <= call.atS + 5
    })
    .flatMap(({ asked }) => asked)
  return [...new Set(names)].sort()
}
