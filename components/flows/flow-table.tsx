'use client'
import {
  columnOrderingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  createColumnHelper,
  tableFeatures,
  useTable,
} from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import type { FilterChip } from '@/lib/model/filter-chip'
import type { FlowListRow } from '@/lib/model/flow-list'
import type { TableLook } from './column-prefs'
import { COLUMNS } from './flow-columns'
import { FlowRow } from './flow-row'

const features = tableFeatures({ columnOrderingFeature, columnVisibilityFeature, columnSizingFeature })
const helper = createColumnHelper<typeof features, FlowListRow>()
const columns = helper.columns(
  COLUMNS.map(({ id, title, width, text }) => helper.accessor((row) => text(row), { id, header: title, size: width })),
)

const ROW_PX = { compact: 24, normal: 32 } as const
const HEAD_PX = 28
/** Rows beside those in sight. */
const OVERSCAN = 8
/** So near its end the list asks for more. */
const AHEAD_ROWS = 30

interface Props {
  readonly rows: readonly FlowListRow[]
  readonly look: TableLook
  readonly label: string
  /** Rows in all, where that is known exactly. */
  readonly total: number | undefined
  readonly hasMore: boolean
  readonly openId: string
  /** Below the last row: what is being done, or that this is the end. */
  readonly foot: ReactNode
  loadMore(): void
  onOpen(row: FlowListRow): void
  onFilter(chip: FilterChip): void
  /** Told when the list leaves its top, and when it is there again. */
  onScrolled?(isAway: boolean): void
}

/**
 * Records as a table of which only what is in sight is in the document. The order is the server's, newest first: part of the records is
 * never sorted as if it were all. One row is in the tab order; arrow keys, Page Up and Down, Home and End walk, Enter opens.
 */
export function FlowTable(props: Props) {
  const { rows, look, label, total, hasMore, openId, foot, loadMore, onOpen, onFilter, onScrolled } = props
  const scroll = useRef<HTMLElement>(null)
  const [active, setActive] = useState(0)
  const wanted = useRef<number>(undefined)
  const state = useMemo(
    () => ({
      columnOrder: [...look.columns],
      columnVisibility: Object.fromEntries(COLUMNS.map(({ id }) => [id, look.columns.includes(id)])),
    }),
    [look.columns],
  )
  const data = useMemo(() => [...rows], [rows])
  const table = useTable({ features, columns, data, state, getRowId: (row) => `${row.startNs}/${row.recordKey}` })
  const model = table.getRowModel().rows
  const height = ROW_PX[look.density]
  const virtual = useVirtualizer({
    count: model.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => height,
    overscan: OVERSCAN,
    scrollMargin: HEAD_PX,
    getItemKey: (index) => model[index]?.id ?? index,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows of another height are measured anew
  useEffect(() => virtual.measure(), [height, virtual])
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? -1
  // Scrolled away from the row that keys were on, Tab reaches one that is in sight.
  const isActiveThere = items.some(({ index }) => index === active)
  const shownActive = isActiveThere ? active : (items[Math.min(OVERSCAN, items.length - 1)]?.index ?? 0)
  useEffect(() => {
    if (hasMore && last >= model.length - AHEAD_ROWS) loadMore()
  }, [hasMore, last, model.length, loadMore])
  // The focus follows once the row that it goes to is in the document.
  useEffect(() => {
    if (wanted.current === undefined) return
    const row = scroll.current?.querySelector<HTMLElement>(`button[data-row="${wanted.current}"]`)
    if (!row) return
    wanted.current = undefined
    row.focus({ preventScroll: true })
  })
  const walk = (event: KeyboardEvent) => {
    const isOurs = event.target instanceof HTMLElement && event.target.dataset.row !== undefined
    if (!isOurs && event.target !== scroll.current) return
    const page = Math.max(1, Math.floor((scroll.current?.clientHeight ?? 0) / height) - 2)
    const to = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[event.key]
    if (to === undefined) return
    event.preventDefault()
    const next = Math.max(0, Math.min(model.length - 1, shownActive + to))
    setActive(next)
    virtual.scrollToIndex(next, { align: 'auto' })
    const there = scroll.current?.querySelector<HTMLElement>(`button[data-row="${next}"]`)
    wanted.current = there ? undefined : next
    // The row that has the focus may leave the document before the next one is in it.
    const focused = there ?? scroll.current
    focused?.focus({ preventScroll: true })
  }
  const width = table.getTotalSize()
  const [before, after] = [items[0]?.start ?? HEAD_PX, items.at(-1)?.end ?? HEAD_PX]
  return (
    <section
      ref={scroll}
      tabIndex={-1}
      aria-label={label}
      className="relative h-full overflow-auto outline-none!"
      onScroll={(event) => onScrolled?.(event.currentTarget.scrollTop > 0)}
      onKeyDown={walk}
    >
      <table
        aria-rowcount={total === undefined ? -1 : total + 1}
        className="table-fixed border-collapse text-[12px]"
        style={{ width, minWidth: '100%' }}
      >
        <caption className="sr-only">{label}, newest first</caption>
        <thead className="sticky top-0 z-10 bg-(--surface) text-left text-(--text-muted)">
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id} aria-rowindex={1} style={{ height: HEAD_PX }}>
              {group.headers.map((header) => (
                <th
                  key={header.id}
                  scope="col"
                  style={{ width: header.getSize() }}
                  className="truncate border-b border-(--border) px-2 font-medium first:pl-4"
                >
                  <table.FlexRender header={header} />
                </th>
              ))}
            </tr>
          ))}
        </thead>
        <tbody>
          <Space px={before - HEAD_PX} />
          {items.map(({ index, key }) => {
            const row = model[index]
            return (
              row && (
                <FlowRow
                  key={key}
                  row={row.original}
                  columns={row.getVisibleCells().map((cell) => cell.column.id)}
                  index={index}
                  height={height}
                  isActive={index === shownActive}
                  isOpen={row.original.id === openId}
                  onFocus={() => setActive(index)}
                  onOpen={() => onOpen(row.original)}
                  onFilter={onFilter}
                />
              )
            )
          })}
          <Space px={virtual.getTotalSize() + HEAD_PX - after} />
        </tbody>
      </table>
      <div className="sticky left-0 w-fit px-2 py-2 text-(--text-muted)">{foot}</div>
    </section>
  )
}

/** Rows that are not in the document, as the room that they take. */
function Space({ px }: { px: number }) {
  if (px <= 0) return null
  return (
    <tr aria-hidden>
      <td style={{ height: px, padding: 0 }} />
    </tr>
  )
}
