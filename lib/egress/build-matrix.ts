import { DOOR_STATES, type DoorState, type DoorSummary } from '@/lib/model/egress'
import {
  type EgressMatrix,
  MATRIX_BOUNDS,
  type MatrixCell,
  type MatrixColumn,
  type MatrixFilter,
  type MatrixRow,
  POSSIBLE,
  type VerifiedBytes,
  type VerifiedShare,
} from '@/lib/model/matrix'
import { type CellSummary, summariseCell } from './cell-doors'
import type { PointFinder } from './point-finder'
import type { WeightedJudgement } from './summarise-door'

/** Connections of one edge that were judged alike. */
export interface JudgedSum {
  readonly edgeId: string
  readonly clientId: string
  readonly serverId: string
  /** null: they wait for their judgement, and count nowhere but against an edge that would be proven whole. */
  readonly groupId: string | null
  readonly weight: number
}

export interface MatrixInput {
  readonly sums: readonly JudgedSum[]
  readonly groups: ReadonlyMap<string, WeightedJudgement['judgement']>
  readonly clients: ReadonlyMap<string, Pick<MatrixRow, 'cluster' | 'namespace' | 'name' | 'label'>>
  /** Which column a server belongs to, and the host (or address) that it is known by there. */
  readonly servers: ReadonlyMap<string, { readonly column: string; readonly name: string; readonly host: string }>
  readonly pointOf: PointFinder
  /** Bytes of an edge in the window, both ways; absent where no source counts them. */
  readonly bytes?: ReadonlyMap<string, number>
}

export type BuiltMatrix = Pick<
  EgressMatrix,
  'rows' | 'columns' | 'cells' | 'from' | 'rowsTotal' | 'columnsTotal' | 'totals' | 'choices'
>

/** What needs a person first. */
export const URGENCY: readonly DoorState[] = [
  'violation',
  'broken',
  'unverified',
  'no_rule',
  'sanctioned',
  'blocked',
  'not_applicable',
]

/** Of all connections that left towards a provider, the proven ones (nat-evidence: "Coverage is a first-class number"). */
export const shareOf = ({ sanctioned, violation, unverified, no_rule }: DoorSummary['counts']): VerifiedShare => ({
  proven: sanctioned + violation,
  left: sanctioned + violation + unverified + no_rule,
})

/**
 * Adds the judgements of edges up to cells workload × provider, and lays them out. Several edges of one cell (hosts, ports,
 * addresses) add up. Pure; equal input gives equal order. Costs one step per sum, and one summary per cell.
 */
export function buildMatrix(input: MatrixInput, filter: MatrixFilter): BuiltMatrix {
  const all = gather(input)
  const chosen = all.filter((cell) => matches(cell, filter))
  const byState =
    filter.states.length > 0 ? chosen.filter((cell) => filter.states.includes(cell.summary.state)) : chosen
  const shares = { rows: sharesBy(chosen, (cell) => cell.row), columns: sharesBy(chosen, (cell) => cell.column) }
  const rows = rowsOf(byState, input, shares.rows)
  const columns = columnsOf(byState, shares.columns)
  const from = Math.min(Math.max(0, filter.from), Math.max(0, rows.length - 1))
  const shownRows = rows.slice(from, from + MATRIX_BOUNDS.rows)
  const shownColumns = columns.slice(0, MATRIX_BOUNDS.columns)
  const isShown = new Set([...shownRows, ...shownColumns].map(({ id }) => id))
  return {
    rows: shownRows,
    columns: shownColumns,
    cells: byState.filter((cell) => isShown.has(cell.row) && isShown.has(cell.column)).map(cellOf),
    from,
    rowsTotal: rows.length,
    columnsTotal: columns.length,
    totals: totalsOf(chosen, input.bytes),
    choices: choicesOf(all),
  }
}

interface Gathered {
  readonly row: string
  readonly column: string
  readonly columnName: string
  readonly hosts: ReadonlySet<string>
  readonly client: Pick<MatrixRow, 'cluster' | 'namespace' | 'name' | 'label'>
  readonly edges: ReadonlyMap<string, EdgeProof>
  readonly summary: CellSummary
}

/** Whether any connection of an edge left with proof, and whether any is not proven. */
interface EdgeProof {
  hasProven: boolean
  hasOther: boolean
}

interface Cell {
  readonly hosts: Set<string>
  readonly edges: Map<string, EdgeProof>
  readonly weights: Map<string, number>
  readonly first: JudgedSum
}

function gather({ sums, groups, clients, servers, pointOf }: MatrixInput): Gathered[] {
  const cells = new Map<string, Cell>()
  for (const sum of sums) {
    const server = servers.get(sum.serverId)
    if (!server || !clients.has(sum.clientId)) continue
    const key = `${sum.clientId}\n${server.column}`
    const cell = cells.get(key) ?? { hosts: new Set(), edges: new Map(), weights: new Map(), first: sum }
    cells.set(key, cell)
    cell.hosts.add(server.host)
    const proof = cell.edges.get(sum.edgeId) ?? { hasProven: false, hasOther: false }
    cell.edges.set(sum.edgeId, proof)
    const state = sum.groupId === null ? undefined : groups.get(sum.groupId)?.state
    if (state === 'sanctioned' || state === 'violation') proof.hasProven = true
    else if (state === undefined || state === 'unverified' || state === 'no_rule') proof.hasOther = true
    if (sum.groupId !== null) cell.weights.set(sum.groupId, (cell.weights.get(sum.groupId) ?? 0) + sum.weight)
  }
  return [...cells.values()].flatMap(({ hosts, edges, weights, first }) => {
    const client = clients.get(first.clientId)
    const server = servers.get(first.serverId)
    const judgements = [...weights].sort(byKey).flatMap(([groupId, weight]) => {
      const judgement = groups.get(groupId)
      return judgement ? [{ judgement, weight }] : []
    })
    if (!client || !server || judgements.length === 0) return []
    const { column, name: columnName } = server
    return [
      { row: first.clientId, column, columnName, hosts, client, edges, summary: summariseCell(judgements, pointOf) },
    ]
  })
}

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0)

