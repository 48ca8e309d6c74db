import 'server-only'
import { summariseDoor } from '@/lib/egress/summarise-door'
import type { EdgeFacts, Shown } from '@/lib/findings/facts'
import { QUIET_MS } from '@/lib/findings/plan-finding-changes'
import type { EgressConfig } from '@/lib/model/egress'
import { withSnapshot } from '@/lib/store/client'
import { type JudgedEdgeRow, type JudgedGroup, loadJudgedEdges } from '@/lib/store/load-judged-edges'

/** Judgements older than this have been planned over many times; what is still open is read whatever its age. */
const LOOK_BACK_MS = 2 * QUIET_MS
/** NAT logs come in batches: a door that has been unknown for less than this is only not known yet. */
const EVIDENCE_DELAY_MS = 2 * 60_000

/** What judgements say of an edge: totals over everything on record, so that planning twice adds nothing. */
export type JudgedFacts = Pick<EdgeFacts, 'door' | 'violation' | 'unverified' | 'broken' | 'mode'> & {
  readonly row: JudgedEdgeRow
  /** Of all judged connections. */
  readonly firstMs: number
  readonly lastMs: number
}

/** Edges of all datasets with connections that were judged of late, or with a finding that is not over, by edge id. */
export async function judgedFacts(nowMs: number, config: EgressConfig): Promise<ReadonlyMap<string, JudgedFacts>> {
  const rows = await withSnapshot((client) => loadJudgedEdges(client, nowMs - LOOK_BACK_MS))
  return new Map(rows.map((row) => [row.edgeId, factsOf(row, config, nowMs)]))
}

function factsOf(row: JudgedEdgeRow, config: EgressConfig, nowMs: number): JudgedFacts {
  const door = summariseDoor(row.groups)
  const mode = config.rules.find((rule) => rule.name === door.rule)?.mode
  const overdue = row.groups.filter((group) => group.firstLearnedMs <= nowMs - EVIDENCE_DELAY_MS)
  const violation = shownOf(row.groups, 'violation')
  const unverified = shownOf(overdue, 'unverified')
  const broken = shownOf(row.groups, 'broken')
  return {
    row,
    door,
    firstMs: Math.min(...row.groups.map((group) => group.firstMs)),
    lastMs: Math.max(...row.groups.map((group) => group.lastMs)),
    ...(violation && { violation }),
    ...(unverified && { unverified }),
    ...(broken && { broken }),
    ...(mode && { mode }),
  }
}

/**
 * What shows a problem: connections that are kept, else there is none to be shown. Counted with those that retention dropped,
 * since a finding counts what was seen.
 */
function shownOf(groups: readonly JudgedGroup[], state: 'violation' | 'unverified' | 'broken'): Shown | undefined {
  const alike = groups.filter((group) => group.judgement.state === state && group.seen > 0)
  if (!alike.some((group) => group.weight > 0)) return undefined
  return {
    count: alike.reduce((sum, group) => sum + group.seen, 0),
    firstMs: Math.min(...alike.map((group) => group.firstMs)),
    lastMs: Math.max(...alike.map((group) => group.lastMs)),
    learnedMs: Math.max(...alike.map((group) => group.learnedMs)),
  }
}
