'use client'
import Link from 'next/link'
import { Chip } from '@/components/ui/chip'
import type { DatasetReport, LiveDataset, PinnedDataset } from '@/lib/model/dataset'
import { countWords, datasetTitle, tierWords } from '@/lib/view/dataset-words'
import { formatBytes, formatCount, formatDuration, formatMoment } from '@/lib/view/format'
import { DatasetActions } from './dataset-actions'

const COLUMNS = ['Dataset', 'First record', 'Last record', 'Records', 'Size', 'Sources', 'Actions']
const CELL = 'px-3 py-2 align-top'

/** One row per dataset, the live one first. */
export function DatasetTable({ report }: { report: DatasetReport }) {
  const hidden = report.total - report.pinned.length
  return (
    <>
      <div className="overflow-x-auto rounded-md border border-(--border) bg-(--surface)">
        <table className="w-full border-collapse text-[12px]">
          <caption className="px-3 py-2 text-left text-(--text-muted)">
            Sizes are estimates: rows by the mean of a sample, with their share of the indexes.
          </caption>
          <thead className="text-left text-(--text-muted)">
            <tr className="border-y border-(--border)">
              {COLUMNS.map((title) => (
                <th key={title} scope="col" className="px-3 py-2 font-medium">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <LiveRow live={report.live} />
            {report.pinned.map((dataset) => (
              <PinnedRow key={dataset.name} dataset={dataset} />
            ))}
          </tbody>
        </table>
      </div>
      {hidden > 0 && (
        <p>
          {hidden} older {hidden === 1 ? 'dataset is' : 'datasets are'} not shown.
        </p>
      )}
    </>
  )
}

function LiveRow({ live }: { live: LiveDataset }) {
  return (
    <tr className="border-b border-(--border) last:border-b-0">
      <th scope="row" className={`${CELL} text-left font-normal`}>
        <span className="font-medium">Live</span>
        <span className="block text-(--text-muted)">what senders send now</span>
      </th>
      <td colSpan={3} className={CELL}>
        <ul>
          {live.tiers.map((tier) => (
            <li key={tier.kind}>{tierWords(tier)}.</li>
          ))}
        </ul>
        <p className="text-(--text-muted)">Records older than {formatDuration(live.horizonMs)} are refused.</p>
      </td>
      <td className={`${CELL} whitespace-nowrap tabular-nums`}>about {formatBytes(live.bytes)}</td>
      <td className={CELL}>
        <Link className="text-(--accent) underline" href="/sources">
          See Sources
        </Link>
      </td>
      <td className={CELL}>
        <Link className="text-(--accent) underline" href="/graph">
          Open the graph
        </Link>
      </td>
    </tr>
  )
}

function PinnedRow({ dataset }: { dataset: PinnedDataset }) {
  const { name, title, deletingMs, firstMs, lastMs, view } = dataset
  return (
    <tr className="border-b border-(--border) last:border-b-0">
      <th scope="row" className={`${CELL} max-w-80 text-left font-normal break-words`}>
        <bdi className="font-medium">{datasetTitle({ name, ...(title !== undefined && { title }) })}</bdi>
        {title !== undefined && <span className="block font-mono text-[11px] text-(--text-muted)">{name}</span>}
        <span className="block text-(--text-muted)">made {formatMoment(dataset.createdMs)}</span>
        {deletingMs !== undefined && <Chip>being deleted since {formatMoment(deletingMs)}</Chip>}
      </th>
      <td className={`${CELL} whitespace-nowrap`}>{firstMs === undefined ? '–' : formatMoment(firstMs)}</td>
      <td className={`${CELL} whitespace-nowrap`}>{lastMs === undefined ? '–' : formatMoment(lastMs)}</td>
      <td className={`${CELL} tabular-nums`}>
        <ul>
          {recordWords(dataset).map((words) => (
            <li key={words} className="whitespace-nowrap">
              {words}
            </li>
          ))}
        </ul>
      </td>
      <td className={`${CELL} whitespace-nowrap tabular-nums`}>about {formatBytes(dataset.bytes)}</td>
      <td className={`${CELL} max-w-60 break-words`}>
        {dataset.sources.join(', ') || '–'}
        <span className="block text-(--text-muted)">{clusterWords(dataset.clusters)}</span>
      </td>
      <td className={CELL}>
        <span className="grid justify-items-start gap-2">
          {view && (
            <Link className="text-(--accent) underline" href={view}>
              Open the graph
            </Link>
          )}
          {deletingMs === undefined ? (
            <DatasetActions dataset={dataset} />
          ) : (
            <span className="text-(--text-muted)">It takes no records any more, and goes in the background.</span>
          )}
        </span>
      </td>
    </tr>
  )
}

/** Kinds that it has none of are left out. */
function recordWords({ flows, evidence, spans, natRecords, dnsRecords }: PinnedDataset): string[] {
  const words = [
    flows > 0 && `${formatCount(flows)} flows`,
    evidence.rows > 0 && `${countWords(evidence)} evidence rows`,
    spans.rows > 0 && `${countWords(spans)} spans`,
    natRecords.rows > 0 && `${countWords(natRecords)} NAT records`,
    dnsRecords.rows > 0 && `${countWords(dnsRecords)} DNS names and questions`,
  ].filter((item) => item !== false)
  return words.length > 0 ? words : ['none']
}

const CLUSTERS_SHOWN = 5

function clusterWords(clusters: readonly string[]): string {
  if (clusters.length === 0) return ''
  const more = clusters.length - CLUSTERS_SHOWN
  const names = clusters.slice(0, CLUSTERS_SHOWN).join(', ')
  return `${clusters.length === 1 ? 'cluster' : 'clusters'} ${names}${more > 0 ? ` and ${more} more` : ''}`
}
