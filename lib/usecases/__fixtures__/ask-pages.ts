import { exportFlows } from '../export-flows'
import { countOfFlows, flowHistogram, listFlows, listViewSpans, readFlowRecord } from '../list-flows'
import { listPolicies } from '../list-policies'
import { loadMatrixCell } from '../load-matrix-cell'
import { loadPolicyDetail } from '../load-policy-detail'
import { queryMatrix } from '../query-matrix'
import type { FlowRequest } from '../select-flows'

/** All that the flow table asks for, of two pages. */
export async function readFlows(request: FlowRequest, nowMs: number): Promise<void> {
  const first = await listFlows(request, nowMs, 20)
  if (first.next) await listFlows(request, nowMs, 20, first.next)
  const [row] = first.rows
  if (!row) throw new Error('no record of the window was seeded')
  await readFlowRecord(request.query.dataset, row)
  await countOfFlows(request, nowMs)
  await flowHistogram(request, nowMs)
  await listViewSpans(request, nowMs)
  const made = await exportFlows(request, nowMs)
  await made.nextPage()
  made.stop()
}

/** The matrix of a window, and what is behind its first cell. */
export async function matrixAndCell(
  dataset: string,
  range: { readonly fromMs: number; readonly toMs: number },
): Promise<void> {
  const all = { cluster: '', namespaces: [], providers: [], states: [], text: '', from: 0 }
  const [cell] = (await queryMatrix(dataset, range, all)).cells
  if (!cell) throw new Error('no connection of the window was seeded')
  const context = { baseUrl: 'http://localhost', formatTime: String }
  await loadMatrixCell({ dataset, window: range, row: cell.row, column: cell.column }, context)
}

/** What one policy of records did, over time too. */
export async function policiesAndOne(
  dataset: string,
  range: { readonly fromMs: number; readonly toMs: number },
  nowMs: number,
): Promise<void> {
  const asked = { dataset, ...range, windowMs: 0 }
  const line = (await listPolicies(asked, nowMs)).lines.find(({ use }) => use === 'hit')
  if (!line) throw new Error('no policy of the window was seeded')
  await loadPolicyDetail(asked, line.id, nowMs)
}
