'use client'
import { ChevronDown, ChevronRight, TriangleAlert } from 'lucide-react'
import { useId, useState } from 'react'
import { Button } from '@/components/ui/button'
import { Prose } from '@/components/ui/prose'
import type { SourceLine } from '@/lib/model/source-report'
import { formatAgo, formatCount, formatDuration, formatMoment, formatRate } from '@/lib/view/format'
import { gapWords, SILENCE_MEANS, sourceName } from '@/lib/view/source-words'

const COLUMNS = 9

/** A source, and below it, when asked, why records were refused and what it lost. */
export function SourceRow({ source, nowMs }: { source: SourceLine; nowMs: number }) {
  const [isOpen, setIsOpen] = useState(false)
  const detailId = useId()
  const hasDetail = source.rejects.length > 0 || source.gapsInWindow > 0
  const why = hasDetail && (
    <Button
      size="small"
      variant="ghost"
      className="-mr-2 ml-auto flex"
      aria-expanded={isOpen}
      aria-controls={detailId}
      aria-label={`Why, for ${sourceName(source)}`}
      onClick={() => setIsOpen(!isOpen)}
    >
      Why
      {isOpen ? <ChevronDown aria-hidden size={14} /> : <ChevronRight aria-hidden size={14} />}
    </Button>
  )
  return (
    <>
      <tr className="border-b border-(--border) align-top last:border-b-0">
        <th scope="row" className="px-3 py-1.5 text-left font-normal whitespace-nowrap">
          {source.source}
          {source.hop ? ` at ${source.hop}` : ''}
        </th>
        <td className="px-3 py-1.5">
          <span className="block w-max max-w-56 break-words">{source.cluster}</span>
        </td>
        <td className="min-w-48 px-3 py-1.5">
          <SourceState source={source} nowMs={nowMs} />
        </td>
        <td className="px-3 py-1.5">
          <NewestRecord source={source} nowMs={nowMs} />
        </td>
        <td className="px-3 py-1.5 text-right whitespace-nowrap">{formatRate(source.recordsPerSecond)}</td>
        <td className="px-3 py-1.5 text-right">{formatCount(source.acceptedInWindow)}</td>
        <td className="px-3 py-1.5 text-right">{formatCount(source.duplicatesInWindow)}</td>
        <td className="px-3 py-1.5 text-right">
          <strong className={source.rejectedInWindow > 0 ? 'font-semibold' : 'font-normal'}>
            {formatCount(source.rejectedInWindow)}
          </strong>
          {source.rejects[0] && (
            <span className="block text-[11px]">
              <code>{source.rejects[0].reason}</code>
              {source.rejects.length > 1 && ` and ${formatCount(source.rejects.length - 1)} more`}
            </span>
          )}
          {source.rejects.length > 0 && why}
        </td>
        <td className="px-3 py-1.5 text-right">
          <Losses source={source} />
          {source.rejects.length === 0 && why}
        </td>
      </tr>
      {hasDetail && (
        <tr id={detailId} hidden={!isOpen} className="border-b border-(--border) bg-(--surface-2) last:border-b-0">
          <td colSpan={COLUMNS} className="px-3 py-2">
            <Rejects source={source} />
            <Gaps source={source} />
          </td>
        </tr>
      )}
    </>
  )
}

function SourceState({ source, nowMs }: { source: SourceLine; nowMs: number }) {
  const lastWord = source.lastReceivedMs ? formatAgo(nowMs - source.lastReceivedMs) : 'never'
  const top = source.rejects[0]
  if (!source.isSilent && top && source.acceptedInWindow + source.duplicatesInWindow === 0)
    return (
      <>
        <TriangleAlert aria-hidden size={13} className="mr-1 inline align-[-2px]" />
        <strong>Sending, and everything is rejected</strong>, last word {lastWord}.
        <span className="block">
          <Prose text={top.hint} />
        </span>
      </>
    )
  if (!source.isSilent && source.source === 'kubernetes') return <>Watching, last change {lastWord}.</>
  if (!source.isSilent) return <>Sending, last word {lastWord}.</>
  return (
    <>
      <TriangleAlert aria-hidden size={13} className="mr-1 inline align-[-2px]" />
      <strong>Silent</strong>, last word {lastWord}.<span className="block">{SILENCE_MEANS[source.source]}</span>
    </>
  )
}

function NewestRecord({ source, nowMs }: { source: SourceLine; nowMs: number }) {
  if (source.lastRecordMs === undefined) return <>None was stored.</>
  return (
    <>
      <span className="whitespace-nowrap">{formatAgo(nowMs - source.lastRecordMs)}</span>
      {source.lagMs !== undefined && (
        <span className="block whitespace-nowrap text-(--text-muted)">lag {formatDuration(source.lagMs)}</span>
      )}
    </>
  )
}

function Losses({ source: { lostInWindow, gapsInWindow } }: { source: SourceLine }) {
  if (gapsInWindow === 0) return <>0</>
  return (
    <span className="whitespace-nowrap">
      <strong>{lostInWindow > 0 ? formatCount(lostInWindow) : 'not told'}</strong> in {formatCount(gapsInWindow)}{' '}
      {gapsInWindow === 1 ? 'gap' : 'gaps'}
    </span>
  )
}

function Rejects({ source: { rejects } }: { source: SourceLine }) {
  if (rejects.length === 0) return null
  return (
    <ul className="grid gap-1" aria-label="Rejected, by reason">
      {rejects.map(({ reason, count, hint }) => (
        <li key={reason}>
          {formatCount(count)} × <code>{reason}</code>. <Prose text={hint} />
        </li>
      ))}
    </ul>
  )
}

const lostWords = (lost: number | undefined): string =>
  lost === undefined ? 'an untold number of records' : `${formatCount(lost)} ${lost === 1 ? 'record' : 'records'}`

function Gaps({ source: { gaps, gapsInWindow } }: { source: SourceLine }) {
  if (gaps.length === 0) return null
  return (
    <ul className="mt-2 grid gap-1 first:mt-0" aria-label="Lost at the source">
      {gaps.map((gap) => (
        <li key={`${gap.atMs}/${gap.node ?? ''}/${gap.reason}`}>
          {formatMoment(gap.atMs)}
          {gap.endMs !== undefined && gap.endMs > gap.atMs && ` for ${formatDuration(gap.endMs - gap.atMs)}`}:{' '}
          {lostWords(gap.lost)} lost{gap.node ? ` on ${gap.node}` : ''}: {gapWords(gap.reason)}.
        </li>
      ))}
      {gapsInWindow > gaps.length && <li>{formatCount(gapsInWindow - gaps.length)} earlier gaps in this window.</li>}
    </ul>
  )
}
