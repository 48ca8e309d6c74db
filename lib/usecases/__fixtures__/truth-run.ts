import 'server-only'
import { bodiesOf, inventoriesOf, type PlantBody, shuffled } from '@/lib/demo/plant/bodies'
import { beforeBeginning, sinceBeginning } from '@/lib/demo/plant/history'
import { labelsOf } from '@/lib/demo/plant/labels'
import { operatorConfig } from '@/lib/demo/plant/operator-config'
import { type PlantProbe, probesOf } from '@/lib/demo/plant/probes'
import type { Scenario } from '@/lib/demo/plant/world'
import { query } from '@/lib/store/client'
import { rollUpBuckets } from '@/lib/store/roll-up-buckets'
import { clusterFacts } from '../cluster-facts'
import { drawNatEdges } from '../draw-nat-edges'
import { startEgressConfig } from '../egress-config'
import { judgeEgress } from '../judge-egress'
import { keepInventory } from '../keep-inventory'
import { settleSpans } from '../settle-spans'
import { trackFindings } from '../track-findings'

const MINUTE_MS = 60_000
/** How long ago scenarios begin: what comes late is about half an hour late. */
const AGO_MS = 29 * MINUTE_MS
/** Records of history were looked at so long after they began. */
const LOOKED_AT_AFTER_MS = 2 * MINUTE_MS
/** After that, what is still not known counts as not verified. */
const LATER_MS = 3 * MINUTE_MS

/** A connection as Postern has it. */
export interface SeenConnection {
  readonly id: string
  readonly cluster: string
  readonly workload: string
  readonly target: string
  readonly clientIp: string | null
  readonly clientPort: number | null
  readonly serverIp: string | null
  readonly serverPort: number
  readonly firstMs: number
  readonly state: string | null
  readonly reason: string | null
  readonly lean: string | null
}

export interface SeenFinding {
  readonly detector: string
  readonly cluster: string
  readonly workload: string
  readonly target: string
  readonly status: string
  readonly severity: string
  readonly title: string
  /** Why it is resolved. */
  readonly because: string | null
}

export interface Outcome {
  readonly baseMs: number
  /** What was told before the late bodies came, and at each quarter on the way there. */
  readonly onTheWay: readonly (readonly SeenConnection[])[]
  readonly connections: readonly SeenConnection[]
  readonly findings: readonly SeenFinding[]
}

/** The minute at which all scenarios begin. Windows of logs are whole minutes, so this is one too. */
export const beginningOf = (nowMs: number): number => Math.floor((nowMs - AGO_MS) / MINUTE_MS) * MINUTE_MS + MINUTE_MS

/** What tells Postern of a scenario. Each throws where it is refused. */
export interface Senders {
  readonly send: (body: PlantBody) => Promise<void>
  readonly probe: (probe: PlantProbe) => Promise<void>
}

/**
 * Tells Postern of all scenarios at once, in an order that follows from the seed, judging now and then; then what comes late; then
 * looks at what it says. All detectors look twice, at moments that follow from `nowMs` alone: when everything but the late has come,
 * which tells whom they accuse too early, and in the end.
 */
