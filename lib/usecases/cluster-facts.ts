import 'server-only'
import { CATALOGUE } from '@/lib/egress/catalogue/catalogue'
import { createProviderMatcher, isCertainProvider } from '@/lib/egress/match-provider'
import { summariseDoor } from '@/lib/egress/summarise-door'
import { type ClusterFacts, DETECTOR_NEEDS, type EdgeFacts, type PeerFacts, type Shown } from '@/lib/findings/facts'
import { withSnapshot } from '@/lib/store/client'
import { type JudgedEdgeRow, type JudgedGroup, loadJudgedEdges } from '@/lib/store/load-judged-edges'
import { egressConfig } from './egress-config'

const matcher = createProviderMatcher(CATALOGUE)
/** Judgements older than this have been planned over many times; what is still open is read whatever its age. */
const LOOK_BACK_MS = 30 * 60_000
/** NAT logs come in batches: a door that has been unknown for less than this is only not known yet. */
const EVIDENCE_DELAY_MS = 2 * 60_000

/** What detectors look at, by cluster, at a moment: judged doors. Errors: `unavailable`. */
export async function clusterFacts(nowMs: number, _what: 'doors' | 'all'): Promise<readonly ClusterFacts[]> {
  const rows = await withSnapshot((client) => loadJudgedEdges(client, nowMs - LOOK_BACK_MS))
  const clusters = new Map<string, { dataset: string; cluster: string; edges: EdgeFacts[] }>()
  for (const row of rows) {
    const key = `${row.dataset}\n${row.cluster}`
    const known = clusters.get(key) ?? { dataset: row.dataset, cluster: row.cluster, edges: [] }
    known.edges.push(edgeFacts(row, nowMs))
    clusters.set(key, known)
  }
  return [...clusters.values()].map((cluster) => ({
    ...cluster,
    nowMs,
    workloads: [],
    names: [],
    volumes: new Map(),
    met: new Set(DETECTOR_NEEDS),
    deniedProviders: new Set(),
    confirmedAllowLists: new Set(),
    allowLists: new Map(),
  }))
}

function edgeFacts(row: JudgedEdgeRow, nowMs: number): EdgeFacts {
  const door = summariseDoor(row.groups)
  const mode = egressConfig().rules.find((rule) => rule.name === door.rule)?.mode
  const overdue = row.groups.filter((group) => group.firstLearnedMs <= nowMs - EVIDENCE_DELAY_MS)
  const violation = shownOf(row.groups, 'violation')
  const unverified = shownOf(overdue, 'unverified')
  const firstMs = Math.min(...row.groups.map((group) => group.firstMs))
  return {
    edgeId: row.edgeId,
    client: peer(row.namespace, row.workload, 'workload', `${row.namespace}/${row.workload}`),
    server: serverOf(row),
    protocol: 'tcp',
    serverPort: 443,
    firstEverMs: firstMs,
    firstMs,
    lastMs: Math.max(...row.groups.map((group) => group.lastMs)),
    variants: [],
    slots: [],
    wire: { httpRequests: 0, encryptedRecords: 0, httpSpans: 0, httpsSpans: 0, hasMesh: false },
    door,
    ...(violation && { violation }),
    ...(unverified && { unverified }),
    ...(mode && { mode }),
  }
}

const peer = (namespace: string, name: string, of: PeerFacts['class'], label: string): PeerFacts => ({
  endpointId: '',
  class: of,
  namespace,
  name,
  label,
  labels: {},
  ips: [],
})

function serverOf({ serverName, serverClass, host }: JudgedEdgeRow): PeerFacts {
  const name = host ?? serverName
  const match = matcher.matchPeer({ dnsNames: [name] })
  const base = peer('', serverName, serverClass, name)
  if (!match || match.ambiguous) return base
  return {
    ...base,
    provider: {
      id: match.providerId,
      name: match.providerName,
      category: match.category,
      host: match.host,
      role: match.role,
      certain: isCertainProvider(match),
      matchedBy: match.matchedBy,
    },
  }
}

/**
 * What shows a problem: connections that are kept, else there is none to be shown. Counted with those that retention dropped,
 * since a finding counts what was seen.
 */
function shownOf(groups: readonly JudgedGroup[], state: 'violation' | 'unverified'): Shown | undefined {
  const alike = groups.filter((group) => group.judgement.state === state && group.seen > 0)
  if (!alike.some((group) => group.weight > 0)) return undefined
  return {
    count: alike.reduce((sum, group) => sum + group.seen, 0),
    firstMs: Math.min(...alike.map((group) => group.firstMs)),
    lastMs: Math.max(...alike.map((group) => group.lastMs)),
    learnedMs: Math.max(...alike.map((group) => group.learnedMs)),
  }
}
