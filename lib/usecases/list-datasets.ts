import 'server-only'
import type { DatasetName, DatasetReport, LiveTier, PinnedDataset, RowCount } from '@/lib/model/dataset'
import { RETENTION_CLASSES, type Retention, recordHorizonMs } from '@/lib/model/retention'
import type { UnixMillis } from '@/lib/model/units'
import { loadDatasetSources, loadPinnedDatasets } from '@/lib/store/load-datasets'
import { loadFirstRecordMs, loadOldestMs } from '@/lib/store/load-oldest'
import { type DatasetMeasure, measureDataset, measureDisk, type TableOnDisk } from '@/lib/store/measure-dataset'
import { viewOf } from './view-of'

const MOST_SHOWN = 100
/** Measured at a time, each on one connection of the pool: ingest needs the others. */
const AT_ONCE = 2

/**
 * The live dataset with what is kept for how long, and pinned ones, newest first, each with its records, size and time range. Sizes
 * are about right; the cost does not grow with them. Errors: `unavailable`.
 */
export async function listDatasets(retention: Retention, nowMs: UnixMillis): Promise<DatasetReport> {
  const { datasets, total } = await loadPinnedDatasets(MOST_SHOWN)
  const [oldest, disk] = await Promise.all([loadOldestMs(), measureDisk()])
  const described: Described[] = []
  for (let at = 0; at < datasets.length; at += AT_ONCE)
    described.push(...(await Promise.all(datasets.slice(at, at + AT_ONCE).map((dataset) => describe(dataset, disk)))))
  const tiers = RETENTION_CLASSES.map((kind): LiveTier => {
    const oldestMs = oldest[kind]
    return { kind, keptMs: retention[kind], ...(oldestMs !== undefined && { oldestMs }) }
  })
  const bytes = liveBytes(
    disk,
    described.map(({ measure }) => measure),
  )
  const pinned = described.map(({ dataset }) => dataset)
  return { nowMs, live: { bytes, tiers, horizonMs: recordHorizonMs(retention) }, pinned, total }
}

/** Where live rows have partitions of their own, these; else what pinned ones leave of the table. */
const liveBytes = (disk: readonly TableOnDisk[], pinned: readonly DatasetMeasure[]): number =>
  disk.reduce((sum, { name, isPartitioned, bytes }) => {
    const ofOthers = isPartitioned ? 0 : pinned.reduce((more, measure) => more + (measure.bytes.get(name) ?? 0), 0)
    return sum + Math.max(0, Math.round(bytes - ofOthers))
  }, 0)

const FLOW_SOURCES: readonly string[] = ['hubble', 'calico']

interface Described {
  readonly dataset: PinnedDataset
  readonly measure: DatasetMeasure
}

async function describe(dataset: DatasetName, disk: readonly TableOnDisk[]): Promise<Described> {
  const { name } = dataset
  const sources = await loadDatasetSources(name)
  const measure = await measureDataset(name, disk)
  const firstMs = await loadFirstRecordMs(name)
  const rowsOf = (...tables: readonly string[]) =>
    tables.map((table) => measure.rows.get(table)).reduce(addCounts, NONE)
  const lastMs = sources.reduce<number | undefined>(
    (last, one) => (one.lastMs === null ? last : Math.max(last ?? one.lastMs, one.lastMs)),
    undefined,
  )
  const times =
    firstMs !== undefined && lastMs !== undefined ? { firstMs: Math.min(firstMs, lastMs), lastMs } : undefined
  const described: PinnedDataset = {
    ...dataset,
    ...times,
    ...(times && dataset.deletingMs === undefined && { view: viewOf(whole(times), name) }),
    flows: sources.reduce((sum, one) => sum + (FLOW_SOURCES.includes(one.source) ? one.accepted : 0), 0),
    evidence: rowsOf('flow_record'),
    spans: rowsOf('span'),
    natRecords: rowsOf('nat_record'),
    dnsRecords: rowsOf('dns_name', 'dns_question'),
    bytes: Math.round([...measure.bytes.values()].reduce((sum, bytes) => sum + bytes, 0)),
    sources: [...new Set(sources.map((one) => one.source))],
    clusters: [...new Set(sources.filter((one) => one.accepted > 0).map((one) => one.cluster))].sort(),
  }
  return { dataset: described, measure }
}

const NONE: RowCount = { rows: 0, isEstimate: false }
const addCounts = (sum: RowCount, more: RowCount | undefined): RowCount => ({
  rows: sum.rows + (more?.rows ?? 0),
  isEstimate: sum.isEstimate || (more?.isEstimate ?? false),
})

const whole = ({ firstMs, lastMs }: { firstMs: number; lastMs: number }) => ({
  firstMs: Math.floor(firstMs),
  lastMs: Math.ceil(lastMs),
})