export async function runPlant(
  scenarios: readonly Scenario[],
  { seed, nowMs, send, probe }: Senders & { readonly seed: number; readonly nowMs: number },
): Promise<Outcome> {
  startAnew()
  await startEgressConfig({ fileText: operatorConfig(scenarios) })
  const baseMs = beginningOf(nowMs)
  for (const scenario of scenarios.filter(({ isWatchedSinceBefore }) => isWatchedSinceBefore))
    await watchHistory(scenario, baseMs, send)
  const bodies = scenarios.flatMap((scenario) => bodiesOf(sinceBeginning(scenario), baseMs))
  const inventories = scenarios.flatMap((scenario) => inventoriesOf(scenario, baseMs))
  const probes = scenarios.flatMap((scenario) => probesOf(scenario, baseMs))
  const deliveries = [
    ...bodies.filter(({ isLate }) => !isLate).map((body) => () => send(body)),
    ...inventories.map(({ cluster, changes }) => () => {
      const synced = [{ kind: 'Pod', atMs: nowMs }]
      return keepInventory({ cluster, changes, synced, rejects: {}, gaps: [], nowMs })
    }),
    ...probes.map((one) => () => probe(one)),
  ]
  const onTheWay: SeenConnection[][] = []
  const order = shuffled(deliveries, seed)
  for (const [index, deliver] of order.entries()) {
    await deliver()
    if ((index + 1) % Math.ceil(order.length / 4) !== 0) continue
    await pass()
    onTheWay.push(await seenConnections())
  }
  await pass()
  await trackFindings(nowMs, 'all')
  onTheWay.push(await seenConnections())
  const late = bodies.filter(({ isLate }) => isLate)
  for (const body of shuffled(late, seed + 1)) await send(body)
  await pass()
  await trackFindings(nowMs + LATER_MS, 'all')
  await trackFindings(Date.now() + LATER_MS)
  return { baseMs, onTheWay, connections: await seenConnections(), findings: await seenFindings() }
}

/** A Postern of its own: what this process remembers of another database's records and sources goes, as in a restart. */
function startAnew(): void {
  for (const name of ['exemplars', 'watched-sources']) Reflect.deleteProperty(globalThis, Symbol.for(`postern.${name}`))
}

/**
 * Tells of the days before, and does what the workers did when these were new: adds up hours, and looks at each of them, which is how edges are
 * remembered, and since when. A cluster of whose edges the first is remembered a week ago has been watched for a week.
 */
async function watchHistory(scenario: Scenario, baseMs: number, send: Senders['send']): Promise<void> {
  const past = beforeBeginning(scenario)
  for (const body of bodiesOf(past, baseMs)) await send(body)
  await rollUpBuckets({ nowMs: Date.now(), hurry: { fromMs: 0, toMs: baseMs } })
  const moments = new Set([...past.calls, ...(past.sideFlows ?? [])].map(({ atS }) => atS))
  for (const atS of [...moments].sort((a, b) => a - b))
    await clusterFacts(baseMs + atS * 1000 + LOOKED_AT_AFTER_MS, 'all', { datasets: [''] })
}

/** What the workers do after commits. */
async function pass(): Promise<void> {
  await settleSpans(Date.now())
  await drawNatEdges({ nowMs: Date.now(), settleMs: 0 })
  await judgeEgress()
  await trackFindings(Date.now())
}

const seenConnections = (): Promise<SeenConnection[]> =>
  query<SeenConnection>(
    `SELECT c.id::text, c.cluster, p.namespace || '/' || p.name AS workload, s.name AS target, c.client_ip AS "clientIp", c.client_port AS "clientPort",
       c.server_ip AS "serverIp", c.server_port AS "serverPort", (extract(epoch FROM c.first_at) * 1000)::float8 AS "firstMs", c.state, c.reason, c.lean
     FROM egress_connection c JOIN edge e ON e.id = c.edge_id JOIN endpoint p ON p.id = e.client_id JOIN endpoint s ON s.id = e.server_id
     ORDER BY c.cluster, c.first_at, c.id`,
  )

const seenFindings = (): Promise<SeenFinding[]> =>
  query<SeenFinding>(
    `SELECT detector, cluster, workload, target, status, severity, title,
       (SELECT e.detail->>'because' FROM finding_event e WHERE e.finding_id = f.id AND e.kind = 'resolved' ORDER BY e.at DESC LIMIT 1) AS because
     FROM finding f ORDER BY 1, 2, 3, 4`,
  )

/** How often each connection was judged anew. */
export const judgementCounts = async (): Promise<ReadonlyMap<string, number>> => {
  const rows = await query<{ id: string; count: number }>(
    'SELECT connection_id::text AS id, count(*)::int AS count FROM judgement_history GROUP BY 1',
  )
  return new Map(rows.map(({ id, count }) => [id, count]))
}

/** Labels of all scenarios. */
export const allLabels = (scenarios: readonly Scenario[]) => scenarios.flatMap(labelsOf)
