'use client'
import { createColumnHelper, useTable } from '@tanstack/react-table'
import Link from 'next/link'
import { Chip } from '@/components/ui/chip'
import { SortHeader } from '@/components/ui/sort-header'
import { SORTED_TABLE } from '@/components/ui/sorted-table'
import { type Finding, SEVERITIES } from '@/lib/model/finding'
import { CERTAINTY_WORD, FINDING_STATUS } from '@/lib/view/finding-words'
import { formatCount, formatMoment } from '@/lib/view/format'
import { SeverityMark } from './severity-mark'
import { detectorTitle, useDetectors } from './use-detectors'

const helper = createColumnHelper<typeof SORTED_TABLE, Finding>()
const STATUS_ORDER: readonly Finding['status'][] = ['open', 'stale', 'resolved']

const columns = helper.columns([
  helper.accessor(({ severity }) => SEVERITIES.indexOf(severity), {
    id: 'severity',
    header: 'Severity',
    sortFn: 'basic',
    cell: ({ row }) => <SeverityMark severity={row.original.severity} />,
  }),
  helper.accessor(({ title }) => title, {
    id: 'finding',
    header: 'Finding',
    sortFn: 'basic',
    cell: ({ row }) => <FindingCell finding={row.original} />,
  }),
  helper.accessor(({ detector }) => detector, {
    id: 'detector',
    header: 'Detector',
    sortFn: 'basic',
    cell: ({ row }) => <DetectorCell finding={row.original} />,
  }),
  helper.accessor(({ cluster }) => cluster, {
    id: 'cluster',
    header: 'Cluster',
    sortFn: 'basic',
    cell: ({ row }) => <span className="block max-w-40 min-w-24 break-words">{row.original.cluster}</span>,
  }),
  helper.accessor(({ status }) => STATUS_ORDER.indexOf(status), {
    id: 'status',
    header: 'Status',
    sortFn: 'basic',
    cell: ({ row }) => FINDING_STATUS[row.original.status].word,
  }),
  helper.accessor(({ count }) => count, {
    id: 'count',
    header: 'Count',
    sortFn: 'basic',
    cell: ({ row }) => formatCount(row.original.count),
  }),
  helper.accessor(({ lastSeenMs }) => lastSeenMs, {
    id: 'last',
    header: 'Last seen',
    sortFn: 'basic',
    cell: ({ row }) => <span className="whitespace-nowrap">{formatMoment(row.original.lastSeenMs)}</span>,
  }),
  helper.accessor(({ assignee }) => assignee ?? '', {
    id: 'assignee',
    header: 'Assigned to',
    sortFn: 'basic',
    cell: ({ row }) => row.original.assignee ?? '–',
  }),
])

function DetectorCell({ finding: { dataset, detector } }: { finding: Finding }) {
  return <span className="block max-w-44">{detectorTitle(useDetectors(dataset), detector)}</span>
}

function FindingCell({ finding }: { finding: Finding }) {
  return (
    <>
      <Link href={`/findings/${finding.id}`} className="break-words hover:underline">
        {finding.title}
      </Link>
      <span className="mt-0.5 flex flex-wrap gap-1">
        <Chip>{CERTAINTY_WORD[finding.certainty]}</Chip>
        {finding.acknowledged && <Chip>acknowledged</Chip>}
        {finding.accepted && <Chip>{acceptedWords(finding.accepted)}</Chip>}
        {finding.caseId !== undefined && (
          <Link href={`/incidents/${finding.caseId}`} className="text-[11px] text-(--accent) underline">
            incident
          </Link>
        )}
      </span>
    </>
  )
}

const acceptedWords = ({ untilMs }: NonNullable<Finding['accepted']>): string =>
  untilMs === undefined ? 'accepted until it is ended' : `accepted until ${formatMoment(untilMs)}`

const NUMBERS = new Set(['count'])

interface Props {
  readonly findings: readonly Finding[]
  readonly chosen: ReadonlySet<string>
  onChoose(id: string, isChosen: boolean): void
}

/** Findings as a table that can be sorted by every column; without a choice in the order given: what needs a person first. */
export function FindingTable({ findings, chosen, onChoose }: Props) {
  const table = useTable({ features: SORTED_TABLE, columns, data: findings, getRowId: ({ id }) => id })
  return (
    <div className="overflow-x-auto rounded-md border border-(--border) bg-(--surface)">
      <table className="w-full border-collapse text-[12px]">
        <caption className="sr-only">Findings</caption>
        <thead className="text-left text-(--text-muted)">
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id} className="border-b border-(--border)">
              <th scope="col" className="w-8 px-3 py-2">
                <span className="sr-only">Choose</span>
              </th>
              {group.headers.map((header) => (
                <SortHeader
                  key={header.id}
                  sorted={header.column.getIsSorted() || undefined}
                  isNumber={NUMBERS.has(header.id)}
                  onSort={header.column.getToggleSortingHandler()}
                >
                  <table.FlexRender header={header} />
                </SortHeader>
              ))}
            </tr>
          ))}
        </thead>
        <tbody>
          {table.getRowModel().rows.map((row) => (
            <tr key={row.id} className="border-b border-(--border) last:border-b-0 hover:bg-(--surface-2)">
              <td className="px-3 py-1.5 align-top">
                <input
                  type="checkbox"
                  aria-label={`Choose ${row.original.title}`}
                  checked={chosen.has(row.id)}
                  onChange={(event) => onChoose(row.id, event.target.checked)}
                />
              </td>
              {row.getAllCells().map((cell) => (
                <td
                  key={cell.id}
                  className={`px-3 py-1.5 align-top ${NUMBERS.has(cell.column.id) ? 'text-right tabular-nums' : ''}`}
                >
                  <table.FlexRender cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
