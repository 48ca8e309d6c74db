import { AWS_WINDOW_S, intervalOf, isNatLog, isSameCluster, ownsAddress, type Sighting, watches } from './sightings'
import {
  type AuditWatcher,
  GATEWAYS,
  type NatWatcher,
  type Observer,
  podOf,
  type Scenario,
  type Seconds,
  type TranslatedWatcher,
  type TrueCall,
} from './world'

/** Clocks may differ by this much; hops see one beginning within the other (nat-evidence §3.1, §3.2). */
const SKEW_S = 5
const HOP_SKEW_S = 2
/** A quiet connection may still be open this long. */
const OPEN_S = 300
/** Logs of windows: another owner of the address within this may be meant. */
const WINDOW_S = 600

/**
 * The public addresses by which a call provably left, by the law of evidence (nat-evidence §3.2): each from an observation that is
 * final, joined, in time and trusted. [] = nothing proves it; several = its proofs contradict each other.
 */
export function provenAddresses(scenario: Scenario, call: TrueCall, sighting: Sighting): string[] {
  return [
    ...byHops(scenario, call, sighting),
    ...scenario.observers.filter(isAudit).flatMap((log) => byAudit(scenario, call, sighting, log)),
    ...scenario.observers.filter(isTranslated).flatMap((log) => byHubble(scenario, call, log)),
  ]
}

const isAudit = (one: Observer): one is AuditWatcher =>
  one.kind === 'cloudtrail' || one.kind === 'gcp-audit' || one.kind === 'azure-openai'
const isTranslated = (one: Observer): one is TranslatedWatcher => one.kind === 'hubble-translated'

/** What a log says of a call at its hop. */
interface Told {
  readonly fromS: Seconds
  readonly toS: Seconds
  readonly isWindow: boolean
  readonly hasPort: boolean
  readonly ip: string
  readonly port: number | undefined
  readonly log: NatWatcher
}

function toldAt(scenario: Scenario, call: TrueCall, index: number): Told[] {
  const hop = call.way[index]
  if (!hop) return []
  return scenario.observers.filter(isNatLog).flatMap((log) => {
    const isUseless = log.kind === 'azure-natgw' || log.kind === 'gcp-vpc'
    if (log.hop !== hop.hop || log.isUntrusted || isUseless || !watches(log, call)) return []
    const atS = call.atS + (log.skewS ?? 0)
    const isWindow = log.kind === 'aws-vpc'
    const [fromS, toS] = isWindow ? intervalOf(atS, AWS_WINDOW_S) : [atS, atS]
    const ip = log.lies?.[call.id] ?? hop.ip
    return [{ fromS, toS, isWindow, hasPort: log.hasPorts !== false, ip, port: isWindow ? undefined : hop.port, log }]
  })
}

/** The chain of translations, whole, each link of it sure. */
function byHops(scenario: Scenario, call: TrueCall, sighting: Sighting): string[] {
  const { operator } = scenario
  const last = call.way.at(-1)
  if (!last || last.hop !== operator.finalHop || (call.times ?? 1) > 1) return []
  let before: Told | undefined
  for (const [index] of call.way.entries()) {
    const told = toldAt(scenario, call, index).filter((one) =>
      before ? follows(one, before) : meets(one, sighting.fromS, sighting.toS, SKEW_S),
    )
    const [one] = told
    if (!one || new Set(told.map(({ ip }) => ip)).size > 1) return []
    if (index === 0 ? !isFirstLinkSure(scenario, call, sighting, one) : !one.hasPort) return []
    if (rivals(scenario, call, index, one, sighting).length > 0) return []
    before = one
  }
  if (!before) return []
  const tier = before.log.kind === 'conntrack' || before.log.kind === 'ulogd' ? hopTier(scenario, last.hop) : 'B'
  if (tier > (operator.requireEvidence ?? 'C')) return []
  return publicOf(scenario, before)
}

const hopTier = ({ operator }: Scenario, hop: string): 'B' | 'C' => (operator.hops.indexOf(hop) > 0 ? 'B' : 'C')

/** AWS logs show the gateway's private address: the operator's map says which public one it is. */
function publicOf({ operator }: Scenario, { ip, log }: Told): string[] {
  if (log.kind !== 'aws-vpc') return /^10\./.test(ip) ? [] : [ip]
  const own = Object.entries(GATEWAYS).find(([, publicIp]) => publicIp === ip)?.[0]
  const mapped = own === undefined ? undefined : operator.map?.[own]
  return mapped === undefined ? [] : [mapped]
}

const meets = (one: Told, fromS: Seconds, toS: Seconds, slackS: number): boolean =>
  one.fromS <= toS + slackS && one.toS >= fromS - slackS

const follows = (one: Told, before: Told): boolean => meets(one, before.fromS, before.toS, HOP_SKEW_S)

