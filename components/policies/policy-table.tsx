'use client'
import { createColumnHelper, useTable } from '@tanstack/react-table'
import { useMemo } from 'react'
import { Chip } from '@/components/ui/chip'
import { SortHeader } from '@/components/ui/sort-header'
import { SORTED_TABLE } from '@/components/ui/sorted-table'
import { isStaged } from '@/lib/model/policy'
import type { PolicyLine, PolicyReport } from '@/lib/model/policy-report'
import { formatCount } from '@/lib/view/format'
import { POLICIES_SORTS } from '@/lib/view/policies-view'
import { groupLines } from '@/lib/view/policy-lines'
import { countWords, hitWords, policyTitle, wouldWords } from '@/lib/view/policy-words'
import type { PoliciesState } from './use-policies-view'

const helper = createColumnHelper<typeof SORTED_TABLE, PolicyLine>()

const columns = helper.columns([
  helper.accessor((line) => policyTitle(line), { id: 'name', header: 'Policy', sortFn: 'basic' }),
  helper.accessor(({ counts }) => counts.allowed, {
    id: 'allowed',
    header: 'Allowed',
    sortFn: 'basic',
    cell: ({ row }) => <Count line={row.original} count={row.original.counts.allowed} />,
  }),
  helper.accessor(({ counts }) => counts.denied + counts.deniedByDefault, {
    id: 'denied',
    header: 'Denied',
    sortFn: 'basic',
    cell: ({ row }) => <Denied line={row.original} />,
  }),
  helper.accessor(({ counts }) => counts.wouldDeny + counts.wouldAllow, {
    id: 'would',
    header: 'If enforced now',
    sortFn: 'basic',
    cell: ({ row }) => wouldWords(row.original) || '–',
  }),
  helper.accessor(({ edges }) => edges.decides, {
    id: 'edges',
    header: 'Decides edges',
    sortFn: 'basic',
    cell: ({ row }) => formatCount(row.original.edges.decides),
  }),
  helper.accessor(({ selects }) => selects?.workloads ?? -1, {
    id: 'selects',
    header: 'Selects',
    sortFn: 'basic',
    cell: ({ row }) => <Selects line={row.original} />,
  }),
  helper.accessor(({ lastMs, use }) => lastMs ?? (use === 'never' ? 0 : 1), {
    id: 'last',
    header: 'Last hit',
    sortFn: 'basic',
    cell: ({ row }) => (
      <span className={row.original.use === 'hit' ? 'whitespace-nowrap' : 'block max-w-64'}>
        {hitWords(row.original)}
      </span>
    ),
  }),
])

function Count({ line, count }: { line: PolicyLine; count: number }) {
  // A tier's end, or what no record names, has no number of its own.
  return <>{line.use === 'hit' ? countWords(count, line.isAtMost) : '–'}</>
}

function Denied({ line }: { line: PolicyLine }) {
  const { denied, deniedByDefault } = line.counts
  if (line.use !== 'hit') return <>–</>
  return (
    <>
      {countWords(denied + deniedByDefault, line.isAtMost)}
      {deniedByDefault > 0 && denied > 0 && (
        <span className="block text-(--text-muted)">{formatCount(deniedByDefault)} by default</span>
      )}
      {deniedByDefault > 0 && denied === 0 && (
        <span className="block whitespace-nowrap text-(--text-muted)">by default</span>
      )}
    </>
  )
}

function Selects({ line: { selects } }: { line: PolicyLine }) {
  if (!selects) return <>–</>
  return (
    <>
      {formatCount(selects.workloads)}
      {selects.undecided > 0 && (
        <span className="block text-(--text-muted)">{formatCount(selects.undecided)} not known</span>
      )}
    </>
  )
}

const NUMBERS = new Set(['allowed', 'denied', 'edges', 'selects'])

interface Props {
  readonly lines: readonly PolicyLine[]
  readonly report: PolicyReport
  readonly state: PoliciesState
  onOpen(id: string): void
}

