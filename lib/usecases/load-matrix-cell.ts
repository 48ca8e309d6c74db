import 'server-only'
import { buildMatrix, URGENCY } from '@/lib/egress/build-matrix'
import type { FormatTime } from '@/lib/egress/explain'
import { explainCell } from '@/lib/egress/explain-cell'
import { createPointFinder } from '@/lib/egress/point-finder'
import { summariseDoor } from '@/lib/egress/summarise-door'
import { upgradeSteps } from '@/lib/egress/upgrade-steps'
import { AppError } from '@/lib/errors'
import type { FlowRow } from '@/lib/model/edge-detail'
import type { DoorSummary, EgressConfig } from '@/lib/model/egress'
import {
  type CellEvidence,
  type CellRecord,
  MATRIX_BOUNDS,
  type MatrixCellDetail,
  type RawRow,
} from '@/lib/model/matrix'
import type { TimeRange } from '@/lib/model/time-range'
import { withSpan } from '@/lib/observability/tracer'
import { countCellConnections, type KindEnd, loadKindEnds, loadVerdictChanges } from '@/lib/store/load-cell-evidence'
import { loadCoverage } from '@/lib/store/load-coverage'
import { loadDoors } from '@/lib/store/load-doors'
import { loadEdgeFlows } from '@/lib/store/load-edge-flows'
import { type JudgedEdge, loadJudgedEdgesOf } from '@/lib/store/load-judged-sums'
import { loadNatRows, type NatRow } from '@/lib/store/load-nat-rows'
import { egressConfig } from './egress-config'
import { clientOf, columnsOf } from './query-matrix'

/** Judged edges of one workload that are looked at. */
const EDGES_LOOKED_AT = 20_000
/** Connections whose evidence is looked at, from the oldest and from the newest. */
const EACH = 5000
const CHANGES_SHOWN = 20

export interface CellRequest {
  readonly dataset: string
  readonly window: TimeRange
  /** Endpoint id of the workload. */
  readonly row: string
  /** Provider id, or `possible`. */
  readonly column: string
}

/**
 * Everything behind one cell of the matrix. The state is that of the matrix: the same sums by the same rule. Errors: `not_found`
 * where the workload reached no such provider in the window; `unavailable`.
 */
export const loadMatrixCell = (
  { dataset, window, row, column }: CellRequest,
  context: { readonly baseUrl: string; readonly formatTime: FormatTime },
): Promise<MatrixCellDetail> =>
  withSpan('egress.cell', {}, async () => {
    const found = await loadJudgedEdgesOf(dataset, row, EDGES_LOOKED_AT + 1)
    const all = found.slice(0, EDGES_LOOKED_AT)
    const servers = await columnsOf(
      dataset,
      window,
      all.map(({ server }) => server),
    )
    const edges = all.filter(({ server }) => servers.get(server.id)?.column === column)
    const edgeIds = edges.map(({ id }) => id)
    const [client] = edges.map((edge) => edge.client)
    const doors = await loadDoors(dataset, window, edgeIds)
    const laid = client && layOut(edges, doors, servers)
    const judgements = [...doors.values()].flat()
    const [cell, shownRow, shownColumn] = [laid?.cells[0], laid?.rows[0], laid?.columns[0]]
    if (!client || !cell || !shownRow || !shownColumn)
      throw new AppError('not_found', 'this workload reached no such provider in this window', {
        hint: 'Choose a longer time range, or the dataset that the link was made in.',
      })
    const [total, ends, flows, changes, coverage] = await Promise.all([
      countCellConnections(dataset, edgeIds, window),
      loadKindEnds(dataset, edgeIds, window, EACH),
      flowEnds(dataset, edgeIds, window),
      loadVerdictChanges(dataset, edgeIds, window, { each: EACH, limit: CHANGES_SHOWN }),
      loadCoverage(dataset, window),
    ])
    const rows = await loadNatRows(dataset, idsOf(ends), livesOf(ends, window))
    const door = summariseDoor(judgements)
    const config = egressConfig()
    const rule = ruleOf(door, config)
    const seen = seenOf(door, ends)
    return {
      cell,
      row: shownRow,
      column: shownColumn,
      window,
      edges: [...doors.keys()].sort().slice(0, MATRIX_BOUNDS.edges),
      edgesTotal: doors.size,
      isPartial: found.length > all.length,
      sentence: explainCell(
        {
          workload: shownRow.label,
          cluster: client.cluster,
          provider: shownColumn.name,
          hosts: shownColumn.hosts,
          door,
          ...(seen && { seen }),
        },
        context.formatTime,
      ),
      evidence: [...evidenceOf(ends, rows), ...flows],
      examined: Math.min(total, 2 * EACH),
      total,
      ...(rule && { rule }),
      changes,
      upgrade: upgradeSteps({
        unverified: cell.unverified,
        counts: cell.counts,
        cluster: client.cluster,
        workload: client,
        column,
        paths: config.paths,
        coverage,
        seen: ends.map(({ kind, addresses }) => ({ kind, addresses })),
        server: new URL(context.baseUrl),
      }),
      hasEvidenceSource: coverage.some(
        (source) => source.source === 'nat' && source.cluster === client.cluster && source.acceptedInWindow > 0,
      ),
    }
  })

