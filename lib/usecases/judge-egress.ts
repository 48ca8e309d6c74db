import 'server-only'
import { setTimeout as wait } from 'node:timers/promises'
import { roleFromLabels } from '@/lib/egress/ai-workload'
import { type ClaimNeighbour, hasRival } from '@/lib/egress/claim-rivals'
import { type AuditFacts, auditBounds, joinAuditRecords } from '@/lib/egress/join-audit-records'
import { joinNatRecords } from '@/lib/egress/join-nat-records'
import { judgeConnection } from '@/lib/egress/judge'
import { certainHost } from '@/lib/egress/match-provider'
import { isRefusalOf } from '@/lib/egress/match-refusal'
import { type JoinFacts, natCandidateBounds } from '@/lib/egress/nat-candidates'
import { canaryObservations } from '@/lib/egress/observe-canary'
import { observationFromHubble } from '@/lib/egress/observe-hubble'
import { causeOf } from '@/lib/egress/startup-race'
import type { TranslatedClaim } from '@/lib/model/connection-facts'
import type {
  EgressConfig,
  EgressConnection,
  EgressObservation,
  EgressPath,
  Judgement,
  NamedBy,
  ProviderMatch,
} from '@/lib/model/egress'
import { count, timed } from '@/lib/observability/metrics'
import { withSpan } from '@/lib/observability/tracer'
import { groupCommit } from '@/lib/store/group-commit'
import {
  type Evidence,
  type First,
  type Judge,
  judgeConnections,
  type WaitingConnection,
  type Wanted,
} from '@/lib/store/judge-connections'
import { egressConfig } from './egress-config'
import { intentObservations } from './egress-intent'
import { providerCatalogue } from './provider-catalogue'
import { startupWindowMs } from './startup-window'

const BATCH = 200
/** While records are coming in, judging rests twice as long as it works: both take turns at a lock, and at this process. */
const REST = 2
const LONGEST_REST_MS = 1000

/** Judges every connection that waits, from both ends in turn; answers how many it judged. Errors: `unavailable`. */
export const judgeEgress = async (): Promise<number> => (await judgeFor(Number.POSITIVE_INFINITY)).judged

/**
 * The same for about so long, in whole batches: after a changed rule all that is kept waits, and findings must not wait for all of that.
 * `isDone`: nothing waits any more. Errors: `unavailable`.
 */
export const judgeFor = (withinMs: number): Promise<{ readonly judged: number; readonly isDone: boolean }> =>
  withSpan('egress.judge', {}, () => timed('postern_judge_duration_seconds', {}, () => judgeWaiting(withinMs)))

async function judgeWaiting(withinMs: number): Promise<{ judged: number; isDone: boolean }> {
  const beginMs = performance.now()
  let judged = 0
  // What happens now must not wait until a changed rule was applied to all that is kept, nor that for as long as records come in.
  for (let first: First = 'newest'; ; first = first === 'newest' ? 'oldest' : 'newest') {
    const startMs = performance.now()
    const { wantedOf, judge } = judgeUnder(egressConfig())
    const taken = await judgeConnections(BATCH, wantedOf, judge, first)
    judged += taken
    if (taken > 0 && groupCommit().isBusy())
      await wait(Math.min(REST * (performance.now() - startMs), LONGEST_REST_MS), undefined, { ref: false })
    if (taken > 0) count('postern_judged_connections', taken)
    // Fewer than asked for is no sign of the end: of another cluster more may wait.
    if (taken === 0) return { judged, isDone: true }
    if (performance.now() - beginMs >= withinMs) return { judged, isDone: false }
  }
}

/** How a connection is judged under a configuration, by what is on record: the one way, for the judge and for previews. */
export const judgeUnder = (config: EgressConfig): { wantedOf(row: WaitingConnection): Wanted; judge: Judge } => ({
  wantedOf: (row) => ({
    nat: natCandidateBounds(joinFactsOf(row)),
    audits: auditBounds(auditFactsOf(row), config.paths),
  }),
  judge: (row, evidence) => judgeOne(row, evidence, config),
})

function judgeOne(
  row: WaitingConnection,
  { records, audits, uniqueness, claimNeighbours }: Evidence,
  config: EgressConfig,
): Judgement | undefined {
  const provider = providerOf(row)
  if (!provider) return undefined
  const connection = connectionOf(row, provider)
  const observations = [
    ...joinNatRecords({ ...joinFactsOf(row), ...uniqueness }, records, config.paths),
    ...joinAuditRecords({ ...auditFactsOf(row), ...uniqueness }, audits, config.paths),
    ...hubbleObservations(row, claimNeighbours, config.paths),
    ...probeObservations(row, config.paths),
    ...intentObservations(row),
  ]
  const judgement = judgeConnection(connection, observations, config)
  return { ...judgement, ...storyOf(row, judgement), named: namedBy(row, provider) }
}

/** What a violation comes of, and that it was one: what was proven once is not forgotten with the next judgement. */
function storyOf(
  { firstMs, podStart, previous }: WaitingConnection,
  judgement: Judgement,
): Pick<Judgement, 'cause' | 'wasViolation'> {
  const cause = podStart && causeOf(judgement, firstMs, podStart, startupWindowMs())
  const was = previous?.state === 'violation' || previous?.wasViolation === true
  return { ...(cause && { cause }), ...(was && judgement.state !== 'violation' && { wasViolation: true }) }
}

