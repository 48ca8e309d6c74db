'use client'
import { useInfiniteQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { type FormEvent, useState } from 'react'
import { TopBar } from '@/components/frame/top-bar'
import { fetchJson } from '@/components/providers/fetch-json'
import { Button } from '@/components/ui/button'
import { LoadProblem } from '@/components/ui/load-problem'
import type { AuditRow } from '@/lib/model/audit'
import { detailLines } from '@/lib/view/audit-detail'
import { formatMoment } from '@/lib/view/format'
import { AuditFilterForm, queryOf } from './audit-filter-form'

interface Page {
  readonly rows: AuditRow[]
  readonly next?: string
}

/** Who changed what, newest first, with a filter and files to take along. */
export function AuditPage() {
  const [filter, setFilter] = useState('')
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetching } = useInfiniteQuery({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam }) => fetchJson<Page>(`/api/audit?${filter}${pageParam ? `&after=${pageParam}` : ''}`),
    initialPageParam: '',
    getNextPageParam: (page: Page) => page.next,
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    setFilter(queryOf(new FormData(event.currentTarget)))
  }
  const rows = data?.pages.flatMap((page) => page.rows)
  return (
    <>
      <TopBar title="Audit log" />
      <main className="relative min-h-0 flex-1 space-y-4 overflow-y-auto p-4">
        <p className="text-(--text-muted)">
          <Link href="/settings" className="text-(--accent) underline">
            Settings
          </Link>{' '}
          · Who changed what, of the last 30 days unless you choose others. Times are UTC.
        </p>
        <AuditFilterForm onSubmit={submit} />
        <p className="flex flex-wrap gap-3">
          {(['csv', 'json'] as const).map((format) => (
            <a
              key={format}
              href={`/api/audit?${filter}&format=${format}`}
              download
              className="text-(--accent) underline"
            >
              Export as {format.toUpperCase()}
            </a>
          ))}
        </p>
        {error && <LoadProblem text={`The log could not be loaded: ${error.message}`} onRetry={() => void refetch()} />}
        {!rows && !error && <p className="text-(--text-muted)">Loading the log …</p>}
        {rows?.length === 0 && (
          <p>{filter === '' ? 'Nobody changed anything in the last 30 days.' : 'Nobody changed anything that fits.'}</p>
        )}
        {rows && rows.length > 0 && <AuditTable rows={rows} />}
        {hasNextPage && (
          <Button disabled={isFetching} onClick={() => void fetchNextPage()}>
            Show older ones
          </Button>
        )}
      </main>
    </>
  )
}

function AuditTable({ rows }: { rows: readonly AuditRow[] }) {
  return (
    <div className="overflow-x-auto rounded-md border border-(--border) bg-(--surface)">
      <table className="w-full border-collapse text-[12px]">
        <caption className="sr-only">Audit log, newest first</caption>
        <thead className="text-left text-(--text-muted)">
          <tr className="border-b border-(--border)">
            {['When', 'Who', 'What', 'To what', 'How'].map((title) => (
              <th key={title} scope="col" className="px-3 py-2 font-medium">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} className="border-b border-(--border) align-top last:border-b-0">
              <td className="px-3 py-1.5 whitespace-nowrap">{formatMoment(row.atMs)}</td>
              <th scope="row" className="px-3 py-1.5 text-left font-normal break-words">
                {row.actor}
              </th>
              <td className="px-3 py-1.5 whitespace-nowrap">{row.action}</td>
              <td className="min-w-40 px-3 py-1.5 font-mono text-[11px] break-all">{row.subject}</td>
              <td className="px-3 py-1.5 break-words">
                {detailLines(row.detail).map((line) => (
                  <div key={line}>{line}</div>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