/** The one cell, by the builder of the matrix: each judgement of an edge is a group of its own here. */
function layOut(
  edges: readonly JudgedEdge[],
  doors: Awaited<ReturnType<typeof loadDoors>>,
  servers: Awaited<ReturnType<typeof columnsOf>>,
) {
  const judged = edges.flatMap(({ id, client, server }) =>
    (doors.get(id) ?? []).map(({ judgement, weight }, place) => ({
      judgement,
      sum: { edgeId: id, clientId: client.id, serverId: server.id, groupId: `${id} ${place}`, weight },
    })),
  )
  return buildMatrix(
    {
      sums: judged.map(({ sum }) => sum),
      groups: new Map(judged.map(({ sum, judgement }) => [sum.groupId, judgement])),
      clients: new Map(edges.map(({ client }) => [client.id, clientOf(client)])),
      servers,
      pointOf: createPointFinder(egressConfig()),
    },
    { cluster: '', namespaces: [], providers: [], states: [], text: '', from: 0 },
  )
}

function ruleOf(door: DoorSummary, config: EgressConfig): MatrixCellDetail['rule'] {
  if (door.rule === undefined) return undefined
  const rule = config.rules.find(({ name }) => name === door.rule)
  const points = rule && [
    ...rule.egressPoints.map((name) => ({
      name,
      cidrs: config.points.find((point) => point.name === name)?.publicCidrs ?? [],
    })),
    ...rule.sanctionedSources.map(({ cidr, name }) => ({ name: name ?? cidr, cidrs: [cidr] })),
  ]
  return {
    name: door.rule,
    expected: door.expected,
    ...(rule && points && { now: { mode: rule.mode, requireEvidence: rule.requireEvidence, points } }),
  }
}

/** Who saw the connections that decide the state, and from when to when; of several the one that saw most. */
function seenOf({ state }: DoorSummary, ends: readonly KindEnd[]) {
  const deciding = ends.filter((end) => end.isDeciding && end.state === state && end.kind !== 'cegp-intent')
  const [most] = [...deciding].sort((a, b) => b.count - a.count)
  if (!most) return undefined
  const same = deciding.filter((end) => end.kind === most.kind && end.hop === most.hop)
  return {
    kind: most.kind,
    hop: most.hop,
    fromMs: same.reduce((min, { atMs }) => Math.min(min, atMs), most.atMs),
    toMs: same.reduce((max, { atMs }) => Math.max(max, atMs), most.atMs),
  }
}

