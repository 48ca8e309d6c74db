import { DOOR_STATES, type DoorState } from '@/lib/model/egress'
import type { MatrixFilter } from '@/lib/model/matrix'
import { linkText } from './link-text'

/** What of the egress page a link carries beside the window (lib/view/graph-view.ts). */
export interface MatrixView {
  readonly tab: 'matrix' | 'doors'
  readonly doorStates: readonly DoorState[]
  readonly providers: readonly string[]
  /** A part of a workload's name or a host. */
  readonly text: string
  /** First row of the page of rows. */
  readonly fromRow: number
  /** The open cell; undefined = none. */
  readonly cell?: CellKey
}

export interface CellKey {
  /** Endpoint id of the client. */
  readonly row: string
  /** Provider id, or `possible`. */
  readonly column: string
}

const MOST_ROWS = 1_000_000
const MAX_TEXT = 128

/** Broken values fall back to the default, as everywhere in links. */
export function parseMatrixView(params: URLSearchParams): MatrixView {
  const list = (key: string) => linkText(params.get(key)).split(',').filter(Boolean).slice(0, 50)
  const cell = parseCell(params.get('cell') ?? '')
  const fromRow = Number(params.get('row') ?? 0)
  return {
    tab: params.get('tab') === 'doors' ? 'doors' : 'matrix',
    doorStates: DOOR_STATES.filter((state) => list('door').includes(state)),
    providers: list('provider').map((id) => linkText(id, 64)),
    text: linkText(params.get('q'), MAX_TEXT),
    fromRow: Number.isInteger(fromRow) && fromRow > 0 && fromRow < MOST_ROWS ? fromRow : 0,
    ...(cell && { cell }),
  }
}

/** Adds the shortest parameters that open the same view again. */
export function addMatrixView(params: URLSearchParams, view: MatrixView): URLSearchParams {
  const put = (key: string, value: string) => (value === '' ? params.delete(key) : params.set(key, value))
  put('tab', view.tab === 'matrix' ? '' : view.tab)
  put('door', view.doorStates.join(','))
  put('provider', view.providers.join(','))
  put('q', view.text)
  put('row', view.fromRow > 0 ? String(view.fromRow) : '')
  put('cell', view.cell ? cellText(view.cell) : '')
  return params
}

const cellText = ({ row, column }: CellKey): string => `${row}~${column}`

function parseCell(text: string): CellKey | undefined {
  const [, row, column] = /^(-?\d{1,20})~([\w.-]{1,64})$/.exec(text) ?? []
  return row !== undefined && column !== undefined ? { row, column } : undefined
}

/** What a matrix is narrowed to. */
export const matrixFilter = (
  view: MatrixView,
  graph: { readonly cluster: string; readonly namespaces: readonly string[] },
): MatrixFilter => ({
  cluster: graph.cluster,
  namespaces: graph.namespaces,
  text: view.text,
  providers: view.providers,
  states: view.doorStates,
  from: view.fromRow,
})