/** The first record is the call's own: by its exact tuple, or because nobody else can be meant. */
function isFirstLinkSure(scenario: Scenario, call: TrueCall, sighting: Sighting, one: Told): boolean {
  if (!one.hasPort || !sighting.hasPort) return isAlone(scenario, call, one)
  // A window may hold the next owner's connection from the same port.
  const pod = podOf(scenario, call.pod)
  if (!one.isWindow) return true
  return !scenario.pods.some(
    (other) =>
      other.key !== pod.key &&
      other.ip === pod.ip &&
      other.cluster === pod.cluster &&
      other.fromS <= sighting.toS + WINDOW_S &&
      (other.toS ?? Number.POSITIVE_INFINITY) >= sighting.fromS - WINDOW_S,
  )
}

/** The address was its pod's alone and no other connection of it to that server was open. */
function isAlone(scenario: Scenario, call: TrueCall, one: Told): boolean {
  const pod = podOf(scenario, call.pod)
  return (
    ownsAddress(scenario, pod, Math.min(one.fromS, call.atS), Math.max(one.toS, call.atS)) &&
    !scenario.calls.some(
      (other) => other.id !== call.id && isAlike(scenario, other, call) && isOpenIn(other, one.fromS, one.toS),
    )
  )
}

/** From the same address to the same server, in one cluster. */
const isAlike = (scenario: Scenario, a: TrueCall, b: TrueCall): boolean =>
  a.fate !== 'blocked' &&
  isSameCluster(scenario, a, b) &&
  podOf(scenario, a.pod).ip === podOf(scenario, b.pod).ip &&
  a.serverIp === b.serverIp &&
  a.port === b.port

const isOpenIn = (call: TrueCall, fromS: Seconds, toS: Seconds): boolean =>
  call.atS <= toS + SKEW_S && call.atS + call.lastsS + OPEN_S >= fromS - SKEW_S

/** Other calls whose records at this hop have the same source and fit in time, and say another translation. */
function rivals(scenario: Scenario, call: TrueCall, index: number, one: Told, sighting: Sighting): TrueCall[] {
  const source = sourceAt(scenario, call, index)
  return scenario.calls.filter((other) => {
    if (other.id === call.id || !isSameCluster(scenario, other, call)) return false
    if (other.serverIp !== call.serverIp || other.port !== call.port || sourceAt(scenario, other, index) !== source)
      return false
    return toldAt(scenario, other, index).some(
      (theirs) =>
        (theirs.ip !== one.ip || theirs.port !== one.port) &&
        (index === 0 ? meets(theirs, sighting.fromS, sighting.toS, SKEW_S) : follows(theirs, one)),
    )
  })
}

function sourceAt(scenario: Scenario, call: TrueCall, index: number): string {
  const before = call.way[index - 1]
  return before ? `${before.ip}:${before.port}` : `${podOf(scenario, call.pod).ip}:${call.clientPort}`
}

/** The provider saw the workload's identity call from there, and the workload had one connection to it then. */
function byAudit(scenario: Scenario, call: TrueCall, sighting: Sighting, log: AuditWatcher): string[] {
  const pod = podOf(scenario, call.pod)
  // An identity is said of the scenario's own cluster alone.
  const isCaller =
    pod.cluster === '' && Object.values(scenario.operator.principals ?? {}).includes(`${pod.namespace}/${pod.workload}`)
  const atS = call.atS + (log.skewS ?? 0)
  const isInTime = atS >= sighting.fromS - SKEW_S && atS <= sighting.toS + SKEW_S
  const isOnly = !scenario.calls.some((other) => {
    const theirs = podOf(scenario, other.pod)
    const isOfWorkload =
      theirs.cluster === pod.cluster && theirs.namespace === pod.namespace && theirs.workload === pod.workload
    return (
      other.id !== call.id &&
      isOfWorkload &&
      other.fate !== 'blocked' &&
      other.host === call.host &&
      isOpenIn(other, atS, atS)
    )
  })
  if (!isCaller || !isInTime || !isOnly || log.isUntrusted || !watches(log, call) || call.fate !== 'left') return []
  return [log.lies?.[call.id] ?? call.seenAs]
}

/** Hubble's address after translation, where the operator says that nothing follows, and the pod had one such connection. */
function byHubble(scenario: Scenario, call: TrueCall, log: TranslatedWatcher): string[] {
  const { operator } = scenario
  const isFinal = operator.finalHop === 'hubble' && (operator.requireEvidence ?? 'C') === 'C'
  const isOnly = !scenario.calls.some(
    (other) => other.id !== call.id && isAlike(scenario, other, call) && isOpenIn(other, call.atS, call.atS),
  )
  if (!isFinal || log.as !== 'egress' || !isOnly || !watches(log, call) || call.fate !== 'left') return []
  return [log.ip ?? call.seenAs]
}