const idsOf = (ends: readonly KindEnd[]): string[] => ends.flatMap(({ observation }) => observation.evidenceIds ?? [])

function livesOf(ends: readonly KindEnd[], window: TimeRange): TimeRange {
  return {
    fromMs: ends.reduce((min, { firstMs }) => Math.min(min, firstMs), window.toMs),
    toMs: ends.reduce((max, { lastMs }) => Math.max(max, lastMs), window.fromMs),
  }
}

/** By verdict, kind and hop the oldest and the newest record: what is most urgent first, then what decided it. */
function evidenceOf(ends: readonly KindEnd[], rows: readonly NatRow[]): CellEvidence[] {
  const byId = new Map(rows.map((row) => [row.id, row]))
  const kinds = new Map<string, KindEnd[]>()
  for (const end of ends) {
    const key = `${end.state}\n${end.kind}\n${end.hop}`
    kinds.set(key, [...(kinds.get(key) ?? []), end])
  }
  const urgent = [...kinds.values()].sort((a, b) => placeOf(a) - placeOf(b))
  return urgent.flatMap((same) => {
    const sorted = [...same].sort((a, b) => a.atMs - b.atMs)
    const [oldest, newest] = [sorted[0], sorted.at(-1)]
    if (!oldest || !newest) return []
    const counts = new Map(same.map((end) => [end.isDeciding, end.count]))
    return [
      {
        kind: oldest.kind,
        state: oldest.state,
        ...(oldest.hop && { hop: oldest.hop }),
        count: [...counts.values()].reduce((sum, count) => sum + count, 0),
        oldest: recordOf(oldest, byId),
        newest: recordOf(newest, byId),
      },
    ]
  })
}

/** Of all ends of one verdict, kind and hop. */
const placeOf = (same: readonly KindEnd[]): number =>
  2 * URGENCY.indexOf(same[0]?.state ?? 'not_applicable') + (same.some(({ isDeciding }) => isDeciding) ? 0 : 1)

function recordOf(end: KindEnd, byId: ReadonlyMap<string, NatRow>): CellRecord {
  const { observation, atMs } = end
  const found = (observation.evidenceIds ?? []).flatMap((id): RawRow[] => {
    const row = byId.get(id)
    return row ? [row] : []
  })
  return {
    atMs,
    connection: `${end.clientIp ?? '?'}:${end.clientPort ?? '?'} → ${end.serverIp ?? '?'}:${end.serverPort}/${end.protocol}`,
    ...(observation.ip !== undefined && { ip: observation.ip }),
    join: observation.join,
    // What is no NAT record (a configuration, a probe, Hubble's word) is shown as the judgement keeps it.
    rows: found.length > 0 ? found : [{ id: '', source: 'judgement', atMs, raw: JSON.stringify(observation) }],
  }
}

/** Flow records of the cell: the oldest and the newest that are kept. */
async function flowEnds(dataset: string, edgeIds: readonly string[], window: TimeRange): Promise<CellEvidence[]> {
  const [newest, oldest] = await Promise.all([
    loadEdgeFlows(dataset, edgeIds, window, { limit: 1 }),
    loadEdgeFlows(dataset, edgeIds, window, { limit: 1, order: 'oldest' }),
  ])
  const [first, last] = [oldest.flows[0], newest.flows[0]]
  return first && last
    ? [{ kind: 'flow', count: newest.total, oldest: flowRecord(first), newest: flowRecord(last) }]
    : []
}

function flowRecord({ id, flow }: FlowRow): CellRecord {
  const { client, server, clientPort, serverPort, protocol, startMs, source } = flow
  return {
    atMs: startMs,
    connection: `${client.ip ?? client.name}:${clientPort ?? '?'} → ${server.ip ?? server.name}:${serverPort}/${protocol}`,
    rows: [{ id, source, atMs: startMs, raw: JSON.stringify(flow.raw) }],
  }
}