/** Policies by tier and kind; sorting is within a group, so that the order of evaluation stays. */
export function PolicyTable({ lines, report, state, onOpen }: Props) {
  const { sort, isDescending, open } = state.policies
  const sorting = useMemo(() => (sort ? [{ id: sort, desc: isDescending }] : []), [sort, isDescending])
  const table = useTable({
    features: SORTED_TABLE,
    columns,
    data: lines,
    getRowId: ({ id }) => id,
    state: { sorting },
    onSortingChange: () => undefined,
  })
  const rows = new Map(table.getRowModel().rows.map((row) => [row.id, row]))
  const groups = groupLines(
    [...rows.values()].map((row) => row.original),
    report.tierOrder,
  )
  const hasSeveralClusters = report.clusters.length > 1
  const sortBy = (id: string) => {
    const column = POLICIES_SORTS.find((one) => one === id)
    if (!column) return
    if (sort !== column) state.change({ sort: column, isDescending: column !== 'name' })
    else if (isDescending === (column !== 'name')) state.change({ isDescending: !isDescending })
    else state.change({ sort: '', isDescending: false })
  }
  return (
    <div className="overflow-x-auto rounded-md border border-(--border) bg-(--surface)">
      <table className="w-full border-collapse text-[12px] [&>tbody:last-child>tr:last-child]:border-b-0">
        <caption className="sr-only">Policies by tier and kind</caption>
        <thead className="text-left text-(--text-muted)">
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id} className="border-b border-(--border)">
              {group.headers.map((header) => (
                <SortHeader
                  key={header.id}
                  sorted={header.id === sort ? (isDescending ? 'desc' : 'asc') : undefined}
                  isNumber={NUMBERS.has(header.id)}
                  onSort={() => sortBy(header.id)}
                >
                  <table.FlexRender header={header} />
                </SortHeader>
              ))}
            </tr>
          ))}
        </thead>
        {groups.map((group) => (
          <tbody key={group.key}>
            <tr className="border-b border-(--border) bg-(--surface-2)">
              <th scope="rowgroup" colSpan={columns.length} className="px-3 py-1 text-left font-medium">
                {group.title} <span className="font-normal text-(--text-muted)">{formatCount(group.lines.length)}</span>
              </th>
            </tr>
            {group.lines.map((line) => (
              <tr
                key={line.id}
                className={`border-b border-(--border) align-top hover:bg-(--surface-2) ${line.id === open ? 'bg-(--surface-2)' : ''}`}
              >
                {rows
                  .get(line.id)
                  ?.getAllCells()
                  .map((cell) =>
                    cell.column.id === 'name' ? (
                      <th key={cell.id} scope="row" className="max-w-96 px-3 py-1.5 text-left font-normal">
                        <Name line={line} hasCluster={hasSeveralClusters} onOpen={onOpen} />
                      </th>
                    ) : (
                      <td
                        key={cell.id}
                        className={`px-3 py-1.5 ${NUMBERS.has(cell.column.id) ? 'text-right tabular-nums' : ''}`}
                      >
                        <table.FlexRender cell={cell} />
                      </td>
                    ),
                  )}
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </div>
  )
}

function Name({ line, hasCluster, onOpen }: { line: PolicyLine; hasCluster: boolean; onOpen: (id: string) => void }) {
  const { object } = line
  return (
    <span className="flex flex-wrap items-baseline gap-x-2 gap-y-0.5">
      <button type="button" className="min-w-0 text-left wrap-anywhere hover:underline" onClick={() => onOpen(line.id)}>
        {policyTitle(line)}
      </button>
      <span className="flex flex-wrap gap-1 empty:hidden">
        {hasCluster && <Chip>{line.cluster}</Chip>}
        {isStaged(line) && <Chip>staged</Chip>}
        {object?.removedMs !== undefined && <Chip>deleted</Chip>}
        {line.namesakeKind !== undefined && <Chip>the inventory has a {line.namesakeKind} of this name</Chip>}
      </span>
    </span>
  )
}
