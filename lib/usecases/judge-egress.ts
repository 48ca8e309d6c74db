import 'server-only'
import { setTimeout as wait } from 'node:timers/promises'
import { roleFromLabels } from '@/lib/egress/ai-workload'
import { CATALOGUE } from '@/lib/egress/catalogue/catalogue'
import { type AuditFacts, auditBounds, joinAuditRecords } from '@/lib/egress/join-audit-records'
import { joinNatRecords } from '@/lib/egress/join-nat-records'
import { judgeConnection } from '@/lib/egress/judge'
import { createProviderMatcher } from '@/lib/egress/match-provider'
import { isRefusalOf } from '@/lib/egress/match-refusal'
import { type JoinFacts, natCandidateBounds } from '@/lib/egress/nat-candidates'
import { canaryObservations } from '@/lib/egress/observe-canary'
import { observationFromHubble } from '@/lib/egress/observe-hubble'
import { causeOf } from '@/lib/egress/startup-race'
import type {
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
import { type Evidence, judgeConnections, type WaitingConnection, type Wanted } from '@/lib/store/judge-connections'
import { egressConfig } from './egress-config'
import { intentObservations } from './egress-intent'
import { startupWindowMs } from './startup-window'

const BATCH = 200
/** While records are coming in, judging rests twice as long as it works: both take turns at a lock, and at this process. */
const REST = 2
const LONGEST_REST_MS = 1000
const matcher = createProviderMatcher(CATALOGUE)

/** Judges every connection that waits, new evidence first come; answers how many it judged. Errors: `unavailable`. */
export const judgeEgress = (): Promise<number> =>
  withSpan('egress.judge', {}, () => timed('postern_judge_duration_seconds', {}, judgeWaiting))

async function judgeWaiting(): Promise<number> {
  let total = 0
  for (;;) {
    const startMs = performance.now()
    const taken = await judgeConnections(BATCH, wantedOf, judgeOne)
    total += taken
    if (taken > 0 && groupCommit().isBusy())
      await wait(Math.min(REST * (performance.now() - startMs), LONGEST_REST_MS), undefined, { ref: false })
    if (taken > 0) count('postern_judged_connections', taken)
    // Fewer than asked for is no sign of the end: of another cluster more may wait.
    if (taken === 0) return total
  }
}

const wantedOf = (row: WaitingConnection): Wanted => ({
  nat: natCandidateBounds(joinFactsOf(row)),
  audits: auditBounds(auditFactsOf(row), egressConfig().paths),
})

function judgeOne(row: WaitingConnection, { records, audits, uniqueness }: Evidence): Judgement | undefined {
  const provider = providerOf(row)
  if (!provider) return undefined
  const config = egressConfig()
  const connection = connectionOf(row, provider)
  const observations = [
    ...joinNatRecords({ ...joinFactsOf(row), ...uniqueness }, records, config.paths),
    ...joinAuditRecords({ ...auditFactsOf(row), ...uniqueness }, audits, config.paths),
    ...hubbleObservations(row, config.paths),
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

const namedBy = ({ askedNames }: WaitingConnection, { matchedBy, host }: ProviderMatch): NamedBy => ({
  way: matchedBy,
  hosts: matchedBy === 'dns-question' ? askedNames.slice(0, HOSTS_SHOWN) : [host],
})

/** Names that flow records gave the server. */
function namesOf(row: WaitingConnection): readonly string[] {
  const isName = row.serverClass === 'external' && !/^[\d.]+$|:/.test(row.serverName)
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

function providerOf(row: WaitingConnection): ProviderMatch | undefined {
  return matcher.matchPeer({
    dnsNames: namesOf(row),
    dnsMapNames: row.dnsMapNames,
    askedNames: row.askedNames,
    ...(row.serverIp && { ip: row.serverIp }),
  })
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
const connectionOf = (row: WaitingConnection, provider: ProviderMatch): EgressConnection => ({
  ...joinFactsOf(row),
  id: row.id,
  workload: {
    namespace: row.namespace,
    name: row.workload,
    labels: row.facts.labels ?? {},
    isAi: !provider.ambiguous || roleFromLabels(row.facts.labels ?? {}) !== undefined,
    ...(row.facts.serviceAccount && { serviceAccount: row.facts.serviceAccount }),
  },
  provider,
  refusedByProvider: isRefusalOf(provider, row.facts.pod, row.refusals, matcher),
  isBlocked: row.blocked,
  isBroken: row.broken,
})

/** The flow log comes from the node's agent: a channel that the workload cannot write to. */
function hubbleObservations(row: WaitingConnection, paths: readonly EgressPath[]): EgressObservation[] {
  return row.facts.translated.flatMap((claim) => {
    const facts = {
      cluster: row.cluster,
      atMs: claim.atMs,
      serverClass: row.serverClass,
      recordId: claim.recordId,
      isOnlyCandidate: claim.isOnlyCandidate,
      isTrusted: true,
    }
    const observation = observationFromHubble(
      claim,
      { ...facts, ...(row.serverIp && { serverIp: row.serverIp }) },
      paths,
    )
    return observation ? [observation] : []
  })
}
