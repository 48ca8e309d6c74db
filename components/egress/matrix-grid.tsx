'use client'
import { type KeyboardEvent, memo, useMemo, useState } from 'react'
import type { EgressMatrix, MatrixCell, MatrixColumn, MatrixRow } from '@/lib/model/matrix'
import { formatCount } from '@/lib/view/format'
import type { CellKey } from '@/lib/view/matrix-view'
import { cellLabel, cellNote, shareCounts, shareWords } from '@/lib/view/matrix-words'
import { CellMark } from './cell-mark'

interface Props {
  readonly matrix: EgressMatrix
  readonly selected: CellKey | undefined
  onSelect(cell: CellKey | undefined): void
}

const keyOf = ({ row, column }: CellKey): string => `${row}~${column}`
const HEAD = 'border-b border-(--border) bg-(--surface) px-2 py-1.5 text-left align-bottom font-medium'

/**
 * Workloads down, providers across. One cell is in the tab order; arrow keys, Home, End and Page keys walk over the filled ones,
 * Enter opens, Esc closes. Headers stay while the grid scrolls.
 */
export function MatrixGrid({ matrix, selected, onSelect }: Props) {
  const { rows, columns } = matrix
  const cells = useMemo(() => new Map(matrix.cells.map((cell) => [keyOf(cell), cell])), [matrix.cells])
  const [focused, setFocused] = useState('')
  const isOfMany = matrix.choices.clusters.length > 1
  const wanted = [focused, selected ? keyOf(selected) : ''].find((key) => cells.has(key))
  const tabStop = wanted ?? firstCell(rows, columns, cells)
  return (
    <div className="relative max-h-[72vh] w-fit max-w-full overflow-auto rounded-md border border-(--border) bg-(--surface)">
      <table
        // A table by its marks, whose cells are walked by keys: the pattern of a data grid.
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: see above
        role="grid"
        aria-label="Workloads by providers"
        aria-rowcount={matrix.rowsTotal + 1}
        aria-colcount={columns.length + 2}
        className="border-separate border-spacing-0 text-[12px] [&>tbody>tr:last-child>*]:border-b-0"
        onKeyDown={(event) => walk(event, () => onSelect(undefined))}
      >
        <thead className="sticky top-0 z-20">
          <tr aria-rowindex={1}>
            <th scope="col" className={`${HEAD} sticky left-0 z-10 min-w-36 border-r sm:min-w-52`}>
              Workload
            </th>
            <th scope="col" className={HEAD}>
              Verified
            </th>
            {columns.map((column) => (
              <ColumnHead key={column.id} column={column} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <Row
              key={row.id}
              row={row}
              index={matrix.from + at + 2}
              columns={columns}
              cells={cells}
              isOfMany={isOfMany}
              tabStop={tabStop?.startsWith(`${row.id}~`) ? tabStop : ''}
              selected={selected?.row === row.id ? selected.column : ''}
              onFocus={setFocused}
              onSelect={onSelect}
            />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function firstCell(
  rows: readonly MatrixRow[],
  columns: readonly MatrixColumn[],
  cells: ReadonlyMap<string, MatrixCell>,
) {
  for (const row of rows)
    for (const column of columns) {
      const key = keyOf({ row: row.id, column: column.id })
      if (cells.has(key)) return key
    }
  return undefined
}

function ColumnHead({ column }: { column: MatrixColumn }) {
  const { name, hosts, hostsTotal, share } = column
  const more = hostsTotal > 1 ? ` +${hostsTotal - 1}` : ''
  return (
    <th scope="col" className={`${HEAD} min-w-36 border-l border-l-(--border)`}>
      <span className="block whitespace-nowrap">{name}</span>
      <span
        className="block max-w-52 font-normal [overflow-wrap:anywhere] text-(--text-muted)"
        title={hosts.join('\n')}
      >
        {hosts[0]}
        {more}
      </span>
      <span className="block font-normal whitespace-nowrap text-(--text-muted)">
        {shareWords(share)} verified, {shareCounts(share)}
      </span>
    </th>
  )
}

interface RowProps {
  readonly row: MatrixRow
  readonly index: number
  readonly columns: readonly MatrixColumn[]
  readonly cells: ReadonlyMap<string, MatrixCell>
  readonly isOfMany: boolean
  /** Key of the cell that is in the tab order, where it is of this row. */
  readonly tabStop: string
  /** Column that is open, where it is of this row. */
  readonly selected: string
  onFocus(key: string): void
  onSelect(cell: CellKey | undefined): void
}

/** Drawn again where its own cells, its focus or its selection change: a step of the keys touches two rows. */
const Row = memo(function Row(props: RowProps) {
  const { row, columns, cells, selected } = props
  return (
    <tr aria-rowindex={props.index}>
      <th
        scope="row"
        className="sticky left-0 z-10 border-r border-b border-(--border) bg-(--surface) px-2 py-1 text-left align-top font-normal"
      >
        <span className="block max-w-36 font-medium [overflow-wrap:anywhere] sm:max-w-64">
          {row.namespace ? row.name : row.label}
        </span>
        <span className="block max-w-36 truncate text-[11px] text-(--text-muted) sm:max-w-64" title={row.label}>
          {[row.namespace, props.isOfMany ? row.cluster : ''].filter(Boolean).join(' · ')}
        </span>
      </th>
      <td className="border-b border-(--border) px-2 py-1 text-right align-top whitespace-nowrap">
        <span className="block font-medium">{shareWords(row.share)}</span>
        <span className="block text-[11px] text-(--text-muted)">{shareCounts(row.share)}</span>
      </td>
      {columns.map((column) => {
        const key = keyOf({ row: row.id, column: column.id })
        const cell = cells.get(key)
        if (!cell)
          return (
            <td key={column.id} className="border-b border-l border-(--border) px-2 py-1 text-(--text-muted)">
              <span className="sr-only">No call in this window</span>
            </td>
          )
        const isOpen = selected === column.id
        return (
          <td key={column.id} className="border-b border-l border-(--border) p-0 align-top">
            <button
              type="button"
              data-cell
              tabIndex={props.tabStop === key ? 0 : -1}
              aria-label={cellLabel(cell, row, column)}
              aria-expanded={isOpen}
              className={`block w-full px-2 py-1 text-left focus-visible:-outline-offset-2 ${isOpen ? 'bg-(--surface-2)' : 'hover:bg-(--surface-2)'}`}
              onFocus={() => props.onFocus(key)}
              onClick={() => props.onSelect(isOpen ? undefined : { row: row.id, column: column.id })}
            >
              <span className="flex items-center justify-between gap-3">
                <CellMark state={cell.state} />
                <span className="text-(--text-muted)">{formatCount(allOf(cell))}</span>
              </span>
              <span className="block max-w-48 truncate text-[11px] text-(--text-muted)">
                {cellNote(cell) || '\u00a0'}
              </span>
            </button>
          </td>
        )
      })}
    </tr>
  )
})

const allOf = ({ counts }: MatrixCell): number => Object.values(counts).reduce((sum, count) => sum + count, 0)

const PAGE = 10
/** Rows and columns that a key moves by. */
const MOVES: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
  ArrowDown: [1, 0],
  ArrowUp: [-1, 0],
  ArrowRight: [0, 1],
  ArrowLeft: [0, -1],
  PageDown: [PAGE, 0],
  PageUp: [-PAGE, 0],
}

/** Moves the focus to the next filled cell in the key's direction; stays where there is none. */
function walk(event: KeyboardEvent<HTMLTableElement>, close: () => void): void {
  const button = event.target
  if (!(button instanceof HTMLButtonElement)) return
  if (event.key === 'Escape') close()
  const td = button.closest('td')
  const tr = button.closest('tr')
  const body = tr?.parentElement
  if (!td || !tr || !(body instanceof HTMLTableSectionElement)) return
  const next = nextCell(event, body, body.rows.length, [...body.rows].indexOf(tr), td.cellIndex)
  if (!next) return
  event.preventDefault()
  next.focus()
  next.scrollIntoView({ block: 'nearest', inline: 'nearest' })
}

function nextCell(
  { key, ctrlKey }: Pick<KeyboardEvent, 'key' | 'ctrlKey'>,
  body: HTMLTableSectionElement,
  rows: number,
  row: number,
  column: number,
): HTMLButtonElement | undefined {
  if (key === 'Home' || key === 'End') {
    const within = ctrlKey ? body : body.rows[row]
    const all = [...(within?.querySelectorAll<HTMLButtonElement>('button[data-cell]') ?? [])]
    return key === 'Home' ? all[0] : all.at(-1)
  }
  const move = MOVES[key]
  if (!move) return undefined
  const [down, right] = [Math.sign(move[0]), Math.sign(move[1])]
  const start = move[0] === 0 ? row : Math.min(Math.max(row + move[0], 0), rows - 1)
  for (let r = start, c = column + right; r >= 0 && r < rows; r += down, c += right) {
    const cells = body.rows[r]?.cells
    if (!cells || c < 0 || c >= cells.length) return undefined
    const found = r === row && c === column ? null : cells[c]?.querySelector<HTMLButtonElement>('button[data-cell]')
    if (found) return found
    if (down === 0 && right === 0) return undefined
  }
  return undefined
}