function matches({ client, column, columnName, hosts }: Gathered, filter: MatrixFilter): boolean {
  if (filter.cluster && client.cluster !== filter.cluster) return false
  if (filter.namespaces.length > 0 && !filter.namespaces.includes(client.namespace)) return false
  if (filter.providers.length > 0 && !filter.providers.includes(column)) return false
  const text = filter.text.trim().toLowerCase()
  if (text === '') return true
  const isIn = (value: string) => value.toLowerCase().includes(text)
  return isIn(client.label) || isIn(columnName) || [...hosts].some(isIn)
}

const cellOf = ({ row, column, summary }: Gathered): MatrixCell => ({ row, column, ...summary })

const NOTHING: VerifiedShare = { proven: 0, left: 0 }
const add = (a: VerifiedShare, b: VerifiedShare): VerifiedShare => ({
  proven: a.proven + b.proven,
  left: a.left + b.left,
})

function sharesBy(cells: readonly Gathered[], key: (cell: Gathered) => string): ReadonlyMap<string, VerifiedShare> {
  const shares = new Map<string, VerifiedShare>()
  for (const cell of cells) shares.set(key(cell), add(shares.get(key(cell)) ?? NOTHING, shareOf(cell.summary.counts)))
  return shares
}

function rowsOf(cells: readonly Gathered[], { clients }: MatrixInput, shares: ReadonlyMap<string, VerifiedShare>) {
  const urgency = new Map<string, number>()
  for (const { row, summary } of cells)
    urgency.set(row, Math.min(urgency.get(row) ?? URGENCY.length, URGENCY.indexOf(summary.state)))
  const rows = [...urgency].flatMap(([id, rank]) => {
    const client = clients.get(id)
    return client ? [{ rank, row: { id, ...client, share: shares.get(id) ?? NOTHING } }] : []
  })
  const nameOf = ({ label, cluster, id }: MatrixRow) => `${label}\n${cluster}\n${id}`
  return rows
    .sort((a, b) => a.rank - b.rank || (nameOf(a.row) < nameOf(b.row) ? -1 : 1))
    .map(({ row }): MatrixRow => row)
}

/** By name; what is only possible stands last. */
function columnsOf(cells: readonly Gathered[], shares: ReadonlyMap<string, VerifiedShare>): MatrixColumn[] {
  const columns = new Map<string, { name: string; isCertain: boolean; hosts: Set<string> }>()
  for (const { column, columnName, hosts } of cells) {
    const known = columns.get(column) ?? { name: columnName, isCertain: column !== POSSIBLE, hosts: new Set<string>() }
    columns.set(column, known)
    for (const host of hosts) known.hosts.add(host)
  }
  return [...columns]
    .sort(
      ([a, x], [b, y]) => Number(y.isCertain) - Number(x.isCertain) || (`${x.name}\n${a}` < `${y.name}\n${b}` ? -1 : 1),
    )
    .map(([id, { name, hosts }]) => ({
      id,
      name,
      hosts: [...hosts].sort().slice(0, MATRIX_BOUNDS.hosts),
      hostsTotal: hosts.size,
      share: shares.get(id) ?? NOTHING,
    }))
}

function totalsOf(cells: readonly Gathered[], bytes: MatrixInput['bytes']): EgressMatrix['totals'] {
  const [counts, states] = [noCounts(), noCounts()]
  for (const { summary } of cells) {
    states[summary.state] += 1
    for (const state of DOOR_STATES) counts[state] += summary.counts[state]
  }
  const verified = bytes && verifiedBytes(cells, bytes)
  return { share: shareOf(counts), counts, cells: states, ...(verified && verified.total > 0 && { bytes: verified }) }
}

function verifiedBytes(cells: readonly Gathered[], bytes: ReadonlyMap<string, number>): VerifiedBytes {
  let [provenAtLeast, total] = [0, 0]
  for (const { edges } of cells)
    for (const [id, { hasProven, hasOther }] of edges) {
      const sum = hasProven || hasOther ? (bytes.get(id) ?? 0) : 0
      total += sum
      if (!hasOther) provenAtLeast += sum
    }
  return { provenAtLeast, total }
}

function choicesOf(cells: readonly Gathered[]): EgressMatrix['choices'] {
  const providers = new Map(cells.map(({ column, columnName }) => [column, columnName]))
  const sorted = (values: Iterable<string>) => [...new Set(values)].sort()
  return {
    clusters: sorted(cells.map(({ client }) => client.cluster)),
    namespaces: sorted(cells.map(({ client }) => client.namespace).filter(Boolean)),
    providers: [...providers].map(([id, name]) => ({ id, name })).sort((a, b) => (a.name < b.name ? -1 : 1)),
  }
}

const noCounts = (): Record<DoorState, number> => ({
  violation: 0,
  sanctioned: 0,
  unverified: 0,
  blocked: 0,
  broken: 0,
  not_applicable: 0,
  no_rule: 0,
})
