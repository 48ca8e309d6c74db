import { listPolicies } from '../list-policies'
import { loadMatrixCell } from '../load-matrix-cell'
import { loadPolicyDetail } from '../load-policy-detail'
import { queryMatrix } from '../query-matrix'

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