const probeObservations = (row: WaitingConnection, paths: readonly EgressPath[]): EgressObservation[] =>
  row.probed ? canaryObservations({ ...row, node: row.probed.node ?? undefined }, row.probed.probes, paths) : []

const HOSTS_SHOWN = 4

const namedBy = ({ askedNames }: WaitingConnection, { matchedBy, host, ambiguous }: ProviderMatch): NamedBy => ({
  way: matchedBy,
  hosts: matchedBy === 'dns-question' ? askedNames.slice(0, HOSTS_SHOWN) : [host],
  ...(ambiguous && { isPossible: true }),
})

/** Names that flow records gave the server. */
function namesOf(row: WaitingConnection): readonly string[] {
  // A server may have its name by its identity alone, which is of the address and not of this connection.
  const isByIdentity = !row.facts.dnsNames && row.facts.fqdnSelectors?.includes(row.serverName)
  const isName = row.serverClass === 'external' && !isByIdentity && !/^[\d.]+$|:/.test(row.serverName)
  return [...new Set([...(isName ? [row.serverName] : []), ...(row.facts.dnsNames ?? [])])]
}

const auditFactsOf = (row: WaitingConnection): AuditFacts => ({
  cluster: row.cluster,
  workload: { namespace: row.namespace, name: row.workload },
  hosts: [...new Set([...namesOf(row), ...row.dnsMapNames].map((name) => name.toLowerCase()))],
  firstMs: row.firstMs,
  lastMs: row.lastMs,
  weight: row.weight,
})

/**
 * By what the connection's own pod is known to have called. An address that only others were given for a name is shared by how many
 * hosts nobody knows: possible, never certain (nat-evidence §3.2, 5).
 */
export function providerOf(row: WaitingConnection): ProviderMatch | undefined {
  const { matcher } = providerCatalogue()
  const own = matcher.matchPeer({
    dnsNames: namesOf(row),
    dnsMapNames: row.dnsMapNames,
    fqdnLabels: row.facts.fqdnSelectors ?? [],
    askedNames: row.askedNames,
    ...(row.serverIp && { ip: row.serverIp }),
  })
  const isNamed = namesOf(row).length + row.dnsMapNames.length + row.askedNames.length > 0
  if (own || isNamed) return own
  const possible = matcher.matchPeer({ dnsMapNames: row.othersNames })
  return possible && { ...possible, ambiguous: true }
}

const joinFactsOf = (row: WaitingConnection): JoinFacts => ({
  cluster: row.cluster,
  serverPort: row.serverPort,
  protocol: row.protocol,
  firstMs: row.firstMs,
  lastMs: row.lastMs,
  weight: row.weight,
  ...(row.clientIp && { clientIp: row.clientIp }),
  ...(row.clientPort && { clientPort: row.clientPort }),
  ...(row.serverIp && { serverIp: row.serverIp }),
})

/** Who calls an AI provider is an AI workload, whatever its labels say. */
export const connectionOf = (row: WaitingConnection, provider: ProviderMatch): EgressConnection => ({
  ...joinFactsOf(row),
  id: row.id,
  serverHost: certainHost(provider),
  workload: {
    namespace: row.namespace,
    name: row.workload,
    labels: row.facts.labels ?? {},
    isAi: !provider.ambiguous || roleFromLabels(row.facts.labels ?? {}) !== undefined,
    ...(row.facts.serviceAccount && { serviceAccount: row.facts.serviceAccount }),
  },
  provider,
  refusedByProvider: isRefusalOf(provider, row.facts.pod, row.refusals, providerCatalogue().matcher),
  isBlocked: row.blocked,
  isBroken: row.broken,
})

/** The flow log comes from the node's agent: a channel that the workload cannot write to. */
function hubbleObservations(
  row: WaitingConnection,
  neighbours: readonly ClaimNeighbour[] | undefined,
  paths: readonly EgressPath[],
): EgressObservation[] {
  return row.facts.translated.flatMap((claim) => {
    const facts = {
      cluster: row.cluster,
      atMs: claim.atMs,
      serverClass: row.serverClass,
      recordId: claim.recordId,
      isOnlyCandidate: claim.isOnlyCandidate && isMeantAlone(claim, row, neighbours),
      isTrusted: true,
    }
    const observation = observationFromHubble(
      claim,
      { ...facts, ...(row.serverIp && { serverIp: row.serverIp }) },
      paths,
    )
    return observation ? [withRivals(observation, claim)] : []
  })
}

/** Neighbours may have come after the claim was attached. */
const isMeantAlone = (
  { atMs, isOpening }: TranslatedClaim,
  row: WaitingConnection,
  neighbours: readonly ClaimNeighbour[] | undefined,
): boolean =>
  isOpening === undefined ||
  (neighbours !== undefined &&
    !hasRival({ atMs, isOpening }, { ...row, isUnnamed: row.facts.isPassing === true }, neighbours))

/** What was not seen opening, any neighbour of minutes around can take away: such are marked by this. */
const withRivals = (observation: EgressObservation, { isOpening }: TranslatedClaim): EgressObservation =>
  observation.join === 'J2' && isOpening === false ? { ...observation, onlyCandidate: true } : observation
