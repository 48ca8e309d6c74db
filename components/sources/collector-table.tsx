import { TriangleAlert } from 'lucide-react'
import { Prose } from '@/components/ui/prose'
import type { Collector } from '@/lib/model/collector'
import { formatAgo, formatDuration } from '@/lib/view/format'
import {
  COLLECTOR_KIND_WORD,
  COLLECTOR_STATE_WORD,
  isCollectorFailing,
  isCollectorStale,
  nodesSentence,
} from '@/lib/view/source-words'

/** One row per collector: what it is, where it connects to or listens, how it is and what can be done. */
export function CollectorTable({ collectors, nowMs }: { collectors: readonly Collector[]; nowMs: number }) {
  return (
    <div className="overflow-x-auto rounded-md border border-(--border) bg-(--surface)">
      <table className="w-full border-collapse text-[12px]">
        <caption className="sr-only">Collectors and listeners with their state and what can be done</caption>
        <thead className="text-left text-(--text-muted)">
          <tr className="border-b border-(--border)">
            {['Collector', 'Cluster', 'Address', 'State', 'What it says'].map((title) => (
              <th key={title} scope="col" className="px-3 py-2 font-medium">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {failingFirst(collectors, nowMs).map((collector) => (
            <tr key={collector.name} className="border-b border-(--border) align-top last:border-b-0">
              <th scope="row" className="px-3 py-1.5 text-left font-normal">
                <span className="block w-max max-w-56 break-words">{collector.name}</span>
                <span className="block whitespace-nowrap text-(--text-muted)">
                  {COLLECTOR_KIND_WORD[collector.kind]}
                </span>
              </th>
              <td className="px-3 py-1.5">
                <span className="block w-max max-w-56 break-words">{collector.cluster || 'as the sender says'}</span>
              </td>
              <td className="px-3 py-1.5">
                <span className="block w-max max-w-64 break-words">{collector.address ?? '–'}</span>
              </td>
              <td className="px-3 py-1.5">
                <CollectorStateWords collector={collector} nowMs={nowMs} />
              </td>
              <td className="min-w-64 px-3 py-1.5">
                <Says collector={collector} nowMs={nowMs} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const failingFirst = (collectors: readonly Collector[], nowMs: number): Collector[] =>
  [...collectors].sort((a, b) => Number(isCollectorFailing(b, nowMs)) - Number(isCollectorFailing(a, nowMs)))

/** What somebody can mend first; what is not installed is the rule rather than the exception. */
function kindsByWhy(missing: NonNullable<Collector['missingKinds']>): [why: string, kinds: string[]][] {
  const byWhy = new Map<string, string[]>()
  for (const { kind, why } of missing) byWhy.set(why, [...(byWhy.get(why) ?? []), kind])
  return [...byWhy].sort(([a], [b]) => Number(a === 'not installed') - Number(b === 'not installed'))
}

function CollectorStateWords({ collector, nowMs }: { collector: Collector; nowMs: number }) {
  const isFailing = isCollectorFailing(collector, nowMs)
  const word = isCollectorStale(collector, nowMs) ? 'No answer' : COLLECTOR_STATE_WORD[collector.state]
  return (
    <>
      <span className="whitespace-nowrap">
        {isFailing && <TriangleAlert aria-hidden size={13} className="mr-1 inline align-[-2px]" />}
        {isFailing ? <strong>{word}</strong> : word}
      </span>
      <span className="block whitespace-nowrap text-(--text-muted)">
        for {formatDuration(nowMs - collector.sinceMs)}
      </span>
    </>
  )
}

function Says({ collector, nowMs }: { collector: Collector; nowMs: number }) {
  const { detail, remedy, nodes, missingKinds = [] } = collector
  return (
    <>
      {isCollectorStale(collector, nowMs) && (
        <p>
          <strong>This process does not answer</strong>: its last word was {formatAgo(nowMs - collector.updatedMs)}.
          Check whether that Postern still runs.
        </p>
      )}
      {nodes && <p>{nodesSentence(nodes)}.</p>}
      {detail && <p className="break-words first-letter:uppercase">{detail}</p>}
      {remedy && (
        <p className="break-words text-(--text-muted)">
          <Prose text={remedy} />
        </p>
      )}
      {missingKinds.length > 0 && (
        <ul aria-label="Kinds that are not watched">
          {kindsByWhy(missingKinds).map(([why, kinds]) => (
            <li key={why} className="break-words">
              Not watched ({why}): {kinds.join(', ')}.
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
