import 'server-only'
import { setTimeout as wait } from 'node:timers/promises'
import { roleFromLabels } from '@/lib/egress/ai-workload'
import { CATALOGUE } from '@/lib/egress/catalogue/catalogue'
import { type AuditFacts, auditBounds, joinAuditRecords } from '@/lib/egress/join-audit-records'
import { joinNatRecords } from '@/lib/egress/join-nat-records'
import { judgeConnection } from '@/lib/egress/judge'
import { createProviderMatcher } from '@/lib/egress/match-provider'
import { type JoinFacts, natCandidateBounds } from '@/lib/egress/nat-candidates'
import { observationFromHubble } from '@/lib/egress/observe-hubble'
import type { EgressConnection, EgressObservation, Judgement, NamedBy, ProviderMatch } from '@/lib/model/egress'
import { count, timed } from '@/lib/observability/metrics'
import { withSpan } from '@/lib/observability/tracer'
import { groupCommit } from '@/lib/store/group-commit'
import { type Evidence, judgeConnections, type WaitingConnection, type Wanted } from '@/lib/store/judge-connections'
import { egressConfig } from './egress-config'
import { intentObservations } from './egress-intent'

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
    ...intentObservations(row),
  ]
  return { ...judgeConnection(connection, observations, config), named: namedBy(row, provider) }
}

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

/**
 * By what the connection's own pod is known to have called. An address that only others were given for a name is shared by how many
 * hosts nobody knows: possible, never certain (nat-evidence §3.2, 5).
 */
function providerOf(row: WaitingConnection): ProviderMatch | undefined {
  const own = matcher.matchPeer({
    dnsNames: namesOf(row),
    dnsMapNames: row.dnsMapNames,
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
  isBlocked: row.blocked,
  isBroken: row.broken,
})

/** The flow log comes from the node's agent: a channel that the workload cannot write to. */
function hubbleObservations(
  row: WaitingConnection,
  paths: Parameters<typeof observationFromHubble>[2],
): EgressObservation[] {
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
