'use client'
import { type MouseEvent, memo, type ReactNode } from 'react'
import { FilterHere } from '@/components/filter/filter-here'
import { StartEllipsis } from '@/components/ui/start-ellipsis'
import type { FilterChip } from '@/lib/model/filter-chip'
import type { FlowListRow } from '@/lib/model/flow-list'
import { shownText } from '@/lib/model/shown-text'
import { flowTitle } from '@/lib/view/flow-words'
import { columnOf } from './flow-columns'
import { OutcomeMark } from './outcome-mark'

interface Props {
  readonly row: FlowListRow
  /** Ids of the columns that are shown, in order. */
  readonly columns: readonly string[]
  readonly index: number
  /** Pixels. */
  readonly height: number
  /** The one row that Tab reaches. */
  readonly isActive: boolean
  readonly isOpen: boolean
  onFocus(): void
  onOpen(): void
  onFilter(chip: FilterChip): void
}

/** One record. Its first cell is the button that opens it, for keyboards and readers; a press anywhere on the row does the same. */
export const FlowRow = memo(
  function FlowRow({ row, columns, index, height, isActive, isOpen, onFocus, onOpen, onFilter }: Props) {
    return (
      <tr
        aria-rowindex={index + 2}
        style={{ height }}
        onClick={(event) => {
          if (isPress(event)) onOpen()
        }}
        className={`group cursor-pointer border-b border-(--border) ${isOpen ? 'bg-(--surface-2)' : 'hover:bg-(--surface-2)'}`}
      >
        {columns.map((id, at) => {
          const column = columnOf(id)
          if (!column) return null
          const text = shownText(column.text(row))
          const terms = column.terms?.(row)
          const shown = shownOf(column, row, text)
          return (
            <td key={id} className="px-2 first:pl-4" title={text}>
              <div className={`flex items-center gap-1 ${column.isNumber ? 'justify-end' : ''}`}>
                {at === 0 ? (
                  <button
                    type="button"
                    data-row={index}
                    tabIndex={isActive ? 0 : -1}
                    aria-label={`Open the record of ${text || 'this row'}: ${flowTitle(row)}`}
                    className="truncate text-left hover:underline"
                    onFocus={onFocus}
                    onClick={onOpen}
                  >
                    {shown}
                  </button>
                ) : (
                  <span className="truncate">{shown}</span>
                )}
                {terms && terms.terms.length > 0 && (
                  <FilterHere {...terms} isQuiet isInTabOrder={isActive} onFilter={onFilter} />
                )}
              </div>
            </td>
          )
        })}
      </tr>
    )
  },
  (a, b) =>
    a.row === b.row &&
    a.index === b.index &&
    a.height === b.height &&
    a.isActive === b.isActive &&
    a.isOpen === b.isOpen &&
    a.onFilter === b.onFilter &&
    a.columns.join() === b.columns.join(),
)

/** Not one on a control of the row, nor the end of marking text to copy. */
const isPress = ({ target, currentTarget }: MouseEvent<HTMLElement>): boolean =>
  target instanceof Element &&
  // What a menu of the row opens stands elsewhere in the document.
  currentTarget.contains(target) &&
  target.closest('button, a, input') === null &&
  (window.getSelection()?.isCollapsed ?? true)

function shownOf({ id, isOfEnd }: NonNullable<ReturnType<typeof columnOf>>, row: FlowListRow, text: string): ReactNode {
  if (id === 'outcome') return <OutcomeMark outcome={row.outcome} />
  if (text === '') return <Nothing />
  return isOfEnd?.(row) ? <StartEllipsis text={text} /> : text
}

const Nothing = () => <span className="text-(--text-muted)">–</span>
