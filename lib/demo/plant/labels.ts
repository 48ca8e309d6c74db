import { provenAddresses } from './proofs'
import { providerKnown, type Sighting, sightingOf, watches } from './sightings'
import { clusterOf, PROVIDER_OF, type ProbeLean, podOf, SANCTIONED, type Scenario, type TrueCall } from './world'

/** What truly became of a call. */
export type Truth = 'sanctioned' | 'outside' | 'blocked' | 'broken' | 'private' | 'no provider'
/** What Postern must say of it. `unjudged`: it names no provider, or nobody tells of the call. */
export type LabelState =
  | 'sanctioned'
  | 'violation'
  | 'unverified'
  | 'blocked'
  | 'broken'
  | 'not_applicable'
  | 'no_rule'
  | 'unjudged'

export interface CallLabel {
  readonly cluster: string
  readonly call: TrueCall
  /** `namespace/workload`. */
  readonly workload: string
  /** The far end as flow logs name it. */
  readonly target: string
  readonly clientIp: string
  /** Absent where no flow log tells the port. */
  readonly clientPort?: number
  /** When a flow log, or the NAT record that draws it, puts its beginning. */
  readonly seenS: number | undefined
  readonly truth: Truth
  readonly state: LabelState
  /** Of a state that has reasons: those that may be given. */
  readonly reasons: readonly string[]
  /** Where a probe leans it. */
  readonly lean?: string
  readonly isDrawn: boolean
  readonly isAggregate: boolean
  /** Some trusted log names another address than the true one: until the others have come, nobody can know. */
  readonly isLiedAbout: boolean
}

export const truthOf = (call: TrueCall): Truth => {
  if (call.fate !== 'left') return call.fate
  if (PROVIDER_OF[call.host] === undefined) return 'no provider'
  if (isPrivate(call.serverIp)) return 'private'
  return call.seenAs === SANCTIONED ? 'sanctioned' : 'outside'
}

/** Labels of every call of a scenario, from what truly happened and who watched. */
export function labelsOf(scenario: Scenario): CallLabel[] {
  return scenario.calls.map((call) => {
    const pod = podOf(scenario, call.pod)
    const sighting = sightingOf(scenario, call)
    const [name, ...more] = sighting?.names ?? []
    return {
      cluster: clusterOf(scenario, pod),
      call,
      workload: `${pod.namespace}/${pod.workload}`,
      target: name !== undefined && more.length === 0 ? name : call.serverIp,
      clientIp: pod.ip,
      ...(sighting?.hasPort && { clientPort: call.clientPort }),
      seenS: sighting?.fromS,
      truth: truthOf(call),
      ...leaning(stateOf(scenario, call, sighting), scenario.leans?.[call.id]),
      isDrawn: sighting?.isDrawn === true,
      isAggregate: sighting?.isAggregate === true,
      isLiedAbout: scenario.observers.some(
        (one) => 'lies' in one && !one.isUntrusted && one.lies?.[call.id] !== undefined,
      ),
    }
  })
}

/** A probe gives an unproven call its reason and its lean, and never a state. */
function leaning(
  label: Pick<CallLabel, 'state' | 'reasons'>,
  probe: ProbeLean | undefined,
): Pick<CallLabel, 'state' | 'reasons' | 'lean'> {
  return probe && label.state === 'unverified' ? { ...label, reasons: [probe.reason], lean: probe.lean } : label
}

function stateOf(
  scenario: Scenario,
  call: TrueCall,
  sighting: Sighting | undefined,
): Pick<CallLabel, 'state' | 'reasons'> {
  const known = sighting ? providerKnown(scenario, call, PROVIDER_OF) : 'nobody'
  if (!sighting || known === 'nobody') return { state: 'unjudged', reasons: [] }
  if (call.fate !== 'left') return { state: call.fate, reasons: [] }
  if (isPrivate(call.serverIp)) return { state: 'not_applicable', reasons: ['private_endpoint'] }
  if (!scenario.operator.namespaces.includes(podOf(scenario, call.pod).namespace))
    return { state: 'no_rule', reasons: [] }
  if (known === 'unsure') return { state: 'unverified', reasons: ['provider_unknown'] }
  const addresses = new Set(sighting.isAggregate ? [] : provenAddresses(scenario, call, sighting))
  const [address] = addresses
  if (addresses.size > 1) return { state: 'unverified', reasons: ['conflicting'] }
  if (address === undefined) return { state: 'unverified', reasons: reasonsOf(scenario, call) }
  return { state: address === SANCTIONED ? 'sanctioned' : 'violation', reasons: [] }
}

/** Why nothing proves it: no trusted log tells of it at all, or what they tell is not enough. */
function reasonsOf(scenario: Scenario, call: TrueCall): string[] {
  const isTold = scenario.observers.some(
    (one) => ('hop' in one || 'lies' in one || one.kind === 'cloudtrail') && !one.isUntrusted && watches(one, call),
  )
  const isRefused = scenario.spans?.some(({ error }) => error === 'ip_not_authorized') === true
  return [
    'no_nat_evidence',
    // Neighbours' records may be told of as well.
    'join_too_weak',
    ...(isTold ? ['partial_hop', 'unmapped_nat_address'] : []),
    ...(scenario.objects ? ['intent_only'] : []),
    ...(isRefused ? ['provider_refused'] : []),
  ]
}

const isPrivate = (ip: string): boolean => /^10\.|^192\.168\.|^169\.254\./.test(ip)

export interface EdgeLabel {
  readonly cluster: string
  readonly workload: string
  readonly target: string
  readonly port: number
  readonly state: LabelState
}

/** The most that may be unjudged beside proven connections without taking `sanctioned` away. */
const TOLERATED = 0.01

/** What the door of each workload to each far end must be, by its calls (nat-evidence §3.2, groups). */
export function edgeLabels(labels: readonly CallLabel[]): EdgeLabel[] {
  const groups = new Map<string, CallLabel[]>()
  for (const label of labels) {
    const key = `${label.cluster}\n${label.workload}\n${label.target}\n${label.call.port}`
    groups.set(key, [...(groups.get(key) ?? []), label])
  }
  return [...groups.values()].flatMap((own) => {
    const [first] = own
    if (!first) return []
    const { cluster, workload, target } = first
    return [{ cluster, workload, target, port: first.call.port, state: doorOf(own.map(({ state }) => state)) }]
  })
}

function doorOf(states: readonly LabelState[]): LabelState {
  const count = (state: LabelState) => states.filter((one) => one === state).length
  if (count('violation') > 0) return 'violation'
  const [good, rest] = [count('sanctioned'), count('unverified') + count('no_rule')]
  if (good > 0) return rest <= TOLERATED * (good + rest) ? 'sanctioned' : 'unverified'
  const order = ['unverified', 'broken', 'no_rule', 'not_applicable', 'blocked'] as const
  return order.find((state) => count(state) > 0) ?? 'unjudged'
}
